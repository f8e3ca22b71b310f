"""What the script calls variables of which several have one name.

It is the way to the variable, `model.layers[0].w`; where a library has a name for it, that name and
the way to the library's object that holds it, `dense/kernel (restored)`. They are looked for in the
script's variables and what they hold, before the first step that follows and at the end.
"""

from __future__ import annotations

import atexit
import heapq
import itertools
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from types import FrameType, FunctionType, ModuleType
from typing import Any

import numpy as np

from varsync_runtime import events
from varsync_runtime.events.sites import is_installed, is_users
from varsync_runtime.replicas import script, world
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.types import TensorLike

DEPTH = 10  # so deep a variable may lie in attributes, lists and dictionaries
LIMIT = 10000  # values that are looked at in one search
WIDTH = 1000  # parts of one value
SEARCHES = 4  # during the run
LEAVES = (int, float, complex, str, bytes, type(None), type, ModuleType, FunctionType, np.ndarray)

_first: dict[str, int] = {}
_wanted: dict[int, str] = {}
"""The library's name of each variable to look for, empty if it has none."""
_missed: dict[int, str] = {}
_searches = 0


def made(number: int, path: str, name: str) -> None:
    """A variable was made; `path` is a library's name for it, `name` what the script gave it."""
    first = _first.setdefault(path or name, number)
    if first != number or not (path or name):
        _wanted.update({first: path, number: path})


def look(at_end: bool = False) -> None:
    """Tells the names of the variables that were made since, as far as they are found."""
    global _searches
    if not _wanted and not (at_end and _missed):
        return
    if world.current().rank or (_searches == SEARCHES and not at_end):
        return
    _searches += 1
    wanted = {**_missed, **_wanted}
    for number, name in _found(wanted):
        events.tell(events.Named(number, name))
    _missed.clear()
    _missed.update(wanted)
    _wanted.clear()


atexit.register(look, at_end=True)


def _found(wanted: dict[int, str]) -> Iterator[tuple[int, str]]:
    """The wanted variables that are found, which are wanted no more, and their names."""
    seen: set[int] = set()
    order = itertools.count()
    for name, root in _roots():
        # the shortest way comes first, one that is not hidden before one that is
        heap = [(0, 0, next(order), name, "", root)]
        while heap and wanted:
            hidden, depth, at, way, holder, value = heapq.heappop(heap)
            number = numbered(value)
            if number is not None:
                if number in wanted:
                    path = wanted.pop(number)
                    yield number, f"{path} ({holder})" if path and holder else way
            elif id(value) not in seen and depth < DEPTH and at < LIMIT:
                seen.add(id(value))
                if not holder and is_installed(_file(type(value))):
                    holder = way
                for step, part in _parts(value):
                    rank = (hidden + step.startswith("._"), depth + 1, next(order))
                    heapq.heappush(heap, (*rank, way + step, holder, part))


def _roots() -> Iterator[tuple[str, Any]]:
    """The names of the script and of the functions that run, in the order of their making."""
    spaces: list[Mapping[str, Any]] = [vars(sys.modules["__main__"])]
    frames: list[FrameType] = []
    # those of the script, though an engine may look in a thread of its own
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    while frame is not None and frame.f_code.co_filename != script.__file__:
        if is_users(frame.f_code.co_filename):
            frames.append(frame)
        frame = frame.f_back
    for one in reversed(frames):
        spaces += [one.f_globals, one.f_locals]
    for space in spaces:
        yield from [one for one in space.items() if not one[0].startswith("__")]


def _number(value: Any) -> int | None:
    """The number of a variable, or of the one that an object of a library stands for."""
    if isinstance(value, VariableLike):
        return value._number()
    if isinstance(value, TensorLike):
        held = [one for one in getattr(value, "__dict__", {}).values() if _is_variable(one)]
        return held[0]._number() if len(held) == 1 else None
    return None


numbered: Callable[[Any], int | None] = _number
"""Which variable a value is; another engine has other variables."""


def _is_variable(value: Any) -> bool:
    return isinstance(value, VariableLike)


def _parts(value: Any) -> list[tuple[str, Any]]:
    """What a value holds, each part with what is written to get it."""
    if isinstance(value, (list, tuple)):
        steps = [(f"[{index}]", part) for index, part in enumerate(value[:WIDTH])]
    elif isinstance(value, dict):
        items = list(itertools.islice(value.items(), WIDTH))
        steps = [(f"[{key!r}]", part) for key, part in items if isinstance(key, (str, int))]
    elif isinstance(getattr(value, "__dict__", None), dict) and not _is_ours(type(value)):
        items = list(itertools.islice(vars(value).items(), WIDTH))
        steps = [(f".{name}", part) for name, part in items if not name.startswith("_self_")]
    else:
        steps = []
    return [(step, part) for step, part in steps if not isinstance(part, LEAVES)]


def _is_ours(cls: type) -> bool:
    return cls.__module__.startswith(("varsync_runtime", "tensorflow", "numpy"))


def _file(cls: type) -> str:
    return getattr(sys.modules.get(cls.__module__), "__file__", None) or ""
