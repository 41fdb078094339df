"""How long csim takes to read a large log, and how much memory: python -m benchmarks.reading [rows]."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 2_000_000
MAPPING = """\
csim: mapping/1
name: large
timezone: Asia/Shanghai
contacts:
  contact_id: 会话ID
  customer_id: 访客ID
  queue: 技能组
  channel: {constant: chat}
  agent: 客服
  arrival: 排队开始时间
  assigned: 接入时间
  wait_s: 排队时长
  talk_s: 会话时长
  outcome: {cases: [{where: {接入时间: {not: null}}, is: answered}, {is: abandoned}]}
"""
READER = """
    import resource, sys, time
    from csim.contacts.read import read_log
    began, cpu = time.perf_counter(), time.process_time()
    found = read_log(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
    took, used = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{found.rows:,} rows, {found.kept:,} kept: {took:.1f} s ({used:.1f} s of one core), {peak:.2f} GB at most")
"""


def write_logs(folder: Path, rows: int) -> tuple[Path, Path]:
    """The same made-up contacts as a vendor's export and in csim's own format."""
    rng = np.random.default_rng(1)
    start = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 180 * 86400, rows)), unit="s")
    wait, talk = rng.exponential(30, rows).round(3), rng.exponential(300, rows).round(3)
    answered = rng.random(rows) < 0.9
    queue, agent = rng.choice(["售前", "售后", "投诉"], rows), rng.choice([f"工号{n:03d}" for n in range(300)], rows)
    customer = rng.choice(rng.integers(13_000_000_000, 14_000_000_000, rows // 5), rows)
    taken = (start + pd.to_timedelta(wait, unit="s")).strftime("%Y-%m-%d %H:%M:%S")
    theirs = pd.DataFrame(
        {
            "会话ID": np.arange(rows), "访客ID": customer, "客服": agent, "技能组": queue,
            "排队开始时间": start.strftime("%Y-%m-%d %H:%M:%S"), "接入时间": np.where(answered, taken, ""),
            "排队时长": wait, "会话时长": np.where(answered, talk, np.nan), "备注": "（无）",
        }
    )  # fmt: skip
    own = pd.DataFrame(
        {
            "contact_id": np.arange(rows), "queue": queue, "agent": agent, "wait_s": wait, "talk_s": talk,
            "arrival": start.strftime("%Y-%m-%dT%H:%M:%S+08:00"),
            "outcome": np.where(answered, "answered", "abandoned"),
        }
    )  # fmt: skip
    theirs.to_csv(folder / "export.csv", index=False, encoding="utf-8-sig")
    own.to_csv(folder / "own.csv", index=False)
    return folder / "export.csv", folder / "own.csv"


def main() -> None:
    """Each reading in a process of its own, so that its peak of memory is its own."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export, own = write_logs(folder, rows)
        (folder / "large.yaml").write_text(MAPPING, encoding="utf-8")
        for what, arguments in (("a vendor's export", [export, folder / "large.yaml"]), ("csim's own format", [own])):
            print(f"{what}, {arguments[0].stat().st_size / 1e6:.0f} MB: ", end="", flush=True)
            environment = os.environ | {"CSIM_KEY": "a key for this benchmark"}
            subprocess.run([sys.executable, "-c", textwrap.dedent(READER), *arguments], check=True, env=environment)


if __name__ == "__main__":
    main()
