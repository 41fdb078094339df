"""Small groups: what a vendor's copy must not say about a handful of people."""

from __future__ import annotations

import pandas as pd

from csim.kpi.small import suppress_small


def table(counts, by="month", windows=("2026-05",)):
    rows = [
        {
            by: window,
            "queue": queue,
            "kpi": "answer_rate",
            "value": 0.5,
            "numerator": n / 2,
            "denominator": n,
            "why": "",
        }
        for window in windows
        for queue, n in counts.items()
    ]
    return pd.DataFrame(rows)


def shown(result):
    return result["queue"][result["value"].notna()].tolist()


def test_a_handful_of_people_is_told():
    """Rows on fewer than five show neither value nor counts, and say so; from five on they stay."""
    result = suppress_small(table({"a": 4, "b": 3, "c": 5, "all": 12}))
    assert shown(result) == ["c", "all"]
    assert result.loc[0, ["numerator", "denominator"]].isna().all()
    assert result["why"].tolist() == ["fewer than 5", "fewer than 5", "", ""]


def test_the_total_gives_one_small_queue_away():
    """One small queue beside the total takes the next smallest with it, in its own window only."""
    assert shown(suppress_small(table({"a": 4, "b": 30, "c": 20, "all": 54}))) == ["b", "all"]
    two = pd.concat(
        [table({"a": 4, "b": 30, "c": 20, "all": 54}), table({"a": 9, "b": 30, "all": 39}, windows=["2026-06"])]
    )
    assert shown(suppress_small(two.reset_index(drop=True))) == ["b", "all", "a", "b", "all"]


def test_a_table_is_changed_in_place():
    """The table that was given keeps its values; nothing measured (0) keeps its own reason; any count may be named."""
    given = table({"a": 4, "b": 0, "all": 4}).assign(people=[9, 9, 3])
    given.loc[1, ["value", "why"]] = [float("nan"), "nothing to measure"]
    before = given.copy()
    result = suppress_small(given)
    pd.testing.assert_frame_equal(given, before)
    assert result["why"][1] == "nothing to measure"
    assert shown(suppress_small(given, count="people")) == ["a"]
    assert shown(suppress_small(given, least=3)) == ["a", "all"]
