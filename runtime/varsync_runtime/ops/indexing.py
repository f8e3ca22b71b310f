"""`tensor[...]`: strided slices, by numbers, slices, new axes, an ellipsis, scalars or a mask."""

from __future__ import annotations

from typing import Any

import numpy as np
from autograd.extend import defvjp, primitive

from varsync_runtime.tensors import blanks
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import Op, call
from varsync_runtime.tensors.dtypes import bool_
from varsync_runtime.tensors.errors import Rejected
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.tensor import Tensor

_VALID = (
    "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar "
    "tf.int32/tf.int64 tensors are valid indices, got "
)


def _put(gradient: Any, shape: tuple[int, ...], index: Any) -> Any:
    """Zeros of `shape`, with `gradient` at `index` (which names no element twice)."""
    out = np.zeros(shape, dtype=np.asarray(gradient).dtype)
    out[index] = gradient
    return out


put = primitive(_put)
defvjp(put, lambda ans, gradient, shape, index: lambda g: g[index])


def _slice(array: np.ndarray, index: tuple[Any, ...]) -> Any:
    try:
        return array[index]
    except IndexError:
        if blanks.are_guessed() and array.size:
            # there may be more elements than it seems
            return array[tuple(0 if isinstance(one, int) else one for one in index)]
        raise _rejected(array, index) from None


def _rejected(array: np.ndarray, index: tuple[Any, ...]) -> Rejected:
    if not array.ndim:
        words = "Attempting to slice scalar input."
        return _refused(words, f"{words} for '{{{{node strided_slice}}}} = StridedSlice'")
    used = [one for one in index if one is not None and one is not Ellipsis]
    if len(used) > array.ndim:
        words = f"Index out of range using input dim {array.ndim}; input has only {array.ndim} dims"
        return _refused(words, f"{words} for '{{{{node strided_slice}}}} = StridedSlice'")
    axis = 0
    for position, one in enumerate(index):
        if one is Ellipsis:
            axis = array.ndim - len([o for o in index[position + 1 :] if o is not None])
        elif one is not None:
            if isinstance(one, int) and not -array.shape[axis] <= one < array.shape[axis]:
                words = f"slice index {one} of dimension {axis} out of bounds."
                return _refused(words, f"{words} for '{{{{node strided_slice}}}} = ")
            axis += 1
    return _refused("slice index out of bounds.", None)


def _refused(words: str, static: str | None) -> Rejected:
    return Rejected(words, static=static, label="strided_slice/")


STRIDED_SLICE = Op(
    "StridedSlice",
    lambda array, index: array[index],
    plain=_slice,
    vjps=(lambda g, out, array, index: put(g, array.shape, index),),
    label="strided_slice",
)


def _bound(value: Any) -> int | None:
    if value is None or isinstance(value, int):
        return value
    return int(_scalar(value))


def _scalar(value: Any) -> Any:
    if isinstance(value, (Tensor, VariableLike)):
        tensor = convert(value)
        if tensor.dtype.is_integer and not tensor._array.ndim:
            return tensor._array[()]
    elif hasattr(value, "__index__") and np.ndim(value) == 0 and not _is_bool(value):
        return value.__index__()
    raise TypeError(f"{_VALID}{value!r}")


def _is_bool(value: Any) -> bool:
    return isinstance(value, (bool, np.bool_))


def _entry(value: Any) -> Any:
    if type(value) is int or value is Ellipsis or value is None:
        return value
    if isinstance(value, slice):
        step = _bound(value.step)
        if step == 0:
            raise Rejected("strides[0] must be non-zero")
        return slice(_bound(value.start), _bound(value.stop), step)
    return int(_scalar(value))


def getitem(tensor: Any, slice_spec: Any) -> Tensor:
    """What `tensor[slice_spec]` is."""
    if _is_mask(slice_spec):
        from varsync_runtime.ops.selection import boolean_mask

        return boolean_mask(tensor=tensor, mask=slice_spec)
    return call(STRIDED_SLICE, (convert(tensor),), {"index": index_of(slice_spec)})


def index_of(slice_spec: Any) -> tuple[Any, ...]:
    """What NumPy takes for a `slice_spec` that is no mask."""
    entries = slice_spec if isinstance(slice_spec, (tuple, list)) else (slice_spec,)
    return tuple([_entry(one) for one in entries])


def _is_mask(spec: Any) -> bool:
    if isinstance(spec, Tensor):
        return spec.dtype is bool_
    return isinstance(spec, np.ndarray) and spec.dtype == np.bool_
