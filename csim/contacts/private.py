"""Personal data: customers under keyed hashes, and rows that can be shown without it."""

from __future__ import annotations

import hmac
import os
import re
import secrets
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from csim.display.notes import Note
from csim.errors import InputError, Mistake

VARIABLE = "CSIM_KEY"
SHORTEST = 16  # characters of a key: a shorter one can be guessed
HIDDEN = "…"
PHONE_OR_MAIL = r"@|^\s*\+?[\d][\d\s()./-]{5,}\d\s*$"


@dataclass(frozen=True)
class Key:
    """A secret under which customers are hashed, and where it comes from."""

    secret: bytes
    note: Note

    def hashed(self, text: str) -> str:
        """
        The name a text has under this key: HMAC-SHA256, its first 16 hex digits.

        Examples:
            >>> Key(b"0123456789abcdef", Note("intake_hashed_env")).hashed("13800138000")
            'c-523ecb4056848964'
        """
        return f"c-{hmac.digest(self.secret, text.encode('utf-8'), 'sha256').hex()[:16]}"

    def column(self, cells: pd.Series) -> pd.Series:
        """A column of customers under their hashes; each is hashed once."""
        codes, known = pd.factorize(cells)
        named = np.array([*(self.hashed(str(text)) for text in known), None], dtype=object)
        return pd.Series(pd.array(named[codes], dtype="str"), index=cells.index)


def key() -> Key:
    """
    The key of this person: from the environment (CSIM_KEY), else from a file in the user's own settings.

    The file is written at its first use, readable by nobody else. The same key gives the same hashes, so that one
    customer is the same in two months. Where no file can be kept, the key lasts for this reading only.

    Raises:
        InputError: The key in the environment, or in the file, is too short.
    """
    given = os.environ.get(VARIABLE)
    if given is not None:
        if len(given) < SHORTEST:
            raise InputError([Mistake(f"a key needs at least {SHORTEST} characters", VARIABLE)])
        return Key(given.encode("utf-8"), Note("intake_hashed_env", {"variable": VARIABLE}))
    try:
        file = key_file()
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
                new.write(secrets.token_hex(32) + "\n")
        secret = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError, RuntimeError):  # no home, or one that cannot be written
        return Key(secrets.token_bytes(32), Note("intake_hashed_once", {"variable": VARIABLE}))
    if len(secret) < SHORTEST:
        raise InputError([Mistake("holds no key: remove it, and csim writes a new one", "", str(file))])
    return Key(secret.encode("ascii"), Note("intake_hashed_file", {"file": file.name}))


def key_file() -> Path:
    """Where the key is kept: in the user's own settings, never beside the logs."""
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "csim" / "customers.key"


def shape(text: str) -> str:
    """
    What a text looks like, without what it says.

    Examples:
        >>> shape('13800138000,"王小明",soon,=1+1')
        '99999999999,"文文文",xxxx,=9+9'
    """
    told = re.sub(r"\d", "9", re.sub(r"[^\W\d_]", lambda sign: "x" if sign[0] < "\u0370" else "文", text))
    return told if len(told) <= 500 else f"{told[:500]}{HIDDEN}"


def row_shown(
    heads: Sequence[str], cells: Sequence[str], told: Iterable[str], hashed: Iterable[str], key: Key | None
) -> str:
    """
    A row with the cells that were asked for: customers under their hashes, what nobody needs (free text) left out.

    Examples:
        >>> row_shown(["id", "phone", "remark", "wait"], ["7", "138", "he is ill", "soon"], ["id", "wait"], [], None)
        '7,…,…,soon'
    """
    open_, secret = set(told), set(hashed)
    shown = []
    for head, cell in zip(heads, cells, strict=False):
        if head in secret:
            shown.append(key.hashed(cell.strip()) if key is not None and cell.strip() else "")
        else:
            shown.append(cell if head in open_ else HIDDEN if cell else "")
    return ",".join(shown)


def personal(ids: pd.Series) -> np.ndarray:
    """
    Which ids of customers are telephone numbers or addresses.

    Examples:
        >>> personal(pd.Series(["+86 138-0013-8000", "li@example.com", "c-1047", None])).tolist()
        [True, True, False, False]
    """
    return ids.astype("str").str.contains(PHONE_OR_MAIL, regex=True, na=False).to_numpy(dtype=bool)
