"""Who of a library makes variables and exchanges values, and where the user made that object."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
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
    return _thread.asker or _origins.user()


class _Thread(threading.local):
    asker = ""


_thread = _Thread()


@contextmanager
def on_behalf_of(name: str) -> Iterator[None]:
    """What is done in this thread meanwhile is done for the library's object of this name."""
    before, _thread.asker = _thread.asker, name
    try:
        yield
    finally:
        _thread.asker = before


def _is_tensor(value: object) -> bool:
    from tensorflow.python.types import core

    return isinstance(value, core.Tensor)


def _now() -> Origin:
    site = places.here() or places.now()
    return Origin(site, numbering.step(), positions.context() is Context.REPLICA)


_origins = Origins(places.callees, _is_tensor, _now)
