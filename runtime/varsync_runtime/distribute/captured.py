"""Whether replica code found an array outside, or made it.

In TensorFlow the replicas are threads: an array of a global, a closure or an argument is one object
for all of them, one that the replica's function makes is each one's own. Here an array is the host's
if what surrounds the replica's code still has it.
"""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Iterable, Iterator, Mapping
from types import CodeType, FrameType
from typing import Any

from varsync_runtime.events.sites import is_users

DEPTH = 4  # so deep an array may lie in lists, dictionaries and attributes
LIMIT = 2000  # values that are looked at
_starts: set[CodeType] = set()


def starts(code: CodeType) -> None:
    """What this code calls is replica code; what is around it, and its arguments, is not."""
    _starts.add(code)


def is_users_replica_code() -> bool:
    """Whether the line of the user that is being run is in replica code.

    It is not where a library gave the replicas a function of its own, which calls none of the user's.
    """
    frame = sys._getframe(1)
    while frame is not None and not is_users(frame.f_code.co_filename):
        if frame.f_code in _starts:
            return False
        frame = frame.f_back  # type: ignore[assignment]
    return True


def is_captured(value: Any) -> bool:
    """Whether an array (not a copy of it) is there outside of the replica's code."""
    inside, outside = _frames()
    made = {id(part) for frame in inside for part in _locals(frame, frame.f_code.co_cellvars)}
    search = _Search(value)
    for frame in inside:
        names = _names(frame.f_code)
        space = frame.f_globals
        roots = [space[name] for name in names if name in space]
        roots += [part for part in _locals(frame, frame.f_code.co_freevars) if id(part) not in made]
        # the instance of a method
        roots += [vars(part) for part in _locals(frame, ("self",)) if hasattr(part, "__dict__")]
        if any(search.finds(root, names) for root in roots):
            return True
    return any(search.finds(part) for frame in outside for part in _around(frame))


def is_written(value: float) -> bool:
    """Whether a number stands in the replica's code, or is there outside of it."""
    constants = (one for frame in _frames()[0] for one in frame.f_code.co_consts)
    stands = any(type(one) is type(value) and one == value for one in constants)
    return stands or is_captured(value)


def _around(frame: FrameType) -> Iterable[Any]:
    """What a frame outside has; of the one that calls the replica's code, what it was given."""
    code = frame.f_code
    if code in _starts:
        return _locals(frame, code.co_varnames[: code.co_argcount])
    return frame.f_locals.values()


def _frames() -> tuple[list[FrameType], list[FrameType]]:
    """The user's frames in replica code, and those around it with the one that started it."""
    inside: list[FrameType] = []
    outside: list[FrameType] = []
    found = inside
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code in _starts:
            found = outside
            found.append(frame)
        elif is_users(frame.f_code.co_filename):
            found.append(frame)
        frame = frame.f_back
    return inside, outside


def _locals(frame: FrameType, names: tuple[str, ...]) -> Iterator[Any]:
    values = frame.f_locals
    return (values[name] for name in names if name in values)


def _names(code: CodeType) -> frozenset[str]:
    """The global names and attributes that code uses, and the functions in it."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= _names(constant)
    return frozenset(found)


class _Search:
    """Looks for one object in others."""

    def __init__(self, wanted: Any) -> None:
        self._wanted = wanted
        self._seen: set[int] = set()

    def finds(self, value: Any, names: frozenset[str] = frozenset(), depth: int = DEPTH) -> bool:
        """Whether the object is `value`, or in it; of a module these names are looked at."""
        if value is self._wanted:
            return True
        if not depth or id(value) in self._seen or len(self._seen) > LIMIT:
            return False
        self._seen.add(id(value))
        return any(self.finds(part, names, depth - 1) for part in _parts(value, names))


def _is_filled(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018  raises if nothing is bound
    except ValueError:
        return False
    return True


def _parts(value: Any, names: frozenset[str]) -> list[Any]:
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, types.ModuleType):
        known = vars(value)
        return [known[name] for name in names if name in known]
    if isinstance(value, functools.partial):
        return [*value.args, *value.keywords.values()]
    if isinstance(value, types.MethodType):
        return [value.__self__]
    if isinstance(value, types.FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or () if _is_filled(cell)]
        return [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values(), *cells]
    space = getattr(value, "__dict__", None)
    ours = type(value).__module__.startswith(("varsync_runtime", "tensorflow", "numpy"))
    return list(space.values()) if isinstance(space, dict) and not ours else []
