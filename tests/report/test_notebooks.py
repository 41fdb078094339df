"""Every notebook for people runs from top to bottom."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_does_not_run(path, tmp_path):
    """A planner can run it with one click: no cell fails, wherever JupyterLab was started."""
    import papermill

    papermill.execute_notebook(
        path, tmp_path / path.name, kernel_name="python3", cwd=str(path.parent), progress_bar=False, start_timeout=120
    )
