"""
Priorities, skills and chats against small Markov chains, solved here: everything exponential, a handful of agents.

A state counts who is served by whom and who waits. Lines are cut at a length at which they are less than a millionth
of the time. Waits follow by Little's law, the share lost by patience: a line of q loses q ÷ patience a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

import csim

from .chains import Chain, State
from .steady import estimate, one_queue, queue, stretch, too_far, value_and_error, z_scores

REPLICATIONS = 100  # of 24 hours, after a warm-up of two
LONGEST = 13  # of a line, unless a test says otherwise
RARE = 1e-6  # share of time in which a line may be cut


class Kind(NamedTuple):
    """One queue: contacts an hour, mean handle time and patience (s)."""

    per_hour: float
    handle_s: float
    patience_s: float

    @property
    def rate(self) -> float:
        return self.per_hour / 3600

    def of_line(self, length: float, waits: float) -> dict[str, float]:
        """Its KPIs from the mean length of its line and the share of time in which an arrival would have to wait."""
        return {
            "abandonment_rate": length / self.patience_s / self.rate,
            "wait_all": length / self.rate,
            "queued_share": waits,
        }


def cut(chain: Chain, *lines: int) -> float:
    """The share of time in which one of the lines (places in the state) is as long as the chain knows."""
    ends = {line: max(state[line] for state in chain.states) for line in lines}
    return chain.mean(lambda state: any(state[line] == end for line, end in ends.items()))


def simulated(scenario: dict, seed: int) -> csim.Simulation:
    return csim.simulate(scenario, replications=REPLICATIONS, seed=seed)


# -- two voice queues, one group, two priorities -------------------------------------------------------

PLAIN, VIP = Kind(22, 240, 150), Kind(14, 420, 90)


def two_priorities(agents: int) -> Chain:
    """State: calls of either kind in service (b, v) and waiting (p, w); whoever frees takes a vip first."""

    def moves(state: State) -> Iterator[tuple[float, State]]:
        b, v, p, w = state
        free = b + v < agents
        if free:
            yield PLAIN.rate, (b + 1, v, p, w)
            yield VIP.rate, (b, v + 1, p, w)
        else:
            yield PLAIN.rate * (p < LONGEST), (b, v, p + 1, w)
            yield VIP.rate * (w < LONGEST), (b, v, p, w + 1)
        for rate, b_left, v_left in ((b / PLAIN.handle_s, b - 1, v), (v / VIP.handle_s, b, v - 1)):
            if w:
                yield rate, (b_left, v_left + 1, p, w - 1)
            elif p:
                yield rate, (b_left + 1, v_left, p - 1, w)
            else:
                yield rate, (b_left, v_left, p, w)
        if p:
            yield p / PLAIN.patience_s, (b, v, p - 1, w)
        if w:
            yield w / VIP.patience_s, (b, v, p, w - 1)

    return Chain((0, 0, 0, 0), moves)


@pytest.mark.parametrize("by", ["queue", "group"])
def test_two_priorities_in_front_of_three_agents(by):
    """Loss, wait and share queued of each kind, and occupancy: |z| ≤ 4 of 86,000 contacts; by queue or by override."""
    chain, agents = two_priorities(3), 3
    assert cut(chain, 2, 3) < RARE
    urgent, other = (1, 2) if by == "queue" else (2, 1)
    queues = {"plain": queue(*PLAIN, priority=other), "vip": queue(*VIP, priority=urgent)}
    team = {"serves": ["plain", "vip"], "agents": agents}
    if by == "group":
        team["priority"] = {"plain": 2, "vip": 1}
    sim = simulated(stretch(queues, {"team": team}, hours=24), seed=61)
    full = chain.mean(lambda s: s[0] + s[1] == agents)
    scores = {
        "plain": z_scores(sim, PLAIN.of_line(chain.mean(lambda s: s[2]), full), "plain"),
        "vip": z_scores(sim, VIP.of_line(chain.mean(lambda s: s[3]), full), "vip"),
        "all": z_scores(sim, {"occupancy": chain.mean(lambda s: s[0] + s[1]) / agents}),
    }
    assert not {name: far for name, of in scores.items() if (far := too_far(of))}


def test_balking_and_a_full_line():
    """Two agents, a line of three, one in five balks: blocked, lost, waited and busy as the chain says (|z| ≤ 4)."""
    kind, agents, room, balk = Kind(40, 240, 120), 2, 3, 0.2

    def moves(state: State) -> Iterator[tuple[float, State]]:
        (present,) = state
        yield kind.rate * (1 if present < agents else (1 - balk) * (present < agents + room)), (present + 1,)
        if present:
            leaving = min(present, agents) / kind.handle_s + max(present - agents, 0) / kind.patience_s
            yield leaving, (present - 1,)

    chain = Chain((0,), moves)
    scenario = one_queue(*kind[:2], agents, kind.patience_s, 20, hours=24)
    scenario["queues"]["calls"] |= {"balk": "20%", "max_waiting": room}
    sim = simulated(scenario, seed=62)
    line = chain.mean(lambda s: max(s[0] - agents, 0))
    full = chain.mean(lambda s: s[0] == agents + room)
    waits = chain.mean(lambda s: agents <= s[0] < agents + room)
    lost = line / kind.patience_s / kind.rate + balk * waits
    exact = {
        "abandonment_rate": lost,
        "wait_all": line / kind.rate,
        "queued_share": (1 - balk) * waits,
        "answer_rate": 1 - lost - full,
        "occupancy": chain.mean(lambda s: min(s[0], agents)) / agents,
    }
    assert not too_far(z_scores(sim, exact))


# -- two queues, two groups ----------------------------------------------------------------------------

EASY, HARD = Kind(26, 240, 120), Kind(12, 360, 180)


def n_model(specialists: int, generalists: int, specialists_first: bool, urgent: str) -> Chain:
    """
    State: easy calls with specialists (s), with generalists (e), hard ones with generalists (h), waiting (p, q).

    Specialists serve the easy queue only; a generalist who frees takes the urgent queue first.
    """

    def moves(state: State) -> Iterator[tuple[float, State]]:
        s, e, h, p, q = state
        open_s, open_g = s < specialists, e + h < generalists
        if open_s and (specialists_first or not open_g):
            yield EASY.rate, (s + 1, e, h, p, q)
        elif open_g:
            yield EASY.rate, (s, e + 1, h, p, q)
        else:
            yield EASY.rate * (p < LONGEST), (s, e, h, p + 1, q)
        if open_g:
            yield HARD.rate, (s, e, h + 1, p, q)
        else:
            yield HARD.rate * (q < LONGEST), (s, e, h, p, q + 1)
        if s:
            yield s / EASY.handle_s, (s, e, h, p - 1, q) if p else (s - 1, e, h, p, q)
        for rate, e_left, h_left in ((e / EASY.handle_s, e - 1, h), (h / HARD.handle_s, e, h - 1)):
            if q and (urgent == "hard" or not p):
                yield rate, (s, e_left, h_left + 1, p, q - 1)
            elif p:
                yield rate, (s, e_left + 1, h_left, p - 1, q)
            else:
                yield rate, (s, e_left, h_left, p, q)
        if p:
            yield p / EASY.patience_s, (s, e, h, p - 1, q)
        if q:
            yield q / HARD.patience_s, (s, e, h, p, q - 1)

    return Chain((0, 0, 0, 0, 0), moves)


@pytest.mark.parametrize(("first", "urgent"), [("special", "hard"), ("general", "hard"), ("special", "easy")])
def test_specialists_and_generalists(first, urgent):
    """N model, 2 specialists and 2 generalists, either preferred, either queue urgent: |z| ≤ 4 of 91,000 contacts."""
    chain = n_model(2, 2, first == "special", urgent)
    assert cut(chain, 3, 4) < RARE
    queues = {"easy": queue(*EASY, prefers=[first]), "hard": queue(*HARD)}
    groups = {
        "general": {
            "serves": ["easy", "hard"],
            "agents": 2,
            "priority": {"easy": 1 + (urgent == "hard"), "hard": 1 + (urgent == "easy")},
        },
        "special": {"serves": ["easy"], "agents": 2},
    }
    sim = simulated(stretch(queues, groups, hours=24), seed=63)
    busy_g = chain.mean(lambda s: s[1] + s[2] == 2)
    busy_all = chain.mean(lambda s: s[0] == 2 and s[1] + s[2] == 2)
    scores = {
        "easy": z_scores(sim, EASY.of_line(chain.mean(lambda s: s[3]), busy_all), "easy"),
        "hard": z_scores(sim, HARD.of_line(chain.mean(lambda s: s[4]), busy_g), "hard"),
        "all": z_scores(sim, {"occupancy": chain.mean(lambda s: s[0] + s[1] + s[2]) / 4}),
    }
    assert not {name: far for name, of in scores.items() if (far := too_far(of))}


RED, BLUE = Kind(11, 240, 150), Kind(9, 300, 100)


def test_two_groups_that_each_put_their_own_queue_first():
    """X model, one agent each, own queue preferred and urgent, the other's served too: |z| ≤ 4 of 48,000 contacts."""

    def served(agent: int, red: int, blue: int) -> tuple[int, int, int]:
        """What an agent who frees does (0 idle, 1 red, 2 blue) and the lines after it; agent 0 is the red one."""
        if red and (agent == 0 or not blue):
            return 1, red - 1, blue
        return (2, red, blue - 1) if blue else (0, red, blue)

    def moves(state: State) -> Iterator[tuple[float, State]]:
        a, b, red, blue = state
        if a and b:
            yield RED.rate * (red < LONGEST), (a, b, red + 1, blue)
            yield BLUE.rate * (blue < LONGEST), (a, b, red, blue + 1)
        else:
            yield RED.rate, (1, b, 0, 0) if not a else (a, 1, 0, 0)
            yield BLUE.rate, (a, 2, 0, 0) if not b else (2, b, 0, 0)
        handle = (0, RED.handle_s, BLUE.handle_s)
        if a:
            now, *lines = served(0, red, blue)
            yield 1 / handle[a], (now, b, *lines)
        if b:
            now, *lines = served(1, red, blue)
            yield 1 / handle[b], (a, now, *lines)
        if red:
            yield red / RED.patience_s, (a, b, red - 1, blue)
        if blue:
            yield blue / BLUE.patience_s, (a, b, red, blue - 1)

    chain = Chain((0, 0, 0, 0), moves)
    assert cut(chain, 2, 3) < RARE
    queues = {"red": queue(*RED, prefers=["reds"]), "blue": queue(*BLUE, prefers=["blues"])}
    groups = {
        "reds": {"serves": ["red", "blue"], "agents": 1, "priority": {"red": 1, "blue": 2}},
        "blues": {"serves": ["red", "blue"], "agents": 1, "priority": {"red": 2, "blue": 1}},
    }
    sim = simulated(stretch(queues, groups, hours=24), seed=64)
    full = chain.mean(lambda s: s[0] > 0 and s[1] > 0)
    scores = {
        "red": z_scores(sim, RED.of_line(chain.mean(lambda s: s[2]), full), "red"),
        "blue": z_scores(sim, BLUE.of_line(chain.mean(lambda s: s[3]), full), "blue"),
        "all": z_scores(sim, {"occupancy": chain.mean(lambda s: (s[0] > 0) + (s[1] > 0)) / 2}),
    }
    assert not {name: far for name, of in scores.items() if (far := too_far(of))}


def test_a_share_of_the_contacts_is_a_centre_of_its_own():
    """Vendors with 60 % and 40 % of a queue are two Erlang-A systems: |z| ≤ 4 of 300,000 contacts."""
    queues = {"calls": queue(300, 240, 120, shares={"A": "60%", "B": "40%"})}
    groups = {name: {"serves": ["calls"], "vendor": name, "agents": agents} for name, agents in (("A", 12), ("B", 9))}
    sim = simulated(stretch(queues, groups, hours=10), seed=65)
    scores = {}
    for vendor, rate, agents in (("A", 180, 12), ("B", 120, 9)):
        exact = csim.erlang.a(rate / 3600, 240, agents, 120, 20)._asdict()
        table = sim.by_vendor[(sim.by_vendor["vendor"] == vendor) & (sim.by_vendor["queue"] == "calls")]
        for kpi in ("service_level", "abandonment_rate", "asa", "queued_share"):
            value, error = value_and_error(table[table["kpi"] == kpi].iloc[0], sim.replications)
            scores[vendor, kpi] = (value - exact[kpi]) / error
    assert not too_far(scores)


# -- chats ---------------------------------------------------------------------------------------------


def chats(kind: Kind, agents: int, slots: int, pace: list[float], hours: float, **more: object) -> dict:
    """One chat queue, one group."""
    team = {"serves": ["chats"], "agents": agents, "concurrency": slots, "pace": pace}
    queues = {"chats": queue(*kind, channel="chat", **more)}
    return stretch(queues, {"team": team}, hours, routing={"agent": "least_loaded"})


@pytest.mark.parametrize("replications", [24, pytest.param(480, marks=pytest.mark.slow)])
def test_chats_at_full_pace_are_as_many_agents_as_slots(replications):
    """50 agents × 3 slots, 0.30 a second, 500 s, patience 90 s: as printed, |z| ≤ 4 of 104,000 (2,000,000) chats."""
    scenario = chats(Kind(1080, 500, 90), 50, 3, [1, 1, 1], hours=4)
    sim = csim.simulate(scenario, replications=replications, seed=66)
    scores = z_scores(sim, {"abandonment_rate": 0.04568, "asa": 3.790}, within={"abandonment_rate": 5e-6, "asa": 5e-4})
    exact = csim.erlang.a(0.30, 500, 150, 90, 20)._asdict()
    scores |= z_scores(sim, {kpi: exact[kpi] for kpi in ("service_level", "wait_queued", "queued_share")})
    assert not too_far(scores)


def two_chat_agents(kind: Kind, slots: int, pace: list[float]) -> Chain:
    """State: chats held by the busier and by the other agent, and waiting; an arrival goes to who holds fewer."""

    def moves(state: State) -> Iterator[tuple[float, State]]:
        most, least, line = state
        if least < slots:
            yield kind.rate, (*sorted((most, least + 1), reverse=True), line)
        else:
            yield kind.rate * (line < 4 * LONGEST), (most, least, line + 1)
        for held, rest in ((most, least), (least, most)):
            if held:
                after = (held, rest, line - 1) if line else (held - 1, rest, 0)
                yield held * pace[held - 1] / kind.handle_s, (*sorted(after[:2], reverse=True), after[2])
        if line:
            yield line / kind.patience_s, (most, least, line - 1)

    return Chain((0, 0, 0), moves)


@pytest.mark.parametrize(("slots", "pace"), [(2, [1, 0.7]), (3, [1, 0.7, 0.4])])
def test_chats_that_slow_each_other_down(slots, pace):
    """Two agents; with three chats each is served at 1.2 agents' pace: all KPIs |z| ≤ 4 of 120,000 chats."""
    kind = Kind(50, 180, 100)
    chain = two_chat_agents(kind, slots, pace)
    assert cut(chain, 2) < RARE
    sim = simulated(chats(kind, 2, slots, pace, hours=24), seed=67)
    line, held = chain.mean(lambda s: s[2]), chain.mean(lambda s: s[0] + s[1])
    busy = chain.mean(lambda s: (s[0] > 0) + (s[1] > 0))
    answered = kind.rate - line / kind.patience_s
    exact = kind.of_line(line, chain.mean(lambda s: s[1] == slots)) | {
        "occupancy": busy / 2,
        "session_time": held / answered,  # Little's law for the chats in progress
        "focus_time": busy / answered,  # attention is shared among the chats held
    }
    assert not too_far(z_scores(sim, exact))
    assert estimate(sim, "session_time")[0] > 1.2 * estimate(sim, "focus_time")[0]


def test_after_work_holds_a_slot_and_slows_the_rest():
    """One agent, 3 slots, after-work in clock time: talking and writing as the chain says, |z| ≤ 4 of 60,000 chats."""
    kind, wrap_s, pace = Kind(25, 150, 120), 60, [1, 0.8, 0.6]

    def moves(state: State) -> Iterator[tuple[float, State]]:
        talks, wraps, line = state
        held = talks + wraps
        if held < 3:
            yield kind.rate, (talks + 1, wraps, line)
        else:
            yield kind.rate * (line < 2 * LONGEST), (talks, wraps, line + 1)
        if talks:
            yield talks * pace[held - 1] / kind.handle_s, (talks - 1, wraps + 1, line)
        if wraps:
            yield wraps / wrap_s, (talks + 1, wraps - 1, line - 1) if line else (talks, wraps - 1, line)
        if line:
            yield line / kind.patience_s, (talks, wraps, line - 1)

    chain = Chain((0, 0, 0), moves)
    assert cut(chain, 2) < RARE
    after_work = {"distribution": "exponential", "mean": f"{wrap_s} s"}
    sim = simulated(chats(kind, 1, 3, pace, hours=24, after_work=after_work), seed=68)
    line = chain.mean(lambda s: s[2])
    answered = kind.rate - line / kind.patience_s
    exact = kind.of_line(line, chain.mean(lambda s: s[0] + s[1] == 3)) | {
        "occupancy": chain.mean(lambda s: s[0] + s[1] > 0),
        "session_time": chain.mean(lambda s: s[0]) / answered,
        "slot_occupancy": chain.mean(lambda s: s[0] + s[1]) / 3,
    }
    assert not too_far(z_scores(sim, exact))


@pytest.mark.parametrize("urgent", ["call", "chat"])
def test_calls_and_chats_share_an_agent(urgent):
    """
    One agent, calls or two chats at a time, either kind urgent: |z| ≤ 4 of 43,000 contacts.

    A call waits until the agent holds nothing; an agent with one chat takes the next although a call waits.
    """
    call, chat, pace = Kind(7, 200, 150), Kind(11, 180, 110), [1, 0.75]

    def settled(calls: int, held: int, line_call: int, line_chat: int) -> State:
        """After somebody left: the agent takes whom it can, one by one."""
        while True:
            if line_call and not calls and not held and (urgent == "call" or not line_chat):
                calls, line_call = 1, line_call - 1
            elif line_chat and not calls and held < 2:
                held, line_chat = held + 1, line_chat - 1
            else:
                return calls, held, line_call, line_chat

    def moves(state: State) -> Iterator[tuple[float, State]]:
        calls, held, p, q = state
        yield call.rate * (p < LONGEST), settled(calls, held, p + 1, q)
        yield chat.rate * (q < LONGEST), settled(calls, held, p, q + 1)
        if calls:
            yield 1 / call.handle_s, settled(0, held, p, q)
        if held:
            yield held * pace[held - 1] / chat.handle_s, settled(calls, held - 1, p, q)
        if p:
            yield p / call.patience_s, (calls, held, p - 1, q)
        if q:
            yield q / chat.patience_s, (calls, held, p, q - 1)

    chain = Chain((0, 0, 0, 0), moves)
    assert cut(chain, 2, 3) < RARE
    ranks = {"call": 1 + (urgent == "chat"), "chat": 1 + (urgent == "call")}
    queues = {
        "call": queue(*call, priority=ranks["call"]),
        "chat": queue(*chat, channel="chat", priority=ranks["chat"]),
    }
    team = {"serves": ["call", "chat"], "agents": 1, "concurrency": 2, "pace": pace}
    sim = simulated(stretch(queues, {"team": team}, hours=24), seed=69)
    call_waits, chat_waits = chain.mean(lambda s: s[0] + s[1] > 0), chain.mean(lambda s: s[0] > 0 or s[1] == 2)
    scores = {
        "call": z_scores(sim, call.of_line(chain.mean(lambda s: s[2]), call_waits), "call"),
        "chat": z_scores(sim, chat.of_line(chain.mean(lambda s: s[3]), chat_waits), "chat"),
        "all": z_scores(sim, {"occupancy": call_waits}),
    }
    assert not {name: far for name, of in scores.items() if (far := too_far(of))}


@pytest.mark.parametrize(("rate", "agents"), [(0.02, 1), (0.02, 6), (0.1, 1), (0.1, 6)])
def test_the_chain_solver_knows_erlang(rate, agents):
    """The solver of this file gives Erlang-A's loss and wait to eight digits."""

    def moves(state: State) -> Iterator[tuple[float, State]]:
        (n,) = state
        yield rate * (n < 200), (n + 1,)
        yield min(n, agents) / 100 + max(n - agents, 0) / 60, (max(n - 1, 0),)

    chain, exact = Chain((0,), moves), csim.erlang.a(rate, 100, agents, 60, 20)
    line = chain.mean(lambda s: max(s[0] - agents, 0))
    assert line / rate == pytest.approx(exact.wait_all, rel=1e-8)
    assert line / 60 / rate == pytest.approx(exact.abandonment_rate, rel=1e-8)
