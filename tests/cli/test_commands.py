"""The commands: what each prints and writes, in every format."""

import csv
import io
import json
import re

import jsonschema
import pandas as pd
import pytest

import csim
from csim.kpi.catalogue import catalogue

KEYS = ["queue", "kpi", "value", "ci_low", "ci_high", "unit", "replications"]
QUEUES = ["售前", '=HYPERLINK("x")', "[red]x[/red]", "all"]
WRITTEN = {"kpis.csv", "by_interval.csv", "contacts.parquet", "agent_states.parquet", "provenance.json"}


def rows(text):
    """CSV as people's programs see it."""
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


# -- simulate ---------------------------------------------------------------------------------------------


def test_json_has_other_keys(csim_cli, centre):
    """Every row has the keys of the interface; what is not measured is null with its reason, nothing else says why."""
    said = csim_cli("simulate", "small.yaml", "-n", 3, "--format", "json")
    assert (said.code, said.err) == (0, "")
    assert set(said.json) == {"kpis", "provenance"}
    assert [row["queue"] for row in said.json["kpis"] if row["kpi"] == "asa"] == QUEUES
    for row in said.json["kpis"]:
        assert [key for key in row if key != "why"] == KEYS
        assert ("why" in row) == (row["value"] is None)
        if row["value"] is None:
            assert (row["ci_low"], row["ci_high"]) == (None, None)
    found = {row["kpi"]: row for row in said.json["kpis"] if row["queue"] == "all"}
    assert set(found) == {*catalogue(), "in_a_minute"}
    assert found["service_level"]["ci_low"] <= found["service_level"]["value"] <= found["service_level"]["ci_high"]
    assert found["attrition"]["why"] == "not simulated, supply it"
    assert said.json["provenance"]["replications"] == 3


def test_json_of_one_replication_has_an_interval(csim_cli, centre):
    """One replication: values, null ends, and the reason."""
    said = csim_cli("simulate", "small.yaml", "-n", 1, "--format", "json", "--kpi", "asa")
    for row in said.json["kpis"]:
        assert row["value"] is not None
        assert (row["ci_low"], row["ci_high"], row["why"]) == (None, None, "one replication gives no interval")


def test_csv_differs_from_json(csim_cli, centre):
    """CSV has a byte-order mark, the same columns and values; a name that starts a formula is text."""
    words = ("simulate", "small.yaml", "-n", 2, "--seed", 5, "--format")
    said, other = csim_cli(*words, "csv"), csim_cli(*words, "json").json["kpis"]
    assert said.raw.startswith(b"\xef\xbb\xbfqueue,kpi,value")
    table = rows(said.out)
    assert list(table[0]) == [*KEYS, "why"]
    assert [row["queue"] for row in table if row["kpi"] == "asa"] == [
        "售前",
        '\'=HYPERLINK("x")',
        "[red]x[/red]",
        "all",
    ]
    assert [float(row["value"]) if row["value"] else None for row in table] == [row["value"] for row in other]


@pytest.mark.parametrize(
    ("lang", "names"), [("en", ("Service level", "Answered in a minute")), ("zh", ("服务等级", "一分钟内接听"))]
)
def test_a_table_changes_names(csim_cli, centre, lang, names):
    """Names of queues are shown as they are, markup and formulas included; KPIs in the language asked for."""
    said = csim_cli("simulate", "small.yaml", "-n", 2, "--lang", lang)
    assert (said.code, said.err) == (0, "")
    for name in (*QUEUES[:3], *names, "service_level"):
        assert name in said.out
    assert "\x1b" not in said.out
    assert "nan" not in said.out.lower()


def test_a_table_of_one_replication_keeps_silent(csim_cli, centre):
    """Below a table of one replication stands that it has no interval."""
    assert "One replication gives no interval" in csim_cli("simulate", "small.yaml", "-n", 1).out
    assert "One replication" not in csim_cli("simulate", "small.yaml", "-n", 2).out


def test_out_writes_other_files(csim_cli, centre, results):
    """--out writes exactly the promised files, and they hold what is printed."""
    assert {path.name for path in results.iterdir()} == WRITTEN
    said = csim_cli("simulate", "small.yaml", "-n", 2, "--format", "json")
    provenance = json.loads((results / "provenance.json").read_text(encoding="utf-8"))
    assert provenance == said.json["provenance"]
    assert set(provenance) >= {"csim", "scenario", "scenario_hash", "seed", "replications", "engine", "contacts"}
    kpis = rows((results / "kpis.csv").read_text(encoding="utf-8"))
    assert [float(row["value"]) if row["value"] else None for row in kpis] == [
        row["value"] for row in said.json["kpis"]
    ]
    by_interval = rows((results / "by_interval.csv").read_text(encoding="utf-8"))
    assert {row["time"] for row in by_interval} == {"09:15", "09:45"}
    assert {row["queue"] for row in by_interval} == {"售前", '\'=HYPERLINK("x")', "[red]x[/red]", "all"}
    contacts = csim.read_contacts(results / "contacts.parquet")
    assert len(contacts) == provenance["contacts"]
    assert set(contacts["queue"]) == set(QUEUES[:3])
    assert set(pd.read_parquet(results / "agent_states.parquet")["state"]) == {"ready", "serving"}


def test_out_says_nothing_or_says_it_in_the_result(csim_cli, centre):
    """The remark on what was written goes to stderr; the result on stdout stays clean."""
    said = csim_cli("simulate", "small.yaml", "-n", 2, "--out", "new/folder", "--format", "json")
    assert said.json["kpis"]
    assert all(name in said.err for name in WRITTEN)
    assert {path.name for path in (centre / "new" / "folder").iterdir()} == WRITTEN


def test_warnings_are_lost(csim_cli, centre):
    """What is legal but implausible is noted on stderr."""
    (centre / "odd.yaml").write_text(
        (centre / "small.yaml").read_text(encoding="utf-8").replace("mean: 4 min", "mean: 2 s", 1), encoding="utf-8"
    )
    said = csim_cli("simulate", "odd.yaml", "-n", 2, "--format", "json")
    assert said.json["kpis"]
    assert "note: queues.售前.handle_time: a mean of 2 s is unusual" in said.err


def test_options_change_the_numbers(csim_cli, centre):
    """The seed decides the numbers; workers and the output format do not."""
    plain = csim_cli("simulate", "small.yaml", "-n", 3, "--format", "json").out
    assert (
        csim_cli(
            "simulate", "small.yaml", "--replications", 3, "--seed", 1, "--workers", "threads:2", "--format", "json"
        ).out
        == plain
    )
    assert csim_cli("simulate", "small.yaml", "-n", 3, "--seed", 2, "--format", "json").out != plain


def test_a_kpi_is_asked_for_in_vain(csim_cli, centre):
    """--kpi takes ids, names and aliases, more than once."""
    said = csim_cli(
        "simulate",
        "small.yaml",
        "-n",
        2,
        "--format",
        "json",
        "--kpi",
        "ASA",
        "--kpi",
        "服务水平",
        "--kpi",
        "in_a_minute",
    )
    assert [row["kpi"] for row in said.json["kpis"] if row["queue"] == "all"] == ["service_level", "asa", "in_a_minute"]


OWN = "kpis:\n  late: {numerator: answered and wait > 60, denominator: answered, zh: 迟接}\n"


def test_own_kpis_of_a_file_are_ignored(csim_cli, centre, results):
    """--own-kpis adds KPIs from a file, to a simulation and to a log, and the numbers agree."""
    (centre / "own.yaml").write_text(OWN, encoding="utf-8")
    words = ("--own-kpis", "own.yaml", "--kpi", "late", "--format", "json")
    simulated = csim_cli("simulate", "small.yaml", "-n", 2, *words).json["kpis"]
    measured = csim_cli("measure", results / "contacts.parquet", *words).json["kpis"]
    by_queue = {row["queue"]: row["value"] for row in measured}
    assert len(simulated) == 4
    for row in simulated:
        assert row["value"] == pytest.approx(by_queue[row["queue"]], rel=1e-9)
    assert "迟接" in csim_cli("measure", results / "contacts.parquet", *words[:-2], "--lang", "zh").out


def test_the_id_of_an_own_kpi_is_read_as_markup(csim_cli, centre):
    """Ids and names of KPIs are shown as they are, too."""
    (centre / "own.yaml").write_text('kpis: {"[red]mine": {numerator: answered, denominator: offered}}\n')
    said = csim_cli("simulate", "small.yaml", "-n", 2, "--own-kpis", "own.yaml", "--kpi", "[red]mine")
    assert said.out.count("[red]mine") == 8  # name and id, for three queues and all


# -- compare ----------------------------------------------------------------------------------------------


def test_compare_forgets_a_table(csim_cli, centre):
    """compare prints paired differences, and --out keeps them with the values and their provenance."""
    (centre / "more.yaml").write_text(
        (centre / "small.yaml")
        .read_text(encoding="utf-8")
        .replace("agents: 5", "agents: 7")
        .replace("name: small", "name: more"),
        encoding="utf-8",
    )
    words = ("compare", "small.yaml", "more.yaml", "-n", 3)
    said = csim_cli(*words, "--format", "json", "--out", "both")
    assert set(said.json) == {"kpis", "differences", "provenance", "ranking"}
    row = next(r for r in said.json["differences"] if (r["queue"], r["kpi"]) == ("all", "asa"))
    assert (row["scenario"], row["against"], row["unit"]) == ("more", "small", "s")
    assert row["ci_low"] <= row["difference"] <= row["ci_high"]
    assert row["difference"] < 0
    assert set(said.json["provenance"]) == {"small", "more"}
    assert {path.name for path in (centre / "both").iterdir()} == {"kpis.csv", "differences.csv", "provenance.json"}
    assert csim_cli(*words, "--format", "csv").out == (centre / "both" / "differences.csv").read_text(encoding="utf-8")
    table = csim_cli(*words)
    assert table.code == 0
    assert "→" in table.out
    assert "[red]x[/red]" in table.out


# -- measure ----------------------------------------------------------------------------------------------


def test_measure_gives_other_values_than_the_simulation(csim_cli, centre, results):
    """The log that simulate wrote has, measured, the KPIs that simulate printed."""
    simulated = csim_cli("simulate", "small.yaml", "-n", 2, "--format", "json").json["kpis"]
    said = csim_cli(
        "measure",
        results / "contacts.parquet",
        "--states",
        results / "agent_states.parquet",
        "--scenario",
        "small.yaml",
        "--format",
        "json",
    )
    measured = {(row["queue"], row["kpi"]): row["value"] for row in said.json["kpis"]}
    known = [row for row in simulated if row["value"] is not None]
    assert len(known) > 60
    for row in known:
        assert measured[row["queue"], row["kpi"]] == pytest.approx(row["value"], rel=1e-9)
    assert set(KEYS) <= set(said.json["kpis"][0])
    in_python = csim.measure(*(pd.read_parquet(results / f"{name}.parquet") for name in ("contacts", "agent_states")))
    assert [name for name in in_python.columns if name in KEYS] == KEYS
    assert [name for name in said.json["kpis"][0] if name != "why"] == [c for c in in_python.columns if c != "why"]
    assert {row["replications"] for row in said.json["kpis"]} == {2}
    assert set(said.json["provenance"]) >= {"csim", "log", "log_hash", "rows"}


@pytest.mark.parametrize("by", ["day", "interval", "agent", "queue", "group", "month"])
def test_measure_by_a_window_loses_it(csim_cli, centre, results, by):
    """--by puts the window in front of every row, in JSON, CSV and the table."""
    words = ("measure", results / "contacts.parquet", "--by", by, "--kpi", "asa")
    said = csim_cli(*words, "--format", "json")
    seen = {row[by] for row in said.json["kpis"]}
    expected = {
        "day": {"2026-06-01", "2026-06-02"}, "month": {"2026-06"}, "group": {"team"}, "queue": set(QUEUES),
        "agent": {f"team-{i}" for i in range(1, 6)},
    }  # fmt: skip
    assert seen == expected.get(by, seen)
    assert by in rows(csim_cli(*words, "--format", "csv").out)[0]
    table = csim_cli(*words)
    assert table.code == 0
    assert all(key in table.out for key in seen)


def test_the_language_is_asked_for_again_and_again(csim_cli, centre, monkeypatch):
    """CSIM_LANG answers in Chinese without --lang, which goes before it."""
    monkeypatch.setenv("CSIM_LANG", "zh")
    words = ("simulate", "small.yaml", "-n", 2, "--kpi", "asa")
    assert "模拟 2 次重复" in csim_cli(*words).out
    assert "Simulated: 2 replications, seed 1." in csim_cli(*words, "--lang", "en").out


def test_two_files_of_one_name_cannot_be_told_apart(csim_cli, centre):
    """Scenarios that call themselves the same stand under their files."""
    more = (centre / "small.yaml").read_text(encoding="utf-8").replace("agents: 5", "agents: 7")
    (centre / "more.yaml").write_text(more, encoding="utf-8")
    said = csim_cli("compare", "small.yaml", "more.yaml", "-n", 2, "--format", "json").json
    assert {(r["scenario"], r["against"]) for r in said["differences"]} == {("small (more)", "small (small)")}


LOST = """\
contact_id,queue,group,channel,agent,arrival,assigned,answered,wait_s,session_s,outcome
1,a,team,chat,x,2026-06-30T23:50:00+08:00,2026-06-30T23:50:05+08:00,2026-06-30T23:50:05+08:00,5,1195,answered
2,a,,chat,,2026-06-30T23:51:00+08:00,,,40,,abandoned
"""  # with a column of its own that is called as one that csim derives


def test_who_is_lost_is_missed_by_nobody(csim_cli, centre):
    """Levels by group or agent are those of who got one; the note counts the others. A promise is asked for."""
    (centre / "lost.csv").write_text(LOST)
    said = csim_cli("measure", "lost.csv", "--mapping", "csim", "--by", "group")
    assert "1 contacts, the lost ones above all, name no group" in said.err
    assert 'give one, as --within "20 s"' in said.err
    assert "--within" not in csim_cli("measure", "lost.csv", "--mapping", "csim", "--within", "20 s").err


def test_a_month_without_contacts_is_measured(csim_cli, centre):
    """A chat that ends after midnight makes no row for a month (or day) in which nobody called."""
    (centre / "lost.csv").write_text(LOST)
    for by, only in (("month", "2026-06"), ("day", "2026-06-30")):
        said = csim_cli("measure", "lost.csv", "--mapping", "csim", "--by", by, "--format", "json")
        assert {row[by] for row in said.json["kpis"]} == {only}


BARE = """\
contact_id,queue,arrival,wait_s,outcome
1,a,2026-06-01T09:00:00+08:00,15,answered
2,a,2026-06-01T09:20:00+08:00,5,abandoned
"""


@pytest.fixture
def bare(centre):
    """A log of the five required columns, and a scenario whose queue names a threshold and a reading."""
    (centre / "bare.csv").write_text(BARE, encoding="utf-8")
    text = (centre / "small.yaml").read_text(encoding="utf-8")
    text = text.replace("售前", "a").replace(
        "answer_within: 20 s", "answer_within: 20 s\n    quick_abandons: excluded", 1
    )
    (centre / "a.yaml").write_text(text, encoding="utf-8")
    return centre / "bare.csv"


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ((), None),
        (("--within", "20 s"), 0.5),
        (("--within", "10 秒"), 0),
        (("--scenario", "a.yaml", "--within", "10 s"), 0),
    ],
)
def test_a_threshold_is_not_taken(csim_cli, bare, words, value):
    """T comes from --within; without any, service level is null: no threshold."""
    row = csim_cli("measure", bare, *words, "--format", "json", "--kpi", "service_level_included").json["kpis"][-1]
    assert row["value"] == value
    if value is None:
        assert row["why"] == "no threshold"


def test_the_threshold_of_a_scenario_is_not_taken(csim_cli, bare):
    """--scenario gives each queue its own threshold."""
    found = csim_cli("measure", bare, "--scenario", "a.yaml", "--format", "json").json["kpis"]
    value = {row["kpi"]: row["value"] for row in found if row["queue"] == "a"}
    assert (value["service_level_included"], value["service_level_excluded"]) == (0.5, 1.0)


def test_the_reading_of_a_scenario_is_not_taken(csim_cli, bare):
    """service_level is the queue's reading; a log that does not say it takes it from --scenario."""
    found = csim_cli("measure", bare, "--scenario", "a.yaml", "--format", "json", "--kpi", "service_level").json["kpis"]
    assert [row["value"] for row in found] == [1.0, 1.0]


def test_the_intervals_of_a_scenario_are_not_taken(csim_cli, bare):
    """--by interval with --scenario counts intervals from its opening (09:15), as its simulation does."""
    (bare.parent / "bare.csv").write_text(
        BARE.replace("09:00:00", "09:16:00").replace("09:20:00", "09:46:00"), encoding="utf-8"
    )
    found = csim_cli(
        "measure", bare, "--scenario", "a.yaml", "--by", "interval", "--format", "json", "--kpi", "asa"
    ).json["kpis"]
    assert list(dict.fromkeys(row["interval"] for row in found)) == ["09:15", "09:45"]


def test_an_empty_log_is_a_traceback(csim_cli, centre):
    """A log with a header only ends with values that are null, or with a message; never with a crash."""
    (centre / "empty.csv").write_text(BARE.splitlines()[0] + "\n", encoding="utf-8")
    said = csim_cli("measure", "empty.csv", "--format", "json")
    assert said.code in (0, 2)


def test_closed_days_of_a_replayed_log_are_lost_silently(csim_cli, centre, results):
    """`simulate --trace`: closed days are counted on stderr, in both languages, and in the provenance."""
    text = (centre / "small.yaml").read_text(encoding="utf-8")
    (centre / "monday.yaml").write_text(text.replace("days: 2", "days: 1, weekdays: [mon]"), encoding="utf-8")
    (centre / "sunday.yaml").write_text(text.replace("days: 2", "days: 1, weekdays: [sun]"), encoding="utf-8")
    log = pd.read_parquet(results / "contacts.parquet").query("replication == 1")
    log.to_parquet(centre / "log.parquet")
    tuesday = int((log["arrival"].dt.tz_convert("Asia/Shanghai").dt.day_of_week == 1).sum())
    said = csim_cli("simulate", "monday.yaml", "--trace", "log.parquet", "-n", 1, "--format", "json")
    assert said.code == 0, said.err
    assert f"left out: {tuesday} of {len(log)} contacts, on days on which the scenario is closed" in said.err
    assert said.json["provenance"]["trace"]["left_out"] == {"closed_day": tuesday}
    said = csim_cli("simulate", "monday.yaml", "--trace", "log.parquet", "-n", 1, "--lang", "zh")
    assert f"未计入：{len(log)} 个联络中有 {tuesday} 个落在情景不营业的日子" in said.err
    said = csim_cli("simulate", "sunday.yaml", "--trace", "log.parquet", "--out", "none")
    assert (said.code, said.out, (centre / "none").exists()) == (2, "", False)
    assert "sunday.yaml:3:11  calendar" in said.err
    assert "no contact of the log" in said.err


# -- trace, kpis, schema, new -------------------------------------------------------------------------------


def test_a_trace_is_out_of_order(csim_cli, centre):
    """Events come in the order of the clock, every contact arrives once and ends once, and the counts add up."""
    said = csim_cli("trace", "small.yaml", "--day", 2, "--most", 0)
    lines = said.out.splitlines()
    assert lines[0] == "2026-06-02, seed 1, replication 1"
    clock = [line.split()[0] for line in lines[1:-1]]
    assert clock == sorted(clock)
    arrived = re.findall(r"#(\d+) \(.*\) arrives", said.out)
    assert len(set(arrived)) == len(arrived)
    counts = [int(number) for number in re.findall(r"(\d+) (?:answered|abandoned|blocked|open)", lines[-1])]
    assert sum(counts) == len(arrived)
    assert len(re.findall(r"is taken by team-\d", said.out)) == counts[0]
    assert "(售前)" in said.out
    assert "([red]x[/red])" in said.out


def test_a_trace_in_chinese_tells_another_day(csim_cli, centre):
    """The same events at the same instants, each in Chinese; names stay."""
    (own, theirs) = (csim_cli("trace", "small.yaml", "--most", 0, "--lang", lang).out for lang in ("en", "zh"))
    numbers = [re.findall(r"\d+(?:[.:]\d+)*", text) for text in (own, theirs)]
    assert [sorted(found) for found in map(set, numbers)] == [sorted(set(numbers[0]))] * 2
    assert len(own.splitlines()) == len(theirs.splitlines())
    assert not re.search(r"\b(arrives|taken|after|ends|agents|hangs|doors|seed|all)\b", theirs)
    assert "停止受理" in theirs


def test_a_trace_is_too_long(csim_cli, centre):
    """--most shows so many events and says how many are left; --seed and --replication give other days."""
    short = csim_cli("trace", "small.yaml", "--most", 5).out.splitlines()
    assert len(short) == 7
    assert re.fullmatch(r"… \d+ more events \(--most 0 shows all\)", short[-1])
    others = {
        csim_cli("trace", "small.yaml", *words).out for words in ((), ("--seed", 2), ("--replication", 2), ("--day", 2))
    }
    assert len(others) == 4


def test_a_kpi_is_not_explained(csim_cli):
    """kpis lists every id; with a name it tells formula, unit, direction, names in both languages."""
    said = csim_cli("kpis")
    assert all(re.search(rf"^{kpi} ", said.out, flags=re.M) for kpi in catalogue())
    one = csim_cli("kpis", "平均应答速度", "--lang", "zh").out
    assert all(
        word in one
        for word in ("asa", "Average speed of answer", "平均应答速度", "answered * wait", "单位: s", "越低越好")
    )


def test_the_schema_is_not_json(csim_cli, centre):
    """schema prints a JSON schema that refuses an unknown key."""
    for words in ((), ("scenario",)):
        schema = csim_cli("schema", *words).json
        jsonschema.Draft202012Validator.check_schema(schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"nmae": 1}, schema)


@pytest.mark.parametrize(
    ("words", "lang"),
    [
        (("new", "mine.yaml"), "en"),
        (("new", "scenario", "mine.yaml"), "en"),
        (("new", "mine.yaml", "--lang", "zh"), "zh"),
    ],
)
def test_a_starting_file_cannot_be_started_from(csim_cli, centre, words, lang):
    """new writes a commented file in the language asked for, which simulate takes, and says what is next."""
    said = csim_cli(*words)
    assert (said.code, said.out) == (0, "")
    assert "csim simulate mine.yaml" in said.err
    text = (centre / "mine.yaml").read_text(encoding="utf-8")
    assert ("情景" in text) == (lang == "zh")
    assert csim_cli("simulate", "mine.yaml", "-n", 1).code == 0


def test_new_writes_over_a_file(csim_cli, centre):
    """new keeps an existing file unless --force is written."""
    (centre / "mine.yaml").write_text("precious")
    said = csim_cli("new", "mine.yaml")
    assert (said.code, said.out) == (2, "")
    assert "mine.yaml\n  exists already: choose another name, or write --force" in said.err
    assert (centre / "mine.yaml").read_text() == "precious"
    assert csim_cli("new", "mine.yaml", "--force").code == 0
    assert (centre / "mine.yaml").read_text() != "precious"
    assert {path.name for path in centre.iterdir()} == {"mine.yaml", "small.yaml"}


@pytest.mark.parametrize("command", ["", "simulate", "compare", "trace", "measure", "kpis", "schema", "new"])
def test_help_fails(csim_cli, command):
    """Every command has help that names its options."""
    said = csim_cli(*([command] if command else []), "--help")
    assert said.code == 0
    assert "Usage" in said.out


def test_the_version_is_another(csim_cli):
    """--version prints the version."""
    assert csim_cli("--version").out == f"csim {csim.__version__}\n"


def test_vendors_are_left_out(tmp_path, csim_cli):
    """A queue that vendors share is shown per vendor too: as columns in the table, as rows in JSON."""
    group = "{serves: [chats], vendor: %s, agents: 3, concurrency: 2}"
    (tmp_path / "shared.yaml").write_text(
        "csim: scenario/1\nname: shared\ncalendar: {start: 2026-06-01T09:00, open: 1 h}\n"
        "queues: {chats: {channel: chat, arrivals: {per_hour: 60}, answer_within: 20 s,\n"
        "  shares: {A: 50%, '[red]': 50%},\n"
        "  patience: {distribution: exponential, mean: 60 s}, handle_time: {distribution: exponential, mean: 5 min}}}\n"
        f"groups: {{one: {group % 'A'}, two: {group % repr('[red]')}}}\n",
        encoding="utf-8",
    )
    path = tmp_path / "shared.yaml"
    table = csim_cli("simulate", path, "-n", 2, "--lang", "zh").out
    assert "供应商 A" in table
    assert "供应商 [red]" in table
    rows = csim_cli("simulate", path, "-n", 2, "--format", "json").json["by_vendor"]
    assert {row["vendor"] for row in rows} == {"A", "[red]"}


def test_an_interval_that_is_too_wide_ends_well(csim_cli, centre):
    """Exit code 3, the wish as it was typed beside what was reached, in the chosen language; the result is printed."""
    for lang, told in (
        ("en", "not reached: service_level +- 0.1% (it is ±"),
        ("zh", "未达到：service_level +- 0.1%（现为 ±"),
    ):
        said = csim_cli(
            "simulate", "small.yaml", "--until", "service_level +- 0.1%", "-n", 4, "--at-most", 5, "--lang", lang
        )
        assert said.code == 3
        assert told in said.err
        assert said.out
    assert "5 次重复" in said.err
    assert csim_cli("simulate", "small.yaml", "--until", "service_level ±90%", "-n", 4).code == 0
