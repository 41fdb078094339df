"""What a person gets wrong in a scenario file, one case per rule: the place, what was found, what to write."""

import datetime as dt

import pytest

import csim

HANDLE = "{distribution: lognormal, mean: 5 min, cv: 0.9}"
OPEN = "  open: 2 h\n"
PROMISE = "answer_within: 20 s"

# what is replaced, by what (¦ marks the place that the message names), the path, and the words
UNKNOWN = {
    "at the top": ("name: branch", "¦nmae: branch", "nmae", 'unknown key "nmae": did you mean "name"?'),
    "a section": ("queues:", "¦queue:", "queue", 'unknown key "queue": did you mean "queues"?'),
    "of the calendar": ("open: 2 h", "¦opne: 2 h", "calendar.opne", 'unknown key "opne": did you mean "open"?'),
    "of a queue": (
        "patience: never", "¦pateince: never", "queues.chats.pateince",
        'unknown key "pateince": did you mean "patience"?',
    ),
    "of a law": (
        "exponential, mean: 3 min", "exponential, ¦maen: 3 min", "queues.calls.patience.maen", 'did you mean "mean"?',
    ),
    "of arrivals": ("{per_hour: 60}", "{¦per_hr: 60}", "queues.calls.arrivals.per_hr", 'did you mean "per_hour"?'),
    "of a group": ("serves: [calls]", "¦servs: [calls]", "groups.phones.servs", 'did you mean "serves"?'),
    "of agents": ("agents: 6", "agents: {¦per_hour: 6}", "groups.phones.agents.per_hour", 'unknown key "per_hour"'),
    "of a pace": (
        "[1, 0.9]", "{¦compos: 10 s, customer: 60 s}", "groups.online.pace.compos",
        'unknown key "compos": did you mean "compose"?',
    ),
    "of quality": (
        PROMISE, "quality: {checks: {per_agent_day: 2, ¦pas: 97%}}", "queues.calls.quality.checks.pas",
        'did you mean "pass"?',
    ),
    "of routing": ("contact: fifo", "¦contcat: fifo", "routing.contcat", 'did you mean "contact"?'),
    "like nothing known": (
        "contact: fifo", "¦zzz: 1", "routing.zzz", 'unknown key "zzz": write one of: agent, contact',
    ),
}  # fmt: skip
MISSING = {
    "the format": ("csim: scenario/1\nname", "¦name", "csim", '"csim" is missing: write "csim: scenario/1"'),
    "a name": ("csim: scenario/1\nname: branch\n", "¦csim: scenario/1\n", "name", '"name" is missing'),
    "a channel": ("  calls:\n    channel: voice\n", "  ¦calls:\n", "queues.calls.channel", 'write "channel: voice"'),
    "patience": (
        "  chats:\n    channel: chat\n    arrivals: {per_interval: [5, 10, 10, 5]}\n    patience: never\n",
        "  ¦chats:\n    channel: chat\n    arrivals: {per_interval: [5, 10, 10, 5]}\n",
        "queues.chats.patience", 'write "patience: {distribution: exponential, mean: 180 s}"',
    ),
    "a cv of the day factor": (OPEN, f"{OPEN}  ¦day_factor: {{}}\n", "calendar.day_factor.cv", 'write "cv: 10%"'),
    "scores": (
        PROMISE, "quality: {¦survey: {answered: 50%}}", "queues.calls.quality.survey.scores", '"scores" is missing',
    ),
    "the customer's typing": (
        "pace: [1, 0.9]", "¦pace: {compose: 10 s}", "groups.online.pace.customer", 'write "customer: 60 s"',
    ),
    "the mean of a law": (
        "{distribution: exponential, mean: 4 min}", "¦{distribution: exponential}", "queues.calls.handle_time",
        'exponential needs "mean": write for example "mean: 180 s"',
    ),
    "the cv of a law": (
        HANDLE, "¦{distribution: lognormal, mean: 5 min}", "queues.chats.handle_time", 'needs "cv" above 0',
    ),
    "the file of an empirical law": (HANDLE, "¦{distribution: empirical}", "queues.chats.handle_time", 'needs "file"'),
}  # fmt: skip
UNITS = {
    "open hours": ("open: 2 h", "open: ¦2", "calendar.open", '2 has no unit: write "2 s" (or "2 min")'),
    "a promise": (
        PROMISE, "answer_within: ¦20", "queues.calls.answer_within", '20 has no unit: write "20 s" (or "20 min")',
    ),
    "a promise in quotes": (PROMISE, "answer_within: ¦'20'", "queues.calls.answer_within", "20 has no unit"),
    "a mean": ("exponential, mean: 3 min", "exponential, mean: ¦3", "queues.calls.patience.mean", "3 has no unit"),
    "composing": ("[1, 0.9]", "{compose: ¦10, customer: 60 s}", "groups.online.pace.compose", "10 has no unit"),
    "an unknown unit": (
        "open: 2 h", "open: ¦2 parsec", "calendar.open", 'the unknown unit "parsec": write s, min, h or d',
    ),
    "a negative duration": ("open: 2 h", "open: ¦-2 h", "calendar.open", '"-2 h" is negative'),
    "patience as a duration": (
        "patience: never", "patience: ¦180 s", "queues.chats.patience", 'write "never", or {distribution',
    ),
}  # fmt: skip
TYPES = {
    "a word for a whole number": ("days: 2", "days: ¦two", "calendar.days", 'found "two", expected a whole number'),
    "a fraction of a day": ("days: 2", "days: ¦2.5", "calendar.days", "found 2.5, expected a whole number"),
    "a number in quotes": ("days: 2", "days: ¦'2'", "calendar.days", 'found "2", expected a whole number'),
    "true for a number": ("days: 2", "days: ¦true", "calendar.days", "found true, expected a whole number"),
    "no day": ("days: 2", "days: ¦0", "calendar.days", "found 0, expected greater than or equal to 1"),
    "a list for a duration": ("open: 2 h", "open: ¦[2]", "calendar.open", "[2] is no duration"),
    "a word for true": (OPEN, f"{OPEN}  carry_over: ¦maybe\n", "calendar.carry_over", "expected true or false"),
    "yes for true": (OPEN, f"{OPEN}  carry_over: ¦yes\n", "calendar.carry_over", 'found "yes", expected true or false'),
    "a number for a name": ("name: branch", "name: ¦7", "name", "found 7, expected text"),
    "a word for a list": ("serves: [calls]", "serves: ¦calls", "groups.phones.serves", "expected a list"),
    "a date for a list": (OPEN, f"{OPEN}  closed: ¦2026-06-02\n", "calendar.closed", "expected a list"),
    "a number for a section": (
        "{per_hour: 60}", "¦60", "queues.calls.arrivals", 'expected indented "key: value" lines',
    ),
    "a share for a section": (
        OPEN, f"{OPEN}  day_factor: ¦10%\n", "calendar.day_factor", 'expected indented "key: value" lines',
    ),
    "a word for a rate": (
        "{per_hour: 60}", "{per_hour: ¦sixty}", "queues.calls.arrivals.per_hour", "expected a number",
    ),
    "a negative rate": (
        "{per_hour: 60}", "{per_hour: ¦-60}", "queues.calls.arrivals.per_hour", "found -60, expected greater than",
    ),
    "an infinite rate": (
        "{per_hour: 60}", "{per_hour: ¦.inf}", "queues.calls.arrivals.per_hour", "expected a finite number",
    ),
    "no number for a rate": (
        "{per_hour: 60}", "{per_hour: ¦.nan}", "queues.calls.arrivals.per_hour", "expected a finite number",
    ),
    "a word in a list": (
        "[5, 10, 10, 5]", "[5, 10, ¦ten, 5]", "queues.chats.arrivals.per_interval[2]", 'found "ten", expected a number',
    ),
    "half an agent": ("agents: 6", "agents: ¦6.5", "groups.phones.agents", "found 6.5, expected a whole number"),
    "fewer than no agents": (
        "agents: 6", "agents: ¦-6", "groups.phones.agents", "found -6, expected greater than or equal to 0",
    ),
    "half an agent in a list": (
        "{per_interval: [3, 3, 4, 4]}", "¦{per_interval: [3, 3, 4, 4.5]}", "groups.online.agents",
        "4.5 agents: write whole numbers",
    ),
    "a negative queue limit": (PROMISE, "max_waiting: ¦-1", "queues.calls.max_waiting", "found -1"),
    "priority zero": (PROMISE, "priority: ¦0", "queues.calls.priority", "found 0, expected greater than or equal to 1"),
    "no slot": ("concurrency: 2", "concurrency: ¦0", "groups.online.concurrency", "found 0"),
    "money with a unit": (
        "agents: 6", "agents: 6\n    cost_per_hour: ¦40 yuan", "groups.phones.cost_per_hour", "expected a number",
    ),
    "checks nobody does": (
        PROMISE, "quality: {checks: {per_agent_day: ¦0, pass: 96%}}", "queues.calls.quality.checks.per_agent_day",
        "found 0",
    ),
}  # fmt: skip
CHOICES = {
    "another format": (
        "scenario/1", "¦scenario/2", "csim", '"scenario/2" is not known here: did you mean "scenario/1"?',
    ),
    "a channel": (
        "channel: voice", "channel: ¦phone", "queues.calls.channel",
        '"phone" is not known here: write one of: voice, chat',
    ),
    "a law": (
        "{distribution: exponential, mean: 3", "{distribution: ¦exponentail, mean: 3",
        "queues.calls.patience.distribution", 'did you mean "exponential"?',
    ),
    "a closing": (OPEN, f"{OPEN}  after_close: ¦drian\n", "calendar.after_close", 'did you mean "drain"?'),
    "a weekday": (OPEN, f"{OPEN}  weekdays: [mon, ¦tues]\n", "calendar.weekdays[1]", 'did you mean "tue"?'),
    "a contact order": ("contact: fifo", "contact: ¦fofo", "routing.contact", "fifo, lifo, not_yet_missed_first"),
    "an agent rule": ("contact: fifo", "agent: ¦idlest", "routing.agent", "write one of: longest_idle, least_loaded"),
    "a reading": (
        PROMISE, "quick_abandons: ¦ignored", "queues.calls.quick_abandons", "included, excluded, answered_only",
    ),
    "patience": (
        "patience: never", "patience: ¦forever", "queues.chats.patience", '"forever" is no patience: write "never"',
    ),
    "a unit of a KPI": (
        "name: branch", "name: branch\nkpis: {k: {numerator: answered, denominator: offered, unit: ¦percent}}",
        "kpis.k.unit", '"percent" is not known here: write one of: share, s, count, per_hour, score',
    ),
    "cv where there is none": (
        "{distribution: exponential, mean: 3 min}", "¦{distribution: exponential, mean: 3 min, cv: 0.5}",
        "queues.calls.patience", 'exponential takes no "cv" (its cv is 1): leave it out',
    ),
    "a file where there is none": (
        HANDLE, "¦{distribution: lognormal, mean: 5 min, cv: 0.9, file: x.csv}", "queues.chats.handle_time",
        'takes no "file"',
    ),
    "a mean beside a file": (
        HANDLE, "¦{distribution: empirical, file: x.csv, mean: 3 s}", "queues.chats.handle_time", "leave both out",
    ),
    "a cv in percent": (
        HANDLE, "¦{distribution: lognormal, mean: 5 min, cv: 90}", "queues.chats.handle_time", "out of reach",
    ),
    "no way to give volumes": ("{per_hour: 60}", "¦{}", "queues.calls.arrivals", "found none: write exactly one of"),
    "two ways to give volumes": (
        "{per_hour: 60}", "¦{per_hour: 60, per_interval: [1, 2, 3, 4]}", "queues.calls.arrivals",
        "found per_interval and per_hour: write exactly one of",
    ),
}  # fmt: skip
SHARES = {
    "beyond one": (PROMISE, "balk: ¦15", "queues.calls.balk", '15 lies outside 0..1: write "15%"'),
    "beyond 100 %": (PROMISE, "balk: ¦150%", "queues.calls.balk", "150% lies outside 0..1: write 0% to 100%"),
    "negative": (PROMISE, "balk: ¦-5%", "queues.calls.balk", '"-5%" is negative'),
    "of heads": (
        "agents: 6", "agents: 6\n    shrinkage: ¦30", "groups.phones.shrinkage", '30 lies outside 0..1: write "30%"',
    ),
    "of coins": (PROMISE, "quality: {resolved: ¦182%}", "queues.calls.quality.resolved", "182% lies outside 0..1"),
    "of passes": (
        PROMISE, "quality: {checks: {per_agent_day: 2, pass: ¦97}}", "queues.calls.quality.checks.pass", 'write "97%"',
    ),
    "of vendors, together": (
        PROMISE, "shares: ¦{A: 50%, B: 40%}", "queues.calls.shares", "shares add up to 90.0000%: they must make 100%",
    ),
    "of scores, together": (
        PROMISE, "quality: {survey: {answered: 50%, scores: ¦{5: 90%, 1: 5%}}}", "queues.calls.quality.survey.scores",
        "scores add up to 95.0000%",
    ),
    "of variation": (OPEN, f"{OPEN}  day_factor: {{cv: ¦-1}}\n", "calendar.day_factor.cv", '"-1" is negative'),
}  # fmt: skip
LENGTHS = {
    "too few volumes": (
        "per_interval: [5, 10, 10, 5]", "per_interval: ¦[5, 10, 10]", "queues.chats.arrivals.per_interval",
        "found 3 numbers, expected 4: one per interval from 09:00",
    ),
    "no volumes": (
        "per_interval: [5, 10, 10, 5]", "per_interval: ¦[]", "queues.chats.arrivals.per_interval",
        "found 0 numbers, expected 4",
    ),
    "too few agents": (
        "[3, 3, 4, 4]", "¦[3, 3, 4]", "groups.online.agents.per_interval", "found 3 numbers, expected 4",
    ),
    "too few on a weekday": (
        "{per_hour: 60}", "{per_weekday: {mon: [1, 2, 3, 4], tue: ¦[1, 2]}}", "queues.calls.arrivals.per_weekday.tue",
        "found 2 numbers, expected 4",
    ),
    "an open weekday left out": (
        "{per_hour: 60}", "{per_weekday: ¦{mon: [1, 2, 3, 4]}}", "queues.calls.arrivals.per_weekday",
        "tue missing: the calendar is open",
    ),
    "a weekday in capitals": (
        "{per_hour: 60}", "{per_weekday: {¦Mon: [1, 2, 3, 4]}}", "queues.calls.arrivals.per_weekday.Mon",
        'did you mean "mon"?',
    ),
    "a pace too short": (
        "  online:\n    serves: [chats]", "  online:\n    ¦serves: [chats]\n    vendor: B", "groups.online",
        "pace has 2 numbers, concurrency is 3: write one per chat held",
    ),
    "a pace that starts slow": (
        "  online:\n    serves: [chats]", "  online:\n    ¦serves: [chats]\n    vendor: B", "groups.online",
        "pace starts with 0.9: a chat held alone runs at pace 1",
    ),
    "a pace that stands still": ("[1, 0.9]", "[1, ¦0]", "groups.online.pace[1]", "found 0, expected greater than 0"),
    "a pace that speeds up": (
        "[1, 0.9]", "[1, ¦1.1]", "groups.online.pace[1]", "found 1.1, expected less than or equal to 1",
    ),
    "a message that takes no time": (
        "[1, 0.9]", "¦{compose: 0 s, customer: 60 s}", "groups.online.pace", "compose is 0 s",
    ),
}  # fmt: skip
ALSO = {"a pace too short": ("concurrency: 2", "concurrency: 3"), "a pace that starts slow": ("[1, 0.9]", "[0.9, 0.8]")}
NAMES = {
    "nobody serves a queue": (
        "  calls:\n    channel", "  ¦calls:\n    channel", "queues.calls",
        'nobody serves queue "calls": add it to "serves" of a group (phones, online)',
    ),
    "a group serves an unknown queue": (
        "serves: [calls]", "serves: [calls, ¦chast]", "groups.phones.serves[1]",
        'group "phones" serves the unknown queue "chast": did you mean "chats"?',
    ),
    "a priority for a queue of others": (
        "serves: [calls]", "serves: [calls]\n    priority: {¦chats: 1}", "groups.phones.priority.chats",
        "which this group does not serve",
    ),
    "a preference for a group of others": (
        PROMISE, "prefers: [¦online]", "queues.calls.prefers[0]", '"online" does not serve this queue',
    ),
    "a vendor share without group": (
        PROMISE, "shares: {A: 70%, ¦B: 30%}", "queues.calls.shares.B",
        'vendor "B" has a share but no group that serves this queue',
    ),
    "a group of no vendor on a shared queue": (
        "  online:\n    serves: [chats]", "  ¦online:\n    serves: [chats, calls]", "groups.online.vendor",
        'group "online" serves "calls", which is shared among vendors',
    ),
    "a contact order without threshold": (
        "  chats:\n    channel", "  ¦chats:\n    channel", "queues.chats.answer_within",
        'contact order never_past_threshold needs a threshold: write "answer_within: 20 s"',
    ),
    "observed beyond the pace": (
        "cv: 0.9}", "cv: 0.9, observed_at: ¦3}", "queues.chats.handle_time.observed_at",
        'observed at 3 chats, but the pace of "online" is given up to 2',
    ),
    "patience observed at a load": (
        "exponential, mean: 3 min}", "exponential, mean: 3 min, observed_at: ¦2}", "queues.calls.patience.observed_at",
        "only handle_time is observed at a load",
    ),
    "groups that differ in pace": (
        "cv: 0.9}", "cv: 0.9, observed_at: ¦2}", "queues.chats.handle_time.observed_at",
        "differ in pace at 2 chats: state it at 1",
    ),
    "a handle time of nothing": (
        "mean: 5 min, cv", "mean: ¦0 s, cv", "queues.chats.handle_time.mean", "a handle time of 0 s",
    ),
    "volumes from a file that is not there": (
        "{per_hour: 60}", "¦{file: nowhere.csv}", "queues.calls.arrivals", 'file "nowhere.csv" cannot be read',
    ),
    "a sample that is not there": (
        HANDLE, "{distribution: empirical, file: ¦nowhere.csv}", "queues.chats.handle_time.file",
        'file "nowhere.csv" cannot be read',
    ),
    "more load than agents, for ever": (
        "  chats:\n    channel", "  ¦chats:\n    channel", "queues.chats",
        "nobody ever hangs up: add agents, patience or max_waiting",
    ),
    "load without agents": (
        "  chats:\n    channel", "  ¦chats:\n    channel", "queues.chats",
        "unstable: the load of 2026-06-01: infinitely",
    ),
}  # fmt: skip
ALSO |= {
    "nobody serves a queue": ("serves: [calls]", "serves: [chats]"),
    "a vendor share without group": ("serves: [calls]", "serves: [calls]\n    vendor: A"),
    "a group of no vendor on a shared queue": (PROMISE, "shares: {A: 100%}"),
    "a contact order without threshold": ("contact: fifo", "contact: never_past_threshold"),
    "groups that differ in pace": ("serves: [calls]", "serves: [calls, chats]\n    concurrency: 2"),
    "more load than agents, for ever": ("[5, 10, 10, 5]", "[50, 100, 100, 50]"),
    "load without agents": ("[3, 3, 4, 4]", "[0, 0, 0, 0]"),
}
FURTHER = {
    "a group of no vendor on a shared queue": ("serves: [calls]", "serves: [calls]\n    vendor: A"),
    "a contact order without threshold": ("    answer_within: 1 min\n", ""),
}
CALENDARS = {
    "an unknown zone": ("Asia/Shanghai", "¦Asia/Shangai", "calendar.timezone", 'unknown time zone "Asia/Shangai"'),
    "a path for a zone": ("Asia/Shanghai", "¦../../etc/passwd", "calendar.timezone", "unknown time zone"),
    "no instant": ("2026-06-01T09:00", "¦tomorrow", "calendar.start", 'found "tomorrow", expected a date and time'),
    "an offset": ("2026-06-01T09:00", "¦2026-06-01T09:00+08:00", "calendar.start", 'the zone in "timezone"'),
    "a month thirteen": (
        OPEN, f"{OPEN}  closed: [¦2026-13-01]\n", "calendar.closed[0]", 'found "2026-13-01", expected a date',
    ),
    "more than a day": (
        "open: 2 h", "open: ¦25 h", "calendar.open", "open for 25 h: write more than 0 h and at most 24 h",
    ),
    "never open": ("open: 2 h", "open: ¦0 h", "calendar.open", "open for 0 s: write more than 0 h"),
    "no weekday": (OPEN, f"{OPEN}  weekdays: ¦[]\n", "calendar.weekdays", "no weekday: write for example [mon"),
    "intervals that do not fit": (
        "  start: 2026-06-01T09:00", "  ¦start: 2026-06-01T09:00\n  warmup: 0 s", "calendar",
        'an "interval" of 7 min does not divide "open" (2 h)',
    ),
    "intervals without length": (
        "  start: 2026-06-01T09:00", "  ¦start: 2026-06-01T09:00\n  warmup: 0 s", "calendar",
        'an "interval" of 0 s does not divide',
    ),
}  # fmt: skip
ALSO |= {
    "intervals that do not fit": ("interval: 30 min", "interval: 7 min"),
    "intervals without length": ("interval: 30 min", "interval: 0 s"),
}
RULES = {
    f"{kind}: {name}": (name, case)
    for kind, cases in {
        "unknown key": UNKNOWN, "missing": MISSING, "unit": UNITS, "type": TYPES, "choice": CHOICES, "share": SHARES,
        "length": LENGTHS, "name": NAMES, "calendar": CALENDARS,
    }.items()
    for name, case in cases.items()
}  # fmt: skip


@pytest.mark.parametrize(("name", "case"), RULES.values(), ids=RULES)
def test_a_mistake_is_not_named_with_its_place_and_its_remedy(branch, name, case):
    """One broken rule gives one message: file, line, column, path, and words that say what to write."""
    old, new, path, words = case
    also = [pair for pair in (ALSO.get(name), FURTHER.get(name)) if pair]
    error, places = branch.refusal((old, new), *also)
    assert [mistake.path for mistake in error.mistakes] == [path], str(error)
    mistake = error.mistakes[0]
    assert (mistake.file, (mistake.line, mistake.column)) == (str(branch.path), places[0]), str(error)
    assert words in mistake.what
    assert str(error).startswith(f"{branch.path}:{mistake.line}:{mistake.column}  {path}\n  {mistake.what}\n1 mistake;")


def test_a_misspelt_key_is_also_reported_as_missing(branch):
    """A required key that is there under a misspelt name is said once, not twice."""
    error, _ = branch.refusal(("    channel: voice", "    chanel: voice"), ("groups:", "group:"))
    assert [mistake.path for mistake in error.mistakes] == ["queues.calls.chanel", "group"]


def test_several_mistakes_come_one_at_a_time_or_out_of_order(branch):
    """All mistakes of a file come in one message, in file order, and their number is said."""
    error, places = branch.refusal(
        ("    agents: 6", "    agents: ¦six"), ("days: 2", "days: ¦two"), (PROMISE, "answer_within: ¦20"),
        ("serves: [chats]", "¦servs: [chats]"), ("{per_hour: 60}", "{per_hour: ¦-60}"),
    )  # fmt: skip
    assert [(mistake.line, mistake.column) for mistake in error.mistakes] == places
    assert len(places) == 5
    assert str(error).endswith("5 mistakes; nothing was run.")


def test_mistakes_between_parts_hide_those_in_other_files(branch, days):
    """Names that point nowhere, lists of the wrong length and bad rows of a CSV are reported together."""
    rows = "".join(f"{date},{time},{number if number != 12 else 'x'}\n" for date, time, number in days)
    branch.write(f"date,time,expected\n{rows}", "volumes.csv")
    error, _ = branch.refusal(
        ("{per_hour: 60}", "{file: volumes.csv}"),
        ("serves: [chats]", "serves: [chats, cals]"),
        ("[3, 3, 4, 4]", "[3, 3]"),
    )
    found = [(mistake.file.rsplit("/", 1)[-1], mistake.path) for mistake in error.mistakes]
    assert found == [
        (
            "branch.yaml", "groups.online.serves[1]",
        ), ("branch.yaml", "groups.online.agents.per_interval"), ("volumes.csv", "expected"),
    ]  # fmt: skip


def test_a_mistake_in_a_dict_has_no_path():
    """A scenario made in Python has no lines, but its paths are named."""
    with pytest.raises(csim.InputError) as caught:
        csim.load_scenario({"csim": "scenario/1", "name": "x", "calender": {}})
    assert 'calender\n  unknown key "calender": did you mean "calendar"?' in str(caught.value)
    assert {mistake.path for mistake in caught.value.mistakes} == {"calender", "queues", "groups"}


SENSELESS = {
    "a blank patience": ("patience: never", "patience:", "patience"),
    "a blank name": ("name: branch", "name: ''", "name"),
    "a queue called all": ("  calls:\n    channel", "  all:\n    channel", "all"),
    "a negative sample": (HANDLE, "{distribution: empirical, sample: [-5]}", "sample"),
    "an empty sample": (HANDLE, "{distribution: empirical, sample: []}", "sample"),
}


@pytest.mark.parametrize(("old", "new", "words"), SENSELESS.values(), ids=SENSELESS)
def test_input_that_nobody_means_is_accepted(branch, old, new, words):
    """What cannot be meant is refused, in words of the field: no patience is not "never", "all" names the sum."""
    error, _ = branch.refusal((old, new), *([("serves: [calls]", "serves: [all]")] if "all:" in new else []))
    assert words in str(error)
    assert "String should have" not in str(error)


@pytest.mark.parametrize("formula", ["f(answered)", "answered +", "answered.sum"])
def test_a_bad_formula_of_a_kpi_has_no_line(branch, formula):
    """A formula in a scenario that is no formula is a mistake of that file, at its line."""
    entry = f"kpis: {{mine: {{numerator: ¦{formula}, denominator: offered}}}}"
    text = branch.text(("name: branch", f"name: branch\n{entry}"))
    path = branch.write(text.replace("¦", ""))
    with pytest.raises(csim.InputError) as caught:
        csim.simulate(path, replications=1)
    mistake = caught.value.mistakes[0]
    assert (mistake.file, mistake.line, mistake.path) == (str(path), 3, "kpis.mine.numerator")


@pytest.mark.parametrize("target", ["service_level: ¦80", "asa: ¦30"])
def test_a_target_without_unit_is_taken_as_it_stands(branch, target):
    """80 is neither 80 % nor 80 s: a target needs its unit like every duration and share."""
    error, places = branch.refusal((PROMISE, f"targets: {{{target}}}"))
    mistake = error.mistakes[0]
    assert mistake.path.startswith("queues.calls.targets.")
    assert [(mistake.line, mistake.column)] == places


@pytest.mark.parametrize("target", ["service_levle: 80%", "接通率: 90%", "asa: 30%", "service_level: 30 s"])
def test_a_target_that_no_kpi_can_have_is_kept(branch, target):
    """A target for an unknown or ambiguous KPI, or in a unit that is not its own, is a mistake with its line."""
    path = branch.write(branch.text((PROMISE, f"{PROMISE}\n    targets: {{{target}}}")))
    with pytest.raises(csim.InputError) as caught:
        _ = csim.service_forecast(path, replications=1).promises
    assert (caught.value.mistakes[0].file, caught.value.mistakes[0].line) == (str(path), 16)


SYNTAX = {
    "an open bracket": ("[5, 10, 10, 5]}", "[5, 10, 10, 5¦}", "while parsing a flow sequence"),
    "a tab": ("  days: 2", "¦\tdays: 2", "cannot start any token"),
    "crooked indents": (
        "    channel: voice\n    arrivals",
        "   channel: voice\n    arrivals¦",
        "mapping values are not allowed here",
    ),
    "no blank after a colon": ("  days: 2\n  open", "  days:2\n  ¦open", "could not find expected ':'"),
    "two colons": ("name: branch", "name: a¦: b", "mapping values are not allowed here"),
    "an anchor that nobody set": ("per_hour: 60", "per_hour: ¦*rate", "undefined alias"),
    "a bare at-sign": ("name: branch", "name: ¦@branch", "cannot start any token"),
    "a second document": ("csim: scenario/1", "csim: scenario/1\n¦---\ncsim: scenario/1", "found another document"),
}


@pytest.mark.parametrize(("old", "new", "words"), SYNTAX.values(), ids=SYNTAX)
def test_bad_yaml_is_not_placed(branch, old, new, words):
    """A file that is no YAML gives one message with the line and column where reading stopped."""
    error, places = branch.refusal((old, new))
    mistake = error.mistakes[0]
    assert len(error.mistakes) == 1
    assert ((mistake.line, mistake.column), mistake.file) == (places[0], str(branch.path))
    assert mistake.what.startswith("not readable as YAML: ")
    assert words in mistake.what


@pytest.mark.parametrize(
    ("old", "new", "path", "first"),
    [
        ("name: branch", "name: branch\n¦name: again", "name", 2),
        ("    channel: voice", "    channel: voice\n    ¦channel: chat", "queues.calls.channel", 11),
        ("{per_hour: 60}", "{per_hour: 60, ¦per_hour: 70}", "queues.calls.arrivals.per_hour", 12),
        ("    channel: chat", "    channel: chat\n  ¦chats:\n    channel: chat", "queues.chats", 16),
    ],
)
def test_a_key_that_stands_twice_wins_silently(branch, old, new, path, first):
    """A key that stands twice is refused at its second place and names the line of its first."""
    error, places = branch.refusal((old, new))
    mistake = error.mistakes[0]
    assert ((mistake.line, mistake.column), mistake.path) == (places[0], path)
    assert f"stands twice (first in line {first}): keep one" in mistake.what


@pytest.mark.parametrize("text", ["", "# only a remark\n", "- a\n- b\n", "hello\n", "42\n", "[1, 2]\n"])
def test_a_file_without_keys_is_read(branch, text):
    """An empty file, a list or a word is no scenario; the message says how to start one."""
    branch.write(text)
    with pytest.raises(
        csim.InputError, match=r'branch\.yaml:1\n  the file holds no "key: value" lines: start one with csim new'
    ):
        csim.load_scenario(branch.path)


@pytest.mark.parametrize("encoding", ["utf-16", "gbk", "latin-1"])
def test_text_in_another_encoding_is_guessed(branch, encoding):
    """A file that is not UTF-8 is refused, never read as mojibake."""
    name = "büro" if encoding == "latin-1" else "分行"
    branch.write(branch.text(("name: branch", f"name: {name}")).encode(encoding))
    with pytest.raises(csim.InputError, match="not UTF-8 text: save the file as UTF-8"):
        csim.load_scenario(branch.path)


@pytest.mark.parametrize("content", [b"name: a\x07b\n", b"name: a\x00b\n"])
def test_a_control_character_crashes_the_reader(branch, content):
    """Characters that YAML forbids give a message that names the file."""
    branch.write(content)
    with pytest.raises(csim.InputError, match=r"branch\.yaml.*\n.*not readable as YAML: unacceptable character"):
        csim.load_scenario(branch.path)


BOMB = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(7)
)


@pytest.mark.parametrize(
    "text",
    ["a: &a [*a]\n", "a: &a {b: *a}\n", BOMB, "a: " + "[" * 60 + "]" * 60],
    ids=["list", "mapping", "bomb", "deep"],
)
def test_anchors_that_never_end_fill_the_memory(branch, text):
    """Anchors that hold themselves, or multiply, are refused at once."""
    branch.write(text)
    with pytest.raises(csim.InputError, match="too large or nested too deep"):
        csim.load_scenario(branch.path)


def test_very_deep_nesting_crashes_the_reader(branch):
    """Thousands of brackets are a mistake in the file, not a stack overflow of csim."""
    branch.write("a: " + "[" * 3000 + "]" * 3000)
    with pytest.raises(csim.InputError, match="too deep"):
        csim.load_scenario(branch.path)


def test_a_tag_runs_code(branch, tmp_path):
    """A tag that asks for Python objects creates nothing and runs nothing."""
    branch.write(branch.text(("name: branch", f'name: !!python/object/apply:os.mkdir ["{tmp_path}/made"]')))
    with pytest.raises(csim.InputError, match="name"):
        csim.load_scenario(branch.path)
    assert not (tmp_path / "made").exists()


def test_an_anchor_used_twice_is_one_mistake_hidden(branch):
    """A mistake in an anchored part is reported for every place that uses it."""
    error, places = branch.refusal(
        (
            "handle_time: {distribution: exponential, mean: 4 min}",
            "handle_time: &law {distribution: exponential, mean: ¦4}",
        ),
        (f"handle_time: {HANDLE}", "handle_time: *law"),
    )
    assert [mistake.path for mistake in error.mistakes] == [
        "queues.calls.handle_time.mean",
        "queues.chats.handle_time.mean",
    ]
    assert {(mistake.line, mistake.column) for mistake in error.mistakes} == set(places)


def test_a_missing_file_is_a_traceback(tmp_path):
    """A path that is no file says so and how to start one; a folder cannot be read."""
    with pytest.raises(csim.InputError, match=r"nix\.yaml\n  no such file: write the path of a scenario file"):
        csim.load_scenario(tmp_path / "nix.yaml")
    with pytest.raises(csim.InputError, match="cannot be read"):
        csim.load_scenario(tmp_path)


def test_a_calendar_that_is_never_open_runs_for_ever(branch):
    """Closed on every date it could be open: the message says how many open days were found."""
    mondays = ", ".join(str(dt.date(2026, 6, 1) + dt.timedelta(weeks=week)) for week in range(1600))
    error, places = branch.refusal(
        ("  start:", "  ¦start:"), (OPEN, f"{OPEN}  weekdays: [mon]\n  closed: [{mondays}]\n"), ("days: 2", "days: 1")
    )
    mistake = error.mistakes[0]
    assert (mistake.path, mistake.line, mistake.column) == ("calendar", *places[0])
    assert mistake.what == "only 0 open days found: check weekdays and closed"


def test_a_calendar_at_the_end_of_time_crashes(branch):
    """A start in the year 9999 is a mistake in the file (nobody means it), not an overflow."""
    branch.write(branch.text(("2026-06-01T09:00", "9999-12-30T09:00")))
    with pytest.raises(csim.InputError, match="calendar"):
        csim.load_scenario(branch.path)


# -- files that the scenario names ------------------------------------------------------------------


def table(rows, header="date,time,expected"):
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


PROFILES = {
    "a column misspelt": (
        lambda rows: table(rows, "date,time,expcted"), 1, "", 'columns missing: expected; did you mean "expcted"?',
    ),
    "no column known": (lambda rows: table(rows, "a,b,c"), 1, "", "columns missing: date (or weekday), time, expected"),
    "semicolons": (
        lambda rows: table(rows).replace(",", ";"), 1, "", "columns missing: date (or weekday), time, expected",
    ),
    "an empty file": (lambda rows: "", 1, "", "columns missing: date (or weekday), time, expected"),
    "no rows": (lambda rows: table([]), None, "expected", "2026-06-01 09:00 is missing (4 of 4 intervals of that day)"),
    "a missing interval": (
        lambda rows: table(rows[:1] + rows[2:]), None, "expected", "2026-06-01 09:30 is missing (1 of 4",
    ),
    "a missing day": (lambda rows: table(rows[:4]), None, "expected", "2026-06-02 09:00 is missing (4 of 4"),
    "a duplicate row": (
        lambda rows: table([*rows, rows[1]]), 10, "expected", "2026-06-01 09:30 stands twice: keep one",
    ),
    "a negative number": (
        lambda rows: table([*rows[:7], ("2026-06-02", "10:30", -3)]), 9, "expected", "expected is -3: write a number",
    ),
    "no number": (
        lambda rows: table([("2026-06-01", "09:00", "nan"), *rows[1:]]), 2, "expected",
        "expected is nan: write a number",
    ),
    "infinitely many": (
        lambda rows: table([("2026-06-01", "09:00", "inf"), *rows[1:]]), 2, "expected", "expected is inf",
    ),
    "a short row": (lambda rows: table([*rows[:7], ("2026-06-02", "10:30")]), 9, "expected", "the row is too short"),
    "a time outside opening": (
        lambda rows: table([*rows, ("2026-06-01", "08:30", 1)]), 10, "expected", 'time "08:30" begins no interval',
    ),
    "a time between intervals": (
        lambda rows: table([*rows, ("2026-06-01", "9:45", 1)]), 10, "expected", 'time "09:45" begins no interval',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("made", "line", "path", "words"), PROFILES.values(), ids=PROFILES)
def test_a_bad_profile_is_read(branch, days, made, line, path, words):
    """A volumes file with a mistake is refused, with the CSV's own name and line."""
    volumes = branch.write(made(days), "volumes.csv")
    error, _ = branch.refusal(("{per_hour: 60}", "{file: volumes.csv}"))
    mistake = error.mistakes[0]
    assert len(error.mistakes) == 1, str(error)
    assert (mistake.file, mistake.line, mistake.path) == (str(volumes), line, path)
    assert words in mistake.what


def test_half_an_agent_in_a_file_works(branch, days):
    """A staffing file holds whole people; half a contact in a volumes file is fine."""
    rows = [(date, time, number + 0.5) for date, time, number in days]
    branch.write(table(rows, "date,time,agents"), "staff.csv")
    branch.write(table(rows), "volumes.csv")
    error, _ = branch.refusal(("agents: 6", "agents: {file: staff.csv}"), ("{per_hour: 60}", "{file: volumes.csv}"))
    assert {(mistake.file, mistake.what.split(":")[0]) for mistake in error.mistakes} == {
        (str(branch.folder / "staff.csv"), f"agents is {number}") for _, _, number in rows
    }
    assert error.mistakes[0].what == "agents is 10.5: write a whole number, 0 or more"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (table([("2026-06-01", "09:45", 1)]), "the day has 09:00, 09:30, …"),
        (table([("2026-06-01", "09:00", "eleven")]), "expected is eleven: write a number, 0 or more"),
        (table([("2026-06-01", "09:00", "")]), "write a number"),
        ("date,expected\n2026-06-01,5\n", "columns missing: time"),
    ],
    ids=["time", "word", "blank", "column"],
)
def test_a_message_about_a_profile_speaks_python(branch, content, words):
    """Messages about a CSV show no Python lists and no Python errors, and do not propose a column that is there."""
    branch.write(content, "volumes.csv")
    error, _ = branch.refusal(("{per_hour: 60}", "{file: volumes.csv}"))
    what = error.mistakes[0].what
    assert words in what
    assert "['" not in what
    assert "could not convert" not in what
    assert 'did you mean "expected"' not in what


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("seconds\n100\nx\n", 3, '"x" is no duration in seconds'),
        ("seconds\n100\n-3\n", 3, '"-3" is no duration in seconds'),
        ("seconds\n1:30\n", 2, '"1:30" is no duration in seconds'),
        ("100\n\ninf\n", 3, '"inf" is no duration in seconds'),
        ("", None, "no durations found: write one per line, in seconds"),
        ("seconds\n", None, "no durations found"),
        ("-3\n5\n", 1, "-3"),
    ],
)
def test_a_bad_sample_is_read(branch, content, line, words):
    """A sample of durations with a mistake is refused, with its file and line; only a header may be no number."""
    sample = branch.write(content, "sample.csv")
    error, _ = branch.refusal((HANDLE, "{distribution: empirical, file: sample.csv}"))
    mistake = error.mistakes[0]
    assert (mistake.file, mistake.line) == (str(sample), line)
    assert words in mistake.what


# -- what is legal but implausible ------------------------------------------------------------------

WARNINGS = {
    "a handle time of seconds": (
        ("mean: 4 min", "mean: 4 s"), "queues.calls.handle_time: a mean of 4 s is unusual: check the unit",
    ),
    "a handle time of hours": (
        ("mean: 3 min", "mean: 3 s"), ("mean: 4 min", "mean: 5 h"), "queues.calls.handle_time: a mean of 5 h",
    ),
    "shrinkage": (
        ("agents: 6", "agents: 25\n    shrinkage: 30%"),
        "groups.phones: shrinkage 30%: 25 heads at the peak are 17.5 → 18 on duty (nearest whole agent, halves up)",
    ),
    "more load than agents": (
        ("agents: 6", "agents: 2"),
        "queues.calls: the load of 2026-06-01: 2.00 times what its agents can carry; whoever is impatient",
    ),
    "voice and chat together": (("serves: [calls]", "serves: [calls, chats]"), "groups.phones: serves voice and chat"),
    "slots without chats": (
        ("serves: [calls]", "serves: [calls]\n    concurrency: 2"), "concurrency 2 has no effect on voice",
    ),
    "clocks that change": (
        ("Asia/Shanghai", "Europe/Berlin"), ("2026-06-01T09:00", "2026-03-29T01:00"),
        "2026-03-29: clocks change while the centre is open; intervals count elapsed hours",
    ),
    "an opening that does not exist": (
        ("Asia/Shanghai", "Europe/Berlin"), ("2026-06-01T09:00", "2026-03-29T02:30"),
        "2026-03-29: 02:30 does not exist there (clocks go forward); an hour later is used",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WARNINGS.values(), ids=WARNINGS)
def test_the_implausible_passes_in_silence(branch, case):
    """What is legal but hardly meant loads with a warning that names the place; the plain centre has none."""
    *edits, words = case
    assert branch.load().warnings == ()
    assert any(words in warning for warning in branch.load(*edits).warnings)


@pytest.mark.parametrize("mean", ["5 s", "4 h"])
def test_the_bounds_of_the_plausible_warn(branch, mean):
    """A handle time of exactly five seconds or four hours is still unremarkable."""
    warnings = branch.load(("mean: 4 min", f"mean: {mean}"), ("agents: 6", "agents: 300")).warnings
    assert not any("unusual" in warning for warning in warnings)


# -- reviewed as a whole ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bad_keys", "bad_names"])
def test_the_messages_of_a_bad_file_read_differently(name, monkeypatch, request):
    """The whole message is what golden/*.txt holds (made by: cd golden; csim simulate NAME.yaml 2> NAME.txt)."""
    folder = request.path.parent / "golden"
    monkeypatch.chdir(folder)
    with pytest.raises(csim.InputError) as caught:
        csim.load_scenario(f"{name}.yaml")
    assert f"{caught.value}\n" == (folder / f"{name}.txt").read_text(encoding="utf-8")
