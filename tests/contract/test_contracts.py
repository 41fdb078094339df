"""The contracts beside the scenarios: they load, they can be settled, and each term names its clause."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from csim.contract.lint import lint
from csim.contract.load import load_contract, read_contract
from csim.errors import InputError

FOLDER = Path(__file__).parents[2] / "scenarios" / "contracts"
CONTRACTS = sorted(FOLDER.glob("*.yaml"))
DEFECTIVE = "outsourcing_scorecard_as_published"
SOUND = [path for path in CONTRACTS if path.stem != DEFECTIVE]


def named(paths):
    return {"argvalues": paths, "ids": [path.stem for path in paths]}


def test_the_published_schemes_are_all_there():
    """Seven schemes (the first in three files) and two situations."""
    assert {path.stem for path in CONTRACTS} == {
        DEFECTIVE, "outsourcing_scorecard", "outsourcing_scorecard_three_poor_months", "presales_scorecard",
        "telecom_hotline", "at_risk_pool", "severity_points", "tiers_carry_forward", "linear_credit", "double_11",
        "hotline_400",
    }  # fmt: skip


@pytest.mark.parametrize("path", **named(CONTRACTS))
def test_loads_under_its_own_name(path):
    """The schema holds, and a statement names the contract as its file is called."""
    assert read_contract(path).name == path.stem


@pytest.mark.parametrize("path", **named(SOUND))
def test_has_no_lint_errors(path):
    """A contract that is shown as an example can be settled."""
    assert [finding for finding in lint(path) if finding.severity == "error"] == []


def test_the_scorecard_as_published_is_refused_with_every_defect():
    """Bare names, ranges for scores, 89 to 90, five minutes twice, above ten minutes, weights without bands."""
    path = FOLDER / f"{DEFECTIVE}.yaml"
    errors = [(f.code, f.path.split(".")[1]) for f in lint(path) if f.severity == "error"]
    assert sorted(errors) == [
        ("ambiguous_name", "response"), ("ambiguous_name", "satisfaction"), ("band_gap", "response"),
        ("boundary_twice", "response"), ("reading_missing", "resolution"), ("score_gap", "response"),
        ("score_range", "response"), ("score_range", "response"), ("weight_without_scale", "resolution"),
        ("weight_without_scale", "satisfaction"),
    ]  # fmt: skip
    with pytest.raises(InputError):
        load_contract(path)


@pytest.mark.parametrize("path", **named(CONTRACTS))
def test_says_where_it_comes_from_and_what_was_added(path):
    """A reader must know what is published and what is csim's own."""
    head = path.read_text(encoding="utf-8").split("csim: contract/1")[0]
    for word in ("Source", "ublished|lanning values", "dded|hosen|differs"):
        assert re.search(word, head), f"the head of {path.name} does not say: {word}"


@pytest.mark.parametrize("path", **named(CONTRACTS))
def test_scores_are_weighted_to_the_whole(path):
    """Weights add up to 100 %, allocations of the pool too, or there are none."""
    file = read_contract(path).file
    parts = [*file.kpis.values(), *file.checklists.values()]
    weights = [part.weight for part in parts if part.weight is not None]
    allocations = [clause.allocation for clause in file.kpis.values() if clause.allocation is not None]
    assert sum(weights) in (0, 1)
    assert sum(allocations) in (0, 1)


def test_readings_of_the_three_months_differ_in_the_payment_only():
    """Both readings of the outsourcing scorecard measure the same; they part in what a poor month costs."""
    once, thrice = (
        read_contract(FOLDER / f"outsourcing_scorecard{end}.yaml").data for end in ("", "_three_poor_months")
    )
    assert {key for key in once if once[key] != thrice[key]} == {"name", "pay"}


def test_double_11_speaks_of_its_own_centre():
    """The forecast is the scenario's volume by day, the shares are its vendors' shares, the queues have one name."""
    import csim

    contract = read_contract(FOLDER / "double_11.yaml")
    centre = csim.load_scenario(FOLDER.parent / "centres" / "double_11.yaml")
    rows = (FOLDER.parent / "centres" / "double_11_volumes.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    volumes: dict[str, Decimal] = {}
    for row in rows:
        date, _, expected = row.split(",")
        volumes[date] = volumes.get(date, Decimal(0)) + Decimal(expected)
    assert {f"{day}": count for day, count in contract.days.items()} == volumes
    assert sum(volumes.values()) == 273_000
    queue = centre.file.queues["presales"]
    assert {name: float(share) for name, share in contract.file.forecast.shares.items()} == dict(queue.shares)
    assert {clause.scope.queue for clause in contract.file.kpis.values()} == {"presales"}
