"""The numbers that host code gets to see, step by step: what it reduces, fetches, or has logged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from varsync_runtime import events
from varsync_runtime.distribute import telling
from varsync_runtime.events.obtained import is_one_of_the_first
from varsync_runtime.replicas import world
from varsync_runtime.tensors.state import hooks
from varsync_runtime.tensors.tensor import Tensor


def reduced(value: Any) -> None:
    """The host reduced it over the replicas."""
    _tell("reduce", "", value)


def fetched(tensor: Tensor) -> None:
    """The host took the value of a tensor; what a library takes is its matter."""
    if not tensor._array.ndim and not events.through():
        _tell("fetch", "", tensor)


def logged(logs: Mapping[str, Any] | None) -> None:
    """A library logs what these names have after a step."""
    for name, value in (logs or {}).items():
        _tell("log", name, value)


def listen() -> None:
    """From now on it is told what host code takes the value of."""
    hooks.eager_read = fetched


def _tell(what: str, name: str, value: Any) -> None:
    if not telling.listening() or world.current().rank:
        return
    number = _number(value)
    site = events.here()
    if number is None or site == events.NOWHERE:
        return
    if is_one_of_the_first(what, name, site):
        events.count(events.Obtained, what, name, events.step(), number, site)


def _number(value: Any) -> float | None:
    """A scalar of floating point; None of anything else."""
    array = value._array if isinstance(value, Tensor) else value
    if isinstance(array, float):
        return array
    if not isinstance(array, (np.ndarray, np.generic)) or array.ndim:
        return None
    return float(array) if array.dtype.kind == "f" else None
