"""What holds for all tests: a slow moment of a shared machine is no failure."""

import os

from hypothesis import settings

os.environ.setdefault("CSIM_KEY", "a key for the tests alone")  # else reading a log writes one into the user's settings

settings.register_profile("csim", deadline=None)
settings.load_profile("csim")
