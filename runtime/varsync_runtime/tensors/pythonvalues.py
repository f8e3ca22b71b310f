"""Python values and arrays to arrays of TensorFlow's dtypes, in TensorFlow's words where not."""

from __future__ import annotations

from typing import Any

import numpy as np

from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.dtypes import FROM_NUMPY, DType
from varsync_runtime.tensors.shapes import TensorShape

_SCALARS: dict[type, DType] = {
    float: dtypes.float32, bool: dtypes.bool_, complex: dtypes.complex128,
}  # fmt: skip
_INT32 = range(-(2**31), 2**31)
_INT64 = range(-(2**63), 2**63)


def to_array(value: Any, dtype: DType | None) -> tuple[np.ndarray, DType]:
    """An array of its own and its dtype; raises if `value` is none, or cannot be of `dtype`."""
    kind = type(value)
    if kind is float and dtype is None:
        return np.array(value, np.float32), dtypes.float32
    if kind is np.ndarray or isinstance(value, (np.ndarray, np.generic)):
        return _of_array(value, dtype)
    if isinstance(value, TensorShape):
        return _of_shape(value, dtype)
    if kind is int or kind is bool or kind is float or kind is complex:
        return _of_scalar(value, dtype)
    if isinstance(value, (str, bytes)):
        return _cast(_strings(value), dtypes.string, dtype, value), dtypes.string
    if isinstance(value, (list, tuple, range)):
        return _of_sequence(value, dtype)
    if isinstance(value, (bool, int, float, complex)):
        return _of_scalar(value, dtype)
    if hasattr(value, "__array__") and not isinstance(value, type):
        return _of_array(np.asarray(value), dtype)
    raise ValueError(
        f"Attempt to convert a value ({value!r}) with an unsupported type ({kind}) to a Tensor."
    )


def _array_type(dtype: DType) -> Any:
    return dtype._array_type if dtype._array_type is not None else dtype.as_numpy_dtype


def _of_scalar(value: Any, dtype: DType | None) -> tuple[np.ndarray, DType]:
    found = _SCALARS.get(type(value))
    if found is None:
        found = _integer(value, value)
    dtype = dtype or found
    if dtype is found:
        return np.array(value, _array_type(dtype)), dtype
    if found is dtypes.bool_ and dtype.is_floating:
        return np.array(value, _array_type(dtype)), dtype
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
    return np.array(tuple(value), dtype=_array_type(dtype)), dtype


def _of_array(value: Any, dtype: DType | None) -> tuple[np.ndarray, DType]:
    if value.dtype.kind in "SUO":
        if value.dtype.kind == "O":
            return _of_sequence(value.tolist(), dtype) if value.ndim else to_array(value[()], dtype)
        return _cast(_strings(value), dtypes.string, dtype, value), dtypes.string
    found = FROM_NUMPY.get(value.dtype.newbyteorder("=")) if value.dtype.kind in "fiubc" else None
    if found is None:
        raise ValueError(
            f"Failed to convert a NumPy array to a Tensor (Unsupported numpy type: {value.dtype})."
        )
    if dtype is None or dtype is found:
        return np.array(value, dtype=found._array_type), found
    return _cast(np.asarray(value), found, dtype, value), dtype


def _cast(array: np.ndarray, found: DType, dtype: DType | None, value: Any) -> np.ndarray:
    """`array` as `dtype` where TensorFlow casts on its own: to a kind that is not narrower."""
    if dtype is None or dtype is found:
        return array
    number = found.is_integer or found.is_floating
    fits = (
        (dtype.is_integer and found.is_integer)
        or (dtype.is_floating and number)
        or (dtype.is_complex and (number or found.is_complex))
        or (isinstance(value, (np.ndarray, np.generic)) and dtype.is_integer and found.is_floating)
    )
    if not fits:
        raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtype._word}")
    return array.astype(_array_type(dtype))


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
    found = _common(leaves, value)
    if found is dtypes.string:
        array: np.ndarray = np.empty(shape, dtype=object)
        array.reshape(-1)[:] = _strings(leaves)
        return _cast(array, found, dtype, value), found
    if dtype is None:
        dtype = found
    if dtype.is_floating and found.is_floating:
        return np.array(leaves, dtype=_array_type(dtype)).reshape(shape), dtype
    array = np.array(leaves, dtype=found._array_type).reshape(shape)
    if not leaves:
        return array.astype(_array_type(dtype)), dtype
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


def _common(leaves: list[Any], value: Any) -> DType:
    """The dtype of the leaves of a sequence, which TensorFlow does not let mix freely."""
    kinds = set(map(type, leaves))
    if not kinds:
        return dtypes.float32
    if kinds <= {float, int}:
        if float in kinds:
            return dtypes.float32
        low, high = min(leaves), max(leaves)
        return _integer(low if low not in _INT32 else high, value)
    if kinds == {bool}:
        return dtypes.bool_
    if kinds <= {complex, float, int}:
        return dtypes.complex128
    if kinds <= {str, bytes, np.str_, np.bytes_}:
        return dtypes.string
    if len(kinds) == 1:
        only = kinds.pop()
        if issubclass(only, np.generic) and np.dtype(only) in FROM_NUMPY:
            return FROM_NUMPY[np.dtype(only)]
    else:
        found = _common_numpy(leaves)
        if found is not None:
            return found
        if all(
            isinstance(one, (bool, int, float, str, bytes, complex, np.generic)) or one is None
            for one in leaves
        ):
            raise ValueError("Can't convert Python sequence with mixed types to Tensor.")
    odd = next(one for one in leaves if not isinstance(one, (bool, int, float, str, bytes)))
    raise ValueError(
        f"Attempt to convert a value ({odd!r}) with an unsupported type ({type(odd)}) to a Tensor."
    )


def _common_numpy(leaves: list[Any]) -> DType | None:
    """NumPy scalars beside plain numbers: the kinds must go together."""
    kinds = {np.asarray(one).dtype.kind for one in leaves if one is not None}
    if any(one is None for one in leaves) or not kinds <= {"i", "u", "f"}:
        return None
    floats = [one.dtype for one in leaves if isinstance(one, np.floating)]
    if floats:
        return FROM_NUMPY[np.result_type(*floats)]
    if "f" in kinds:
        return dtypes.float32
    return FROM_NUMPY[np.result_type(*[one.dtype for one in leaves if isinstance(one, np.generic)])]
