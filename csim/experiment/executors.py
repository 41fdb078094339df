"""Who computes: this process, local processes or threads, a dask cluster, or any executor of `concurrent.futures`."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from csim.errors import Mistake, UnknownNameError

AHEAD = 4  # chunks submitted beyond those that have come back: keeps memory flat
SPECS = "serial, processes:2, threads:2, dask-local:2 or dask:tcp://host:8786"


@contextmanager
def executor_of(spec: str | Executor | None) -> Iterator[Executor | None]:
    """
    The executor of a `--workers` text, closed at the end; one that was handed in is used and left open.

    Args:
        spec: None or "serial" (this process), "processes:N", "threads:N", "dask-local:N" (a cluster on this
            machine), "dask:ADDRESS" (a running scheduler), or an executor.

    An interruption (Ctrl-C) ends the workers at once: nothing goes on computing behind one's back.

    Examples:
        >>> with executor_of("serial") as executor:
        ...     print(executor)
        None
        >>> with executor_of("procs:2") as executor:
        ...     pass
        Traceback (most recent call last):
        csim.errors.UnknownNameError: --workers
          "procs:2" is not known: write serial, processes:2, threads:2, dask-local:2 or dask:tcp://host:8786
        1 mistake; nothing was run.
    """
    if spec is None or isinstance(spec, Executor):
        yield spec
        return
    kind, _, rest = spec.partition(":")
    count = int(rest) if rest.isdigit() else 0
    if kind == "serial" and not rest:
        yield None
    elif kind == "threads" and count:
        with ThreadPoolExecutor(count) as threads:
            yield threads
    elif kind == "processes" and count:
        yield from _processes(count)
    elif (kind == "dask-local" and count) or (kind == "dask" and rest):
        yield from _dask(rest if kind == "dask" else count)
    else:
        raise UnknownNameError([Mistake(f'"{spec}" is not known: write {SPECS}', "--workers")])


def _processes(count: int) -> Iterator[Executor]:
    import multiprocessing

    pool = ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"), initializer=_ignore_interrupts)
    try:
        yield pool
    except BaseException:
        _end_workers(pool)
        raise
    pool.shutdown(wait=True)


def _end_workers(pool: ProcessPoolExecutor) -> None:
    """Ends the workers in the middle of their work."""
    for process in list((pool._processes or {}).values()):
        process.terminate()
    # A worker may have died halfway through sending a result. The pool's thread would wait for the other half as long
    # as anybody holds the sending end, this process included, and the interpreter would wait for that thread.
    pool._result_queue._writer.close()  # type: ignore[attr-defined]
    pool.shutdown(wait=False, cancel_futures=True)


def _ignore_interrupts() -> None:
    """Ctrl-C goes to the parent, which ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _dask(where: str | int) -> Iterator[Executor]:
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise UnknownNameError([Mistake("dask is not installed: pip install csim[cluster]", "--workers")]) from None
    cluster = None
    try:
        if isinstance(where, int):
            cluster = LocalCluster(n_workers=where, threads_per_worker=1, dashboard_address=None, host="127.0.0.1")
        client = Client(cluster if cluster is not None else where, timeout="10s")
    except (OSError, ValueError) as error:
        raise UnknownNameError([Mistake(f'no dask scheduler answers at "{where}": {error}', "--workers")]) from None
    try:
        yield client.get_executor(pure=False)
    finally:
        client.close()
        if cluster is not None:
            cluster.close()


def in_order(
    work: Callable[[Any, Sequence[int]], list],
    plan: Any,
    replications: Sequence[int],
    executor: Executor | None,
    chunk: int,
) -> Iterator[Any]:
    """Results one by one in the order of *replications*, whoever computes them and in whatever chunks."""
    if executor is None:
        for replication in replications:
            yield from work(plan, [replication])
        return
    chunks = [replications[i : i + chunk] for i in range(0, len(replications), chunk)]
    pending: list[Future] = []
    try:
        for part in chunks:
            pending.append(executor.submit(work, plan, part))
            if len(pending) >= workers_of(executor) + AHEAD:
                yield from pending.pop(0).result()
        while pending:
            yield from pending.pop(0).result()
    finally:
        # a process pool drops what is pending when it is shut down, and stumbles over futures cancelled before
        for future in [] if isinstance(executor, ProcessPoolExecutor) else pending:
            future.cancel()


def workers_of(executor: Executor | None) -> int:
    """How many tasks an executor works on at once, as far as it says."""
    return 1 if executor is None else int(getattr(executor, "_max_workers", 4))
