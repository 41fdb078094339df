"""Makes chat_zh.csv and chat_zh_states.csv again: a simulated morning, written as Chinese chat systems export it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import csim

HERE = Path(__file__).parent
STATES = {"ready": "空闲", "serving": "服务中", "wrap": "整理", "not_ready": "忙碌", "away": "小休", "offline": "离线"}
SCORES = {5: "非常满意", 4: "满意", 3: "一般", 2: "不满意", 1: "非常不满意"}
SCENARIO = """
csim: scenario/1
name: chat-zh-sample
calendar: {start: 2026-06-01T09:00, timezone: Asia/Shanghai, days: 1, open: 3 h}
queues:
  售前:
    channel: chat
    arrivals: {per_hour: 90}
    patience: {distribution: exponential, mean: 3 min}
    handle_time: {distribution: lognormal, mean: 6 min, cv: 0.9}
    after_work: {distribution: exponential, mean: 20 s}
    answer_within: 30 s
    quality: {survey: {invited: 100%, answered: 40%, scores: {5: 90%, 2: 10%}}}
  售后:
    channel: chat
    arrivals: {per_hour: 40}
    patience: {distribution: exponential, mean: 4 min}
    handle_time: {distribution: lognormal, mean: 8 min, cv: 0.8}
    answer_within: 30 s
groups:
  在线一组: {serves: [售前, 售后], agents: 6, concurrency: 3, pace: {compose: 10 s, customer: 50 s}}
routing: {agent: least_loaded, contact: fifo}
"""


def clock(stamps: pd.Series) -> pd.Series:
    return stamps.dt.floor("s").dt.strftime("%Y-%m-%d %H:%M:%S").fillna("-")


def spoken(seconds: pd.Series) -> list[str]:
    return ["-" if np.isnan(s) else f"{int(s) // 3600:02d}:{int(s) // 60 % 60:02d}:{int(s) % 60:02d}" for s in seconds]


def main() -> None:
    """Whole seconds, a made-up telephone number as the customer, a remark, and three rows as dirty as real ones."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder) / "sample.yaml"
        scenario.write_text(SCENARIO, encoding="utf-8")
        sim = csim.simulate(scenario, 1, seed=11, keep_contacts=True)
    log, rng = sim.contacts.reset_index(drop=True), np.random.default_rng(11)
    ended = log["arrival"] + pd.to_timedelta(log["wait_s"] + log["talk_s"].fillna(0), unit="s")
    answered = log["outcome"] == "answered"
    pairs = log["reply_pairs"].round()
    table = pd.DataFrame(
        {
            "会话ID": [f"HH{20260601000 + n}" for n in range(len(log))],
            "访客ID": [f"1380000{n:04d}" for n in rng.integers(0, 10_000, len(log))],
            "客服": log["agent"].astype(object).where(answered, "-"),
            "技能组": log["queue"],
            "客服组": log["group"].astype(object).where(answered, "-"),
            "排队开始时间": clock(log["arrival"]),
            "接入时间": clock(log["assigned"]),
            "结束时间": clock(ended),
            "排队时长": spoken(log["wait_s"]),
            "会话时长": spoken(log["talk_s"]),
            "首次响应时间": ["-" if np.isnan(s) else f"{s:.0f}秒" for s in log["first_response_s"]],
            "平均响应时间": ["-" if np.isnan(s) else f"{s:.0f}" for s in log["mean_response_s"]],
            "客户消息数": ["-" if np.isnan(n) else f"{n + 1:.0f}" for n in pairs],
            "客服消息数": ["-" if np.isnan(n) else f"{n:.0f}" for n in pairs],
            "系统消息数": np.where(answered, "2", "1"),
            "满意度": [SCORES.get(score, "未评价") for score in log["csat"]],
            "是否转接": np.where(answered & (rng.random(len(log)) < 0.03), "是", "否"),
            "备注": "（示例）",
        }
    )
    table.loc[40, "排队时长"] = "约一分钟"
    table.loc[90, "会话ID"] = table.loc[89, "会话ID"]
    lines = table.to_csv(index=False, lineterminator="\r\n").split("\r\n")
    lines[130] = lines[130].rsplit(",", 6)[0]
    (HERE / "chat_zh.csv").write_bytes("\r\n".join(lines).encode("gb18030"))
    spans = sim.agent_states
    states = pd.DataFrame(
        {
            "客服": spans["agent"], "客服组": spans["group"], "状态": spans["state"].map(STATES).astype(object),
            "开始时间": clock(spans["from"]), "结束时间": clock(spans["to"]), "会话数": spans["chats_held"].astype(int),
        }
    )  # fmt: skip
    # an agent who steps out for ten minutes says so: 忙碌 is not_ready
    mine = (states["客服"] == states["客服"].iloc[0]) & (states["状态"] == "空闲")
    states.loc[mine & (states.index % 2 == 0), "状态"] = "忙碌"
    states = states[states["开始时间"] < states["结束时间"]]
    (HERE / "chat_zh_states.csv").write_bytes(states.to_csv(index=False, lineterminator="\r\n").encode("gb18030"))


if __name__ == "__main__":
    main()
