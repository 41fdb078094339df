"""What a good scenario file means: volumes, staffing, calendars, changes, hashes, starting files, the JSON schema."""

import copy
import datetime as dt
import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import csim
from csim.schema.located import read_yaml
from csim.start import schema_of, start_file

ROOT = Path(__file__).parents[2]
CENTRES = sorted((ROOT / "scenarios" / "centres").glob("*.yaml"))
CLOCK = ("09:00", "09:30", "10:00", "10:30")


def table(rows, header="date,time,expected"):
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("{per_hour: 60}", [[30, 30, 30, 30]] * 2),
        ("{per_hour: 7.5}", [[3.75] * 4] * 2),
        ("{per_interval: [1, 2, 3, 4.5]}", [[1, 2, 3, 4.5]] * 2),
        ("{per_weekday: {tue: [5, 6, 7, 8], mon: [1, 2, 3, 4]}}", [[1, 2, 3, 4], [5, 6, 7, 8]]),
        ("{per_weekday: {mon: [1, 2, 3, 4], tue: [5, 6, 7, 8], sun: [0, 0, 0, 0]}}", [[1, 2, 3, 4], [5, 6, 7, 8]]),
    ],
)
def test_volumes_land_in_the_wrong_interval(branch, given, expected):
    """Expected contacts stand by [day, interval], whichever way they are given."""
    assert branch.load(("{per_hour: 60}", given)).expected["calls"].tolist() == expected


DATED = [(f"2026-06-0{day}", time, 10 * day + i) for day in (1, 2) for i, time in enumerate(CLOCK)]
FILES = {
    "by date": (table(DATED), [[10, 11, 12, 13], [20, 21, 22, 23]]),
    "in any order of rows": (table(DATED[::-1]), [[10, 11, 12, 13], [20, 21, 22, 23]]),
    "with other dates beside": (table([*DATED, ("2026-06-03", "09:00", 99)]), [[10, 11, 12, 13], [20, 21, 22, 23]]),
    "with columns in any order": (
        table([(number, time, date, "x") for date, time, number in DATED], "expected, time ,date,remark"),
        [[10, 11, 12, 13], [20, 21, 22, 23]],
    ),
    "with times as Excel writes them": (
        table([(date, time.removeprefix("0"), number) for date, time, number in DATED]),
        [[10, 11, 12, 13], [20, 21, 22, 23]],
    ),
    "as Windows writes it": (
        b"\xef\xbb\xbf" + table(DATED).replace("\n", "\r\n").encode(), [[10, 11, 12, 13], [20, 21, 22, 23]],
    ),
    "with blank lines": (table(DATED).replace("\n", "\n\n"), [[10, 11, 12, 13], [20, 21, 22, 23]]),
    "by weekday": (
        table(
            [(day, time, n + i) for n, day in ((1, "Mon"), (5, "tue")) for i, time in enumerate(CLOCK)],
            "weekday,time,expected",
        ),
        [[1, 2, 3, 4], [5, 6, 7, 8]],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), FILES.values(), ids=FILES)
def test_a_volumes_file_is_read_differently(branch, content, expected):
    """A CSV beside the scenario gives one number per date (or weekday) and time."""
    branch.write(content, "volumes.csv")
    assert branch.load(("{per_hour: 60}", "{file: volumes.csv}")).expected["calls"].tolist() == expected


def test_a_named_column_is_not_taken(branch):
    """`column` chooses among the columns of one file, for volumes and for staff."""
    rows = [(date, time, n, n + 100, n + 200) for date, time, n in DATED]
    branch.write(table(rows, "date,time,expected,early,late"), "plan.csv")
    scenario = branch.load(
        ("{per_hour: 60}", "{file: plan.csv, column: early}"), ("agents: 6", "agents: {file: plan.csv, column: late}")
    )
    assert scenario.expected["calls"][0].tolist() == [110, 111, 112, 113]
    assert scenario.on_duty["phones"][1].tolist() == [220, 221, 222, 223]


def test_files_are_looked_for_in_the_current_folder(branch, monkeypatch, tmp_path_factory):
    """Files are named relative to the scenario, wherever csim is started; of a dict, relative to the current folder."""
    branch.write(table(DATED), "volumes.csv")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    loaded = branch.load(("{per_hour: 60}", "{file: volumes.csv}"))
    assert loaded.expected["calls"][0, 0] == 10
    with pytest.raises(csim.InputError, match=r'"volumes\.csv" cannot be read'):
        csim.load_scenario(loaded.data)
    monkeypatch.chdir(branch.folder)
    assert csim.load_scenario(loaded.data).expected["calls"][0, 0] == 10


@pytest.mark.parametrize(
    ("heads", "shrinkage", "on_duty"),
    [
        (25, "30%", 18),
        (3, "50%", 2),
        (10, "5%", 10),
        (1, "60%", 0),
        (20, "0%", 20),
        (10, "35%", 7),
        (7, "100%", 0),
        (70, "0.3", 49),
        (5, "90%", 1),
    ],
)
def test_shrinkage_rounds_down(branch, heads, shrinkage, on_duty):
    """Heads × (1 − shrinkage) go to the nearest whole agent, halves up, whatever the binary fraction."""
    scenario = branch.load(("agents: 6", f"agents: {heads}\n    shrinkage: {shrinkage}"))
    assert scenario.on_duty["phones"].tolist() == [[on_duty] * 4] * 2


def calendar(branch, **keys):
    lines = "".join(f"  {key}: {value}\n" for key, value in keys.items())
    return branch.load(("  days: 2\n", lines if "days" in keys else f"  days: 2\n{lines}"))


def test_closed_dates_and_weekdays_are_open(branch):
    """Only open dates are played: as many as `days` says, from `start` on."""
    days = calendar(branch, days=4, weekdays="[mon, tue, fri]", closed="[2026-06-05, 2026-06-08]").days
    assert [str(date) for date in days.dates] == ["2026-06-01", "2026-06-02", "2026-06-09", "2026-06-12"]
    assert days.weekdays == ["mon", "tue", "tue", "fri"]
    assert days.clock == list(CLOCK)


@pytest.mark.parametrize(("start", "hours"), [("2026-03-28T00:00", [24, 23, 24]), ("2026-10-24T00:00", [24, 24, 24])])
def test_a_day_on_which_clocks_change_has_24_hours(branch, start, hours):
    """Round the clock, the day on which clocks go forward has 23 hours; no day overlaps the next."""
    scenario = branch.load(
        ("2026-06-01T09:00", start), ("Asia/Shanghai", "Europe/Berlin"), ("days: 2", "days: 3"),
        ("open: 2 h", "open: 24 h\n  carry_over: true"), ("{per_interval: [5, 10, 10, 5]}", "{per_hour: 1}"),
        ("{per_interval: [3, 3, 4, 4]}", "3"),
    )  # fmt: skip
    days = scenario.days
    assert (days.length_s / 3600).tolist() == hours
    assert bool((np.diff(days.offset_s) >= days.length_s[:-1]).all())
    assert len(scenario.warnings) == 1


def test_a_change_alters_the_scenario_it_came_from(branch):
    """`vary` gives a new scenario; the old one keeps its numbers, data and hash."""
    scenario = branch.load()
    before = (scenario.hash, copy.deepcopy(scenario.data))
    more = scenario.vary({"groups.phones.agents": 9, "queues.calls.patience": "never", "routing.agent": "least_loaded"})
    assert more.on_duty["phones"].tolist() == [[9] * 4] * 2
    assert more.queues["calls"].patience is None
    assert more.file.routing.agent == "least_loaded"
    assert (scenario.hash, scenario.data) == before
    assert more.hash != scenario.hash
    assert more.vary({"groups.phones.agents": 6, "queues.calls.patience": scenario.data["queues"]["calls"]["patience"],
                      "routing": {"contact": "fifo"}}).hash == scenario.hash  # fmt: skip


def test_a_name_with_a_dot_cannot_be_changed(branch):
    """A dotted path finds names that hold dots themselves."""
    scenario = branch.load(("  phones:\n", "  team 1.5:\n"))
    assert scenario.vary({"groups.team 1.5.agents": 9}).on_duty["team 1.5"].max() == 9


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"groups.phones.agnts": 9}, 'unknown key "agnts": did you mean "agents"'),
        ({"groups.phone.agents": 9}, 'no "phone" in groups: did you mean "phones"?'),
        ({"groups.phones.agents": "many"}, "expected a whole number"),
        ({"groups.phones.agents.per_interval": [1, 2, 3, 4]}, "groups.phones.agents"),
        ({"groups.phones.serves.0": "chats"}, "groups.phones.serves"),
    ],
)
def test_a_change_that_fits_nowhere_is_made(branch, changes, words):
    """A change by a wrong path or with a wrong value is refused like a mistake in the file."""
    with pytest.raises(csim.InputError) as caught:
        branch.load().vary(changes)
    assert words in str(caught.value)


def test_loading_changes_its_argument(branch):
    """A dict that was loaded is as it was; a Scenario is given back itself."""
    data = branch.load().data
    given = copy.deepcopy(data)
    loaded = csim.load_scenario(given)
    assert given == data
    assert csim.load_scenario(loaded) is loaded
    with pytest.raises(AttributeError):
        loaded.source = "other"


# -- the hash -----------------------------------------------------------------------------------------


def test_a_remark_changes_the_hash(branch):
    """Remarks, order of spaces and byte-order marks change nothing that matters; any value does."""
    text = branch.text()
    plain = branch.load().hash
    branch.write(b"\xef\xbb\xbf" + ("# a remark\n" + text.replace("days: 2", "days:   2  # two")).encode())
    assert csim.load_scenario(branch.path).hash == plain
    assert branch.load(("days: 2", "days: 3")).hash != plain
    assert csim.load_scenario(branch.load().data).hash == plain


@pytest.mark.parametrize(
    ("old", "new", "one", "other"),
    [
        ("{per_hour: 60}", "{file: f.csv}", table(DATED), table([*DATED[:-1], ("2026-06-02", "10:30", 24)])),
        (
            "agents: 6", "agents: {file: f.csv, column: expected}", table(DATED),
            table([*DATED[:-1], ("2026-06-02", "10:30", 24)]),
        ),
        (
            "{distribution: lognormal, mean: 5 min, cv: 0.9}", "{distribution: empirical, file: f.csv}", "100\n200\n",
            "100\n201\n",
        ),
        (
            "{distribution: exponential, mean: 3 min}", "{distribution: empirical, file: f.csv}", "100\n200\n",
            "100\n201\n",
        ),
        (
            "{distribution: exponential, mean: 30 s}", "{distribution: empirical, file: f.csv}", "100\n200\n",
            "100\n201\n",
        ),
    ],
    ids=["volumes", "staff", "handle time", "patience", "after-work"],
)  # fmt: skip
def test_a_changed_file_keeps_the_hash(branch, old, new, one, other):
    """The hash covers the contents of every file that the scenario names: another number is another scenario."""
    branch.write(one, "f.csv")
    before = branch.load((old, new)).hash
    assert branch.load((old, new)).hash == before
    branch.write(other, "f.csv")
    assert branch.load((old, new)).hash != before


# -- files that come with csim ------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_starting_file_does_not_load(tmp_path, lang):
    """`csim new` writes a file that loads without a warning and can be simulated."""
    path = start_file("scenario", tmp_path / "centre.yaml", lang)
    scenario = csim.load_scenario(path)
    assert scenario.warnings == ()
    assert csim.simulate(scenario, replications=1).value("service_level") > 0


def test_the_starting_files_differ_in_more_than_words(tmp_path):
    """The English and the Chinese starting file hold the same data, remark by remark."""
    texts = [
        start_file("scenario", tmp_path / f"{lang}.yaml", lang).read_text(encoding="utf-8") for lang in ("en", "zh")
    ]
    en, zh = (read_yaml(text).data for text in texts)
    assert en == zh
    assert [line.count("#") for line in texts[0].splitlines()] == [line.count("#") for line in texts[1].splitlines()]


@pytest.mark.parametrize("path", CENTRES, ids=lambda path: path.stem)
def test_a_centre_that_comes_along_does_not_load(path):
    """Every centre in scenarios/ loads and has arrivals and staff."""
    scenario = csim.load_scenario(path)
    assert all(expected.sum() > 0 for expected in scenario.expected.values())
    assert all(on_duty.sum() > 0 for on_duty in scenario.on_duty.values())


# -- the JSON schema ----------------------------------------------------------------------------------


def schema_errors(data):
    """What the JSON schema has against data, as an editor would show it."""
    checker = jsonschema.Draft202012Validator(schema_of("scenario"))
    plain = json.loads(json.dumps(data))  # as an editor sees it: keys are text
    return [f"{list(error.absolute_path)}: {error.message}" for error in checker.iter_errors(plain)]


def test_the_schema_is_no_schema():
    """What `csim schema` gives is a valid JSON schema."""
    jsonschema.Draft202012Validator.check_schema(schema_of("scenario"))


WRITTEN = {
    "agents: one number": ("{per_interval: [3, 3, 4, 4]}", "3"),
    "agents: per weekday": ("agents: 6", "agents: {per_weekday: {mon: [6, 6, 6, 6], tue: [6, 6, 6, 6]}}"),
    "patience: never": ("patience: {distribution: exponential, mean: 3 min}", "patience: never"),
    "patience: a law": ("patience: never", "patience: {distribution: weibull, mean: 3 min, cv: 0.9}"),
    "pace in turns": ("pace: [1, 0.9]", "pace: {compose: 10 s, customer: 60 s}"),
    "shares as numbers": ("answer_within: 20 s", "balk: 0.1"),
    "coins": (
        "answer_within: 20 s",
        "quality: {resolved: 82%, survey: {answered: 50%, scores: {5: 96%, 1: 4%}},"
        " checks: {per_agent_day: 2, pass: 96%}}",
    ),
    "Chinese units": ("answer_within: 20 s", "answer_within: 20 秒"),
    "targets": ("answer_within: 20 s", "targets: {service_level: 80%, asa: 30 s}"),
}


@pytest.mark.parametrize(("old", "new"), WRITTEN.values(), ids=WRITTEN)
def test_the_schema_refuses_what_loads(branch, old, new):
    """Every documented way of writing loads, and an editor does not underline it."""
    plain = [
        ("agents: 6", "agents: {per_interval: [6, 6, 6, 6]}"),
        ("patience: never", "patience: {distribution: constant, mean: 1 h}"),
    ]
    edits = [(old, new), *(pair for pair in plain if pair[0] != old)]
    scenario = branch.load(*edits)
    assert schema_errors(scenario.data) == []


STARTS = sorted((ROOT / "csim" / "scenario" / "starts").glob("scenario.*.yaml"))


@pytest.mark.parametrize("path", [*CENTRES, *STARTS], ids=lambda path: path.stem)
def test_the_schema_refuses_a_file_that_comes_along(path):
    """An editor underlines nothing in the centres and starting files that csim brings."""
    assert schema_errors(read_yaml(path.read_text(encoding="utf-8")).data) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [(
        "days: 2", "dais: 2",
    ), ("days: 2", "days: two"), ("channel: voice", "channel: phone"), ("    channel: voice\n", ""),
     ("answer_within: 20 s", "answer_within: [20]")],
)  # fmt: skip
def test_the_schema_accepts_what_does_not_load(branch, old, new):
    """Unknown keys, wrong types, unknown words and missing keys are underlined."""
    assert schema_errors(read_yaml(branch.text((old, new))).data)


def test_dates_and_times_are_read_in_another_way(branch):
    """A start with a blank instead of T, or with seconds, is the same instant."""
    plain = branch.load().days.opens
    assert branch.load(("2026-06-01T09:00", "2026-06-01 09:00:00")).days.opens == plain
    assert plain[0].utcoffset() == dt.timedelta(hours=8)
