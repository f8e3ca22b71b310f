"""`tf.py_function` and `tf.numpy_function`: Python in compiled code, run at every call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from varsync_runtime.function.crossing import IDENTITY
from varsync_runtime.function.graphs import building
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import call
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.errors import InvalidArgumentError, UnknownError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor

KNOWN = (TypeError, ValueError)


@export("tf.py_function")
def py_function(
    func: Callable[..., Any] | None = None,
    inp: Any = None,
    Tout: Any = None,
    name: str | None = None,
) -> Any:
    """tensorflow/python/ops/script_ops.py, `eager_py_func`: with eager tensors, differentiable."""
    del name
    assert func is not None
    inputs = [convert(one) for one in inp or ()]
    with building(None):
        inside = [call(IDENTITY, (one,)) for one in inputs]
        try:
            result = func(*inside)
            results = [] if Tout is None or result is None else _leaves(result, Tout)
        except KNOWN as error:
            raise InvalidArgumentError(None, None, f"{type(error).__name__}: {error}") from error
    outside = [call(IDENTITY, (one,)) for one in results]
    return _packed(outside, Tout)


def _leaves(result: Any, types: Any) -> list[Tensor]:
    wanted = [_dtype(one) for one in nest.flatten(types)]
    values = nest.flatten(result) if isinstance(types, (list, tuple)) else [result]
    return [convert(one, dtype) for one, dtype in zip(values, wanted, strict=True)]


def _dtype(spec: Any) -> Any:
    return as_dtype(getattr(spec, "dtype", spec))


def _packed(results: list[Tensor], types: Any) -> Any:
    if isinstance(types, (list, tuple)):
        return nest.pack_sequence_as(types, results)
    return results[0] if results else None


@export("tf.numpy_function")
def numpy_function(
    func: Callable[..., Any] | None = None,
    inp: Any = None,
    Tout: Any = None,
    stateful: bool = True,
    name: str | None = None,
) -> Any:
    """tensorflow/python/ops/script_ops.py, `numpy_function`: with arrays, not differentiable."""
    del stateful, name
    assert func is not None
    arrays = [convert(one)._numpy() for one in inp or ()]
    with building(None):
        try:
            result = func(*arrays)
        except KNOWN as error:
            raise InvalidArgumentError(None, None, f"{type(error).__name__}: {error}") from error
        except Exception as error:
            raise UnknownError(None, None, f"{type(error).__name__}: {error}") from error
    if result is None:
        return None
    many = isinstance(Tout, (list, tuple))
    values = list(result) if many and isinstance(result, (list, tuple)) else [result]
    tensors = [convert(np.asarray(one)) for one in values]
    return tensors if many else tensors[0]
