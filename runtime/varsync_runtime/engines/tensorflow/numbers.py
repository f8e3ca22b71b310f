"""What is told where Python wants a number of a distributed variable, which gives it none."""

from __future__ import annotations

import functools
import linecache
import math
import sys
from typing import Any

from varsync_runtime.engines.tensorflow import places, rejections
from varsync_runtime.engines.tensorflow.wrapping import is_heard


def install() -> None:
    """Gives distributed variables the methods that Python asks for, which refuse as Python does."""
    from tensorflow.python.distribute import values

    for kind in (float, int, complex):
        refuse = functools.partialmethod(_refuse, kind)
        setattr(values.DistributedVariable, f"__{kind.__name__}__", refuse)


def _refuse(variable: Any, kind: Any) -> None:
    caller = sys._getframe(1)
    line = linecache.getline(caller.f_code.co_filename, caller.f_lineno)
    # who else asks (`math.sqrt`, `"%f" %`) says it in other words
    asks = math.sqrt if line and f"{kind.__name__}(" not in line else kind
    has_none = type(type(variable).__name__, (), {})()
    try:
        asks(has_none)
    except TypeError as error:
        if is_heard():
            rejections.tell(error, variable, kind.__name__, places.here())
        raise
