"""Bonus pools: every cent goes somewhere, by merit and not by name."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csim.contract.pay import BonusPool
from csim.errors import InputError
from csim.settlement.pool import bonus_pool

PUBLISHED = {
    "clause": "7", "of": "silent_order_sales", "share": "0.6%", "rest": "30%", "ties": "by_sales",
    "ranks": [{"share": "40%", "plus": 200}, {"share": "30%", "plus": 100}],
}  # fmt: skip


def terms(**changes):
    return BonusPool.model_validate(PUBLISHED | changes)


def amounts(shares):
    return {share.name: str(share.amount) for share in shares.shares}


def test_the_published_pool_is_paid_otherwise():
    """0.6 % of 123,456.70 is 740.74; 40/30/30 of it and the fixed sums on top, the odd cent by largest remainder."""
    team = [("a", 90, 1), ("b", 95, 1), ("c", 80, 1), ("d", 70, 1)]
    paid = bonus_pool(terms(), team, Decimal("123456.70"))
    assert str(paid.pool) == "740.74"
    assert amounts(paid) == {"b": "296.30", "a": "222.22", "c": "111.11", "d": "111.11"}
    assert str(paid.plus) == "300.00"
    assert str(paid.total) == "1040.74"
    assert (paid.residual, paid.residual_to) == (0, "")


@pytest.mark.parametrize(
    ("count", "residual", "left", "where", "got"),
    [
        (1, "to_buyer", "360.00", "buyer", {"a": "240.00"}),
        (1, "next_month", "360.00", "next_month", {"a": "240.00"}),
        (1, "to_ranked", "0.00", "", {"a": "600.00"}),
        (2, "to_buyer", "180.00", "buyer", {"a": "240.00", "b": "180.00"}),
        (2, "to_ranked", "0.00", "", {"a": "342.86", "b": "257.14"}),
        (0, "to_ranked", "600.00", "buyer", {}),
    ],
)
def test_too_few_people_lose_the_rest(count, residual, left, where, got):
    """One person leaves 60 %, two leave 30 %, and the contract's rule says where it goes."""
    team = [("a", 90, 1), ("b", 80, 1)][:count]
    paid = bonus_pool(terms(residual=residual), team, 100_000)
    assert (str(paid.residual), paid.residual_to, amounts(paid)) == (left, where, got)


@pytest.mark.parametrize("count", [1, 2])
def test_an_unsaid_residual_is_decided_for_the_parties(count):
    """Without a rule for one or two people nothing is shared out; the message says what to write."""
    with pytest.raises(InputError, match=r"residual.*to_buyer, to_ranked or next_month"):
        bonus_pool(terms(), [("a", 90, 1), ("b", 80, 1)][:count], 100_000)


def test_ties_are_broken_by_the_wrong_thing():
    """Equal scores: sales decide, or the places are shared; equal in both is always shared, never decided by name."""
    team = [("z", 90, 10), ("a", 90, 20), ("m", 80, 5)]
    assert amounts(bonus_pool(terms(), team, 100_000)) == {"a": "240.00", "z": "180.00", "m": "180.00"}
    split = bonus_pool(terms(ties="split"), team, 100_000)
    assert amounts(split) == {"a": "210.00", "z": "210.00", "m": "180.00"}
    assert [(s.rank, str(s.plus)) for s in split.shares] == [(1, "150.00"), (1, "150.00"), (3, "0.00")]
    equal = bonus_pool(terms(), [("z", 90, 10), ("a", 90, 10), ("m", 80, 5)], 100_000)
    assert amounts(equal) == {"a": "210.00", "z": "210.00", "m": "180.00"}


def test_a_tie_across_the_last_named_rank_is_cut():
    """Second and third tie: each gets the mean of the second place and a share of the rest."""
    team = [("a", 99, 1), ("b", 90, 1), ("c", 90, 1), ("d", 80, 1)]
    paid = bonus_pool(terms(), team, 100_000)
    assert amounts(paid) == {"a": "240.00", "b": "135.00", "c": "135.00", "d": "90.00"}


def test_a_fixed_amount_is_shared_in_other_steps():
    """A pool of 100 in whole yuan among three equals: 34, 33, 33."""
    fixed = BonusPool.model_validate(
        {"clause": "7", "amount": 100, "ranks": [{"share": "50%"}], "rest": "50%", "ties": "split"}
    )
    paid = bonus_pool(fixed, [(name, 1, 0) for name in "cab"], step=Decimal(1))
    assert amounts(paid) == {"a": "34", "b": "33", "c": "33"}


@pytest.mark.parametrize(
    ("members", "base", "found"),
    [
        ([("a", 1, 1), ("a", 2, 1)], 1, "stands twice"),
        ([("a", "good", 1)], 1, '"good" of a is no number'),
        ([("a", float("nan"), 1)], 1, "no number"),
        ([("a", 1, 1)], -1, "negative"),
    ],
)
def test_unusable_members_are_paid(members, base, found):
    """Names that stand twice, scores that are no numbers and negative sales are refused."""
    with pytest.raises(InputError, match=found):
        bonus_pool(terms(residual="to_buyer"), members, base)


def test_more_than_the_whole_is_paid():
    """Ranks of 120 % are refused: the pool would pay more than it holds."""
    with pytest.raises(InputError, match="must not exceed 100%"):
        bonus_pool(terms(ranks=[{"share": "60%"}, {"share": "60%"}]), [("a", 1, 1), ("b", 2, 1)], 1)


shares_of_ranks = st.sampled_from(
    [(["40%", "30%"], "30%"), (["50%"], "50%"), (["33.3%", "33.3%", "20%"], "13.4%"), (["10%", "10%"], "0%"),
     (["45.55%", "22.15%", "12.3%", "9%"], "11%")]
)  # fmt: skip
team_of = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), max_size=9)
ties = st.sampled_from(["by_sales", "split"])
residuals = st.sampled_from(["to_buyer", "to_ranked", "next_month"])
sums = st.decimals(0, 10**7, places=4)


def shared(ranks, people, tie, residual, base, plus=0):
    of, rest = ranks
    prizes = [{"share": share, "plus": plus * (len(of) - i)} for i, share in enumerate(of)]
    return bonus_pool(terms(ranks=prizes, rest=rest, ties=tie, residual=residual), people, base)


@given(ranks=shares_of_ranks, team=team_of, tie=ties, residual=residuals, base=sums, plus=st.integers(0, 300))
def test_a_cent_is_lost_or_made_up(ranks, team, tie, residual, base, plus):
    """Shares and residual make the pool exactly, nobody is below 0, nobody gets more than somebody ahead."""
    paid = shared(ranks, [(f"n{i}", *person) for i, person in enumerate(team)], tie, residual, base, plus)
    assert sum((s.amount for s in paid.shares), Decimal(0)) + paid.residual == paid.pool
    assert paid.total == sum((s.amount + s.plus for s in paid.shares), Decimal(0))
    filled = min(len(team), len(ranks[0]))
    promised = sum(plus * (len(ranks[0]) - i) for i in range(filled))
    assert paid.plus == promised
    assert all(s.amount >= 0 and s.plus >= 0 for s in paid.shares)
    assert bool(paid.residual) == bool(paid.residual_to)
    for ahead, behind in zip(paid.shares, paid.shares[1:], strict=False):
        assert ahead.rank <= behind.rank
        if Fraction(ahead.claim) >= Fraction(behind.claim):
            assert ahead.amount >= behind.amount


@given(ranks=shares_of_ranks, team=team_of, tie=ties, residual=residuals, base=sums, seed=st.randoms())
def test_a_name_is_worth_money(ranks, team, tie, residual, base, seed):
    """Other names, and another order of the rows: the same amounts at the same ranks."""
    people = [(f"n{i}", *person) for i, person in enumerate(team)]
    names = [f"x{i}" for i in range(len(team))]
    seed.shuffle(names)
    renamed = [(name, *person) for name, person in zip(names, team, strict=True)]
    seed.shuffle(renamed)
    one, other = (shared(ranks, rows, tie, residual, base) for rows in (people, renamed))
    assert [(s.rank, s.score, s.sales, s.total) for s in one.shares] == [
        (s.rank, s.score, s.sales, s.total) for s in other.shares
    ] or tie == "split"
    assert sorted((s.rank, s.total) for s in one.shares) == sorted((s.rank, s.total) for s in other.shares)
    assert one.residual == other.residual


def test_a_name_breaks_out_of_the_page():
    """A name of markup is shown as text; the residual is said in both languages."""
    paid = bonus_pool(terms(residual="to_buyer"), [("<b>x</b>", 1, 1)], 100_000)
    assert "<b>x</b>" not in paid._repr_html_()
    assert any("stays with the buyer" in cell for row in paid.rows("en")[1] for cell in row)
    assert any("归甲方" in cell for row in paid.rows("zh")[1] for cell in row)
