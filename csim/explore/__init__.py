"""
What people play with: sliders over the compiled engine.

`csim.explore` is this room and the function of the same name at once: it can be called like `explore.explore`.
"""

from __future__ import annotations

import inspect
import sys
from types import ModuleType

from csim.explore.explore import explore


class _Room(ModuleType):
    __call__ = staticmethod(explore)


_room = sys.modules[__name__]
_room.__class__ = _Room
_room.__doc__ = explore.__doc__
_room.__signature__ = inspect.signature(explore)  # type: ignore[attr-defined]
