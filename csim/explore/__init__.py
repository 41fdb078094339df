"""
What people play with: sliders over the compiled engine.

`csim.explore` is a function, and this room has its name: whoever imports a part of the room first finds the room
there, which therefore can be called like the function.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    def __call__(self, *given: Any, **named: Any) -> Any:
        """`csim.explore.explore.explore`."""
        from csim.explore.explore import explore

        return explore(*given, **named)


sys.modules[__name__].__class__ = _Room
