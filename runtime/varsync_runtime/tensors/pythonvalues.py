"""Python values and arrays to arrays of TensorFlow's dtypes, in TensorFlow's words where not."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import numpy as np

from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.dtypes import FROM_NUMPY, DType
from varsync_runtime.tensors.shapes import TensorShape

_SCALARS: dict[type, DType] = {
    float: dtypes.float32, bool: dtypes.bool_, complex: dtypes.complex128,
}  # fmt: skip
# Dtypes that TensorFlow makes of Python numbers by itself, a bool being one of them
_DIRECT = frozenset(
    (
        dtypes.float16, dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64, dtypes.uint64,
    )
)  # fmt: skip
_FLOAT32_MAX = float(np.finfo(np.float32).max)
_INT32 = range(-(2**31), 2**31)
_INT64 = range(-(2**63), 2**63)


def to_array(value: Any, dtype: DType | None) -> tuple[np.ndarray, DType]:
    """An array of its own and its dtype; raises if `value` is none, or cannot be of `dtype`."""
    kind = type(value)
    if kind is float and dtype is None:
        _require_float32(value)
        return np.array(value, np.float32), dtypes.float32
    if kind is np.ndarray or isinstance(value, (np.ndarray, np.generic)):
        return _of_array(value, dtype)
    if isinstance(value, TensorShape):
        return _of_shape(value, dtype)
    if kind is int or kind is bool or kind is float or kind is complex:
        return _of_scalar(value, dtype)
    if isinstance(value, (str, bytes)):
        return _cast(_strings(value), dtypes.string, dtype, value), dtypes.string
    if isinstance(value, deque):
        value = list(value)
    if isinstance(value, (list, tuple, range)):
        return _of_sequence(value, dtype)
    if isinstance(value, (bool, int, float, complex)):
        return _of_scalar(value, dtype)
    if hasattr(value, "__array__") and not isinstance(value, type):
        return _of_array(np.asarray(value), dtype)
    raise ValueError(
        f"Attempt to convert a value ({value!r}) with an unsupported type ({kind}) to a Tensor."
    )


def _require_float32(value: float) -> None:
    if abs(value) > _FLOAT32_MAX and not math.isinf(value):
        raise ValueError(
            "Can't convert Python sequence with a value out of range for a double-precision float."
        )


def array_type(dtype: DType) -> Any:
    """What NumPy holds values of this dtype in."""
    return dtype._array_type if dtype._array_type is not None else dtype.as_numpy_dtype


def _of_scalar(value: Any, dtype: DType | None) -> tuple[np.ndarray, DType]:
    found = _SCALARS.get(type(value))
    if found is None:
        found = _integer(value, value)
    dtype = dtype or found
    if dtype is found:
        return np.array(value, array_type(dtype)), dtype
    if found is dtypes.bool_ and (dtype.is_floating or dtype in _DIRECT):
        return np.array(value, array_type(dtype)), dtype
    return _cast(np.array(value, found._array_type), found, dtype, value), dtype


def _integer(value: int, whole: Any) -> DType:
    if value in _INT32:
        return dtypes.int32
    if value in _INT64:
        return dtypes.int64
    raise ValueError("Can't convert Python sequence with out-of-range integer to Tensor.")


def _of_shape(value: TensorShape, dtype: DType | None) -> tuple[np.ndarray, DType]:
    if not value.is_fully_defined():
        raise ValueError(f"Cannot convert a partially known TensorShape {value} to a Tensor.")
    dtype = dtype or dtypes.int32
    return np.array(tuple(value), dtype=array_type(dtype)), dtype


def _of_array(value: Any, dtype: DType | None) -> tuple[np.ndarray, DType]:
    if value.dtype.kind in "SUO":
        if dtype is not None and _is_numeric(dtype):
            # as NumPy does it, or in its words
            return np.asarray(value).astype(array_type(dtype)), dtype
        _require_strings(value)
        return _cast(_strings(value), dtypes.string, dtype, value), dtypes.string
    found = FROM_NUMPY.get(value.dtype.newbyteorder("=")) if value.dtype.kind in "fiubc" else None
    if found is None:
        raise ValueError(
            f"Failed to convert a NumPy array to a Tensor (Unsupported numpy type: {value.dtype})."
        )
    if dtype is None or dtype is found:
        return np.array(value, dtype=found._array_type), found
    array = np.asarray(value)
    if dtype is dtypes.string:
        _require_strings(array)
        return array.astype(object), dtype
    if found.is_complex and (dtype.is_floating or dtype.is_integer):
        array = array.real
    if _is_numeric(dtype):
        return array.astype(array_type(dtype)), dtype
    return _cast(array, found, dtype, value), dtype


def _is_numeric(dtype: DType) -> bool:
    """What an array of any numbers is cast to."""
    return dtype.is_floating or dtype.is_integer or dtype.is_complex or dtype is dtypes.bool_


def _require_strings(value: Any) -> None:
    for one in np.ravel(value).tolist():
        if not isinstance(one, (str, bytes)):
            raise ValueError(
                "Failed to convert a NumPy array to a Tensor (Unsupported object type "
                f"{type(one).__name__})."
            )


def _cast(array: np.ndarray, found: DType, dtype: DType | None, value: Any) -> np.ndarray:
    """`array` as `dtype` where TensorFlow casts on its own: to a kind that is not narrower."""
    if dtype is None or dtype is found:
        return array
    number = found.is_integer or found.is_floating
    fits = (
        (dtype.is_integer and found.is_integer)
        or (dtype.is_floating and number)
        or (dtype.is_complex and (number or found.is_complex))
    )
    if not fits:
        raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtype._word}")
    return array.astype(array_type(dtype))


def _strings(value: Any) -> np.ndarray:
    """An object array of bytes."""
    array = np.asarray(value, dtype=object)
    out = np.empty(array.shape, dtype=object)
    for index in np.ndindex(array.shape):
        one = array[index]
        out[index] = one.encode() if isinstance(one, str) else bytes(one)
    return out


def _of_sequence(value: Any, dtype: DType | None) -> tuple[np.ndarray, DType]:
    leaves: list[Any] = []
    shape = _shape_of(value, leaves)
    found = _common(leaves, value, dtype)
    if found is dtypes.string:
        array: np.ndarray = np.empty(shape, dtype=object)
        array.reshape(-1)[:] = _strings(leaves)
        return _cast(array, found, dtype, value), found
    if dtype is None:
        dtype = found
        if dtype is dtypes.float32:
            for one in leaves if np.isinf(np.array(leaves, np.float32)).any() else ():
                _require_float32(one)
    if dtype is found or (dtype.is_floating and found.is_floating):
        return np.array(leaves, dtype=array_type(dtype)).reshape(shape), dtype
    array = np.array(leaves, dtype=found._array_type).reshape(shape)
    if not leaves:
        return array.astype(array_type(dtype)), dtype
    return _cast(array, found, dtype, value), dtype


def _shape_of(value: Any, leaves: list[Any]) -> tuple[int, ...]:
    """The shape of a nest, whose leaves are put to `leaves`."""
    if isinstance(value, np.ndarray) and value.ndim:
        leaves.extend(value.reshape(-1).tolist() if value.dtype.kind == "O" else value.reshape(-1))
        return value.shape
    if not isinstance(value, (list, tuple, range)):
        leaves.append(value[()] if isinstance(value, np.ndarray) else value)
        return ()
    if not value:
        return (0,)
    shapes = {_shape_of(one, leaves) for one in value}
    if len(shapes) > 1:
        raise ValueError("Can't convert non-rectangular Python sequence to Tensor.")
    return (len(value), *shapes.pop())


_INTEGERS = (int, np.integer)
_NUMBERS = (int, float, np.integer, np.floating)


def _common(leaves: list[Any], value: Any, dtype: DType | None) -> DType:
    """The dtype in which the leaves of a sequence are put together, before they are cast.

    After tensorflow/python/lib/core/py_seq_tensor.cc: the first leaf decides.
    """
    kinds = set(map(type, leaves))
    if not kinds:
        return dtypes.float32
    if dtype in _DIRECT and dtype is not None and _fit(leaves, dtype):
        return dtype
    first = leaves[0]
    if isinstance(first, (bool, np.bool_)):
        if all(isinstance(one, (bool, np.bool_)) for one in leaves):
            return dtypes.bool_
    elif isinstance(first, _NUMBERS) and all(isinstance(one, _NUMBERS) for one in leaves):
        if isinstance(first, np.floating) and not isinstance(first, np.float32):
            return FROM_NUMPY[first.dtype]
        if isinstance(first, (float, np.floating)):
            return dtypes.float32
        if any(not isinstance(one, _INTEGERS) for one in leaves):
            return dtypes.float32 if dtype is None else dtypes.float64
        low, high = (
            int(min(leaves)),
            int(max(leaves)),
        )  # a range looks for a NumPy integer one by one
        found = _integer(low if low not in _INT32 else high, value)
        return found if dtype is None else dtypes.int64
    elif kinds <= {complex, float, int}:
        return dtypes.complex128
    elif kinds <= {str, bytes, np.str_, np.bytes_}:
        return dtypes.string
    known = (bool, int, float, str, bytes, complex, np.generic)
    odd = [one for one in leaves if not isinstance(one, known)]
    if odd and (len(kinds) == 1 or any(one is not None for one in odd)):
        raise ValueError(
            f"Attempt to convert a value ({odd[0]!r}) with an unsupported type ({type(odd[0])}) to "
            "a Tensor."
        )
    if len(kinds) == 1 and isinstance(first, np.generic) and first.dtype in FROM_NUMPY:
        return FROM_NUMPY[first.dtype]
    raise ValueError("Can't convert Python sequence with mixed types to Tensor.")


def _fit(leaves: list[Any], dtype: DType) -> bool:
    """Whether all leaves are numbers that TensorFlow takes as this dtype."""
    if dtype.is_floating:
        return all(isinstance(one, _NUMBERS) for one in leaves)
    if not all(isinstance(one, _INTEGERS) for one in leaves):
        return False
    limits = np.iinfo(array_type(dtype))
    return bool(limits.min <= min(leaves) and max(leaves) <= limits.max)
