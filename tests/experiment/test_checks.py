"""Which contacts are checked for quality: machine code and NumPy choose the same, whatever ties."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csim.experiment.checks import checked_of

RANKS = st.sampled_from([np.nan, 0.1, 0.2, 0.3, 0.7])
CONTACTS = st.lists(st.tuples(RANKS, st.integers(0, 2), st.integers(0, 3), st.integers(0, 1)), min_size=1, max_size=40)


@settings(max_examples=300, deadline=None)
@given(CONTACTS, st.tuples(st.integers(0, 3), st.integers(1, 3)))
def test_other_contacts_are_checked(contacts, wanted):
    """As many as wanted of each agent, day and queue, the lowest ranks first and of equal ones the earlier."""
    pytest.importorskip("numba")
    contacts = sorted(contacts, key=lambda contact: contact[2])  # by day
    rank, agent, piece, queue = (np.array(column) for column in zip(*contacts, strict=True))
    day = np.array([3, 3, 4, 6])
    workload = SimpleNamespace(piece=piece, queue=queue, codes=np.array([day, day, day]), day=day[piece])
    one, other = (checked_of(rank, agent, workload, np.array(wanted), rows) for rows in (0.0, float("inf")))
    assert one.tobytes() == other.tobytes()
    stacks = {}
    for row, (luck, who, where, line) in enumerate(contacts):
        if luck == luck:
            stacks.setdefault((who, day[where], line), []).append((luck, row))
    lowest = {row for (_, _, line), found in stacks.items() for _, row in sorted(found)[: wanted[line]]}
    assert lowest == set(np.flatnonzero(one == 1.0).tolist())
    assert (np.isnan(one) == np.isnan(rank)).all()
