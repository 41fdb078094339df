"""Parameters of reports that are written as on the command line: costs, shares, amounts."""

from __future__ import annotations

from csim.errors import InputError, Mistake


def cost_given(text: str) -> float | tuple[float, float] | None:
    """
    What an agent-hour costs: "40", a range "35..45", or "" where it is not given.

    Examples:
        >>> cost_given("40"), cost_given("35..45"), cost_given("")
        (40.0, (35.0, 45.0), None)
    """
    ends = [number_given(part, "cost_per_hour") for part in text.split("..")] if text else []
    if len(ends) > 2:
        raise InputError([Mistake(f'"{text}" is no cost: write 40, or a range 35..45', "-p cost_per_hour")])
    known = [end for end in ends if end is not None]
    return None if not known else known[0] if len(known) == 1 else (known[0], known[1])


def number_given(text: str, name: str) -> float | None:
    """An amount, or None for ""."""
    try:
        return float(text) if text else None
    except ValueError:
        raise InputError([Mistake(f'"{text}" is no number: write for example 40', f"-p {name}")]) from None


def share_given(text: str, name: str) -> float:
    """A share of a whole, such as "5%"."""
    from csim.schema.exact import share_of_whole

    try:
        return float(share_of_whole(text))
    except ValueError as error:
        raise InputError([Mistake(str(error), f"-p {name}")]) from None
