"""Who makes variables and exchanges values: the objects of libraries, as the simulation sees them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from varsync_runtime import events
from varsync_runtime.events import recorder
from varsync_runtime.events.origins import Maker, Origin, Origins
from varsync_runtime.events.sites import callees
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.types import TensorLike


def _now() -> Origin:
    return Origin(events.here(), events.step(), state.stamp is not None)


_origins = Origins(callees, lambda value: isinstance(value, TensorLike), _now)
_askers: list[str] = []


def note(made: object) -> None:
    """An object is made that a library may give variables."""
    if recorder.current.send is not None:
        _origins.note(made)


def of_variable() -> Maker:
    """Who makes the variable that is being made."""
    return _origins.of_variable()


def user_of_library() -> str:
    """The name of the library's object that does what is being done; empty if it has none."""
    return _askers[-1] if _askers else _origins.user()


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
