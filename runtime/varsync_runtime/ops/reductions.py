"""Sums, means, maxima and the like over axes; scans; arguments of extremes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np

from varsync_runtime.ops.functions import exp, log, sqrt, square
from varsync_runtime.ops.layout import reshape
from varsync_runtime.ops.summation import plain_total, total
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import Op, call
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.errors import Rejected
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.signatures import BOOL, REALS
from varsync_runtime.tensors.tensor import Tensor, make

d = dtypes
_SUMS = (
    d.float32, d.float64, d.int32, d.uint8, d.int16, d.int8, d.complex64, d.int64, d.qint8,
    d.quint8, d.qint32, d.bfloat16, d.qint16, d.quint16, d.uint16, d.complex128, d.float16,
    d.uint32, d.uint64,
)  # fmt: skip
_EXTREMES = (
    d.float32, d.float64, d.int32, d.uint8, d.int16, d.int8, d.int64, d.bfloat16, d.uint16,
    d.float16, d.uint32, d.uint64, d.qint8, d.quint8,
)  # fmt: skip

Axes = tuple[int, ...]


def axes_of(tensor: Tensor, axis: Any) -> Axes:
    """The axes to reduce, as numbers from 0; all of them for None."""
    rank = tensor._array.ndim
    if axis is None:
        return tuple(range(rank))
    if type(axis) is int:
        given: Any = (axis,)
    elif isinstance(axis, (Tensor, VariableLike)):
        given = convert(axis)._array.reshape(-1).tolist()
    else:
        given = convert(axis, d.int32)._array.reshape(-1).tolist()
    return tuple(one + rank if -rank <= one < 0 else one for one in given)


def _checked(array: Any, axis: Axes) -> None:
    rank = array.ndim
    for one in axis:
        if not 0 <= one < rank:
            words = f"Invalid reduction dimension ({one} for input with {rank} dimension(s)"
            raise Rejected(
                words,
                static=f"Invalid reduction dimension {one} for input with {rank} dimensions. for ",
            )


def _kept(shape: tuple[int, ...], axis: Axes) -> tuple[int, ...]:
    return tuple(1 if i in axis else size for i, size in enumerate(shape))


def _spread(g: Any, array: Any, axis: Axes) -> Any:
    """A gradient of the result, as wide as the input."""
    shape = array.shape
    return anp.reshape(g, _kept(shape, axis)) * anp.ones(shape, dtype=g.dtype)


def _reduction(name: str, function: Callable[..., Any], **options: Any) -> Op:
    def plain(array: np.ndarray, axis: Axes, keepdims: bool) -> Any:
        _checked(array, axis)
        return function(array, axis, keepdims)

    return Op(
        name, options.pop("kernel"), plain=plain, types=("T",), arguments=("input",), **options
    )


def _mean(array: np.ndarray, axis: Axes, keepdims: bool) -> Any:
    if array.dtype.kind in "iu":
        count = math.prod([array.shape[i] for i in axis])
        whole = np.sum(array, axis=axis, keepdims=keepdims, dtype=array.dtype)
        return np.asarray(np.trunc(whole / max(count, 1))).astype(array.dtype)
    wide = np.float32 if array.dtype == np.float16 else array.dtype
    found = plain_total(array.astype(wide, copy=False), axis, keepdims)
    return found / found.dtype.type(_count(array, axis))


def _extreme(function: Any, start: str) -> Callable[..., Any]:
    def reduce(array: np.ndarray, axis: Axes, keepdims: bool) -> Any:
        if array.dtype.kind == "f":
            empty = np.inf if start == "min" else -np.inf
        else:
            empty = getattr(np.iinfo(array.dtype), "max" if start == "min" else "min")
        return function(array, axis=axis, keepdims=keepdims, initial=empty)

    return reduce


def _extreme_back(g: Any, out: Any, array: Any, axis: Axes, keepdims: bool) -> Any:
    # what is equal to the extreme shares its gradient
    shape = _kept(array.shape, axis)
    equal = array == anp.reshape(out, shape)
    number = anp.sum(equal, axis=axis, keepdims=True)
    share = anp.reshape(g, shape) / anp.asarray(number, dtype=array.dtype)
    return anp.where(equal, share * anp.ones_like(array), anp.zeros_like(array))


def _prod_back(g: Any, out: Any, array: Any, axis: Axes, keepdims: bool) -> Any:
    """The product of all the others, right where there are zeros, too."""
    rest = tuple(i for i in range(array.ndim) if i not in axis)
    order = (*rest, *axis)
    moved = anp.transpose(array, order)
    shape = moved.shape
    flat = (
        anp.reshape(moved, (*shape[: len(rest)], -1)) if axis else anp.reshape(moved, (*shape, 1))
    )
    others = _cumprod(flat, -1, True, False) * _cumprod(flat, -1, True, True)
    back = anp.transpose(anp.reshape(others, shape), tuple(np.argsort(order)))
    return _spread(g, array, axis) * back


SUM = _reduction(
    "Sum",
    plain_total,
    kernel=total,
    allowed=_SUMS,
    vjps=(lambda g, out, a, axis, keepdims: _spread(g, a, axis),),
)


def _count(array: Any, axis: Axes) -> int:
    return math.prod([array.shape[i] for i in axis])


MEAN = _reduction(
    "Mean",
    _mean,
    kernel=lambda a, axis, keepdims: total(a, axis, keepdims) / _count(a, axis),
    allowed=_SUMS,
    vjps=(lambda g, out, a, axis, keepdims: _spread(g, a, axis) / max(_count(a, axis), 1),),
)
PROD = _reduction(
    "Prod",
    lambda a, axis, keepdims: np.multiply.reduce(a, axis=axis, keepdims=keepdims, dtype=a.dtype),
    kernel=lambda a, axis, keepdims: anp.prod(a, axis=axis, keepdims=keepdims),
    allowed=_SUMS,
    vjps=(_prod_back,),
)
MAX = _reduction(
    "Max",
    _extreme(np.max, "max"),
    kernel=lambda a, axis, keepdims: anp.max(a, axis=axis, keepdims=keepdims),
    allowed=_EXTREMES,
    vjps=(_extreme_back,),
)
MIN = _reduction(
    "Min",
    _extreme(np.min, "min"),
    kernel=lambda a, axis, keepdims: anp.min(a, axis=axis, keepdims=keepdims),
    allowed=_EXTREMES,
    vjps=(_extreme_back,),
)


def _all(array: np.ndarray, axis: Axes, keepdims: bool) -> Any:
    return np.all(array, axis=axis, keepdims=keepdims)


def _any(array: np.ndarray, axis: Axes, keepdims: bool) -> Any:
    return np.any(array, axis=axis, keepdims=keepdims)


ALL = _reduction("All", _all, kernel=_all, allowed=BOOL, differentiable=False)
ANY = _reduction("Any", _any, kernel=_any, allowed=BOOL, differentiable=False)


def _public(op: Op, *names: str, doc: str) -> Callable[..., Tensor]:
    def reduce(
        input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
    ) -> Tensor:
        tensor = convert(input_tensor)
        attributes = {"axis": axes_of(tensor, axis), "keepdims": bool(keepdims)}
        return call(op, (tensor,), attributes)

    reduce.__name__ = reduce.__qualname__ = names[0].rpartition(".")[2]
    reduce.__doc__ = doc
    return export(*names)(reduce)


reduce_sum = _public(SUM, "tf.math.reduce_sum", "tf.reduce_sum", doc="The sum over axes.")
reduce_mean = _public(
    MEAN, "tf.math.reduce_mean", "tf.reduce_mean", doc="The mean over axes, of the same dtype."
)
reduce_prod = _public(PROD, "tf.math.reduce_prod", "tf.reduce_prod", doc="The product over axes.")
reduce_max = _public(MAX, "tf.math.reduce_max", "tf.reduce_max", doc="The largest over axes.")
reduce_min = _public(MIN, "tf.math.reduce_min", "tf.reduce_min", doc="The smallest over axes.")
reduce_all = _public(ALL, "tf.math.reduce_all", "tf.reduce_all", doc="Whether all are true.")
reduce_any = _public(ANY, "tf.math.reduce_any", "tf.reduce_any", doc="Whether any is true.")


@export("tf.math.reduce_logsumexp", "tf.reduce_logsumexp")
def reduce_logsumexp(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """log(sum(exp(x))) without overflow."""
    x = convert(input_tensor)
    top = reduce_max(x, axis, True)
    finite = np.where(np.isfinite(top._array), top._array, top.dtype._array_type.type(0))
    constant = make(finite, top.dtype)
    result = log(reduce_sum(exp(x - constant), axis, keepdims))
    shifted = constant if keepdims else reshape(constant, result.shape)
    return result + shifted


@export("tf.math.reduce_variance")
def reduce_variance(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The mean square distance from the mean."""
    x = convert(input_tensor)
    means = reduce_mean(x, axis, True)
    if means.dtype.is_integer:
        raise TypeError(
            f"Input must be either real or complex. Received integer type {means.dtype}."
        )
    return reduce_mean(square(x - means), axis, keepdims)


@export("tf.math.reduce_std")
def reduce_std(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The root of the variance."""
    return sqrt(reduce_variance(input_tensor, axis, keepdims))


@export("tf.math.reduce_euclidean_norm")
def reduce_euclidean_norm(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The root of the sum of squares."""
    return sqrt(reduce_sum(square(input_tensor), axis, keepdims))


def _count_nonzero(array: np.ndarray, axis: Any, keepdims: bool, dtype: Any) -> np.ndarray:
    return np.asarray(np.count_nonzero(array, axis=axis, keepdims=keepdims), dtype=dtype)


COUNT_NONZERO = Op("CountNonzero", _count_nonzero, result=None, differentiable=False)


@export("tf.math.count_nonzero")
def count_nonzero(
    input: Any, axis: Any = None, keepdims: bool = False, dtype: Any = d.int64,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """How many elements are not zero."""
    tensor = convert(input)
    attributes = {
        "axis": axes_of(tensor, axis), "keepdims": keepdims, "dtype": as_dtype(dtype)._array_type,
    }  # fmt: skip
    return call(COUNT_NONZERO, (tensor,), attributes)


# ------------------------------------------------------------------- where the extremes are


def _arg(function: Any, name: str) -> Op:
    def plain(array: np.ndarray, axis: int, dtype: Any) -> Any:
        if not -max(array.ndim, 1) <= axis < max(array.ndim, 1):
            raise Rejected(
                f"Expected dimension in the range [{-array.ndim}, {array.ndim}), but got {axis}"
            )
        if array.dtype.kind == "f":
            # TensorFlow takes no NaN for an extreme
            array = np.where(np.isnan(array), -np.inf if name == "ArgMax" else np.inf, array)
        return function(array, axis).astype(dtype)

    return Op(name, plain, result=None, differentiable=False, types=("T",),
              allowed=(*REALS, d.bool_))  # fmt: skip


ARG_MAX, ARG_MIN = _arg(np.argmax, "ArgMax"), _arg(np.argmin, "ArgMin")


@export("tf.math.argmax", "tf.argmax")
def argmax(
    input: Any, axis: Any = None, output_type: Any = d.int64, name: str | None = None
) -> Tensor:
    """Where the largest is along an axis, the first if there are several."""
    return _argument(ARG_MAX, input, axis, output_type)


@export("tf.math.argmin", "tf.argmin")
def argmin(
    input: Any, axis: Any = None, output_type: Any = d.int64, name: str | None = None
) -> Tensor:
    """Where the smallest is along an axis, the first if there are several."""
    return _argument(ARG_MIN, input, axis, output_type)


def _argument(op: Op, value: Any, axis: Any, output_type: Any) -> Tensor:
    where = 0 if axis is None else int(convert(axis)._array)
    dtype = as_dtype(output_type)._array_type
    return call(op, (convert(value),), {"axis": where, "dtype": dtype})


# ------------------------------------------------------------------- scans


def _scan(function: Any, neutral: int) -> Callable[..., Any]:
    def plain(array: np.ndarray, axis: int, exclusive: bool, reverse: bool) -> Any:
        if not -array.ndim <= axis < array.ndim:
            raise Rejected(
                f"ScanOp: Expected scan axis in the range [{-array.ndim}, {array.ndim}), but got {axis}"
            )
        source = np.flip(array, axis) if reverse else array
        out = function(source, axis=axis, dtype=array.dtype)
        if exclusive:
            out = np.roll(out, 1, axis)
            first: list[Any] = [slice(None)] * array.ndim
            first[axis] = slice(0, 1)
            out[tuple(first)] = neutral
        return np.flip(out, axis) if reverse else out

    return plain


_plain_cumsum, _plain_cumprod = _scan(np.cumsum, 0), _scan(np.cumprod, 1)


def _cumsum(array: Any, axis: int, exclusive: bool, reverse: bool) -> Any:
    """The same as a product with a triangle of ones, which autograd can differentiate."""
    size = array.shape[axis]
    ones = np.tril(np.ones((size, size), array.dtype), -1 if exclusive else 0)
    moved = anp.moveaxis(array, axis, -1)
    return anp.moveaxis(anp.matmul(moved, ones if reverse else ones.T), -1, axis)


CUMSUM = Op(
    "Cumsum",
    _cumsum,
    plain=_plain_cumsum,
    allowed=(*REALS, d.complex64, d.complex128),
    vjps=(lambda g, out, a, axis, exclusive, reverse: _cumsum(g, axis, exclusive, not reverse),),
)


def _cumprod(array: Any, axis: int, exclusive: bool, reverse: bool) -> Any:
    moved = anp.moveaxis(array, axis, 0)
    size = moved.shape[0]
    order = range(size - 1, -1, -1) if reverse else range(size)
    rows: list[Any] = [None] * size
    running = anp.ones(moved.shape[1:], dtype=array.dtype)
    for i in order:
        if exclusive:
            rows[i] = running
            running = running * moved[i]
        else:
            running = running * moved[i]
            rows[i] = running
    return anp.moveaxis(anp.stack(rows), 0, axis) if rows else array


CUMPROD = Op("Cumprod", _cumprod, plain=_plain_cumprod, allowed=(*REALS, d.complex64, d.complex128))


@export("tf.math.cumsum", "tf.cumsum")
def cumsum(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """Running sums along an axis."""
    return _scanned(CUMSUM, x, axis, exclusive, reverse)


@export("tf.math.cumprod")
def cumprod(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """Running products along an axis."""
    return _scanned(CUMPROD, x, axis, exclusive, reverse)


def _scanned(op: Op, x: Any, axis: Any, exclusive: bool, reverse: bool) -> Tensor:
    where = int(convert(axis)._array)
    return call(op, (convert(x),), {"axis": where, "exclusive": exclusive, "reverse": reverse})
