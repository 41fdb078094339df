"""Loops over rows as machine code, where numba is there: made from a source text, kept on disk, never stale."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

from csim.files import kept

COLD_ROWS, WARM_ROWS = 2_000_000, 30_000  # what repays seconds of compiling, and tenths of loading
SHARED_ROWS = 100_000


@dataclass(frozen=True)
class Loop:
    """A function as machine code, and where it is kept (None: nowhere)."""

    dispatcher: Any
    file: Path | None

    def __call__(self, *values: Any) -> Any:
        """Runs it; what a crash left in the cache raises while it is loaded, whatever it raises, and is made anew."""
        with suppress(Exception):
            return self.dispatcher(*values)
        self.dispatcher.recompile()
        return self.dispatcher(*values)

    @property
    def is_made(self) -> bool:
        """Whether its machine code is in this process or on disk."""
        if self.dispatcher.signatures:
            return True
        kept = self.dispatcher.stats.cache_path if self.file else None
        return bool(kept and self.file and any(Path(kept).glob(f"{self.file.stem}.*.nbi")))


def flat(column: np.ndarray, kind: Any = None) -> np.ndarray:
    """A column as a loop wants it, so that it is compiled once: contiguous and writeable (it need not be written)."""
    if column.flags.carray and (kind is None or column.dtype == kind):
        return column
    return np.require(column, kind, ["C", "A", "W"])


def same(value: float | int | bool, size: int) -> np.ndarray:
    """
    A column that says the same in each of *size* rows. Nobody may write into it: short ones share their memory.

    Examples:
        >>> same(0.5, 3).tolist(), same(-1, 2).dtype == np.int64
        ([0.5, 0.5, 0.5], True)
    """
    return _same(type(value).__name__, value)[:size] if size <= SHARED_ROWS else np.full(size, value)


@lru_cache(maxsize=64)
def _same(_: str, value: float | int | bool) -> np.ndarray:
    return np.full(SHARED_ROWS, value)  # True is 1 to a cache, hence the name


@lru_cache(maxsize=1)
def keep_freed_memory() -> None:
    """
    Lets glibc keep what arrays give back, once per process: new pages for each block cost as much as its simulation.

    It keeps twice the largest single piece (32 MB at most) that was ever given back; this one is not touched.
    """
    np.empty(31 << 20, np.int8)


@lru_cache(maxsize=256)
def source_of(*parts: Callable | str) -> str:
    """A module for `loop`: functions, as they are written, and lines of one's own."""
    written = [part if isinstance(part, str) else inspect.getsource(part) for part in parts]
    return "\n".join(["from __future__ import annotations", "import numpy as np", *written])


def loop(source: str, name: str, rows: float) -> Callable[..., Any] | None:
    """
    The function *name* of *source* as machine code, or None where it would not pay (or numba is not there).

    The function takes arrays and numbers, writes into arrays and allocates nothing.

    Args:
        source: A whole module in the part of Python that numba knows: this function and those that it calls.
        rows: How many rows it will be run over in all. A few are not worth loading it, and more are needed to
            compile it the first time. It must not matter for the result whether it is taken.

    Examples:
        >>> loop("def double(rows): …", "double", rows=10) is None
        True
    """
    if rows < WARM_ROWS or not _has_numba():
        return None
    found = _made(source, name)
    return found if rows >= COLD_ROWS or found.is_made else None


@lru_cache(maxsize=1)
def _has_numba() -> bool:
    return importlib.util.find_spec("numba") is not None


def numba_at_once() -> Any:
    """
    numba, without the linear algebra that it loads before anybody asks: a sixth of what a first result takes.

    It only looks whether SciPy's is there. It is, and is loaded when something (of a user's own) calls it.
    """
    import numba

    if "scipy.linalg" in sys.modules or "numba.np.arraymath" in sys.modules:
        return numba
    sys.modules["scipy.linalg"] = None  # type: ignore[assignment]
    try:
        arraymath = importlib.import_module("numba.np.arraymath")
    finally:
        del sys.modules["scipy.linalg"]
    arraymath._HAVE_BLAS = True  # type: ignore[attr-defined]
    return numba


@lru_cache(maxsize=256)
def _made(source: str, name: str) -> Loop:
    """
    Named after a hash of its source, so that an edit is another file; numba itself looks at its own version.

    Without fastmath and fused multiply-add: a sum has the same last bit as NumPy's.
    """
    numba = numba_at_once()
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
    inner = options | {"forceinline": True}  # a call costs more than what is called does
    file = _kept(f"{name}_{hashlib.sha256(f'{source}{inner}'.encode()).hexdigest()[:20]}.py", source)
    scope: dict[str, Any] = {"__name__": __name__}  # a module that numba can find when it loads what it kept
    exec(compile(source, str(file or f"<{name}>"), "exec"), scope)
    for other in [key for key, found in scope.items() if isinstance(found, FunctionType) and key != name]:
        scope[other] = numba.njit(**inner)(scope[other])
    with suppress(RuntimeError):  # numba finds no place to write
        return Loop(numba.njit(cache=file is not None, **options)(scope[name]), file)
    return Loop(numba.njit(**options)(scope[name]), None)


def _kept(name: str, source: str) -> Path | None:
    """The source as a file, since numba keeps machine code beside one (we never read it); None: nowhere to write."""
    return kept("loops", name, lambda: source)
