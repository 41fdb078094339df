"""Agents' states from machine code and from NumPy: the same spans, to the bit."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csim.contacts.spans import Served, Spans, most_pieces, spans, walked
from csim.contacts.walk import walk_source
from csim.loops import loop

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
def test_one_who_holds_one_contact_at_a_time_is_seen_otherwise(day):
    """The walk for agents who hold one contact at a time finds the spans that NumPy finds, in its order."""
    pytest.importorskip("numba")
    served, *rest = day
    alone = one_at_a_time(served)
    kinds = (np.int64, float, float, float, float, np.int64, np.int8, np.int64, np.int64)
    out = tuple(np.empty(most_pieces(alone, rest[0], rest[1], rest[2]), kind) for kind in kinds)
    machine = loop(walk_source("walk_alone"), "walk_alone", EVERYTHING)
    found = machine(*walked(alone, *rest, chats=False), out)
    expected = spans(alone, *rest)
    for each, mine in zip(fields(Spans), out, strict=False):
        assert mine[:found].tobytes() == getattr(expected, each.name).tobytes(), each.name


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
