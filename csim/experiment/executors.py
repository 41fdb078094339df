"""Who computes: this process, local processes or threads, or any executor of `concurrent.futures`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

from csim.errors import Mistake, UnknownNameError

AHEAD = 4  # chunks submitted beyond those that have come back: keeps memory flat


def executor_of(spec: str | None) -> Executor | None:
    """
    The executor of a `--workers` text: "serial" (or nothing), "processes:4", "threads:2".

    Examples:
        >>> executor_of("serial") is None
        True
        >>> executor_of("procs:2")
        Traceback (most recent call last):
        csim.errors.UnknownNameError: --workers
          "procs:2" is not known: write serial, processes:2 or threads:2
        1 mistake; nothing was run.
    """
    kind, _, number = (spec or "serial").partition(":")
    if kind == "serial" and not number:
        return None
    if kind in ("processes", "threads") and number.isdigit() and int(number) > 0:
        if kind == "threads":
            return ThreadPoolExecutor(int(number))
        import multiprocessing

        return ProcessPoolExecutor(int(number), mp_context=multiprocessing.get_context("spawn"))
    raise UnknownNameError([Mistake(f'"{spec}" is not known: write serial, processes:2 or threads:2', "--workers")])


def in_order(
    work: Callable[[Any, Sequence[int]], list],
    plan: Any,
    replications: Sequence[int],
    executor: Executor | None,
    chunk: int,
) -> Iterator[Any]:
    """Results one by one in the order of *replications*, whoever computes them and in whatever chunks."""
    chunks = [replications[i : i + chunk] for i in range(0, len(replications), chunk)]
    if executor is None:
        for part in chunks:
            yield from work(plan, part)
        return
    workers = getattr(executor, "_max_workers", 2)
    pending: list[Future] = []
    try:
        for part in chunks:
            pending.append(executor.submit(work, plan, part))
            if len(pending) >= workers + AHEAD:
                yield from pending.pop(0).result()
        while pending:
            yield from pending.pop(0).result()
    finally:
        for future in pending:
            future.cancel()
