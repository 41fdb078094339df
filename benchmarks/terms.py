"""
Drafts of a contract tried out per second, beside the plain way: `python -m benchmarks.terms`.

The plain way reads each draft's contract anew and values it as `csim respond` does. Both give the same payments
(tests/terms/test_drafts.py); the time is the processor's, without the simulation, which both share.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from csim.contract.load import load_contract, read_contract
from csim.terms.tuning.choices import default_choices, rewritten
from csim.terms.tuning.demands import wishes_of
from csim.terms.tuning.trials import Trial
from csim.terms.worth.harm import Harm
from csim.terms.worth.played import months_played
from csim.terms.worth.surface import surface
from csim.terms.worth.valuation import valued

SCENARIOS = Path(__file__).parents[1] / "scenarios"
DRAFTS, PLAIN = 20_000, 100
LEVELS = (0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.2)


def main() -> None:
    """Prints the time of 20,000 drafts, and how many times as long the plain way takes."""
    contract = load_contract(SCENARIOS / "contracts/hotline_400.yaml")
    grid = surface(SCENARIOS / "centres/hotline_400.yaml", LEVELS, "staffing", replications=4, seed=1)
    choices = default_choices(contract, months_played(grid, contract).met)
    trial = Trial(contract, grid, choices, wishes_of(contract, grid.scenario, []), Harm(abandon=20))
    rng = np.random.default_rng(1)
    drafts = [[choice.values[rng.integers(len(choice.values))] for choice in choices] for _ in range(DRAFTS)]
    began = time.process_time()
    for values in drafts:
        trial.outcome(values)
    fast = time.process_time() - began
    months = months_played(trial.played, contract)
    began = time.process_time()
    for values in drafts[:PLAIN]:
        valued(read_contract(rewritten(contract, choices, values)), months)
    plain = (time.process_time() - began) / PLAIN
    shape = f"{len(grid.levels)} levels × {trial.played.replications} months, {len(choices)} terms"
    print(
        f"{DRAFTS:,} drafts of hotline_400 ({shape}): {fast:.1f} s of one processor, {1000 * fast / DRAFTS:.2f} ms each"
    )
    print(f"the plain way, payments alone: {1000 * plain:.1f} ms each, {plain * DRAFTS / fast:.1f} times as long")


if __name__ == "__main__":
    main()
