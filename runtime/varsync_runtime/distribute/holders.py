"""What the script calls variables of which several have one name: `model.layers[0].w`.

Such names are looked for in the script's variables and what they hold, once before the first step
that follows, and again at the end of the script.
"""

from __future__ import annotations

import atexit
import heapq
import itertools
import sys
from collections.abc import Iterator, Mapping
from types import FrameType, ModuleType
from typing import Any

from varsync_runtime import events
from varsync_runtime.events.sites import is_installed, is_users
from varsync_runtime.replicas import world
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.types import TensorLike

DEPTH = 6  # so deep a variable may lie in attributes, lists and dictionaries
LIMIT = 5000  # values that are looked at
WIDTH = 1000  # parts of one value
SEARCHES = 8  # during the run

_first: dict[str, int] = {}
_wanted: set[int] = set()
_missed: set[int] = set()
_searches = 0


def made(number: int, name: str, unnamed: bool) -> None:
    """A variable was made; `unnamed` says that the script gave it no name."""
    first = _first.setdefault(name, number)
    if unnamed or first != number:
        _wanted.update((first, number))


def look(at_end: bool = False) -> None:
    """Tells the names of the variables that were made since, as far as they are found."""
    global _searches
    if not _wanted and not (at_end and _missed):
        return
    if world.current().rank or (_searches == SEARCHES and not at_end):
        return
    _searches += 1
    wanted = _wanted | _missed
    for number, name in _found(wanted):
        events.tell(events.Named(number, name))
    _missed.update(wanted)
    _wanted.clear()


atexit.register(look, at_end=True)


def _found(wanted: set[int]) -> Iterator[tuple[int, str]]:
    """The wanted variables that are found, which are wanted no more, and their names."""
    seen: set[int] = set()
    order = itertools.count()
    for name, root in _roots():
        # the shortest way comes first, one that is not hidden before one that is
        heap = [(0, 0, next(order), name, root)]
        while heap and wanted and len(seen) < LIMIT:
            hidden, depth, _, path, value = heapq.heappop(heap)
            number = _number(value)
            if number is not None:
                if number in wanted:
                    wanted.remove(number)
                    yield number, path
            elif id(value) not in seen and depth < DEPTH:
                seen.add(id(value))
                for step, part in _parts(value):
                    rank = (hidden + step.startswith("._"), depth + 1, next(order))
                    heapq.heappush(heap, (*rank, path + step, part))


def _roots() -> Iterator[tuple[str, Any]]:
    """The names of the script and of the functions that run, in the order of their making."""
    spaces: list[Mapping[str, Any]] = [vars(sys.modules["__main__"])]
    frames: list[FrameType] = []
    frame: FrameType | None = sys._getframe()
    while frame is not None:
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


def _is_variable(value: Any) -> bool:
    return isinstance(value, VariableLike)


def _parts(value: Any) -> list[tuple[str, Any]]:
    """What a value holds, each part with what is written to get it."""
    if isinstance(value, (str, bytes, type, ModuleType)):
        return []
    if isinstance(value, (list, tuple)):
        return [(f"[{index}]", part) for index, part in enumerate(value[:WIDTH])]
    if isinstance(value, dict):
        keys = [key for key in itertools.islice(value, WIDTH) if isinstance(key, (str, int))]
        return [(f"[{key!r}]", value[key]) for key in keys]
    space = getattr(value, "__dict__", None)
    if not isinstance(space, dict) or _is_ours(type(value)):
        return []
    hidden = "_" if is_installed(_file(type(value))) else "_self_"
    names = [name for name in space if not name.startswith(hidden)]
    return [(f".{name}", space[name]) for name in names[:WIDTH]]


def _is_ours(cls: type) -> bool:
    return cls.__module__.startswith(("varsync_runtime", "tensorflow", "numpy"))


def _file(cls: type) -> str:
    return getattr(sys.modules.get(cls.__module__), "__file__", None) or ""
