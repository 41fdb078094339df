"""What holds for all tests: a slow moment of a shared machine is no failure."""

import os

from hypothesis import settings

os.environ.setdefault("CSIM_KEY", "a key for the tests alone")  # else reading a log writes one into the user's settings

# `make test` draws the same examples every time: what it finds is the change's. `make test-slow` draws new ones.
settings.register_profile("csim", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("CSIM_EXAMPLES", "csim"))
