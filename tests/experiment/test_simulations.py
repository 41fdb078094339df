"""Experiments: the same numbers whoever computes them, tables that add up, provenance, extensions, comparisons."""

import importlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import csim

CENTRE = {
    "csim": "scenario/1",
    "name": "small",
    "calendar": {"start": "2026-06-30T09:00", "timezone": "Asia/Shanghai", "days": 2, "open": "1 h"},
    "queues": {
        "calls": {
            "channel": "voice",
            "arrivals": {"per_hour": 40},
            "patience": {"distribution": "exponential", "mean": "2 min"},
            "handle_time": {"distribution": "exponential", "mean": "4 min"},
            "after_work": {"distribution": "exponential", "mean": "30 s"},
            "answer_within": "20 s",
        },
        "chats": {
            "channel": "chat",
            "arrivals": {"per_hour": 30},
            "patience": {"distribution": "exponential", "mean": "2 min"},
            "handle_time": {"distribution": "exponential", "mean": "5 min"},
            "answer_within": "30 s",
            "shares": {"A": "50%", "B": "50%"},
        },
    },
    "groups": {
        "phones": {"serves": ["calls"], "agents": 3},
        "desk_a": {"serves": ["chats"], "agents": 1, "concurrency": 2, "vendor": "A"},
        "desk_b": {"serves": ["chats"], "agents": 1, "concurrency": 2, "vendor": "B"},
    },
}
RUN = {"replications": 7, "seed": 11}
TABLES = (
    "kpis",
    "by_replication",
    "by_month",
    "by_day",
    "by_interval",
    "by_group",
    "by_vendor",
    "occupancy_by_interval",
)
simulate_module = importlib.import_module("csim.experiment.simulate")


@pytest.fixture(scope="module")
def sim():
    return csim.simulate(CENTRE, **RUN, keep_contacts=True)


def assert_identical(one, other):
    """All tables agree to the last digit."""
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


@pytest.mark.parametrize("workers", ["serial", "threads:2", "processes:2"])
def test_other_workers_give_other_numbers(sim, workers):
    """Serial, threads and processes give the same tables to the last digit, logs included."""
    other = csim.simulate(CENTRE, **RUN, executor=workers, keep_contacts=True)
    assert_identical(sim, other)
    pd.testing.assert_frame_equal(sim.contacts, other.contacts, check_exact=True)
    pd.testing.assert_frame_equal(sim.agent_states, other.agent_states, check_exact=True)
    assert sim.provenance == other.provenance


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_other_chunks_give_other_numbers(sim, size, monkeypatch):
    """Any number of replications per task gives the same tables, also from an executor of one's own."""
    monkeypatch.setattr(simulate_module, "_chunk", lambda *_: size)
    with ThreadPoolExecutor(3) as pool:
        assert_identical(sim, csim.simulate(CENTRE, **RUN, executor=pool))
        assert pool.submit(int, "1").result() == 1  # an executor that was lent is not shut down


def test_what_is_measured_alone_has_other_numbers(sim):
    """Some KPIs alone have the numbers that all have together, in every table; the others are said to be missing."""
    asked = ["服务水平", "occupancy"]
    alone = csim.simulate(CENTRE, **RUN, kpis=asked)
    for table in ("kpis", "by_vendor", "by_interval", "by_month"):
        whole = getattr(sim, table)
        rows = whole[whole["kpi"].isin(["service_level", "occupancy"])].reset_index(drop=True)
        assert getattr(alone, table).equals(rows), table
    with pytest.raises(csim.InputError, match="abandonment_rate was not measured"):
        alone.value("abandonment_rate")
    with pytest.raises(csim.InputError, match="no KPI is called"):
        csim.simulate(CENTRE, **RUN, kpis=["happiness"])


def test_the_first_replications_depend_on_their_number(sim):
    """Replication 3 is the same whether 3 or 7 are asked for."""
    few = csim.simulate(CENTRE, replications=3, seed=11)
    same = sim.by_replication[sim.by_replication["replication"] <= 3].reset_index(drop=True)
    pd.testing.assert_frame_equal(few.by_replication, same, check_exact=True)


def test_the_same_seed_gives_another_result(sim):
    """The same seed gives the same result; another seed another one."""
    assert_identical(sim, csim.simulate(CENTRE, **RUN))
    assert csim.simulate(CENTRE, replications=7, seed=12).value("asa") != sim.value("asa")


def test_keeping_contacts_changes_the_result(sim):
    """Kept logs change no number; logs that were not kept are refused with what to write."""
    lean = csim.simulate(CENTRE, **RUN)
    assert_identical(sim, lean)
    for name in ("contacts", "agent_states"):
        with pytest.raises(ValueError, match=r"contacts were not kept: simulate\(…, keep_contacts=True\)"):
            getattr(lean, name)
    assert len(sim.contacts) == sim.offered
    assert sorted(sim.contacts["replication"].unique()) == list(range(1, 8))


# -- tables -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["by_day", "by_month", "by_replication"])
def test_a_table_does_not_add_up_to_the_kpis(sim, name):
    """Numerators and denominators add up, over days, months or replications, to the values of `kpis`."""
    table = getattr(sim, name)
    if "vendor" in table:
        table = table[table["vendor"] == ""]
    ratios = {kpi.id for kpi in sim.measures.kpis}
    sums = table[table["kpi"].isin(ratios)].groupby(["queue", "kpi"])[["numerator", "denominator"]].sum()
    kept = sim.kpis.set_index(["queue", "kpi"])["value"].loc[sums.index]
    value = sums["numerator"] / sums["denominator"].where(sums["denominator"] != 0)
    np.testing.assert_allclose(kept, value, rtol=1e-12)
    assert len(sums) > 40


def test_a_month_lies_on_the_wrong_side_of_its_end(sim):
    """30 June and 1 July are two months of one day each."""
    months = sim.by_month.query("queue == 'all' and vendor == '' and kpi == 'answer_rate'")
    days = sim.by_day.query("queue == 'all' and vendor == '' and kpi == 'answer_rate'")
    assert months["month"].unique().tolist() == ["2026-06", "2026-07"]
    assert months["denominator"].tolist() == days["denominator"].tolist()


def test_a_month_says_nothing_about_its_sample(sim):
    """by_month has the columns that settlement takes, as its docstring says them."""
    promised = ["replication", "month", "queue", "vendor", "kpi", "value", "numerator", "denominator", "sample"]
    assert [name for name in promised if name not in sim.by_month] == []


def test_contacts_without_a_reply_count_as_its_sample():
    """The sample of a mean response is the answered chats: what is not known of the others is no observation."""
    centre = csim.load_scenario("scenarios/centres/double_11.yaml").one_day(0)
    month = csim.simulate(centre, 1, seed=3).by_month.query("queue == 'all' and vendor == ''").set_index("kpi")
    assert month.loc["abandonment_rate", "numerator"] > 0
    assert month.loc["mean_response", "sample"] == month.loc["answer_rate", "numerator"]


def test_a_table_has_other_columns(sim):
    """The columns of the interface, in its order."""
    assert list(sim.kpis.columns) == ["queue", "kpi", "value", "ci_low", "ci_high", "unit", "replications", "why"]
    assert list(sim.by_replication.columns) == ["replication", "queue", "kpi", "value", "numerator", "denominator"]
    assert list(sim.by_vendor.columns[:3]) == ["vendor", "queue", "kpi"]
    assert set(sim.by_interval.columns) >= {"date", "time", "queue", "vendor", "kpi", "value", "ci_low", "ci_high"}
    assert set(sim.by_interval["time"]) == {"09:00", "09:30"}
    assert set(sim.by_group["queue"]) == {"all"}


def test_every_kpi_is_not_in_the_table(sim):
    """Each queue and "all" has a row for every KPI that can stand there, measured or with a reason."""
    everything = sim.kpis[sim.kpis["queue"] == "all"]
    assert everything["kpi"].tolist() == list(sim.catalogue)
    assert not sim.kpis.duplicated(["queue", "kpi"]).any()
    assert (sim.kpis["value"].notna() | (sim.kpis["why"] != "")).all()
    agents = {k.id for k in sim.measures.kpis if "agent_states" in (k.over, k.denominator_over)}
    assert not agents & set(sim.kpis.loc[sim.kpis["queue"] == "calls", "kpi"])


def test_a_value_is_found_under_one_name_only(sim):
    """`value` takes ids, names and aliases, of a queue or of all; unknown ones are refused."""
    assert sim.value("asa") == sim.value("平均应答速度") == sim.value("Average speed of answer")
    assert sim.value("asa", "calls") != sim.value("asa", "chats")
    with pytest.raises(csim.InputError, match="can mean"):
        sim.value("接通率")


def test_an_unknown_queue_is_an_index_error(sim):
    """A queue that is not there is a mistake with the queues that are."""
    with pytest.raises(csim.InputError, match="calls"):
        sim.value("asa", "cals")


def test_provenance_forgets_what_it_takes_to_repeat(sim):
    """Version, scenario, its hash, seed, replications, engine and why, contacts and confidence."""
    found = sim.provenance
    assert set(found) >= {
        "csim",
        "scenario",
        "scenario_hash",
        "seed",
        "replications",
        "engine",
        "engine_why",
        "contacts",
    }
    assert (found["scenario"], found["seed"], found["replications"]) == ("small", 11, 7)
    assert found["scenario_hash"] == csim.load_scenario(CENTRE).hash
    assert found["contacts"] == sim.offered == len(sim.contacts)
    assert found["csim"] == csim.__version__
    assert found["engine"] in ("reference", "compiled")


# -- what cannot be run -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"replications": 0}, "write a whole number, 1 or more"),
        ({"replications": 2.5}, "2.5"),
        ({"replications": True}, "True"),
        ({"seed": -1}, "seed -1: write a whole number, 0 or more"),
        ({"seed": 1.5}, "seed 1.5"),
        ({"engine": "warp"}, '"warp" is no engine: write one of: auto, reference, compiled'),
        ({"engine": "referense"}, 'did you mean "reference"?'),
        ({"executor": "procs:2"}, '"procs:2" is not known: write serial, processes:2'),
        ({"executor": "threads:0"}, '"threads:0" is not known'),
    ],
)
def test_an_impossible_run_is_started(asked, words):
    """Numbers of replications, seeds, engines and workers that mean nothing are refused before anything runs."""
    with pytest.raises(csim.InputError) as caught:
        csim.simulate(CENTRE, **asked)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "volumes",
    [{"per_hour": 0}, {"per_hour": 0.2}, {"per_weekday": {"tue": [20, 20], "wed": [0, 0]}}],
    ids=["none", "hardly any", "one day none"],
)
def test_a_day_without_contacts_crashes(volumes):
    """A day on which nobody comes is a day: agents idle, and contacts are not measured."""
    quiet = csim.load_scenario(CENTRE).vary(
        {
            "queues": {"calls": CENTRE["queues"]["calls"] | {"arrivals": volumes}},
            "groups": {"phones": CENTRE["groups"]["phones"]},
        }
    )
    sim = csim.simulate(quiet, replications=3, keep_contacts=True)
    assert len(sim.contacts) == sim.offered
    assert 0 <= sim.value("occupancy") < 0.9
    hours = sim.by_replication.query("kpi == 'occupancy'")["denominator"]
    assert (hours >= 3 * 2 * 3600 - 1e-6).all()


# -- extensions -------------------------------------------------------------------------------------------


def outage(centre):
    """The phones are off the line from 9:10 to 9:40, whatever the plan says at 9:30."""
    yield centre.until("09:10")
    centre.take_offline("phones")
    yield centre.until("09:40")
    centre.bring_online("phones")


def nothing(centre):
    """Looks at the clock once."""
    yield centre.env.timeout(60)


@pytest.mark.parametrize("engine", ["auto", "reference"])
def test_an_extension_is_not_played(sim, engine):
    """An outage makes more callers of its queue hang up and leaves the other alone; auto takes an engine for it."""
    hit = csim.simulate(CENTRE, **RUN, engine=engine, extensions=[outage])
    assert hit.engine == "reference"
    assert hit.value("abandonment_rate", "calls") > 1.5 * sim.value("abandonment_rate", "calls")
    assert hit.value("asa", "chats") == sim.value("asa", "chats")
    assert hit.offered == sim.offered
    changing = csim.load_scenario(CENTRE).vary({"groups.phones.agents": {"per_interval": [3, 4]}})
    played = csim.simulate(changing, **RUN, engine=engine, extensions=[outage], keep_contacts=True).contacts
    taken = played.loc[played["queue"] == "calls", "assigned"].dropna()
    minute = (taken - taken.dt.normalize()).dt.total_seconds() / 60 - 9 * 60
    assert not minute.between(10, 40, inclusive="left").any()
    assert (minute >= 40).any()
    assert csim.simulate(CENTRE, **RUN, engine=engine, extensions=[outage], executor="threads:2").value(
        "asa"
    ) == hit.value("asa")


def test_an_extension_that_does_nothing_changes_numbers(sim):
    """An extension that only looks changes nothing, to the last digit."""
    assert_identical(sim, csim.simulate(CENTRE, **RUN, engine="reference", extensions=[nothing]))


def test_the_engine_forgets_to_say_why_it_was_taken(sim):
    """Whichever engine runs, it says why."""
    assert sim.engine_why
    assert csim.simulate(CENTRE, replications=1, engine="reference").engine_why == "asked for"


# -- comparisons ------------------------------------------------------------------------------------------


def test_a_comparison_is_not_the_difference_of_its_parts():
    """Differences are value − value of the first, paired, for every ratio KPI of every shared queue."""
    base = csim.load_scenario(CENTRE)
    result = csim.compare(
        [base, base.vary({"groups.phones.agents": 4})], replications=7, seed=11, labels=["now", "more"]
    )
    values = result.kpis.set_index(["scenario", "queue", "kpi"])["value"]
    for row in result.differences.itertuples():
        expected = values[("more", row.queue, row.kpi)] - values[("now", row.queue, row.kpi)]
        assert row.difference == pytest.approx(expected, abs=1e-9, nan_ok=True)
    asa = result.differences.query("queue == 'calls' and kpi == 'asa'").iloc[0]
    assert asa["difference"] < 0
    assert asa["ci_high"] - asa["difference"] < asa["unpaired_half"]
    unmoved = result.differences.query("queue == 'chats' and kpi == 'asa'").iloc[0]
    assert (unmoved["difference"], unmoved["ci_low"], unmoved["ci_high"]) == (0, 0, 0)
    assert set(result.provenance) == {"now", "more"}


def test_scenarios_of_one_name_are_mixed_up():
    """Two scenarios with one name are numbered; one scenario alone is nothing to compare."""
    result = csim.compare([CENTRE, CENTRE], replications=2)
    assert result.labels == ("small (1)", "small (2)")
    assert (result.differences["difference"].dropna() == 0).all()
    with pytest.raises(csim.InputError, match="one scenario: write at least two"):
        csim.compare([CENTRE])


def test_progress_is_not_told_or_told_twice():
    """Progress counts every replication once, and its contacts."""
    told = []
    sim = csim.simulate(CENTRE, **RUN, progress=lambda *numbers: told.append(numbers))
    assert [done for done, _, _ in told] == list(range(1, 8))
    assert {total for _, total, _ in told} == {7}
    assert told[-1][2] == sim.offered
