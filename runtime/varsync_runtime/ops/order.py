"""Sorting, the largest, unique values, searching and counting."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from varsync_runtime.ops.layout import cast, integer
from varsync_runtime.ops.selection import scatter_add
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import agreeing, convert
from varsync_runtime.tensors.dispatch import Op, call, reject
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.errors import Rejected
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor, make

d = dtypes


class TopKV2(NamedTuple):
    """The largest, and where they are."""

    values: Tensor
    indices: Tensor


class Unique(NamedTuple):
    """The values without repetition, and which of them each element is."""

    y: Tensor
    idx: Tensor


class UniqueWithCounts(NamedTuple):
    """The same, with how often each value comes."""

    y: Tensor
    idx: Tensor
    count: Tensor  # type: ignore[assignment]


# ------------------------------------------------------------------- the largest


def _descending(array: np.ndarray) -> np.ndarray:
    """The order from the largest down; of equals the first comes first."""
    if array.dtype.kind in "iu":
        return np.argsort(~array, axis=-1, kind="stable")
    return np.argsort(-array, axis=-1, kind="stable")


def _largest(array: np.ndarray, number: int, dtype: Any) -> np.ndarray:
    return _descending(array)[..., :number].astype(dtype)


def _ordered(array: np.ndarray, axis: int, falling: bool) -> np.ndarray:
    moved = np.moveaxis(array, axis, -1)
    order = _descending(moved) if falling else np.argsort(moved, axis=-1, kind="stable")
    return np.moveaxis(order, -1, axis).astype(np.int32)


def _index(order: np.ndarray, axis: int) -> tuple[np.ndarray, ...]:
    index = list(np.indices(order.shape))
    index[axis] = order
    return tuple(index)


LARGEST = Op("TopKV2", _largest, result=None, differentiable=False)
ORDER = Op("ArgSort", _ordered, result=None, differentiable=False)
TAKE_ALONG = Op(
    "TopKV2",
    lambda array, order, axis: np.take_along_axis(array, order, axis),
    vjps=(
        lambda g, out, array, order, axis: scatter_add(g, array.shape, _index(order, axis)),
        None,
    ),
)


@export("tf.math.top_k", "tf.nn.top_k")
def top_k(
    input: Any, k: Any = 1, sorted: bool = True, index_type: Any = d.int32, name: str | None = None
) -> TopKV2:
    """The `k` largest along the last axis, and where they are."""
    x = convert(input)
    number = integer(k)
    columns = x._array.shape[-1] if x._array.ndim else 0
    if not x._array.ndim:
        raise reject("TopKV2", "input must be >= 1-D, got shape []")
    if number > columns:
        raise reject(
            "TopKV2", f"input must have at least k columns. Had {columns}, needed {number}"
        )
    dtype = as_dtype(index_type)._array_type
    order = call(LARGEST, (x,), {"number": number, "dtype": dtype})
    return TopKV2(call(TAKE_ALONG, (x, order), {"axis": -1}), order)


@export("tf.math.in_top_k", "tf.nn.in_top_k")
def in_top_k(targets: Any, predictions: Any, k: Any, name: str | None = None) -> Tensor:
    """Whether each target is among the `k` largest predictions."""
    y, p = convert(targets)._array, convert(predictions, None)._array
    own = p[np.arange(len(y)), y]
    larger = (p > own[:, None]).sum(axis=1)
    good = (larger < integer(k)) & np.isfinite(own) & np.isfinite(p).all(axis=1)
    return make(good, d.bool_)


# ------------------------------------------------------------------- sorting


def _is_falling(direction: str) -> bool:
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(
            "Argument `direction` should be one of ASCENDING, DESCENDING. Received: "
            f"direction={direction}"
        )
    return direction == "DESCENDING"


@export("tf.sort")
def sort(
    values: Any, axis: Any = -1, direction: str = "ASCENDING", name: str | None = None
) -> Tensor:
    """The values in order along an axis."""
    x = convert(values)
    where = integer(axis) % max(x._array.ndim, 1)
    order = call(ORDER, (x,), {"axis": where, "falling": _is_falling(direction)})
    return call(TAKE_ALONG, (x, order), {"axis": where})


@export("tf.argsort")
def argsort(
    values: Any, axis: Any = -1, direction: str = "ASCENDING", stable: bool = False,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """The indices that put the values in order."""
    falling = _is_falling(direction)
    return call(ORDER, (convert(values),), {"axis": integer(axis), "falling": falling})


@export("tf.searchsorted")
def searchsorted(
    sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = d.int32,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """Where values belong in sorted rows."""
    rows, x = agreeing((sorted_sequence, values))
    if side not in ("left", "right"):
        raise ValueError(
            f"Argument `side` must be either 'right' or 'left'. Received: `side` = '{side}'."
        )
    flat: Any = rows._array.reshape(-1, rows._array.shape[-1])
    given = x._array.reshape(len(flat), -1)
    found = [row.searchsorted(one, side) for row, one in zip(flat, given, strict=True)]
    wanted = as_dtype(out_type)
    return make(np.array(found).reshape(x._array.shape).astype(wanted._array_type), wanted)


@export("tf.raw_ops.Bucketize")
def bucketize(*, input: Any, boundaries: Any, name: str | None = None) -> Tensor:
    """The number of boundaries that are not above each value."""
    found = np.asarray(boundaries).searchsorted(convert(input)._array, "right")
    return make(np.asarray(found, np.int32), d.int32)


# ------------------------------------------------------------------- unique values


def _unique(x: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, Tensor]:
    tensor = convert(x)
    if tensor._array.ndim != 1:
        raise reject("Unique", "unique expects a 1D vector.")
    values, first, inverse, counts = np.unique(
        tensor._array, return_index=True, return_inverse=True, return_counts=True
    )
    # in the order of their first appearance
    order = np.argsort(first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return values[order], rank[inverse.reshape(-1)], counts[order], tensor


@export("tf.unique")
def unique(x: Any, out_idx: Any = d.int32, name: str | None = None) -> Unique:
    """The values without repetition, in order of appearance."""
    values, index, _, tensor = _unique(x)
    wanted = as_dtype(out_idx)
    return Unique(make(values, tensor.dtype), make(index.astype(wanted._array_type), wanted))


@export("tf.unique_with_counts")
def unique_with_counts(x: Any, out_idx: Any = d.int32, name: str | None = None) -> UniqueWithCounts:
    """The same, with how often each comes."""
    values, index, counts, tensor = _unique(x)
    wanted = as_dtype(out_idx)
    kind = wanted._array_type
    return UniqueWithCounts(
        make(values, tensor.dtype),
        make(index.astype(kind), wanted),
        make(counts.astype(kind), wanted),
    )


# ------------------------------------------------------------------- counting


@export("tf.math.bincount")
def bincount(
    arr: Any, weights: Any = None, minlength: Any = None, maxlength: Any = None,
    dtype: Any = d.int32, name: str | None = None, axis: Any = None, binary_output: bool = False,
) -> Tensor:  # fmt: skip
    """How often each number comes, or the sum of its weights; with the axis -1 in each row."""
    numbers = convert(arr)._array
    by = None if weights is None else convert(weights)
    low = 0 if minlength is None else integer(minlength)
    size = max(int(numbers.max(initial=-1)) + 1, low)
    if maxlength is not None:
        size = min(size, integer(maxlength))
    rows = numbers.reshape(numbers.shape[0], -1) if axis == -1 and numbers.ndim > 1 else None
    if rows is None:
        found = _counts(numbers.reshape(-1), None if by is None else by._array.reshape(-1), size)
    else:
        shares = [None] * len(rows) if by is None else by._array.reshape(rows.shape)
        found = np.stack([_counts(*pair, size) for pair in zip(rows, shares, strict=True)])
    if by is not None:
        return make(found, by.dtype)
    wanted = as_dtype(dtype)
    return make((found > 0 if binary_output else found).astype(wanted._array_type), wanted)


def _counts(numbers: np.ndarray, weights: np.ndarray | None, size: int) -> np.ndarray:
    kept = numbers < size
    if weights is None:
        return np.bincount(numbers[kept], minlength=size)
    total = np.zeros(size, dtype=weights.dtype)
    np.add.at(total, numbers[kept], weights[kept])
    return total


@export("tf.math.confusion_matrix")
def confusion_matrix(
    labels: Any, predictions: Any, num_classes: Any = None, weights: Any = None,
    dtype: Any = d.int32, name: str | None = None,
) -> Tensor:  # fmt: skip
    """How often each label (row) was predicted as each class (column)."""
    y, p = (np.asarray(convert(one)._array).astype(np.int64) for one in (labels, predictions))
    for one, what in ((y, "labels"), (p, "predictions")):
        if one.size and one.min() < 0:
            raise Rejected(f"`{what}` contains negative values.")
    size = (
        max(y.max(initial=-1), p.max(initial=-1)) + 1
        if num_classes is None
        else integer(num_classes)
    )
    wanted = as_dtype(dtype)
    matrix = np.zeros((size, size), dtype=wanted._array_type)
    by = 1 if weights is None else cast(weights, wanted)._array
    np.add.at(matrix, (y, p), by)
    return make(matrix, wanted)


@export("tf.histogram_fixed_width_bins")
def histogram_fixed_width_bins(
    values: Any, value_range: Any, nbins: Any = 100, dtype: Any = d.int32, name: str | None = None
) -> Tensor:
    """In which of equal bins each value falls; what is outside in the first or the last."""
    x, limits = agreeing((values, value_range))
    bins = integer(nbins)
    low, high = limits._array
    place = np.floor(bins * ((x._array - low) / (high - low)))
    wanted = as_dtype(dtype)
    return make(np.clip(place, 0, bins - 1).astype(wanted._array_type), wanted)


@export("tf.histogram_fixed_width")
def histogram_fixed_width(
    values: Any, value_range: Any, nbins: Any = 100, dtype: Any = d.int32, name: str | None = None
) -> Tensor:
    """How many values fall in each of equal bins."""
    bins = histogram_fixed_width_bins(values, value_range, nbins)
    wanted = as_dtype(dtype)
    count = np.bincount(bins._array.reshape(-1), minlength=integer(nbins))
    return make(count.astype(wanted._array_type), wanted)
