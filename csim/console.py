"""What the command line says and where: results to stdout, progress and remarks to stderr, on any console."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any


def show(text: str) -> None:
    """A line of the result; a reader that stops early (a closed pipe) is no error."""
    try:
        print(text)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


def show_json(text: str) -> None:
    """JSON that says the same on every console: what it cannot show is escaped."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = json.dumps(json.loads(text))
    show(text)


def show_csv(text: str) -> None:
    """CSV is UTF-8 with a byte-order mark whatever the console, since it is meant for a file."""
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(text)
    else:
        buffer.write(text.encode("utf-8"))
        buffer.flush()


def note(text: str) -> None:
    """A remark for the person, not part of the result."""
    print(text, file=sys.stderr)


class Progress:
    """A bar on stderr for runs that take a while; silent when stderr is no terminal."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.bar: Any = None
        self.began = 0.0

    def __enter__(self) -> Callable[[int, int, int], None]:
        return self.update

    def update(self, done: int, total: int, contacts: int) -> None:
        from tqdm import tqdm

        if self.bar is None or self.bar.n >= done:
            self.close()
            self.began = time.monotonic()
            self.bar = tqdm(
                total=total, desc=self.what, unit="rep", delay=1, leave=False, disable=None, file=sys.stderr
            )
        rate = contacts / max(time.monotonic() - self.began, 1e-9)
        self.bar.set_postfix_str(f"{contacts:,} contacts, {rate:,.0f}/s", refresh=False)
        self.bar.update(done - self.bar.n)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()

    def __exit__(self, *_: object) -> None:
        self.close()
