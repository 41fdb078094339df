"""Logs as they should be, and a hundred ways in which files come instead."""

from __future__ import annotations

import gzip
import io
import json
import random

import pandas as pd

BANK_HEAD = (
    "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time\tq_start\tq_exit\tq_time\t"
    "outcome\tser_start\tser_exit\tser_time\tserver"
)


def bank(rows: int = 30) -> bytes:
    lines = [BANK_HEAD]
    for n in range(rows):
        queued = n % 3 == 0
        q_start, q_exit = (f"7:{n:02d}:10", f"7:{n:02d}:15") if queued else ("0:00:00", "0:00:00")
        outcome = ("AGENT", "HANG", "AGENT", "PHANTOM")[n % 4]
        lines.append(
            f"AA0101\t{n}\t{5000000000 + n}\t1\tPS\t990201\t7:{n:02d}:01\t7:{n:02d}:10\t9\t{q_start}\t{q_exit}\t"
            f"{5 if queued else 0}\t{outcome}\t7:{n:02d}:15\t7:{n:02d}:59\t44\tAGENT_{n % 7:02d}"
        )
    return ("\n".join(lines) + "\n").encode()


def chat(rows: int = 30) -> bytes:
    lines = [
        "会话ID,访客ID,客服,技能组,排队开始时间,接入时间,结束时间,排队时长,会话时长,首次响应时间,客户消息数,客服消息数,满意度,备注"
    ]
    for n in range(rows):
        start = f"2026/6/1 9:{n:02d}:05"
        taken = "-" if n % 5 == 4 else f"2026/6/1 9:{n:02d}:25"
        lines.append(
            f"HH{n},138{n:08d},工号{n % 4},售前,{start},{taken},2026/6/1 9:{n:02d}:59,0:00:20,34,5秒,3,3,"
            f'{("非常满意", "5", "未评价")[n % 3]},"好的, 谢谢 {n}"'
        )
    return "\r\n".join(lines).encode("gb18030")


def connect(rows: int = 20) -> bytes:
    records = [
        {
            "ContactId": f"c-{n}", "Channel": "VOICE", "InitiationMethod": "INBOUND",
            "InitiationTimestamp": f"2026-06-01T09:{n:02d}:00Z", "DisconnectTimestamp": f"2026-06-01T09:{n:02d}:50Z",
            "LastUpdateTimestamp": "2026-06-01T10:00:00Z", "CustomerEndpoint": {"Address": f"+86138{n:08d}"},
            "Queue": {"Name": "Basic", "EnqueueTimestamp": f"2026-06-01T09:{n:02d}:05Z", "Duration": n},
            "Agent": None if n % 4 == 3 else {
                "Username": "li", "ConnectedToAgentTimestamp": f"2026-06-01T09:{n:02d}:20Z",
                "AgentInteractionDuration": 25, "CustomerHoldDuration": 5, "AfterContactWorkDuration": 3,
            },
        }
        for n in range(rows)
    ]  # fmt: skip
    return "\n".join(json.dumps(record) for record in records).encode()


def own(rows: int = 30) -> bytes:
    lines = ["contact_id,customer_id,queue,arrival,wait_s,talk_s,outcome,agent"]
    for n in range(rows):
        end = ",abandoned," if n % 4 == 3 else f"{60 + n},answered,li"
        lines.append(f"{n},c{n},售前,2026-06-01T09:{n:02d}:00+08:00,{n / 4},{end}")
    return ("\ufeff" + "\n".join(lines) + "\n").encode()


def excel() -> bytes:
    into = io.BytesIO()
    pd.read_csv(io.BytesIO(own()), dtype=str).to_excel(into, index=False)
    return into.getvalue()


def parquet() -> bytes:
    into = io.BytesIO()
    pd.read_csv(io.BytesIO(own())).to_parquet(into)
    return into.getvalue()


CELLS = [
    "9e999",
    "1e308",
    "-1e308",
    "9" * 40,
    "-5",
    "-0:00:57",
    "=1+1",
    "=cmd|' /C calc'!A0",
    "@SUM(A1)",
    "+1",
    "NULL",
    "NaN",
    "None",
    "\\N",
    "inf",
    "2026-02-30 25:61:00",
    "0000-00-00",
    "9999-12-31 23:59:59",
    "99:99:99",
    "24:00:00",
    "PT",
    "P9999D",
    "\ufeff",
    "\u202e",
    "　",
    "1,5",
    "1;2",
    '"',
    "'",
    "true",
    "١٢",
    "½",
    "0x10",
    "1_000",
    "2026-06-01T09:00:00+99:99",
    "1970-01-01",
    "12:00 PM",
    "a" * 5000,
    "{}",
    "[1]",
    "answered",
    "<script>alert(1)</script>",
]


MORE = [
    b"\0", b"\xef\xbb\xbf", b'"', b'""', b"\r", b"\n\n", b"\xff\xfe", b",", b"\t", b";", b"\x1a", b"\xa1", b"{", b"}",
]  # fmt: skip


def mangled(data: bytes, rng: random.Random) -> bytes:
    """The same file after a few accidents."""
    for _ in range(rng.randint(1, 4)):
        data = rng.choice(ACCIDENTS)(data, rng)
    return data


def _line(data: bytes, rng: random.Random, change) -> bytes:
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    lines[at] = change(lines[at])
    return b"\n".join(lines)


def _mark(line: bytes) -> bytes:
    return max((b",", b"\t", b":"), key=line.count)


def _cell(data: bytes, rng: random.Random) -> bytes:
    def change(line: bytes) -> bytes:
        cells = line.split(_mark(line))
        cells[rng.randrange(len(cells))] = rng.choice(CELLS).encode(rng.choice(["utf-8", "gb18030"]), errors="replace")
        return _mark(line).join(cells)

    return _line(data, rng, change)


def _swapped(data: bytes, rng: random.Random) -> bytes:
    def change(line: bytes) -> bytes:
        cells = line.split(_mark(line))
        rng.shuffle(cells)
        return _mark(line).join(cells)

    return _line(data, rng, change)


def _recoded(data: bytes, rng: random.Random) -> bytes:
    def change(line: bytes) -> bytes:
        text = line.decode("utf-8", errors="ignore") or line.decode("gb18030", errors="ignore")
        return text.encode(rng.choice(["utf-16", "gb18030", "utf-8", "shift_jis", "latin-1"]), errors="replace")

    return _line(data, rng, change)


def _inserted(data: bytes, rng: random.Random) -> bytes:
    at = rng.randint(0, len(data))
    more = [
        b"\0",
        b"\xef\xbb\xbf",
        b'"',
        b'""',
        b"\r",
        b"\n\n",
        b"\xff\xfe",
        b",",
        b"\t",
        b";",
        b"\x1a",
        b"\xa1",
        b"{",
        b"}",
    ]
    return data[:at] + rng.choice(more) + data[at:]


def _flipped(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(min(rng.randint(1, 20), len(changed))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _repeated(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    return b"\n".join([*lines, *(rng.choice(lines) for _ in range(rng.randint(1, 5)))])


ACCIDENTS = [
    _cell, _cell, _cell, _cell, _swapped, _recoded, _inserted, _inserted, _flipped, _repeated,
    lambda data, rng: data[: rng.randint(0, len(data))],
    lambda data, rng: data.replace(_mark(data), rng.choice([b";", b"|", b"\t", b",,", b""])),
    lambda data, rng: _line(data, rng, lambda line: line.replace(_mark(line), rng.choice([b";", b"|", b" "]))),
    lambda data, rng: data.replace(b"\n", rng.choice([b"\r", b"\r\n", b"\n\n", b"\n\r"])),
    lambda data, rng: data + data,
    lambda data, rng: data.replace(b":", rng.choice([b"", b".", "\uff1a".encode()]), rng.randint(1, 50)),
    lambda data, rng: data.decode("utf-8", errors="ignore").encode("utf-16"),
    lambda data, rng: b"\n" * rng.randint(1, 3) + data,
    lambda data, rng: b"",
]  # fmt: skip

SOURCES = [
    ("bank", "log.txt", bank),
    ("bank", "log.txt.gz", lambda: gzip.compress(bank())),
    ("chat_zh", "log.csv", chat),
    ("amazon_connect", "log.jsonl", connect),
    ("csim", "log.csv", own),
    (None, "log.csv", own),
    ("csim", "log.xlsx", excel),
    ("csim", "log.parquet", parquet),
]
