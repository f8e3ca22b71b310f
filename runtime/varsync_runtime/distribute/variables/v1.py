"""`tf.compat.v1.get_variable` and what it needs.

After tensorflow/python/ops/variable_scope.py: as much as makes a variable, or finds one again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from varsync_runtime.distribute import creators
from varsync_runtime.distribute.enums import VariableAggregation, VariableSynchronization
from varsync_runtime.distribute.variables import creation
from varsync_runtime.semantics import Api, Parameter
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.exports import export, provide, registry
from varsync_runtime.tensors.shapes import TensorShape


class _Scopes(threading.local):
    def __init__(self) -> None:
        self.names: list[str] = []
        self.reuse: list[Any] = [False]


_scopes = _Scopes()
_stored: dict[str, Any] = {}


class _ReuseMode:
    """`tf.compat.v1.AUTO_REUSE`."""

    def __repr__(self) -> str:
        return "<_ReuseMode.AUTO_REUSE: 1>"


_AUTO = _ReuseMode()
provide("tf.compat.v1.AUTO_REUSE", _AUTO)


@export("tf.compat.v1.variable_scope")
@contextmanager
def variable_scope(
    name_or_scope: Any, default_name: str | None = None, values: Any = None, reuse: Any = None,
    **others: Any,
) -> Iterator[Any]:  # fmt: skip
    """Puts a name in front of the names of variables made by `get_variable`."""
    name = name_or_scope if name_or_scope is not None else default_name
    _scopes.names.append(str(name or ""))
    _scopes.reuse.append(_scopes.reuse[-1] if reuse is None else reuse)
    try:
        yield None
    finally:
        _scopes.names.pop()
        _scopes.reuse.pop()


@export("tf.compat.v1.get_variable")
def get_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: Any = None,
    collections: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: bool = True,
    use_resource: Any = None,
    custom_getter: Any = None,
    constraint: Any = None,
    synchronization: Any = VariableSynchronization.AUTO,
    aggregation: Any = VariableAggregation.NONE,
) -> Any:
    """A variable by its name: made, or found again if the scope says that it may be reused."""
    del regularizer, collections, partitioner, use_resource, custom_getter
    full = "/".join([*filter(None, _scopes.names), name])
    reuse = _scopes.reuse[-1]
    if reuse and full in _stored:
        return _stored[full]
    kwargs = {"synchronization": synchronization, "aggregation": aggregation, "name": full}
    modes = _modes(kwargs)
    element = as_dtype(dtype or "float32")
    variable = creators.call(
        creation.default_creator,
        initial_value=_initial(initializer, shape, element),
        trainable=trainable,
        validate_shape=validate_shape,
        caching_device=caching_device,
        name=full,
        variable_def=None,
        dtype=element if initializer is None or callable(initializer) else dtype,
        import_scope=None,
        constraint=constraint,
        synchronization=modes[0],
        aggregation=modes[1],
        shape=None,
    )
    _stored[full] = variable
    return variable


def _modes(kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """`get_variable` makes members of what it is given before it asks for a variable."""
    strategy = creation.current_in_table()
    for parameter in (Parameter.SYNCHRONIZATION, Parameter.AGGREGATION):
        given = kwargs[parameter.value]
        creation.checked(strategy, parameter, given, kwargs, Api.V1_GET_VARIABLE)
    return creation.modes(kwargs, strategy, Api.V1_GET_VARIABLE)


def _initial(initializer: Any, shape: Any, dtype: Any) -> Any:
    dimensions = [] if shape is None else TensorShape(shape).as_list()
    if initializer is None:
        if dtype.is_floating:
            return _glorot_uniform(dimensions, dtype)
        return np.zeros(dimensions, dtype.as_numpy_dtype)
    if not callable(initializer):
        return convert(initializer)
    return initializer(dimensions, dtype=dtype)


def _glorot_uniform(dimensions: list[Any], dtype: Any) -> Any:
    """What TensorFlow 1 starts with: uniform over a width that depends on the shape."""
    if not dimensions:
        fan_in = fan_out = 1.0
    elif len(dimensions) == 1:
        fan_in = fan_out = float(dimensions[0])
    else:
        field = float(np.prod(dimensions[:-2]))
        fan_in, fan_out = dimensions[-2] * field, dimensions[-1] * field
    limit = float(np.sqrt(3.0 / max(1.0, (fan_in + fan_out) / 2)))
    return registry()["tf.random.uniform"](dimensions, -limit, limit, dtype=dtype)
