"""The values that a checkpoint takes from variables and gives back, as the table says."""

from __future__ import annotations

from typing import Any

import numpy as np

from varsync_runtime import semantics
from varsync_runtime.events import Restored, Saved, Site, Value, tell
from varsync_runtime.semantics import Rule


def saved_array(variable: Any, path: str, site: Site) -> np.ndarray:
    """What a checkpoint holds of a variable; a meeting of the replicas where it is reduced."""
    table = variable._in_table
    # the table of what is saved is that of what the host reads
    array: np.ndarray = np.array(variable._array_now())
    outcome = semantics.save(table)
    rule = outcome.rule.name if isinstance(outcome, semantics.Read) else ""
    tell(Saved(_number(variable), path, rule, _copies(variable), summary(array), site))
    return array


def restore_array(variable: Any, saved: np.ndarray, path: str, site: Site) -> None:
    """Gives each copy of a variable what it gets from a checkpoint."""
    outcome = semantics.restore(variable._in_table)
    array = saved
    replicas = variable._in_table.strategy.replicas
    if outcome.rule is Rule.SHARE:
        array = (saved / replicas).astype(saved.dtype)
    for copy in _held(variable):
        copy._hold(np.array(array))
    if hasattr(variable, "unsure"):
        variable.unsure = False
    shared = summary(array)
    copies = tuple([shared] * max(replicas, 1))
    rule = outcome.rule.name
    tell(Restored(_number(variable), path, rule, summary(saved), copies, site))


def _held(variable: Any) -> list[Any]:
    """The copies whose values are in this process."""
    if hasattr(variable, "_own"):
        return [variable._own]
    inner = getattr(variable, "_v", None)
    return [inner] if inner is not None and hasattr(inner, "_hold") else [variable]


def _number(variable: Any) -> int:
    return int(getattr(variable, "_variable_number", 0))


def _copies(variable: Any) -> tuple[Value, ...]:
    """What the copies hold, gathered from the replicas."""
    crew = getattr(variable, "_crew", None)
    if crew is None or not hasattr(variable, "_local_array"):
        return (summary(variable._array_now()),)
    if crew.replicas == 1 or crew.workers > 1:
        return (summary(variable._local_array()),)
    return tuple(summary(one) for one in crew.collect(variable._local_array(), "save"))


def summary(array: np.ndarray) -> Value:
    """An array as an event tells it: all of it if it is small."""
    items = None
    if array.size <= 8:
        items = tuple(_plain(one) for one in array.reshape(-1).tolist())
    norm = None
    if array.dtype.kind in "fiu":
        norm = float(np.linalg.norm(array.astype(np.float64).reshape(-1)))
    return Value(tuple(array.shape), items, norm)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value) if isinstance(value, complex) else value
