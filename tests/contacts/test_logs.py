"""Contact logs and agent states: their columns, the way into a file and back, and what makes a log unusable."""

import numpy as np
import pandas as pd
import pytest

import csim
from csim.contacts.columns import AGENT_STATES, CONTACTS, OUTCOMES, STATES
from csim.contacts.read import read_states
from csim.display.tables import as_csv

# the columns that INTERFACE promises to the outside, in its order
PROMISED = [
    "contact_id", "customer_id", "direction", "queue", "channel", "vendor", "group", "agent", "arrival", "assigned",
    "wait_s", "talk_s", "after_work_s", "session_s", "focus_s", "outcome", "answer_within_s", "first_response_s",
    "mean_response_s", "reply_pairs", "customer_messages", "agent_messages", "system_messages", "ring_s",
    "transferred_to", "transfer_reason", "agent_called_back", "ticket_id", "reopened", "resolved", "survey_invited",
    "csat", "replication", "day",
]  # fmt: skip
PROMISED_STATES = ["agent", "group", "vendor", "state", "chats_held", "from", "to", "replication", "day"]
CENTRE = {
    "csim": "scenario/1",
    "name": "round trip",
    "calendar": {
        "start": "2026-06-01T09:00", "timezone": "Asia/Shanghai", "days": 2, "open": "2 h", "interval": "30 min",
        "warmup": "10 min", "after_close": "hang_up",
    },
    "queues": {
        "calls": {
            "channel": "voice",
            "arrivals": {"per_hour": 70},
            "patience": {"distribution": "exponential", "mean": "2 min"},
            "balk": "10%",
            "handle_time": {"distribution": "exponential", "mean": "4 min"},
            "after_work": {"distribution": "exponential", "mean": "30 s"},
            "answer_within": "20 s",
            "quality": {
                "resolved": "80%",
                "survey": {"invited": "90%", "answered": "50%", "scores": {5: "90%", 1: "10%"}},
                "checks": {"per_agent_day": 3, "pass": "90%"},
            },
        },
        "售前": {
            "channel": "chat",
            "arrivals": {"per_hour": 60},
            "patience": "never",
            "max_waiting": 2,
            "handle_time": {"distribution": "exponential", "mean": "5 min"},
            "shares": {"A": "60%", "B": "40%"},
        },
    },
    "groups": {
        "phones": {"serves": ["calls"], "agents": 4},
        "desk_a": {"serves": ["售前"], "agents": 2, "vendor": "A", "concurrency": 2,
                   "pace": {"compose": "10 s", "customer": "50 s"}},
        "desk_b": {"serves": ["售前"], "agents": 1, "vendor": "B", "concurrency": 3, "pace": [1, 0.9, 0.8]},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def sim():
    return csim.simulate(CENTRE, replications=2, seed=3, keep_contacts=True)


def written(sim, folder, kind):
    """Both logs as files of one kind."""
    contacts, states = folder / f"contacts.{kind}", folder / f"states.{kind}"
    if kind == "parquet":
        sim.contacts.to_parquet(contacts, index=False)
        sim.agent_states.to_parquet(states, index=False)
    else:
        contacts.write_text(as_csv(sim.contacts), encoding="utf-8")
        sim.agent_states.to_csv(states, index=False)
    return csim.read_contacts(contacts), read_states(states)


def test_the_columns_are_not_those_of_the_interface():
    """Every promised column is there under its name, in the promised order; only five are required."""
    names = [column.name for column in CONTACTS]
    assert [name for name in names if name in PROMISED] == PROMISED
    assert [c.name for c in CONTACTS if c.required] == ["contact_id", "queue", "arrival", "wait_s", "outcome"]
    states = [column.name for column in AGENT_STATES]
    assert [name for name in states if name in PROMISED_STATES] == PROMISED_STATES
    assert OUTCOMES == ("answered", "abandoned", "blocked", "open")
    assert STATES == ("ready", "serving", "wrap", "not_ready", "away", "offline")
    assert len(set(names)) == len(names)


def test_a_simulated_log_has_columns_of_its_own(sim):
    """Simulated logs hold documented columns only, in the documented order, the required ones without a gap."""
    for table, columns in ((sim.contacts, CONTACTS), (sim.agent_states, AGENT_STATES)):
        known = [column.name for column in columns]
        assert list(table.columns) == [name for name in known if name in table.columns]
        required = [column.name for column in columns if column.required]
        assert not table[required].isna().any().any()
    assert sim.contacts["contact_id"].is_unique
    assert str(sim.contacts["arrival"].dt.tz) == "Asia/Shanghai"


def test_a_contact_ends_in_no_way_or_in_two(sim):
    """Offered is answered + abandoned + blocked + open, on every day and in every queue; all four occur."""
    contacts = sim.contacts
    assert set(contacts["outcome"]) == set(OUTCOMES)
    assert len(contacts) == sim.offered
    counts = (
        contacts.groupby(["replication", "day", "queue"], observed=True)["outcome"].value_counts().unstack().fillna(0)
    )
    offered = contacts.groupby(["replication", "day", "queue"], observed=True).size()
    pd.testing.assert_series_equal(counts.sum(axis=1).astype("int64"), offered, check_names=False)


def test_a_contact_keeps_what_its_outcome_denies(sim):
    """Only answered contacts have an agent, a talk and coins; blocked and balking ones waited 0; instants fit waits."""
    contacts = sim.contacts
    answered = contacts["outcome"] == "answered"
    for name in ("agent", "group", "assigned", "talk_s", "after_work_s"):
        assert (contacts[name].notna() == answered).all(), name
    for name in ("resolved", "survey_invited", "csat", "qa_checked", "qa_passed"):
        assert contacts.loc[~answered, name].isna().all(), name
    assert (contacts.loc[contacts["outcome"] == "blocked", "wait_s"] == 0).all()
    assert ((contacts["outcome"] == "abandoned") & (contacts["wait_s"] == 0)).any()
    wait = (contacts["assigned"] - contacts["arrival"]).dt.total_seconds()[answered]
    assert (wait - contacts["wait_s"][answered]).abs().max() < 2e-6  # both instants are rounded to the microsecond
    assert (contacts["wait_s"] == contacts["wait_s"].round(6)).all()


def test_warm_up_contacts_are_in_the_log(sim):
    """A contact counts iff it arrives at or after the opening and before the close of its day."""
    since = sim.contacts["arrival"] - sim.contacts["arrival"].dt.normalize()
    assert since.min() >= pd.Timedelta(hours=9)
    assert since.max() < pd.Timedelta(hours=11)
    assert set(sim.contacts["day"]) == {1, 2}


def test_focus_time_is_more_than_the_session(sim):
    """A chat takes between session ÷ slots and all of its session of the agent's attention; a call has neither."""
    chats = sim.contacts[(sim.contacts["channel"] == "chat") & (sim.contacts["outcome"] == "answered")]
    assert (chats["focus_s"] <= chats["session_s"] + 1e-9).all()
    assert (chats["focus_s"] >= chats["session_s"] / 3 - 1e-9).all()
    assert (chats["focus_s"] < chats["session_s"] - 1).any()
    assert sim.contacts.loc[sim.contacts["channel"] == "voice", ["session_s", "focus_s"]].isna().all(axis=None)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_log_comes_back_changed(sim, tmp_path, kind):
    """csim's own log, written and read, holds the same instants, numbers and words in the same columns."""
    for read, kept, columns in zip(
        written(sim, tmp_path, kind), (sim.contacts, sim.agent_states), (CONTACTS, AGENT_STATES), strict=True
    ):
        assert list(read.columns) == list(kept.columns)
        for column in columns:
            if column.name not in read:
                continue
            one, other = read[column.name], kept[column.name]
            if column.kind == "time":
                pd.testing.assert_series_equal(
                    one.dt.tz_convert("UTC").dt.as_unit("us"), other.dt.tz_convert("UTC").dt.as_unit("us")
                )
                assert one.dropna().iloc[0].utcoffset() == other.dropna().iloc[0].utcoffset()
            elif column.kind == "text":
                assert (one.isna() == other.isna()).all()
                assert (one.astype(str)[one.notna()] == other.astype(str)[other.notna()]).all()
            else:
                np.testing.assert_array_equal(one.to_numpy(float), other.to_numpy(float))


@pytest.mark.parametrize("by", [None, "day", "interval", "queue", "agent", "group", "vendor", "month"])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_log_from_a_file_has_other_kpis(sim, tmp_path, kind, by):
    """Every KPI of every window is the same, to the last bit, from memory and from a file."""
    keys = ["queue", "kpi", *([by] if by not in (None, "queue") else [])]
    kept = csim.measure(sim.contacts, sim.agent_states, by=by).sort_values(keys, ignore_index=True)
    read = csim.measure(*written(sim, tmp_path, kind), by=by).sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(read, kept, check_exact=True, check_dtype=False)


def test_a_log_over_a_change_of_clocks_moves_to_another_zone(tmp_path):
    """Read from CSV, a log whose clocks change keeps its local days and intervals, as it does from parquet."""
    berlin = csim.load_scenario(CENTRE).vary(
        {"calendar.start": "2026-03-28T09:00", "calendar.timezone": "Europe/Berlin", "calendar.days": 2}
    )
    sim = csim.simulate(berlin, replications=1, seed=3, keep_contacts=True)
    for by in ("interval", "day"):
        kept = csim.measure(*written(sim, tmp_path, "parquet"), by=by)
        read = csim.measure(*written(sim, tmp_path, "csv"), by=by)
        assert list(read[by].unique()) == list(kept[by].unique())


def test_a_vendors_log_without_a_mapping_says_nothing_of_mappings(tmp_path):
    """A log that has hardly any of csim's columns is told apart from one with a misspelt column."""
    path = tmp_path / "log.csv"
    path.write_text("no,skill,start\n1,a,2026-06-01T09:00:00Z\n")
    with pytest.raises(csim.InputError, match="is not in csim's own format: say how to read it with --mapping"):
        csim.read_contacts(path)


def test_unknown_columns_of_a_log_are_lost(tmp_path):
    """Columns that csim does not know are kept as they are."""
    path = tmp_path / "log.csv"
    path.write_text("contact_id,queue,arrival,wait_s,outcome,mood\n1,a,2026-06-01T09:00:00Z,5,answered,sunny\n")
    assert csim.read_contacts(path)["mood"].tolist() == ["sunny"]


# -- what makes a log unusable --------------------------------------------------------------------------

HEAD = "contact_id,queue,arrival,wait_s,outcome"
GOOD = f"{HEAD}\n1,a,2026-06-01T09:00:00+08:00,5,answered\n2,a,2026-06-01T09:01:00+08:00,25,abandoned\n"
STATE = "agent,state,from,to\n1,ready,2026-06-01T09:00:00+08:00,2026-06-01T10:00:00+08:00\n"


def unusable(folder, content, name="log.csv", read=csim.read_contacts):
    """(line, path, what) of every mistake; each names the file."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(csim.InputError) as caught:
        read(path)
    assert {mistake.file for mistake in caught.value.mistakes} == {str(path)}
    return [(mistake.line, mistake.path, mistake.what) for mistake in caught.value.mistakes]


def test_a_good_log_is_refused(tmp_path):
    """The log that the cases below spoil is read."""
    path = tmp_path / "log.csv"
    path.write_text(GOOD)
    assert csim.read_contacts(path)["wait_s"].tolist() == [5, 25]
    path.write_text(STATE)
    assert len(read_states(path)) == 1


CELLS = {
    "an unknown outcome": (("abandoned", "lost"), 3, "outcome", '"lost" is no outcome: write one of: answered'),
    "an outcome in capitals": (("answered", "Answered"), 2, "outcome", 'did you mean "answered"?'),
    "no outcome": ((",abandoned", ","), 3, "outcome", "is no outcome"),
    "a negative wait": ((",5,", ",-5,"), 2, "wait_s", "wait_s is missing"),
    "no wait": ((",5,", ",,"), 2, "wait_s", "wait_s is missing"),
    "a wait with its unit": ((",5,", ",5 s,"), 2, "wait_s", "is no number"),
    "an endless wait": ((",5,", ",inf,"), 2, "wait_s", "wait_s"),
    "an id that stands twice": (("\n2,", "\n1,"), 3, "contact_id", "contact_id stands twice: keep one"),
    "no id": (("\n2,", "\n,"), 3, "contact_id", "contact_id is missing"),
    "no queue": (("\n2,a,", "\n2,,"), 3, "queue", "queue is missing"),
    "a time without zone": (("09:01:00+08:00", "09:01:00"), 3, "arrival", "a time without zone: write for example"),
    "no time": (("2026-06-01T09:01:00", "noon"), 3, "arrival", "is no time"),
    "no arrival": (("2026-06-01T09:01:00+08:00", ""), 3, "arrival", "arrival is missing"),
}


@pytest.mark.parametrize(("edit", "line", "path", "words"), CELLS.values(), ids=CELLS)
def test_a_bad_cell_is_read(tmp_path, edit, line, path, words):
    """A cell that means nothing is refused with its line and column."""
    found = unusable(tmp_path, GOOD.replace(*edit))
    assert [(at, column) for at, column, _ in found] == [(line, path)]
    assert words in found[0][2]


def test_a_missing_column_is_taken_as_empty(tmp_path):
    """Every required column that is missing is named, with the one that was probably meant."""
    found = unusable(tmp_path, "contact_id,queue,arival,wait,outcome\n1,a,2026-06-01T09:00:00Z,5,answered\n")
    assert found == [
        (1, "", 'column "arrival" is missing; did you mean "arival"?'),
        (1, "", 'column "wait_s" is missing; did you mean "wait"?'),
    ]


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (GOOD, "log.doc", '".doc" is no log format here: write .csv, .tsv'),
        (GOOD, "log.xlsx", "cannot be read as an Excel file"),
        (GOOD.encode(), "log.csv.gz", "is a broken .gz file"),
        (GOOD, "log.parquet", "cannot be read as a parquet file"),
        ("", "log.csv", "no header: line 1 should name the columns"),
        (GOOD + "3,a,2026-06-01T09:00:00Z,5,answered,more\n", "log.csv", "not as many fields as the header has"),
        (GOOD.replace("wait_s", "queue"), "log.csv", 'column "queue" stands twice in the header'),
    ],
)
def test_a_file_that_is_no_log_is_read(tmp_path, content, name, words):
    """Another format, a broken file, another encoding or a ragged row is a message, not a traceback."""
    assert words in unusable(tmp_path, content, name)[0][2]


def test_a_missing_log_is_a_traceback(tmp_path):
    """A path that is no file says so."""
    with pytest.raises(csim.InputError, match=r"nix\.csv\n  no such file: write the path of a log"):
        csim.read_contacts(tmp_path / "nix.csv")


def test_a_thousand_bad_rows_are_a_thousand_lines(tmp_path):
    """Of many rows with one mistake the first three are shown and all are counted."""
    rows = "".join(f"{i},a,2026-06-01T09:00:00Z,-1,answered\n" for i in range(1000))
    found = unusable(tmp_path, f"{HEAD}\n{rows}")
    assert [line for line, _, _ in found] == [None, 2, 3, 4]
    assert "in 1000 rows in all" in found[0][2]


STATES_BAD = {
    "an unknown state": (("ready", "idle"), 2, "state", '"idle" is no state: write one of: ready, serving'),
    "an end before the begin": (("T10:00", "T08:00"), 2, "to", "a state ends before it begins"),
    "no end": (("2026-06-01T10:00:00+08:00", ""), 2, "to", 'has no "to"'),
    "no columns": ((",from,to", ",since,until"), 1, "", 'column "from" is missing'),
}


@pytest.mark.parametrize(("edit", "line", "path", "words"), STATES_BAD.values(), ids=STATES_BAD)
def test_bad_states_are_read(tmp_path, edit, line, path, words):
    """Agent states with an unknown word, or that end before they begin, are refused with their line."""
    found = unusable(tmp_path, STATE.replace(*edit), read=read_states)
    assert found[0][:2] == (line, path)
    assert words in found[0][2]


@pytest.mark.parametrize("name", ["NA", "null", "None", "007"])
def test_a_name_that_looks_like_nothing_vanishes(tmp_path, name):
    """A queue called NA (or None, or 007) is a queue, not a gap and not a number."""
    path = tmp_path / "log.csv"
    path.write_text(GOOD.replace(",a,", f",{name},"))
    assert csim.read_contacts(path)["queue"].tolist() == [name, name]


@pytest.mark.parametrize(("written_as", "flag"), [("true", 1), ("True", 1), ("1", 1), ("false", 0), ("0", 0)])
def test_a_flag_is_read_as_text(tmp_path, written_as, flag):
    """Flags may be written 1 and 0 or true and false; an empty one is not known."""
    path = tmp_path / "log.csv"
    path.write_text(
        f"{HEAD},resolved\n1,a,2026-06-01T09:00:00Z,5,answered,{written_as}\n2,a,2026-06-01T09:00:00Z,5,open,\n"
    )
    resolved = csim.read_contacts(path)["resolved"]
    assert resolved[0] == flag
    assert np.isnan(resolved[1])


def test_a_blank_line_shifts_the_lines_of_mistakes(tmp_path):
    """The line that a message names is the line of the file, blank lines counted."""
    assert unusable(tmp_path, GOOD.replace("\n2,", "\n\n2,").replace("abandoned", "lost"))[0][0] == 4
