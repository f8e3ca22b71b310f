"""Who of a library makes variables and exchanges values, and where the user made that object."""

from __future__ import annotations

from typing import Any

from varsync_runtime.engines.tensorflow import numbering, places, positions
from varsync_runtime.events.origins import Maker, Origin, Origins
from varsync_runtime.semantics import Context


def install() -> None:
    """Notes where objects are made that a library may give variables."""
    from tensorflow.python.trackable import base

    def new(cls: Any, *args: Any, **kwargs: Any) -> Any:
        above = super(base.Trackable, cls).__new__
        made = above(cls) if above is object.__new__ else above(cls, *args, **kwargs)
        _origins.note(made)
        return made

    base.Trackable.__new__ = new


def maker() -> Maker:
    """Who makes the variable that is being made."""
    return _origins.of_variable()


def user() -> str:
    """The name of the library's object that does what is being done; empty if it has none."""
    return _origins.user()


def _is_tensor(value: object) -> bool:
    from tensorflow.python.types import core

    return isinstance(value, core.Tensor)


def _now() -> Origin:
    site = places.here() or places.now()
    return Origin(site, numbering.step(), positions.context() is Context.REPLICA)


_origins = Origins(places.callees, _is_tensor, _now)
