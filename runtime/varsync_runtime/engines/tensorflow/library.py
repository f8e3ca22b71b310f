"""Who of a library makes variables and exchanges values, and where the user made that object.

As `varsync_runtime.tensors.origins` finds it in the simulation.
"""

from __future__ import annotations

import functools
import sys
import weakref
from typing import Any, NamedTuple

from varsync_runtime.engines.tensorflow import numbering, places, positions
from varsync_runtime.events import Site
from varsync_runtime.events.sites import is_installed, name_of
from varsync_runtime.semantics import Context


class Origin(NamedTuple):
    """The user's line, the step in which it ran, and whether in replica code."""

    site: Site
    step: int
    in_replica: bool


class Maker(NamedTuple):
    """`path` is the name that a library has for a variable, empty if it has none."""

    path: str
    origin: Origin


_noted: dict[int, tuple[weakref.ref[Any], Origin]] = {}


def install() -> None:
    """Notes where objects are made that a library may give variables."""
    from tensorflow.python.trackable import base

    def new(cls: Any, *args: Any, **kwargs: Any) -> Any:
        above = super(base.Trackable, cls).__new__
        made = above(cls) if above is object.__new__ else above(cls, *args, **kwargs)
        if _is_of_library(cls.__module__):
            _note(made)
        return made

    base.Trackable.__new__ = new


def _note(made: Any) -> None:
    key = id(made)
    try:
        reference = weakref.ref(made, lambda _: _noted.pop(key, None))
    except TypeError:
        return
    _noted[key] = (reference, _origin(_is_tensor(made)))


@functools.cache
def _is_of_library(module: str) -> bool:
    if module.startswith("tensorflow"):
        return False
    filename = getattr(sys.modules.get(module), "__file__", None)
    return isinstance(filename, str) and is_installed(filename)


def maker() -> Maker:
    """Who makes the variable that is being made."""
    for owner in places.callees():
        if _is_tensor(owner):
            path = getattr(owner, "path", None)
            return Maker(path if isinstance(path, str) else "", _known(owner) or _origin(True))
        break
    return Maker("", _origin(True))


def user() -> str:
    """The name of the library's object that does what is being done; empty if it has none."""
    return next(filter(None, map(_name, places.callees())), "")


def _name(owner: Any) -> str:
    return "" if _is_tensor(owner) else name_of(owner)


def _is_tensor(value: object) -> bool:
    from tensorflow.python.types import core

    return isinstance(value, core.Tensor)


def _origin(is_variable: bool) -> Origin:
    owners = [owner for owner in places.callees() if not _is_tensor(owner)]
    if owners and (is_variable or owners[0] is not owners[-1]):
        known = _known(owners[0])
        if known is not None:
            return known
    site = places.here() or places.now()
    return Origin(site, numbering.step(), positions.context() is Context.REPLICA)


def _known(owner: Any) -> Origin | None:
    reference, origin = _noted.get(id(owner), (None, None))
    return origin if reference is not None and reference() is owner else None
