"""One log, two ways to its KPIs: the simulation's own tables against `measure` on its log, and against brute force."""

import numpy as np
import pandas as pd
import pytest

import csim
from csim.kpi.catalogue import catalogue

CHAT = {"compose": "10 s", "customer": "40 s"}
CENTRE = {
    "csim": "scenario/1",
    "name": "agreement",
    "calendar": {
        "start": "2026-06-29T09:00", "timezone": "Asia/Shanghai", "days": 3, "open": "3 h", "warmup": "20 min",
        "day_factor": {"cv": "10%"},
    },
    "queues": {
        "calls": {
            "channel": "voice",
            "arrivals": {"per_hour": 70},
            "patience": {"distribution": "exponential", "mean": "2 min"},
            "balk": "5%",
            "handle_time": {"distribution": "lognormal", "mean": "4 min", "cv": 0.9},
            "after_work": {"distribution": "exponential", "mean": "30 s"},
            "answer_within": "20 s",
            "quick_abandons": "excluded",
            "quality": {
                "resolved": "80%",
                "survey": {"invited": "90%", "answered": "40%", "scores": {5: "90%", 3: "5%", 1: "5%"}},
                "checks": {"per_agent_day": 3, "pass": "95%"},
            },
        },
        "chats": {
            "channel": "chat",
            "arrivals": {"per_hour": 80},
            "patience": {"distribution": "exponential", "mean": "3 min"},
            "max_waiting": 3,
            "handle_time": {"distribution": "lognormal", "mean": "6 min", "cv": 0.7},
            "answer_within": "30 s",
            "shares": {"A": "60%", "B": "40%"},
        },
    },
    "groups": {
        "phones": {"serves": ["calls"], "agents": 6, "vendor": "A"},
        "desk_a": {"serves": ["chats"], "agents": {"per_interval": [2, 3, 3, 3, 3, 2]}, "vendor": "A", "concurrency": 3,
                   "pace": CHAT},
        "desk_b": {"serves": ["chats"], "agents": 2, "vendor": "B", "concurrency": 3, "pace": CHAT},
    },
    "routing": {"contact": "not_yet_missed_first"},
    "kpis": {
        "late": {"numerator": "answered and wait > 60", "denominator": "answered"},
        "wrapping": {"numerator": 'duration * (state == "wrap")', "denominator": "logged_in", "over": "agent_states"},
    },
}  # fmt: skip
KINDS = {
    "days that start empty": {},
    "hang up": {"calendar.after_close": "hang_up"},
    "round the clock": {
        "calendar.start": "2026-06-30T00:00", "calendar.days": 2, "calendar.carry_over": True, "calendar.open": "24 h",
        "calendar.interval": "2 h", "calendar.warmup": "0 min", "groups.desk_a.agents": 2,
        "queues.calls.arrivals.per_hour": 30, "queues.chats.arrivals.per_hour": 30,
    },
}  # fmt: skip
# what a real log can say and a simulation cannot, since it holds by construction
CONSTANT = {"connect_rate_all", "inbound_share", "outbound_share", "availability", "reply_rate"}


@pytest.fixture(scope="module", params=KINDS.values(), ids=KINDS)
def sim(request):
    scenario = csim.load_scenario(CENTRE).vary(request.param)
    return csim.simulate(scenario, replications=2, seed=5, keep_contacts=True)


def measured(sim, by=None):
    step = sim.scenario.days.interval_s
    return csim.measure(sim.contacts, sim.agent_states, by=by, kpis=sim.catalogue, interval_s=step)


def assert_same(table, other, keys, least):
    """Both tables have the same values, to 1e-9, wherever both have the row, which is at least *least* times."""
    both = table.merge(other, on=keys, suffixes=("", "_other"))
    both = both[~both["kpi"].isin(CONSTANT)]
    assert len(both) >= least
    gap = (both["value"] - both["value_other"]).abs() / both["value"].abs().clip(lower=1)
    wrong = both[(gap > 1e-9) | (both["value"].isna() != both["value_other"].isna())]
    assert wrong[[*keys, "value", "value_other"]].to_dict("records") == []


def pooled(table, keys):
    """Ratios of sums over the replications."""
    sums = table[table["vendor"] == ""].groupby(keys)[["numerator", "denominator"]].sum().reset_index()
    return sums.assign(value=sums["numerator"] / sums["denominator"].where(sums["denominator"] != 0))


def test_a_simulation_and_its_log_have_other_kpis(sim):
    """Every KPI of every queue: `measure(sim.contacts, sim.agent_states)` equals `sim.kpis`, to 1e-9."""
    table = measured(sim)
    assert_same(sim.kpis, table, ["queue", "kpi"], 150)
    assert sim.kpis["value"].notna().sum() > 80


def test_a_group_and_its_log_have_other_kpis(sim):
    """By group and by vendor too."""
    assert_same(sim.by_group, measured(sim, "group").query("queue == 'all'"), ["group", "kpi"], 60)
    assert_same(sim.by_vendor, measured(sim, "vendor"), ["vendor", "queue", "kpi"], 200)


@pytest.mark.parametrize(("by", "window"), [("day", "date"), ("month", "month"), ("interval", "time")])
def test_a_window_and_its_log_have_other_kpis(sim, by, window):
    """By day, month and interval of the day, replications pooled."""
    table = {"day": sim.by_day, "month": sim.by_month, "interval": sim.by_interval}[by]
    kpis = {k.id for k in sim.measures.kpis}  # percentiles of replications are no sums
    if sim.scenario.days.carry_over:  # time past the last midnight is overtime of its open day, not of a date
        kpis -= {k.id for k in sim.measures.kpis if "agent_states" in (k.over, k.denominator_over)}
    keys = [window, "queue", "kpi"]
    log = measured(sim, by).rename(columns={by: window})
    assert_same(pooled(table[table["kpi"].isin(kpis)], keys), log, keys, 80)


@pytest.mark.parametrize(
    ("start", "open_for"),
    [("2026-06-30T20:00", "8 h"), ("2026-06-30T22:00", "3 h")],
    ids=["night shift", "past midnight"],
)
def test_a_contact_after_midnight_counts_yesterday(start, open_for):
    """A contact belongs to the day and month of its arrival, in the simulation's tables as in its log."""
    night = csim.load_scenario(CENTRE).vary(
        {"calendar.start": start, "calendar.open": open_for, "calendar.days": 1, "groups.desk_a.agents": 3}
    )
    sim = csim.simulate(night, replications=1, seed=5, keep_contacts=True)
    by_month = pooled(sim.by_month, ["month", "queue", "kpi"]).query("queue == 'all' and kpi == 'answer_rate'")
    log = measured(sim, "month").query("queue == 'all' and kpi == 'answer_rate'")
    assert by_month.set_index("month")["denominator"].to_dict() == log.set_index("month")["denominator"].to_dict()


TEXT_KPIS = {
    "queue": 'answered and queue == "calls"', "vendor": 'answered and vendor == "A"', "group": 'group == "desk_b"',
    "channel": 'channel == "voice"', "agent": 'agent == "phones-1"', "outcome": 'outcome == "abandoned"',
    "day": "day == 1",
    "replication": "replication == 1", "direction": 'direction == "inbound"',
}  # fmt: skip


@pytest.mark.parametrize(("column", "numerator"), TEXT_KPIS.items(), ids=TEXT_KPIS)
def test_an_own_kpi_over_a_word_is_nothing_in_a_simulation(column, numerator):
    """A KPI of one's own over a documented column has the same value in a simulation and on its log, word or number."""
    own = {column: {"numerator": numerator, "denominator": "offered"}}
    sim = csim.simulate(csim.load_scenario(CENTRE).vary({"kpis": own}), replications=2, seed=5, keep_contacts=True)
    log = measured(sim).query("queue == 'all' and kpi == @column")["value"].iloc[0]
    assert 0 < log <= 1
    assert sim.value(column) == pytest.approx(log, rel=1e-9)


@pytest.mark.parametrize("column", ["group", "vendor", "state"])
def test_an_own_kpi_over_states_is_nothing_in_a_simulation(column):
    """The same for a KPI over agent states."""
    words = {"group": "desk_b", "vendor": "B", "state": "serving"}
    entry = {
        "numerator": f'duration * ({column} == "{words[column]}")',
        "denominator": "duration",
        "over": "agent_states",
    }
    sim = csim.simulate(
        csim.load_scenario(CENTRE).vary({"kpis": {"mine": entry}}), replications=1, seed=5, keep_contacts=True
    )
    log = measured(sim).query("kpi == 'mine'")["value"].iloc[0]
    assert 0 < log < 1
    assert sim.value("mine") == pytest.approx(log, rel=1e-9)


def test_a_misspelt_column_of_an_own_kpi_is_not_simulated():
    """A KPI over a column that no log has is a mistake, not a measure that is "not simulated"."""
    own = {"mine": {"numerator": "answerd", "denominator": "offered"}}
    try:
        sim = csim.simulate(csim.load_scenario(CENTRE).vary({"kpis": own}), replications=1)
        said = sim.kpis.query("kpi == 'mine' and queue == 'all'")["why"].iloc[0]
    except csim.InputError as refusal:
        said = str(refusal)
    assert "answerd" in said


# -- splits add up ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["interval", "day", "month", "queue"])
def test_the_parts_of_a_log_do_not_add_up(sim, by):
    """Numerators and denominators of every window add up to those of the whole log, for every ratio KPI."""
    ratios = {kpi.id for kpi in sim.measures.kpis}
    whole = measured(sim)
    parts = measured(sim, by)
    if by == "queue":
        agents = {k.id for k in sim.catalogue.values() if "agent_states" in (k.over, k.denominator_over)}
        ratios -= agents
        parts = parts[parts["queue"] != "all"].assign(queue="all")
        whole = whole[whole["queue"] == "all"]
    for part in ("numerator", "denominator"):
        one = whole[whole["kpi"].isin(ratios)].set_index(["queue", "kpi"])[part].sort_index()
        other = parts[parts["kpi"].isin(ratios)].groupby(["queue", "kpi"])[part].sum().sort_index()
        pd.testing.assert_index_equal(one.index, other.index)
        np.testing.assert_allclose(other, one, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("by", ["group", "vendor", "agent"])
def test_the_agents_of_a_log_do_not_add_up(sim, by):
    """What agents did and whom they answered adds up over groups, vendors and agents."""
    whole = measured(sim).query("queue == 'all'").set_index("kpi")
    parts = measured(sim, by).query("queue == 'all'").groupby("kpi")[["numerator", "denominator"]].sum()
    kpis = ["aht", "asa", "after_work", "session_time", "resolution_rate", "csat_mean", "occupancy", "slot_occupancy",
            "concurrency", "contacts_per_hour", "qa_pass_rate", "wrapping", "late", "mean_response"]  # fmt: skip
    for part in ("numerator", "denominator"):
        np.testing.assert_allclose(parts.loc[kpis, part], whole.loc[kpis, part].astype(float), rtol=1e-9)


def test_the_intervals_of_a_simulation_do_not_add_up(sim):
    """Contacts by interval add up to the day, the days to the months, the months to the replication and to `kpis`."""
    contacts = {k.id for k in sim.measures.kpis if "agent_states" not in (k.over, k.denominator_over)}
    ratios = {k.id for k in sim.measures.kpis}
    total = (
        sim.by_replication[sim.by_replication["kpi"].isin(ratios)]
        .groupby(["queue", "kpi"])[["numerator", "denominator"]]
        .sum()
    )
    keys = ["queue", "kpi"]
    for table, scale in ((sim.by_day, 1), (sim.by_month, 1), (sim.by_interval, sim.replications)):
        sums = (
            table[(table["vendor"] == "") & table["kpi"].isin(ratios)].groupby(keys)[["numerator", "denominator"]].sum()
            * scale
        )
        wanted = total
        if table is sim.by_interval:  # overtime after the close belongs to the day only
            wanted, sums = (t[t.index.get_level_values("kpi").isin(contacts)] for t in (total, sums))
        np.testing.assert_allclose(sums.loc[wanted.index], wanted, rtol=1e-9, atol=1e-9)
    value = total["numerator"] / total["denominator"]
    kept = sim.kpis.set_index(keys)["value"]
    np.testing.assert_allclose(kept.loc[value.index], value, rtol=1e-12)


def test_vendors_do_not_add_up(sim):
    """A shared queue's vendors add up to the queue, contact by contact, lost ones included."""
    wanted = sim.by_day.query("queue == 'chats' and vendor == ''").set_index(["replication", "date", "kpi"])
    parts = sim.by_day.query("queue == 'chats' and vendor != ''").groupby(["replication", "date", "kpi"])
    kpis = {k.id for k in sim.measures.kpis}
    wanted = wanted[wanted.index.get_level_values("kpi").isin(kpis)][["numerator", "denominator"]].astype(float)
    np.testing.assert_allclose(parts[["numerator", "denominator"]].sum().loc[wanted.index], wanted, rtol=1e-9)


# -- agents' time against brute force ---------------------------------------------------------------------


def test_agents_time_falls_into_the_wrong_interval(sim):
    """Occupancy and agents of every half-hour equal a sum over all states cut by hand, to a microsecond a state."""
    step = sim.scenario.days.interval_s
    states = sim.agent_states
    begins, ends = (states[name].dt.tz_convert("UTC") for name in ("from", "to"))
    busy = states["state"].isin(["serving", "wrap"])
    rows = []
    for opening in sim.scenario.days.opens:
        for number, clock in enumerate(sim.scenario.days.clock):
            low = pd.Timestamp(opening).tz_convert("UTC") + pd.Timedelta(seconds=number * step)
            high = low + pd.Timedelta(seconds=step)
            inside = (ends.clip(upper=high) - begins.clip(lower=low)).dt.total_seconds().clip(lower=0)
            for group in sim.scenario.groups:
                mine = states["group"] == group
                online = inside[mine].sum()
                rows.append(
                    (
                        f"{opening:%Y-%m-%d}",
                        clock,
                        group,
                        inside[mine & busy].sum() / online,
                        online / step / sim.replications,
                    )
                )
    brute = pd.DataFrame(rows, columns=["date", "time", "group", "occupancy", "agents"])
    both = sim.occupancy_by_interval.merge(brute, on=["date", "time", "group"], suffixes=("", "_brute"))
    assert len(both) == len(brute) == len(sim.occupancy_by_interval)
    for name in ("occupancy", "agents"):
        np.testing.assert_allclose(both[name], both[f"{name}_brute"], rtol=1e-7)
    plan = {group: on_duty[0].tolist() for group, on_duty in sim.scenario.on_duty.items()}
    least = both.apply(
        lambda r: r["agents"] >= plan[r["group"]][sim.scenario.days.clock.index(r["time"])] - 1e-6, axis=1
    )
    assert least.all()  # a leaver who finishes a contact comes on top of the plan


def test_busy_time_is_not_the_work_of_the_contacts():
    """With one call at a time, busy time is exactly the talk and after-work of the calls that were answered."""
    phones = {"queues": {"calls": CENTRE["queues"]["calls"]}, "groups": {"phones": CENTRE["groups"]["phones"]}}
    data = CENTRE | phones | {"calendar": CENTRE["calendar"] | {"warmup": "0 min"}}
    sim = csim.simulate(data, replications=1, seed=5, keep_contacts=True)
    work = sim.contacts[["talk_s", "after_work_s"]].sum().sum()
    busy = sim.by_replication.query("kpi == 'occupancy'")["numerator"].sum()
    assert busy == pytest.approx(work, rel=1e-9)


def test_special_kpis_are_pooled_over_replications():
    """A percentile is taken within each replication (and month, and day); its value is the mean of those."""
    sim = csim.simulate(CENTRE, replications=3, seed=5, keep_contacts=True)
    waits = sim.contacts.groupby("replication")["wait_s"].quantile(0.99)
    assert sim.value("wait_p99") == pytest.approx(waits.mean(), rel=1e-12)
    by_day = sim.contacts.groupby(["replication", "day"])["wait_s"].quantile(0.99)
    kept = sim.by_day.query("kpi == 'wait_p99' and queue == 'all' and vendor == ''").set_index(["replication", "day"])[
        "value"
    ]
    np.testing.assert_allclose(kept, by_day.loc[kept.index], rtol=1e-12)
    assert sim.value("max_concurrency") <= 3


def test_the_built_in_catalogue_learns_a_scenarios_kpis(sim):
    """KPIs of a scenario are in its results and nowhere else."""
    assert {"late", "wrapping"} <= set(sim.kpis["kpi"])
    assert not {"late", "wrapping"} & set(catalogue())
