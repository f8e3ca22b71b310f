"""Functions of the user that make tensors of objects of the user's own classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from varsync_runtime.tensors.dtypes import DType
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.tensor import Tensor

# TensorFlow's own functions for sequences, and for whatever else there is
_SEQUENCES = 99
_OBJECTS = 200

_functions: list[tuple[float, Any, Callable[..., Any]]] = []
_by_class: dict[type, tuple[tuple[Any, Callable[..., Any]], ...]] = {}


@export("tf.register_tensor_conversion_function")
def register_tensor_conversion_function(
    base_type: Any, conversion_func: Callable[..., Any], priority: float = 100
) -> None:
    """From now on `conversion_func` makes tensors of objects of `base_type`, a class or several.

    It is called with a value, `dtype`, `name` and `as_ref`; a lower `priority` is asked first.
    """
    classes = base_type if isinstance(base_type, tuple) else (base_type,)
    if any(not isinstance(one, type) for one in classes):
        raise TypeError(
            f"Argument `base_type` must be a type or a tuple of types. Obtained: {base_type}"
        )
    if any(issubclass(one, (int, float, np.generic, np.ndarray)) for one in classes):
        raise TypeError(
            "Cannot register conversions for Python numeric types and NumPy scalars and arrays."
        )
    if not callable(conversion_func):
        raise TypeError(f"Argument `conversion_func` must be callable. Received {conversion_func}.")
    _functions.append((priority, base_type, conversion_func))
    _functions.sort(key=lambda entry: entry[0])
    _by_class.clear()


def registered(value: Any, dtype: DType | None) -> Tensor | None:
    """What the user's functions make of `value`; None where none of them is for it."""
    if not _functions:
        return None
    for base_type, function in functions_for(type(value)):
        made = function(value, dtype=dtype, name=None, as_ref=False)
        if made is NotImplemented:
            continue
        if not isinstance(made, Tensor):
            raise RuntimeError(
                f"Conversion function {function!r} for type {base_type} returned non-Tensor: "
                f"{made!r}"
            )
        if dtype is not None and not dtype.is_compatible_with(made.dtype):
            raise RuntimeError(
                f"Conversion function {function} for type {base_type} returned incompatible "
                f"dtype: requested = {dtype.name}, actual = {made.dtype.name}"
            )
        return made
    return None


def functions_for(kind: type) -> tuple[tuple[Any, Callable[..., Any]], ...]:
    """The user's functions, and what they are for, that come before TensorFlow's own for a class."""
    found = _by_class.get(kind)
    if found is None:
        sequence = issubclass(kind, (list, tuple, TensorShape))
        below = _SEQUENCES if sequence else _OBJECTS
        found = _by_class[kind] = tuple(
            (base_type, function)
            for priority, base_type, function in _functions
            if priority < below and issubclass(kind, base_type)
        )
    return found
