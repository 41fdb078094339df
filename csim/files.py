"""Files written whole or not at all: a temporary file beside the target, then a rename."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from csim.errors import InputError, Mistake


def write_whole(path: str | Path, write: Callable[[Path], None]) -> Path:
    """
    Calls *write* with a temporary path in the same folder, then renames it to *path*.

    An interruption leaves the old file or none, never half a file.

    Raises:
        InputError: The folder cannot be made or written.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}-", suffix=target.suffix)
        os.close(handle)
    except OSError as error:
        raise InputError([Mistake(f"cannot be written: {error.strerror}", "", str(target))]) from None
    temporary = Path(name)
    try:
        write(temporary)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except OSError as error:
        raise InputError([Mistake(f"cannot be written: {error.strerror}", "", str(target))]) from None
    finally:
        temporary.unlink(missing_ok=True)
    return target


def write_text(path: str | Path, text: str, encoding: str = "utf-8") -> Path:
    """A text file, whole or not at all, with line feeds on every system."""
    return write_whole(path, lambda temporary: temporary.write_bytes(text.encode(encoding)))  # type: ignore[arg-type,return-value]


def kept(kind: str, name: str, text: Callable[[], str]) -> Path | None:
    """
    A text that is made once and kept between processes, under a *name* that says what it was made from.

    Beside the package, or in the user's cache where nothing can be written there. None: nowhere.
    """
    user = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    for folder in (Path(__file__).parent / "__pycache__" / kind, Path(user) / "csim" / kind):
        with suppress(InputError, OSError):
            file = folder / name
            if not file.exists():  # a file written again would be younger than what is made of it
                write_text(file, text())
            if os.access(folder, os.W_OK):
                return file
    return None


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
