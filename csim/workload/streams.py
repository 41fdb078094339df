"""Random streams keyed by name, so that a new one moves no other and scenarios share their luck."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, replication: int, name: str) -> np.random.Generator:
    """
    The generator of one named source of chance in one replication.

    Two scenarios with the same seed draw the same numbers from streams of the same name (common
    random numbers), whatever other streams they use and whatever process runs them.

    Examples:
        >>> stream(7, 1, "patience/presales").random() == stream(7, 1, "patience/presales").random()
        True
        >>> stream(7, 1, "patience/presales").random() == stream(7, 1, "patience/hotline").random()
        False
    """
    key = np.random.SeedSequence(seed, spawn_key=(replication, zlib.crc32(name.encode())))
    return np.random.default_rng(key)
