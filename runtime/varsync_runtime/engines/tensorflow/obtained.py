"""The numbers that host code gets to see, step by step: what it reduces, fetches, or has logged."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from varsync_runtime import events
from varsync_runtime.distribute import keras_logs
from varsync_runtime.engines.tensorflow import places, positions, telling
from varsync_runtime.engines.tensorflow.wrapping import is_heard, is_ours, unheard, wrap
from varsync_runtime.events import Site
from varsync_runtime.events.obtained import is_one_of_the_first
from varsync_runtime.events.sites import is_users
from varsync_runtime.replicas.world import current
from varsync_runtime.semantics import Context

METHODS = tuple(
    f"/tensorflow/python/{name}.py"
    for name in (
        "framework/ops",
        "distribute/values",
        "distribute/ps_values",
        "ops/resource_variable_ops",
    )
)
"""The files with the methods of tensors and variables that hand a value to Python."""
HOST = (Context.OUTSIDE_SCOPE, Context.CROSS_REPLICA)


def install() -> None:
    """Wraps what gives Python the value of a tensor."""
    from tensorflow.python.framework import ops

    wrap(ops._EagerTensorBase, "_numpy", _fetch)


def reduced(value: Any) -> None:
    """The host reduced it over the replicas."""
    from tensorflow.python.framework import tensor

    if isinstance(value, tensor.Tensor) and value.shape.rank == 0 and value.dtype.is_floating:
        telling.when_run(lambda site, array: _tell("reduce", "", array, site), [value])


def listen_to_keras() -> None:
    """From now on it is told what Keras logs, if it is there."""
    for name in keras_logs.HOME:
        if name in sys.modules:
            keras_logs.listen(sys.modules[name], _logged)


def _logged(logs: Any) -> None:
    site = places.here()
    if site is None:
        return
    for name, value in (logs or {}).items():
        with unheard():
            array = np.asarray(value)
        _tell("log", name, array, site)


def _fetch(original: Any, self: Any) -> Any:
    array = original(self)
    if isinstance(array, np.floating) and is_heard() and positions.context() in HOST:
        site = _asker()
        if site is not None:
            _tell("fetch", "", array, site)
    return array


def _asker() -> Site | None:
    """The user's line that asks a tensor for its value; None if TensorFlow or a library does."""
    for frame in places.frames():
        filename = frame.f_code.co_filename
        if not (is_ours(filename) or filename.endswith(METHODS)):
            return places.here() if is_users(filename) else None
    return None


def _tell(what: str, name: str, array: Any, site: Site) -> None:
    array = np.asarray(array)
    if current().rank or array.ndim or array.dtype.kind != "f":
        return
    if is_one_of_the_first(what, name, site):
        telling.count(0, events.Obtained, what, name, events.step(), float(array), site)
