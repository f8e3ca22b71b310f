"""Python values and arrays to constants of a graph: other rules and words than for eager tensors.

After `make_tensor_proto` in tensorflow/python/framework/tensor_util.py.
"""

from __future__ import annotations

import numbers
from typing import Any, NoReturn

import numpy as np

from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.dtypes import FROM_NUMPY, DType
from varsync_runtime.tensors.pythonvalues import array_type, to_array

_STRINGS = "SUO"
_SHORT = 2**31
_KNOWN = (numbers.Number, str, bytes, np.ndarray, np.generic)


def to_constant(value: Any, dtype: DType | None) -> tuple[np.ndarray, DType]:
    """An array of its own and its dtype; raises if `value` is none, or cannot be of `dtype`."""
    if isinstance(value, (np.ndarray, np.generic)):
        return _of_array(value, dtype)
    if dtype is None:
        # the short way of the most frequent
        if type(value) is float:
            return np.array(value, np.float32), dtypes.float32
        if type(value) is int and abs(value) < _SHORT:
            return np.array(value, np.int32), dtypes.int32
    if value is None:
        raise ValueError("None values not supported.")
    if hasattr(value, "__array__") or isinstance(value, (range, str, bytes)):
        if dtype is not None and isinstance(value, (str, bytes)):
            _check(value, dtype)
        return to_array(value, dtype)
    if dtype is not None:
        _check(value, dtype)
        if dtype is dtypes.string:
            return to_array(value, dtype)
        array = np.array(value).astype(array_type(dtype))  # what does not fit wraps around
        _require_dense(value, array)
        return array, dtype
    if not all(isinstance(leaf, _KNOWN) for leaf in _leaves(value)):
        _refuse(value)
    array = np.array(value)
    _require_dense(value, array)
    if array.dtype.kind in _STRINGS:
        if all(isinstance(leaf, (str, bytes)) for leaf in _leaves(value)):
            return to_array(value, None)
        _refuse(value)
    return _with_default(array)


def _of_array(value: Any, dtype: DType | None) -> tuple[np.ndarray, DType]:
    strings = value.dtype.kind in _STRINGS
    if dtype is not None and dtype is not dtypes.string:
        return np.array(value).astype(array_type(dtype)), dtype
    if dtype is dtypes.string or strings:
        odd = [one for one in np.ravel(value).tolist() if not isinstance(one, (str, bytes))]
        if odd:
            raise TypeError(f"Expected binary or unicode string, got {odd[0]!r}")
        return to_array(value if strings else value.astype(object), dtype)
    return to_array(value, None)


def _with_default(array: np.ndarray) -> tuple[np.ndarray, DType]:
    """TensorFlow prefers float32 and int32 where Python does not say."""
    if array.dtype == np.float64:
        array = array.astype(np.float32)
    elif array.dtype == np.int64:
        short: np.ndarray = array.astype(np.int32)
        array = short if (short == array).all() else array
    found = FROM_NUMPY.get(array.dtype)
    if found is None:
        _refuse(array)
    return array, found


def _refuse(value: Any) -> NoReturn:
    raise TypeError(
        f"Failed to convert elements of {value} to Tensor. Consider casting elements to a supported "
        "type. See https://www.tensorflow.org/api_docs/python/tf/dtypes for supported TF dtypes."
    )


def _require_dense(value: Any, array: np.ndarray) -> None:
    """A list whose first elements are arrays is none of lists."""
    shape = _dimensions(value)
    if list(array.shape) != shape:
        raise ValueError(
            f"Expected values {value} to be a dense tensor with shape {shape}, but got shape "
            f"{list(array.shape)}."
        )


def _dimensions(value: Any) -> list[int]:
    if not isinstance(value, (list, tuple)):
        return []
    return [len(value), *_dimensions(value[0])] if value else [0]


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value)]
    if not isinstance(value, (list, tuple)):
        return [value]
    return [leaf for one in value for leaf in _leaves(one)]


def _check(value: Any, dtype: DType) -> None:
    """Each leaf is of a kind that this dtype takes."""
    types, kinds = _taken(dtype)
    for leaf in _leaves(value):
        fits = leaf.dtype.kind in kinds if isinstance(leaf, np.ndarray) else isinstance(leaf, types)
        if not fits:
            raise TypeError(
                f"Expected {dtype.name}, but got {leaf} of type '{type(leaf).__name__}'."
            )


def _taken(dtype: DType) -> tuple[tuple[type, ...], str]:
    """What this dtype takes: the classes of scalars, and the kinds of arrays in lists."""
    if dtype is dtypes.bool_:
        return (bool,), ""
    if dtype is dtypes.string:
        return (str, bytes), ""
    if dtype.is_integer:
        return (numbers.Integral, np.integer), "iu"
    if dtype.is_floating:
        return (numbers.Real, np.integer, np.floating), "iuf"
    return (numbers.Complex, np.number), "iufc"
