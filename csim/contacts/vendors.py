"""Whose contacts a log holds: one vendor's rows, and rivals kept apart in what a vendor reads."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from csim.errors import InputError, Mistake, UnknownNameError, did_you_mean


def vendors_of(log: pd.DataFrame) -> list[str]:
    """
    The vendors that a log names, in order.

    Examples:
        >>> vendors_of(pd.DataFrame({"vendor": ["B", None, "A", "B", ""]}))
        ['A', 'B']
    """
    named = log["vendor"].dropna().astype(str) if "vendor" in log.columns else pd.Series(dtype=str)
    return sorted({vendor for vendor in named if vendor})


def rows_of(log: pd.DataFrame, vendor: str, file: str = "") -> pd.DataFrame:
    """
    The contacts (or agent states) of one vendor.

    Raises:
        InputError: The log names no vendor, or not this one.

    Examples:
        >>> rows_of(pd.DataFrame({"vendor": ["A", "B"]}), "C")
        Traceback (most recent call last):
        csim.errors.UnknownNameError: --vendor
          no row of "C": write one of: A, B
        1 mistake; nothing was run.
    """
    known = vendors_of(log)
    if not known:
        raise InputError([Mistake('no column "vendor" says whose a row is: leave --vendor out', "--vendor", file)])
    if vendor not in known:
        raise UnknownNameError([Mistake(f'no row of "{vendor}": {did_you_mean(vendor, known)}', "--vendor", file)])
    return log[(log["vendor"].astype(object) == vendor).to_numpy()].reset_index(drop=True)


def keep_rivals_apart(vendors: Iterable[str], what: str, write: str = "") -> None:
    """
    Refuses a vendor's copy that would show several vendors.

    Args:
        what: Would show them. write: What to write instead, where there is a way.

    Raises:
        InputError: More than one vendor.
    """
    rivals = sorted(set(vendors))
    if len(rivals) > 1:
        said = f"{what} shows {', '.join(rivals)} side by side: no vendor is to read of the others"
        raise InputError([Mistake(f"{said}; {write}" if write else said, "--audience")])
