"""Quantiles and maxima over windows, whatever the blocks they came in."""

import numpy as np
import pytest

from csim.experiment import spread
from csim.experiment.spread import Spread
from csim.kpi.catalogue import catalogue


@pytest.mark.parametrize("many", [0, 10**9], ids=["narrowed", "all"])
@pytest.mark.parametrize("seed", range(20))
def test_a_window_has_another_quantile_than_its_values(many, seed, monkeypatch):
    """The 99th percentile of any places is NumPy's over their values, to the bit, narrowed down or not."""
    monkeypatch.setattr(spread, "MANY", many)
    luck = np.random.default_rng(seed)
    values = np.where(luck.random(3000) < 0.4, 0.0, luck.exponential(60, 3000).round(seed % 7))
    place = luck.integers(0, 6, 3000)
    found = Spread(catalogue()["wait_p99"])
    for block in np.array_split(np.arange(3000), luck.integers(1, 9)):
        found.add(values[block], place[block])
    for places in ([0], [1, 3], [2, 3, 5, 9], range(6)):
        assert found.over(list(places)) == np.quantile(values[np.isin(place, list(places))], 0.99)
    assert np.isnan(found.over([7]))
