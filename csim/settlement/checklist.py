"""Marks of a checklist: they start full and fall with each item found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from csim.contract.model import Checklist
from csim.settlement.judged import NONE, SCORE_STEP, Judged, Reason


def judged_checklist(name: str, checklist: Checklist, counts: Mapping[str, Decimal]) -> Judged:
    """
    Marks left of a checklist, as a score: full marks less each item beyond what is free, down to 0.

    *counts* holds the number of times by item; with none of them known the contract's rule for missing data holds.
    """
    blank = Judged(name, checklist.clause, "", "judged", weight=checklist.weight)
    if not counts:
        rule = checklist.missing
        why = (Reason("why_no_data"), Reason(f"why_missing_{rule}"))
        return replace(blank, status=rule, score=NONE if rule == "missed" else None, missed=rule == "missed", why=why)
    marks, why_items = checklist.weight * 100, []
    lost = NONE
    for item in checklist.items:
        count = counts.get(item.item, NONE)
        taken = max(NONE, count - item.free) * item.each
        taken = taken if item.most is None else min(taken, item.most)
        lost += taken
        if count:
            shown = {
                "item": item.name or item.item,
                "count": count,
                "free": item.free,
                "marks": taken,
                "clause": item.clause,
            }
            why_items.append(Reason("why_item", shown))
    left = max(NONE, marks - lost)
    score = (left * 100 / marks).quantize(SCORE_STEP)
    return replace(blank, score=score, value=left, why=tuple(why_items) or (Reason("why_all_marks"),))
