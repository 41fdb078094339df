"""What holds for all tests: a slow moment of a shared machine is no failure."""

from hypothesis import settings

settings.register_profile("csim", deadline=None)
settings.load_profile("csim")
