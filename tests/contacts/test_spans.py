"""Agents' states from machine code and from NumPy: the same spans, to the bit."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csim.contacts.spans import Served, Spans, duty_changes, spans, walked
from csim.contacts.times import Kinds, Times, adding, adding_alone
from csim.contacts.walk import exact

EVERYTHING = float("inf")


@st.composite
def days(draw):
    """A stretch of up to twelve contacts and four agents of two teams; whole seconds, so that everything ties."""
    instants = st.integers(-20, 60).map(float) if draw(st.booleans()) else st.floats(-20, 60)
    count = draw(st.integers(0, 12))

    def column(values, kind):
        return np.array(draw(st.lists(values, min_size=count, max_size=count)), dtype=kind)

    agent, answer = column(st.integers(-1, 3), np.int64), column(instants, float) + 0.0  # no instant is -0.0
    lengths = st.sampled_from([0.0, 1.0, 0.1, 7.3, 30.0])
    end, after_work = answer + column(lengths, float), column(lengths, float)
    answer = np.where(agent >= 0, answer, np.nan)
    steps = sorted(
        (at + 0.0, team, heads)
        for at, team, heads in draw(st.lists(st.tuples(instants, st.integers(0, 1), st.integers(0, 2)), max_size=6))
    )
    steps += [(100.0, team, 0) for team in range(2)]  # in the end everybody goes home
    edges = np.unique(draw(st.lists(instants, min_size=1, max_size=8))) + 0.0
    served = Served(agent, answer, end, after_work, column(st.booleans(), bool))
    return served, tuple(steps), (2, 2), edges, np.arange(len(edges)) // 3


@settings(max_examples=400, deadline=None)
@given(days())
def test_machine_code_sees_other_states_than_numpy(day):
    """Spans, attention and contacts held agree to the bit, whatever ties, overlaps or is cut."""
    pytest.importorskip("numba")
    one, other = spans(*day), spans(*day, rows=EVERYTHING)
    for each in fields(Spans):
        mine, its = getattr(one, each.name), getattr(other, each.name)
        assert mine.dtype == its.dtype, each.name
        assert mine.tobytes() == its.tobytes(), each.name


@settings(max_examples=400, deadline=None)
@given(days())
def test_time_is_added_up_otherwise_than_row_by_row(day):
    """Agents' time by piece, team and kind, added up without rows, is that of the rows to the bit, chats or not."""
    pytest.importorskip("numba")
    served, *rest = day
    for alone in (True, False):
        lived = one_at_a_time(served) if alone else served
        found, expected = added(lived, rest, alone), Times.none(Kinds.upto(12), len(rest[2]), 2)
        expected.add_spans(spans(lived, *rest), np.array([0, 0, 1, 1]), np.arange(len(rest[2])))
        assert found.time.tobytes() == expected.time.tobytes()
        assert found.days.tobytes() == expected.days.tobytes()


def added(lived, rest, alone):
    """The times of a stretch by machine code; each piece is a slot."""
    duty, capacity, edges, day = rest
    slot, times = np.arange(len(edges)), Times.none(Kinds.upto(12), len(edges), len(capacity))
    columns = walked(lived, duty, capacity, np.append(edges, np.inf), day, alone)
    if alone:
        machine = adding_alone(EVERYTHING)
        times.add_alone(machine, columns, slot, sum(capacity), duty_changes(duty), int(day[-1] - day[0]) + 1)
    else:
        times.add(adding(EVERYTHING), columns, slot, len(lived.agent))
    return times


def test_sums_of_time_depend_on_their_order():
    """Instants are so coarse that their sums are exact, whoever adds them up in whatever order."""
    lengths = exact(np.random.default_rng(1).exponential(300.0, 10_000))
    assert len({float(np.cumsum(np.random.default_rng(seed).permutation(lengths))[-1]) for seed in range(20)}) == 1
    assert abs(exact(1e8 + 0.123456789) - (1e8 + 0.123456789)) < 1e-7


def one_at_a_time(served):
    """The same contacts, each answered when its agent is done with the one before; no chats."""
    answer, end, free = served.answer.copy(), served.end.copy(), {}
    for row in np.lexsort((np.arange(len(answer)), answer)):
        agent = served.agent[row]
        if agent >= 0:
            answer[row] = max(answer[row], free.get(agent, -np.inf))
            end[row] = answer[row] + (served.end[row] - served.answer[row])
            free[agent] = end[row] + served.after_work[row]
    return Served(served.agent, answer, end, served.after_work, np.zeros(len(answer), bool))


@settings(max_examples=100, deadline=None)
@given(days())
def test_a_span_reaches_over_an_edge(day):
    """Spans lie behind the first edge, between two edges, one after the other."""
    found, edges = spans(*day), day[-2]
    assert (found.ends > found.begins).all()
    assert (found.begins >= edges[found.piece]).all()
    assert (found.ends <= np.append(edges, np.inf)[found.piece + 1]).all()
    same = found.agent[1:] == found.agent[:-1]
    assert (found.begins[1:] >= found.ends[:-1])[same].all()
