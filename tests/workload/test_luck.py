"""Chance: the same seed gives the same contacts, and nothing that is added moves what was there."""

import copy

import numpy as np
import pytest

import csim
from csim.workload.arrivals import inverted, unit_arrivals
from csim.workload.distributions import day_factors
from csim.workload.draw import Draws, draw
from csim.workload.streams import stream

LAW = {"distribution": "lognormal", "mean": "5 min", "cv": 0.9}
CENTRE = {
    "csim": "scenario/1",
    "name": "luck",
    "calendar": {"start": "2026-06-01T09:00", "days": 3, "open": "2 h", "day_factor": {"cv": "10%"}},
    "queues": {
        "calls": {
            "channel": "voice",
            "arrivals": {"per_hour": 60},
            "patience": {"distribution": "exponential", "mean": "3 min"},
            "balk": "10%",
            "handle_time": LAW,
            "after_work": {"distribution": "exponential", "mean": "30 s"},
        },
        "chats": {
            "channel": "chat",
            "arrivals": {"per_hour": 40},
            "patience": {"distribution": "weibull", "mean": "3 min", "cv": 1.2},
            "handle_time": {"distribution": "gamma", "mean": "5 min", "cv": 0.7},
        },
    },
    "groups": {"team": {"serves": ["calls", "chats"], "agents": 12}},
}
LUCK = (
    "arrival",
    "work",
    "after_work",
    "deadline",
    "balks",
    "resolved",
    "invited",
    "score",
    "check_rank",
    "check_pass",
)


def drawn(seed=7, replication=1, **changes):
    """The workload of the centre, changed by dotted paths (`__` stands for the dot)."""
    scenario = csim.load_scenario(CENTRE).vary({path.replace("__", "."): value for path, value in changes.items()})
    return draw(scenario, seed, replication)


def luck_of(workload, queue):
    """What chance brought to one queue, as it was drawn; no column depends on a queue's number."""
    mine = workload.queue == queue
    return {name: getattr(workload, name)[mine] for name in (*LUCK, "day", "stretch", "vendor")}


def same(one, other, names=LUCK):
    return all(np.array_equal(one[name], other[name], equal_nan=True) for name in names)


def test_the_same_seed_gives_other_contacts():
    """Two draws with one seed and replication agree to the last bit in every column."""
    one, again = drawn(), drawn()
    assert all(
        np.array_equal(getattr(one, name), getattr(again, name), equal_nan=True) for name in (*LUCK, "queue", "bounds")
    )


@pytest.mark.parametrize("other", [{"seed": 8}, {"replication": 2}])
def test_another_seed_or_replication_gives_the_same_contacts(other):
    """Another seed, or another replication, shares no arrival, work or patience."""
    one, two = luck_of(drawn(), 0), luck_of(drawn(**other), 0)
    for name in ("arrival", "work", "deadline"):
        assert not np.isin(one[name], two[name]).any()


def test_two_queues_share_their_luck():
    """Two queues that are alike in everything but their names share no arrival, work or patience."""
    twin = drawn(queues__chats=CENTRE["queues"]["calls"])
    one, other = luck_of(twin, 0), luck_of(twin, 1)
    for name in ("arrival", "work", "deadline"):
        assert not np.isin(one[name], other[name]).any()


def test_two_coins_come_from_one_stream(monkeypatch):
    """Every coin of every queue has a stream of its own name: no stream is opened twice in a draw."""
    opened = []

    def noted(seed, replication, name):
        opened.append((seed, replication, name))
        return stream(seed, replication, name)

    monkeypatch.setattr("csim.workload.draw.stream", noted)
    drawn(
        queues__calls__quality=QUALITY | CHECKS,
        queues__chats__quality=QUALITY | CHECKS,
        queues__chats__day_factor={"cv": "20%"},
    )
    assert len(set(opened)) == len(opened)
    assert len(opened) > 20
    assert {(seed, replication) for seed, replication, _ in opened} == {(7, 1)}


QUALITY = {"resolved": "80%", "survey": {"invited": "60%", "answered": "50%", "scores": {5: "90%", 1: "10%"}}}
CHECKS = {"checks": {"per_agent_day": 2, "pass": "96%"}}
ADDED = {
    "a queue behind": {"queues__later": CENTRE["queues"]["chats"], "groups__team__serves": ["calls", "chats", "later"]},
    "coins of another queue": {"queues__chats__quality": QUALITY},
    "agents": {"groups__team__agents": 30},
    "another order of service": {"routing": {"contact": "lifo"}},
    "after-work of another queue": {"queues__chats__after_work": LAW},
    "more volume in another queue": {"queues__chats__arrivals": {"per_hour": 80}},
    "a day factor of another queue's own": {"queues__chats__day_factor": {"cv": "30%"}},
}


@pytest.mark.parametrize("changes", ADDED.values(), ids=ADDED)
def test_what_is_added_moves_what_was_there(changes):
    """Another queue, coin, agent or rule leaves every number of the first queue as it was."""
    assert same(luck_of(drawn(), 0), luck_of(drawn(**changes), 0))


def test_a_queue_put_in_front_moves_the_others():
    """Streams are keyed by the queue's name, so the order of queues in the file moves nothing."""
    turned = copy.deepcopy(CENTRE)
    turned["queues"] = dict(reversed(CENTRE["queues"].items()))
    one, other = drawn(), draw(csim.load_scenario(turned), 7, 1)
    assert same(luck_of(one, 0), luck_of(other, 1))
    assert same(luck_of(one, 1), luck_of(other, 0))


def test_a_new_coin_moves_the_coins_beside_it():
    """Within one queue, adding checks, or balking, moves neither arrivals nor the other coins."""
    one = luck_of(drawn(queues__calls__quality=QUALITY), 0)
    more = luck_of(drawn(queues__calls__quality=QUALITY | CHECKS, queues__calls__balk="50%"), 0)
    assert same(one, more, [name for name in LUCK if name not in ("balks", "check_rank", "check_pass")])
    assert bool((more["balks"] >= one["balks"]).all())  # whoever balks at 10 % balks at 50 %
    assert np.isnan(one["check_rank"]).all()
    assert not np.isnan(more["check_rank"]).any()


def test_a_longer_mean_brings_other_luck():
    """Twice the mean handle time and patience gives every contact exactly twice its own."""
    one, two = (
        luck_of(drawn(**changes), 0)
        for changes in ({}, {"queues__calls__handle_time__mean": "10 min", "queues__calls__patience__mean": "6 min"})
    )
    np.testing.assert_array_equal(two["arrival"], one["arrival"])
    np.testing.assert_allclose(two["work"], 2 * one["work"], rtol=1e-14)
    np.testing.assert_allclose(two["deadline"] - two["arrival"], 2 * (one["deadline"] - one["arrival"]), rtol=1e-10)


def test_vendor_shares_move_the_arrivals():
    """Sharing a queue among vendors adds a coin and changes nothing else."""
    groups = {
        name: {"serves": ["calls", "chats"], "agents": 6, "vendor": vendor} for name, vendor in (("a", "A"), ("b", "B"))
    }
    shared = luck_of(drawn(groups=groups, queues__calls__shares={"A": "30%", "B": "70%"}), 0)
    assert same(luck_of(drawn(), 0), shared)
    assert set(shared["vendor"]) == {0, 1}


# -- arrivals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("less", "more"), [(0.5, 3), (10, 1000), (999.5, 1000), (3, 30_000)])
def test_a_higher_rate_forgets_the_arrivals_of_a_lower(less, more):
    """Unit-rate arrivals up to a lower total are a prefix, to the bit, of those up to a higher one."""
    few, many = (unit_arrivals(total, stream(3, 1, "arrivals/x")) for total in (less, more))
    np.testing.assert_array_equal(few, many[: len(few)])
    assert len(few) == np.searchsorted(many, less)
    assert bool((np.diff(many) >= 0).all())


class Hurried:
    """A generator of gaps so short that the first batch is never enough."""

    def __init__(self):
        self.gaps = 0.01 + stream(3, 1, "gaps").random(5_000) / 100
        self.given = 0

    def standard_exponential(self, size):
        batch = self.gaps[self.given : self.given + size]
        self.given += size
        return batch


def test_a_second_batch_of_arrivals_does_not_join_the_first():
    """When more arrivals come than were drawn at first, the next batch goes on where the first ended."""
    found, rng = unit_arrivals(20.0, Hurried()), Hurried()
    np.testing.assert_array_equal(found, np.cumsum(rng.gaps)[: len(found)])
    assert np.cumsum(rng.gaps)[len(found)] >= 20.0 > found[-1]


def test_a_contact_at_a_changed_rate_has_other_luck():
    """At twice the rate the n-th contact comes at half the time, with the same work and patience."""
    calm = {"calendar": CENTRE["calendar"] | {"days": 1, "day_factor": {"cv": 0}}}
    one, two = (luck_of(drawn(**calm, queues__calls__arrivals={"per_hour": rate}), 0) for rate in (60, 120))
    count = len(one["arrival"])
    assert 0 < count < len(two["arrival"])
    np.testing.assert_allclose(two["arrival"][:count], one["arrival"] / 2, rtol=1e-12)
    np.testing.assert_array_equal(two["work"][:count], one["work"])
    np.testing.assert_array_equal(two["balks"][:count], one["balks"])


def test_an_interval_without_volume_receives_contacts():
    """Contacts arrive only where volume is expected, each within its interval and never at its end."""
    expected, length = np.array([40.0, 0.0, 0.0, 25.0]), np.full(4, 1800.0)
    starts = np.arange(4) * 1800.0
    assert inverted(np.array([40.0]), expected, starts, length)[0].tolist() == [5400.0]
    for seed in range(50):
        times, piece = inverted(unit_arrivals(65.0, stream(seed, 1, "arrivals/x")), expected, starts, length)
        assert set(piece) <= {0, 3}
        assert bool(((times >= starts[piece]) & (times < starts[piece] + 1800)).all())
        assert bool((np.diff(times) >= 0).all())


def test_a_contact_arrives_outside_opening_hours():
    """Without warm-up every arrival lies in [open, close); with one, contacts before the opening arrive before 0."""
    plain = drawn()
    assert bool(((plain.arrival >= 0) & (plain.arrival < 7200)).all())
    warm = drawn(calendar__warmup="30 min")
    assert bool(((warm.arrival >= -1800) & (warm.arrival < 7200)).all())
    assert bool((warm.arrival < 0).any())


def test_counts_are_not_poisson():
    """Over 600 days the counts of an interval have the mean and variance of a Poisson law, to four standard errors."""
    workload = drawn(
        calendar=CENTRE["calendar"] | {"days": 600, "day_factor": {"cv": 0}},
        queues__calls__arrivals={"per_interval": [10, 40, 0, 20]},
    )
    mine = workload.queue == 0
    counts = np.zeros((600, 4))
    np.add.at(counts, (workload.day[mine], (workload.arrival[mine] // 1800).astype(int)), 1)
    expected = np.array([10, 40, 20])
    counts = counts[:, [0, 1, 3]]
    assert counts.sum() == mine.sum()
    assert np.abs((counts.mean(0) - expected) / np.sqrt(expected / 600)).max() < 4
    variance = (counts - expected) ** 2  # of a Poisson count: λ, with standard error √((λ + 2λ²) ÷ 600)
    assert np.abs((variance.mean(0) - expected) / np.sqrt((expected + 2 * expected**2) / 600)).max() < 4


# -- coins and factors ----------------------------------------------------------------------------------


def z_score(hits, share):
    return (hits.mean() - share) / np.sqrt(share * (1 - share) / len(hits))


def test_a_coin_falls_too_often():
    """Over some 80,000 contacts every coin comes up with its share, to four standard errors."""
    groups = {
        name: {"serves": ["calls"], "agents": 100, "vendor": vendor}
        for name, vendor in (("a", "A"), ("b", "B"), ("c", "C"))
    } | {"team": {"serves": ["chats"], "agents": 9}}
    quality = {
        "resolved": "82%",
        "survey": {"invited": "60%", "answered": "50%", "scores": {5: "90%", 3: "7%", 1: "3%"}},
        "checks": {"per_agent_day": 2, "pass": "96%"},
    }
    workload = drawn(
        groups=groups,
        queues__calls__arrivals={"per_hour": 13_000},
        queues__calls__shares={"A": "50%", "B": "30%", "C": "20%"},
        queues__calls__quality=quality,
        queues__calls__patience={"distribution": "exponential", "mean": "3 min"},
    )
    calls = luck_of(workload, 0)
    assert len(calls["arrival"]) > 70_000
    invited = calls["invited"] == 1
    answered = ~np.isnan(calls["score"])
    checks = [
        *((calls["vendor"] == number, share) for number, share in enumerate((0.5, 0.3, 0.2))),
        (calls["balks"], 0.1), (calls["resolved"] == 1, 0.82), (invited, 0.6), (answered[invited], 0.5),
        *((calls["score"][answered] == score, share) for score, share in ((5, 0.9), (3, 0.07), (1, 0.03))),
        (calls["check_pass"] == 1, 0.96), (calls["check_rank"] < 0.25, 0.25),
    ]  # fmt: skip
    assert max(abs(z_score(hits, share)) for hits, share in checks) < 4
    assert not answered[~invited].any()


def test_two_coins_fall_alike():
    """Coins of one contact are independent: no pair of columns is correlated beyond four standard errors."""
    workload = drawn(queues__calls__arrivals={"per_hour": 5_000}, queues__calls__quality=QUALITY | CHECKS)
    calls = luck_of(workload, 0)
    columns = [
        calls["work"], calls["deadline"] - calls["arrival"], calls["after_work"], calls["balks"], calls["invited"],
        calls["resolved"], calls["check_rank"], calls["check_pass"],
    ]  # fmt: skip
    correlations = np.corrcoef(np.array(columns, dtype=float))
    between = correlations[np.triu_indices(len(columns), 1)]
    assert np.abs(between).max() * np.sqrt(len(calls["work"])) < 4


def counts_by_day(workload, queue, days):
    return np.bincount(workload.day[workload.queue == queue], minlength=days)


def test_each_queue_has_its_own_busy_day():
    """One factor a day moves all queues alike, unless a queue has a factor of its own."""
    busy = {
        "calendar": CENTRE["calendar"] | {"days": 30, "day_factor": {"cv": "40%"}},
        "queues__calls__arrivals": {"per_hour": 2_000},
        "queues__chats__arrivals": {"per_hour": 2_000},
    }
    shared = drawn(**busy)
    calls, chats = (counts_by_day(shared, queue, 30) for queue in (0, 1))
    assert calls.std() / calls.mean() > 0.2
    # given the day's factor both are Poisson with one mean: their difference has variance calls + chats
    assert np.abs((calls - chats) / np.sqrt(calls + chats)).max() < 4
    own = drawn(**busy, queues__chats__day_factor={"cv": "40%"})
    np.testing.assert_array_equal(counts_by_day(own, 0, 30), calls)
    assert abs(np.corrcoef(calls, counts_by_day(own, 1, 30))[0, 1]) < 0.5


def test_the_day_factor_moves_the_mean():
    """Factors have mean 1 and the stated cv: over 4,000 days, to four standard errors."""
    factors = day_factors(0.3, 4_000, stream(5, 1, "day_factor"))
    assert abs(factors.mean() - 1) / (0.3 / np.sqrt(4_000)) < 4
    assert abs(factors.std() / 0.3 - 1) < 0.06  # four standard errors of a gamma's spread


# -- blocks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [1, 60, 250, 10_000])
@pytest.mark.parametrize("carry_over", [False, True])
def test_a_block_of_days_has_other_luck(block, carry_over):
    """Drawn a few days at a time, the contacts are those of the whole calendar, to the bit."""
    more = {"carry_over": True, "open": "24 h"} if carry_over else {"warmup": "30 min"}
    scenario = csim.load_scenario(CENTRE | {"calendar": CENTRE["calendar"] | {"days": 7} | more}).vary(
        {"queues.calls.quality": QUALITY | CHECKS}
    )
    whole, parts = draw(scenario, 7, 1), list(Draws(scenario, block).blocks(7, 1))
    assert len(parts) == 1 or not carry_over
    assert block > 60 or carry_over or len(parts) > 3
    for name in (*LUCK, "day", "interval", "stretch", "vendor", "queue"):
        np.testing.assert_array_equal(np.concatenate([getattr(part, name) for part in parts]), getattr(whole, name))
    assert [part.first for part in parts] == np.cumsum([0, *map(len, parts)])[:-1].tolist()
    ends = np.concatenate([part.first + part.bounds[1:] for part in parts])
    assert ends.tolist() == whole.bounds[1:].tolist()


@pytest.mark.parametrize("change", [{}, {"calendar": {"warmup": "30 min"}}, {"calendar": {"carry_over": True}}])
def test_a_contact_counts_in_another_interval_than_it_arrives_in(change):
    """The interval that a contact was drawn in is the one that the clock shows at its arrival."""
    scenario = csim.load_scenario(CENTRE | {"calendar": CENTRE["calendar"] | change.get("calendar", {})})
    found, days = draw(scenario, 7, 1), scenario.days
    since = found.arrival - (days.offset_s[found.day] if days.carry_over else 0.0)
    assert found.interval.tolist() == np.clip(since // days.interval_s, 0, days.intervals - 1).tolist()
