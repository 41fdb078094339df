"""Sliders over a scenario: the numbers are those of csim.simulate, moves share their luck, mistakes are messages."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import csim
from csim.display.numbers import points, shown
from csim.errors import InputError
from csim.experiment.compare import paired
from csim.explore import told
from csim.explore.focus import AT_MOST, LEAST, Focus
from csim.explore.knobs import knobs
from csim.scenario.varied import write_varied

SCENARIOS = Path(__file__).parents[2] / "scenarios"
CENTRES = sorted(path.stem for path in (SCENARIOS / "centres").glob("*.yaml"))
TAKEN = {"staffing": 0.9, "volume": 1.25, "agents": 6, "concurrency": 2, "patience": 150, "answer_within": 25}


def centre(name):
    return SCENARIOS / "centres" / f"{name}.yaml"


def card(explorer, key):
    """The value that a card shows."""
    return re.search(rf'data-key="{key}">.*?<div class="value">([^<]*)</div>', explorer.cards.value)[1]


def somewhere(explorer, seed):
    """Positions that any hand could choose."""
    luck = np.random.default_rng(seed)
    steps = {knob.key: luck.integers(0, round((knob.high - knob.low) / knob.step) + 1) for knob in explorer.focus.knobs}
    return {knob.key: knob.low + knob.step * steps[knob.key] for knob in explorer.focus.knobs}


@pytest.mark.parametrize("name", CENTRES)
def test_a_card_shows_another_number_than_csim_simulate(name):
    """Every card equals csim.simulate of the varied scenario with the same replications and seed, in every centre."""
    explorer = csim.explore(centre(name), seed=11)
    explorer.move(**{knob.key: TAKEN[knob.key] for knob in explorer.focus.knobs if knob.key in ("staffing", "volume")})
    base = csim.load_scenario(centre(name))
    changes = explorer.focus.changes | explorer.focus.moved(explorer.positions)
    plain = csim.simulate(base.vary(changes), explorer.focus.replications, seed=11)
    assert explorer.positions
    for kpi in ("service_level", "abandonment_rate", "wait_all", "occupancy"):
        assert explorer.sim.value(kpi) == plain.value(kpi)
        assert card(explorer, kpi) == shown(plain.value(kpi), csim.catalogue()[kpi].unit)
    shown_alone = plain.kpis[plain.kpis["kpi"].isin(explorer.sim.kpis["kpi"])].reset_index(drop=True)
    assert explorer.sim.kpis.equals(shown_alone)


def test_a_slider_moves_the_luck():
    """Back at the plan the numbers are the plan's, to the bit; a threshold moves nobody's wait."""
    explorer = csim.explore(centre("first_voice"), seed=3)
    before = explorer.sim.kpis
    explorer.move(answer_within=40)
    assert explorer.sim.value("wait_all") == explorer.saved.sim.value("wait_all")
    assert explorer.sim.value("service_level") > explorer.saved.sim.value("service_level")
    explorer.move(staffing=1.2, volume=0.8)
    explorer.move(staffing=1, volume=1, answer_within=20)
    assert explorer.positions == {}
    assert explorer.sim.kpis.equals(before)


def test_a_difference_against_the_saved_is_not_the_paired_one():
    """What is pinned is compared replication by replication; the card says the difference and its interval."""
    explorer = csim.explore(centre("two_skills"), seed=5)
    explorer.move(volume=1.1)
    explorer.save.click()
    assert explorer.saved.positions == {"volume": 1.1}
    explorer.move(volume=1.1, staffing=1.2)
    pair = [variant.sim.replicated("service_level") for variant in (explorer.saved, explorer.now)]
    difference, half, unpaired = paired(*pair)
    assert half < unpaired
    said = explorer.cards.value
    for size in (difference, difference - half, difference + half):
        assert points(size, "share") in said
    assert "Volume × 1.1" in explorer.told.value


def test_the_volume_can_be_raised_until_a_move_takes_long():
    """At the highest volume no centre plays more contacts than an instant allows; the busiest day is in focus."""
    for name in CENTRES:
        focus = Focus.of(csim.load_scenario(centre(name)))
        highest = next(knob.high for knob in focus.knobs if knob.key == "volume")
        played = focus.varied({"volume": highest})
        contacts = sum(numbers.sum() for numbers in played.expected.values()) * focus.replications
        assert contacts <= AT_MOST, name
        assert focus.replications >= LEAST
    assert Focus.of(csim.load_scenario(centre("double_11"))).date == "2026-11-11"


@pytest.mark.parametrize("name", CENTRES)
def test_an_end_of_a_slider_cannot_be_simulated(name):
    """Both ends of every slider are scenarios, or say in words why they are none."""
    scenario = csim.load_scenario(centre(name))
    found = knobs(scenario)
    assert {"volume", "patience", "handle_time", "answer_within"} <= {knob.key for knob in found}
    for knob in found:
        for at in (knob.low, knob.high):
            varied = scenario.vary(knob.changes(at))
            assert varied.hash != scenario.hash or at == knob.start
        assert knob.low < knob.high
        assert knob.low <= knob.start <= knob.high


def test_what_cannot_be_simulated_is_a_traceback():
    """A queue that only grows is a message in the widget; the next good position shows numbers again."""
    patient = csim.load_scenario(centre("first_voice")).vary({"queues.calls.patience": "never"})
    explorer = csim.explore(patient)
    assert "patience" not in explorer.sliders
    explorer.move(volume=3)
    assert explorer.sim is None
    assert "unstable" in explorer.message.value
    assert "cannot be simulated" in explorer.message.value
    assert explorer.cards.value == ""
    assert "Traceback" not in explorer.message.value
    explorer.move(volume=1)
    assert explorer.message.value == ""
    assert card(explorer, "service_level") != "–"


def test_another_day_keeps_what_was_saved_on_this_one():
    """Another day in focus has its own plan as the saved variant, its own people, and the sliders where they stood."""
    explorer = csim.explore(centre("double_11"))
    chats = explorer.sliders["concurrency"]
    assert (chats.value, chats.description) == (8, "Chats at once")
    explorer.move(volume=1.2)
    explorer.dates.value = "2026-11-20"
    assert explorer.sliders["concurrency"].value == 5
    assert explorer.positions == {"volume": 1.2}
    assert str(explorer.saved.sim.scenario.days.dates[0]) == "2026-11-20"
    assert explorer.saved.positions == {}
    assert explorer.sim.offered > explorer.saved.sim.offered
    assert "2026-11-20" in explorer.told.value


def test_a_vendor_is_seen_with_the_numbers_of_all():
    """What is looked at changes the cards to that vendor's numbers without simulating again."""
    explorer = csim.explore(centre("double_11"))
    sim = explorer.sim
    explorer.views.value = (None, "B")
    mine = sim.by_vendor.query("vendor == 'B' and queue == 'all' and kpi == 'service_level'")["value"].iloc[0]
    assert card(explorer, "service_level") == shown(mine, "share")
    assert explorer.sim is sim
    assert explorer.now.row("service_level", (None, "B"))[0] == mine


def test_a_word_stays_in_the_other_language():
    """The switch changes every label, card and sentence, and no number."""
    explorer = csim.explore(centre("first_chat"))
    explorer.move(agents=7)
    english = (explorer.title.value, explorer.told.value, *(slider.description for slider in explorer.sliders.values()))
    number = card(explorer, "wait_all")
    explorer.languages.value = "zh"
    chinese = (explorer.title.value, explorer.told.value, *(slider.description for slider in explorer.sliders.values()))
    for one, other in zip(english, chinese, strict=True):
        assert one != other
        assert re.search("[\u4e00-\u9fff]", other)
        assert not re.search("[\u4e00-\u9fff]", one)
    assert explorer.positions == {"agents": 7}
    assert card(explorer, "wait_all").rstrip("秒") == number.rstrip(" s")
    assert explorer.save.description == "存为对比方案"


def test_a_name_from_a_file_is_executed():
    """Names that are markup or formulas stay text in titles, cards, choices and file names."""
    data = csim.load_scenario(centre("two_skills")).data
    wild = {**data, "name": "<script>alert(1)</script>{{7*7}}"}
    wild["queues"] = {
        '<img src=x onerror="1">': data["queues"]["orders"] | {"prefers": []},
        "technical": data["queues"]["technical"],
    }
    wild["groups"] = {
        "=HYPERLINK(1)": data["groups"]["generalists"] | {"serves": ['<img src=x onerror="1">']},
        "$b$": data["groups"]["specialists"] | {"serves": ["technical"], "priority": {}},
    }
    explorer = csim.explore(wild)
    explorer.move(volume=1.1)
    explorer.views.value = ('<img src=x onerror="1">', None)
    assert explorer.file.value == "script-alert-1-script-7-7-varied.yaml"
    explorer.file.value = "<script>.txt"
    explorer.export.click()
    assert "&lt;script&gt;.txt" in explorer.message.value
    for part in (explorer.title, explorer.cards, explorer.told, explorer.picture, explorer.message):
        assert "<script" not in part.value
        assert "<img src=x" not in part.value
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in explorer.title.value


def test_a_figure_says_nothing_to_who_cannot_see_it():
    """The picture has words that say what it shows, every slider has a name, the cards are a named group."""
    explorer = csim.explore(centre("first_voice"))
    assert re.search(
        r'<img [^>]*alt="Service level and mean wait by interval. Lowest at \d\d:\d\d: [^"]+"', explorer.picture.value
    )
    assert all(slider.description for slider in explorer.sliders.values())
    assert 'role="group" aria-label="Key figures' in explorer.cards.value


# -- writing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CENTRES)
def test_an_exported_variant_is_another_scenario(name, tmp_path):
    """The file that is written loads, says what the sliders say over the whole calendar, and keeps the remarks."""
    explorer = csim.explore(centre(name), folder=tmp_path)
    explorer.move(**somewhere(explorer, 4))
    changes = explorer.focus.moved(explorer.positions)
    explorer.file.value = "mine.yaml"
    explorer.export.click()
    assert "Written" in explorer.message.value, explorer.message.value
    wanted, found = csim.load_scenario(centre(name)).vary(changes), csim.load_scenario(tmp_path / "mine.yaml")
    assert found.days.dates == wanted.days.dates
    for one, other in ((found.expected, wanted.expected), (found.on_duty, wanted.on_duty)):
        assert all(np.array_equal(one[key], other[key]) for key in other)
    for queue, spec in wanted.queues.items():
        assert found.queues[queue].handle_time == spec.handle_time
        assert found.queues[queue].answer_within == spec.answer_within
    text, original = (path.read_text(encoding="utf-8") for path in (tmp_path / "mine.yaml", centre(name)))
    assert text.startswith(f"# {explorer.plan.name}, varied: ")
    assert next(line for line in original.splitlines() if line.startswith("#")) in text


def test_a_file_that_stands_there_is_written_over(tmp_path):
    """A second file of the same name is refused in words, and the first one stays; nothing half is left."""
    explorer = csim.explore(centre("first_voice"), folder=tmp_path)
    explorer.export.click()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    explorer.move(volume=2)
    explorer.export.click()
    assert "stands there already" in explorer.message.value
    assert "nothing was run" not in explorer.message.value
    explorer.languages.value = "zh"
    explorer.export.click()
    assert "first-voice-varied.yaml”已存在" in explorer.message.value
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert len(before) == 1


@pytest.mark.parametrize(
    "name", ["../out.yaml", "/tmp/out.yaml", "a/b.yaml", ".hidden.yaml", "x.txt", "", "a\\b.yaml", ".."]
)
def test_a_page_writes_elsewhere(tmp_path, name):
    """A page for others writes plain names of its own folder only."""
    folder = tmp_path / "inside"
    folder.mkdir()
    explorer = csim.explore(centre("first_voice"), folder=folder, confined=True)
    explorer.file.value = name
    explorer.export.click()
    assert "Not written" in explorer.message.value
    assert list(tmp_path.rglob("*.*")) == []


def test_changes_that_cannot_be_are_written(tmp_path):
    """What `vary` refuses is not written either."""
    scenario = csim.load_scenario(centre("first_voice"))
    with pytest.raises(InputError, match="pateince"):
        write_varied(scenario, {"queues.calls.pateince": "3 min"}, tmp_path / "x.yaml")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "x.yaml").write_text("mine")
    with pytest.raises(InputError, match="stands there already"):
        write_varied(scenario, {"groups.team.shrinkage": "10%"}, tmp_path / "x.yaml")
    assert (tmp_path / "x.yaml").read_text() == "mine"


def test_a_factor_of_a_profile_counts_another_way():
    """`times` multiplies volumes as they are and heads to whole people, halves up, before shrinkage."""
    scenario = csim.load_scenario(centre("first_voice"))
    more = scenario.vary({"queues.calls.arrivals.times": 1.5, "groups.team.agents.times": "50%"})
    assert (more.expected["calls"] == scenario.expected["calls"] * 1.5).all()
    assert more.on_duty["team"][0, :4].tolist() == [6, 7, 9, 10]  # of 12, 14, 17, 20
    twice = more.vary({"groups.team.shrinkage": "10%"})
    assert twice.on_duty["team"][0, :4].tolist() == [5, 6, 8, 9]
    again = {knob.key: knob for knob in knobs(more)}["volume"]
    assert again.changes(2) == {"queues.calls.arrivals.times": 3.0}


# -- before the first slider ------------------------------------------------------------------------------


def test_staff_that_was_set_in_python_is_lost_silently():
    """Arrays that no file states are refused: a slider would lose them."""
    scenario = csim.load_scenario(centre("first_voice"))
    with pytest.raises(InputError, match="with_staff"):
        csim.explore(scenario.with_staff("team", scenario.on_duty["team"] + 1))
    with pytest.raises(InputError, match="not open on 2026-11-31"):
        csim.explore(centre("double_11"), date="2026-11-31")


def test_without_widgets_nobody_knows_what_to_install(monkeypatch):
    """Where ipywidgets is not installed, the message says how to get it, in the language asked for."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for lang in ("en", "zh"):
        with pytest.raises(InputError, match=r"pip install csim\[lab\]"):
            csim.explore(centre("first_voice"), lang=lang)


def test_the_room_hides_the_function():
    """`csim.explore` can be called though its room was imported first, and loads no widgets before it is."""
    script = (
        "import csim.explore.knobs, csim, sys\nassert callable(csim.explore)\nassert 'ipywidgets' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "first-chat" in repr(sys.modules["csim.explore"](centre("first_chat")))


def test_the_title_of_the_figure_says_another_interval():
    """The title names the interval with the lowest level."""
    explorer = csim.explore(centre("first_voice"), seed=2)
    table = explorer.sim.by_interval.query("queue == 'all' and vendor == '' and kpi == 'service_level'")
    worst = table.loc[table["value"].idxmin()]
    assert (
        told.headline(explorer.now, (None, None), "en")
        == f"Lowest at {worst['time']}: {shown(worst['value'], 'share')}"
    )
