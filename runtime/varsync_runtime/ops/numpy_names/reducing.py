"""Functions that reduce axes, order and search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from varsync_runtime.ops import order, reductions
from varsync_runtime.ops.arithmetic import logical_not
from varsync_runtime.ops.creation import shape, size
from varsync_runtime.ops.layout import broadcast_to, cast, reshape
from varsync_runtime.ops.linalg import tensordot
from varsync_runtime.ops.numpy_names.promotion import (
    array,
    asarray,
    inexact,
    is_inexact,
    named,
    result_type,
)
from varsync_runtime.ops.selection import gather, where
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.exports import registry
from varsync_runtime.tensors.tensor import Tensor

Function = Callable[..., Any]


def _tf(name: str) -> Function:
    found: Function = registry()[f"tf.math.{name}"]
    return found


REDUCE_ALL, REDUCE_ANY = _tf("reduce_all"), _tf("reduce_any")


def _wide(tensor: Tensor) -> Tensor:
    """Small integers and truth values as NumPy adds them: in 64 bits."""
    if tensor.dtype == dtypes.bool_:
        return cast(tensor, dtypes.int64)
    if tensor.dtype.is_integer and tensor.dtype.size < 8:
        return cast(tensor, dtypes.uint64 if tensor.dtype.is_unsigned else dtypes.int64)
    return tensor


def _floats(a: Any) -> Tensor:
    tensor = asarray(a)
    return tensor if is_inexact(tensor) else cast(tensor, dtypes.float64)


def _no_out(out: Any) -> None:
    if out is not None:
        raise ValueError("Setting out is not supported.")


@named("all")
def all_(a: Any, axis: Any = None, keepdims: Any = None) -> Tensor:
    """Whether all elements are true."""
    return REDUCE_ALL(asarray(a, bool), axis=axis, keepdims=bool(keepdims))


@named("any")
def any_(a: Any, axis: Any = None, keepdims: Any = None) -> Tensor:
    """Whether some element is true."""
    return REDUCE_ANY(asarray(a, bool), axis=axis, keepdims=bool(keepdims))


def _of_sum(
    reduce: Function, of_truths: Function, a: Any, axis: Any, dtype: Any, keep: Any
) -> Tensor:
    tensor = asarray(a, dtype)
    if dtype and tensor.dtype == dtypes.bool_:
        return of_truths(tensor, axis=axis, keepdims=bool(keep))
    return reduce(tensor if dtype else _wide(tensor), axis=axis, keepdims=bool(keep))


@named("sum")
def sum_(a: Any, axis: Any = None, dtype: Any = None, keepdims: Any = None) -> Tensor:
    """The sum; of small integers in 64 bits."""
    return _of_sum(_tf("reduce_sum"), REDUCE_ANY, a, axis, dtype, keepdims)


@named("prod")
def prod(a: Any, axis: Any = None, dtype: Any = None, keepdims: Any = None) -> Tensor:
    """The product; of small integers in 64 bits."""
    return _of_sum(_tf("reduce_prod"), REDUCE_ALL, a, axis, dtype, keepdims)


@named("mean")
def mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = None
) -> Tensor:
    """The mean; of integers as a float."""
    _no_out(out)
    tensor = asarray(a, dtype) if dtype else _floats(a)
    return reductions.reduce_mean(tensor, axis=axis, keepdims=bool(keepdims))


@named("amax", "max")
def amax(a: Any, axis: Any = None, out: Any = None, keepdims: Any = None) -> Tensor:
    """The greatest element."""
    _no_out(out)
    tensor = asarray(a)
    reduce = REDUCE_ANY if tensor.dtype == dtypes.bool_ else _tf("reduce_max")
    return reduce(tensor, axis=axis, keepdims=bool(keepdims))


@named("amin", "min")
def amin(a: Any, axis: Any = None, out: Any = None, keepdims: Any = None) -> Tensor:
    """The least element."""
    _no_out(out)
    tensor = asarray(a)
    reduce = REDUCE_ALL if tensor.dtype == dtypes.bool_ else _tf("reduce_min")
    return reduce(tensor, axis=axis, keepdims=bool(keepdims))


@named("ptp")
def ptp(a: Any, axis: Any = None, keepdims: Any = None) -> Tensor:
    """The greatest element less the least."""
    return amax(a, axis=axis, keepdims=keepdims) - amin(a, axis=axis, keepdims=keepdims)


@named("var")
def var(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: int = 0,
    keepdims: Any = None,
) -> Tensor:
    """The variance."""
    _no_out(out)
    tensor = asarray(a, result_type(a, dtype)) if dtype else _floats(a)
    if not ddof:
        found = reductions.reduce_variance(tensor, axis=axis, keepdims=bool(keepdims))
        return cast(found, dtype) if dtype else found
    apart = tensor - reductions.reduce_mean(tensor, axis=axis, keepdims=True)
    squares = _tf("reduce_sum")(apart * apart, axis=axis, keepdims=bool(keepdims))
    if axis is None:
        count = size(tensor)
    else:
        sizes = gather(shape(tensor), convert(axis) % tensor._array.ndim)
        count = reductions.reduce_prod(sizes)
    # without a dtype it fails, in TensorFlow, too
    return cast(squares / cast(count - ddof, tensor.dtype), dtype)


@named("std")
def std(a: Any, axis: Any = None, keepdims: Any = None) -> Tensor:
    """The standard deviation."""
    return reductions.reduce_std(_floats(a), axis=axis, keepdims=bool(keepdims))


def _without_nans(a: Any, neutral: int) -> Tensor:
    tensor = array(a)
    return where(_tf("is_nan")(inexact(tensor)), convert(neutral, tensor.dtype), tensor)


@named("nansum")
def nansum(a: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False) -> Tensor:
    """The sum of what is a number."""
    return sum_(_without_nans(a, 0), axis=axis, dtype=dtype, keepdims=keepdims)


@named("nanprod")
def nanprod(a: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False) -> Tensor:
    """The product of what is a number."""
    return prod(_without_nans(a, 1), axis=axis, dtype=dtype, keepdims=keepdims)


@named("nanmean")
def nanmean(a: Any, axis: Any = None, dtype: Any = None, keepdims: Any = None) -> Any:
    """The mean of what is a number."""
    tensor = array(a)
    if not is_inexact(tensor):
        return mean(tensor, axis=axis, dtype=dtype, keepdims=keepdims)
    wanted = dtype or tensor.dtype
    count = sum_(logical_not(_tf("is_nan")(tensor)), axis=axis, dtype=wanted, keepdims=keepdims)
    return nansum(tensor, axis=axis, dtype=wanted, keepdims=keepdims) / count


def _scanned(scan: Function, a: Any, axis: Any, dtype: Any) -> Tensor:
    tensor = asarray(a, dtype)
    if dtype is None and tensor.dtype.is_integer:
        tensor = cast(tensor, result_type(tensor, np.int64))
    return scan(reshape(tensor, [-1]), 0) if axis is None else scan(tensor, axis)


@named("cumsum")
def cumsum(a: Any, axis: Any = None, dtype: Any = None) -> Tensor:
    """Sums of the elements so far."""
    return _scanned(reductions.cumsum, a, axis, dtype)


@named("cumprod")
def cumprod(a: Any, axis: Any = None, dtype: Any = None) -> Tensor:
    """Products of the elements so far."""
    return _scanned(reductions.cumprod, a, axis, dtype)


@named("count_nonzero")
def count_nonzero(a: Any, axis: Any = None) -> Tensor:
    """How many elements are not zero."""
    return reductions.count_nonzero(array(a), axis)


@named("average")
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False) -> Any:
    """The mean with weights."""
    if axis is not None and not isinstance(axis, int):
        raise ValueError(
            f"Argument `axis` must be an integer. Received axis={axis} (of type {type(axis)})"
        )
    tensor = array(a)
    if weights is None:
        tensor = inexact(tensor)
        found = reductions.reduce_mean(tensor, axis=axis)
        counted = size(tensor) if axis is None else shape(tensor)[axis]
        total = cast(counted, tensor.dtype)
    else:
        floats = () if is_inexact(tensor) else (np.float64,)
        dtype = result_type(tensor.dtype, weights, *floats)
        tensor, weights = array(tensor, dtype), array(weights, dtype)
        if axis is None or tensor._array.ndim == weights._array.ndim:
            total = _tf("reduce_sum")(weights, axis=axis)
            found = _tf("reduce_sum")(tensor * weights, axis=axis) / total
        else:
            total = _tf("reduce_sum")(weights)
            found = tensordot(tensor, weights, [[axis], [0]]) / total
    return (found, broadcast_to(total, shape(found))) if returned else found


@named("argsort")
def argsort(a: Any, axis: Any = -1, kind: str = "quicksort", order: Any = None) -> Tensor:
    """The order of the elements, as int64."""
    if kind not in ("quicksort", "stable"):
        raise ValueError(
            'Invalid value for argument `kind`. Only kind="quicksort" and kind="stable" are '
            f"supported. Received: kind={kind}"
        )
    tensor = _sortable(a, order)
    if not tensor._array.ndim:
        return array([0], np.intp)
    flat = reshape(tensor, [-1]) if axis is None else tensor
    return array(_argsort(flat, 0 if axis is None else axis), np.intp)


_argsort, _sort = order.argsort, order.sort


@named("sort")
def sort(a: Any, axis: Any = -1, kind: str = "quicksort", order: Any = None) -> Tensor:
    """The elements in order."""
    if kind != "quicksort":
        raise ValueError(
            'Invalid value for argument `kind`. Only kind="quicksort" is supported. '
            f"Received: kind={kind}"
        )
    tensor = _sortable(a, order)
    return _sort(reshape(tensor, [-1]), 0) if axis is None else _sort(tensor, axis)


def _sortable(a: Any, order: Any) -> Tensor:
    if order is not None:
        raise ValueError("The `order` argument is not supported. Pass order=None")
    return array(a)


def _place(find: Function, a: Any, axis: Any) -> Tensor:
    tensor = array(a)
    if axis is None or not tensor._array.ndim:
        tensor = reshape(tensor, [-1])
    return find(tensor, axis=0 if axis is None else axis)


@named("argmax")
def argmax(a: Any, axis: Any = None) -> Tensor:
    """Where the greatest element is."""
    return _place(reductions.argmax, a, axis)


@named("argmin")
def argmin(a: Any, axis: Any = None) -> Tensor:
    """Where the least element is."""
    return _place(reductions.argmin, a, axis)
