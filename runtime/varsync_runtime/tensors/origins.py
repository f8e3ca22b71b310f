"""Who made a variable, and on which line of the user.

A library makes the variables of its layers when they are first called, and the line that calls is
not the one that a user knows them by: that is where the layer was made.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import weakref
from collections.abc import Iterator
from typing import Any, NamedTuple

from varsync_runtime import events
from varsync_runtime.events import Site, recorder
from varsync_runtime.events.sites import callees, is_installed, name_of
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.types import TensorLike


class Origin(NamedTuple):
    """The user's line, the step in which it ran, and whether in replica code."""

    site: Site
    step: int
    in_replica: bool


class Maker(NamedTuple):
    """`path` is the name that a library has for a variable, empty if it has none.

    `origin` is where the user made it, or the library's object that has it.
    """

    path: str
    origin: Origin


_askers: list[str] = []
_noted: dict[int, tuple[weakref.ref[Any], Origin]] = {}


def note(made: Any) -> None:
    """An object is made that a library may give variables; where, is kept as long as it lives."""
    if recorder.current.send is None or not _is_installed(type(made).__module__):
        return
    key = id(made)
    try:
        reference = weakref.ref(made, lambda _: _noted.pop(key, None))
    except TypeError:
        return
    _noted[key] = (reference, _origin(isinstance(made, TensorLike)))


def of_variable() -> Maker:
    """Who makes the variable that is being made."""
    for owner in callees():
        if isinstance(owner, TensorLike):
            path = getattr(owner, "path", None)
            return Maker(path if isinstance(path, str) else "", _known(owner) or _origin(True))
        break
    return Maker("", _origin(True))


def user_of_library() -> str:
    """The name of the library's object that does what is being done; empty if it has none.

    Such as the optimizer that reduces gradients, the layer, the metric.
    """
    return _askers[-1] if _askers else next(filter(None, map(_name, callees())), "")


@contextlib.contextmanager
def on_behalf_of(name: str) -> Iterator[None]:
    """What is done meanwhile, is done for the library's object of this name, if there is one."""
    if not name:
        yield
        return
    _askers.append(name)
    try:
        yield
    finally:
        _askers.pop()


def _name(owner: Any) -> str:
    """`sequential/dense` of what has such a path, else its name; empty if it has none."""
    if isinstance(owner, TensorLike):
        return ""
    return name_of(owner)


def _origin(is_variable: bool) -> Origin:
    """The origin of the library's object that makes what is being made, if it has one.

    What the user asks an object for (`model.compile("adam")`) is made there and then, unless it is
    one of its variables.
    """
    owners = [owner for owner in callees() if not isinstance(owner, TensorLike)]
    if owners and (is_variable or owners[0] is not owners[-1]):
        known = _known(owners[0])
        if known is not None:
            return known
    return Origin(events.here(), events.step(), state.stamp is not None)


def _known(owner: Any) -> Origin | None:
    reference, origin = _noted.get(id(owner), (None, None))
    return origin if reference is not None and reference() is owner else None


@functools.cache
def _is_installed(module: str) -> bool:
    """Whether a module belongs to an installed package."""
    filename = getattr(sys.modules.get(module), "__file__", None)
    return isinstance(filename, str) and is_installed(filename)
