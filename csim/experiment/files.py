"""The result of a simulation as files: tables for Excel, logs for everything else, provenance beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from csim.display.tables import as_csv
from csim.experiment.compare import Comparison
from csim.experiment.simulation import Simulation
from csim.files import write_text, write_whole


def write_simulation(sim: Simulation, folder: Path) -> None:
    """kpis.csv, by_interval.csv, provenance.json, and contacts.parquet, agent_states.parquet when they were kept."""
    write_text(folder / "kpis.csv", as_csv(sim.kpis))
    write_text(folder / "by_interval.csv", as_csv(sim.by_interval))
    write_whole(folder / "contacts.parquet", lambda path: sim.contacts.to_parquet(path, index=False))
    write_whole(folder / "agent_states.parquet", lambda path: sim.agent_states.to_parquet(path, index=False))
    write_text(folder / "provenance.json", json.dumps(sim.provenance, indent=2, ensure_ascii=False))


def write_comparison(result: Comparison, folder: Path) -> None:
    """kpis.csv, differences.csv and provenance.json."""
    tables: dict[str, pd.DataFrame] = {"kpis": result.kpis, "differences": result.differences}
    for name, table in tables.items():
        write_text(folder / f"{name}.csv", as_csv(table))
    write_text(folder / "provenance.json", json.dumps(result.provenance, indent=2, ensure_ascii=False))
