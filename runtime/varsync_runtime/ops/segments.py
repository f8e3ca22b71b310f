"""Reductions over the rows of each segment, and sums of several tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from varsync_runtime.ops.layout import integer
from varsync_runtime.ops.selection import UNSORTED_SEGMENT_SUM
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import agreeing, convert
from varsync_runtime.tensors.dispatch import Op, brackets, call, reject
from varsync_runtime.tensors.errors import Rejected
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.slices import IndexedSlices
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import Tensor, make


def _sorted_ids(segment_ids: Any, op_name: str) -> np.ndarray:
    ids = convert(segment_ids)._array
    if ids.size and (np.diff(ids) < 0).any():
        raise reject(op_name, "segment ids are not increasing")
    return ids


def _rows(ids: np.ndarray) -> int:
    return int(ids[-1]) + 1 if ids.size else 0


@export("tf.math.segment_sum")
def segment_sum(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The sum of the rows of each segment; the segments' numbers must not fall."""
    ids = _sorted_ids(segment_ids, "SegmentSum")
    return call(UNSORTED_SEGMENT_SUM, (convert(data),), {"index": ids, "rows": _rows(ids)})


@export("tf.math.segment_mean")
def segment_mean(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The mean of the rows of each segment."""
    ids = _sorted_ids(segment_ids, "SegmentMean")
    return _mean(convert(data), ids, _rows(ids))


def _mean(data: Tensor, ids: np.ndarray, rows: int) -> Tensor:
    total = call(UNSORTED_SEGMENT_SUM, (data,), {"index": ids, "rows": rows})
    count = np.bincount(ids.reshape(-1)[ids.reshape(-1) >= 0], minlength=rows)
    shape = (rows,) + (1,) * (total._array.ndim - 1)
    by = np.maximum(count, 1).reshape(shape).astype(data.dtype._array_type)
    return total / make(by, data.dtype)


@export("tf.math.unsorted_segment_mean")
def unsorted_segment_mean(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Tensor:
    """The mean of the rows of each segment, in any order."""
    return _mean(convert(data), convert(segment_ids)._array, integer(num_segments))


def _extreme(data: Tensor, ids: np.ndarray, rows: int, largest: bool) -> Tensor:
    """The extreme of each segment; its gradient goes to the rows that have it, in shares."""
    values = data._array
    kind = values.dtype
    limits = np.finfo(kind) if kind.kind == "f" else np.iinfo(kind)
    start = limits.min if largest else limits.max
    best = np.full((rows, *values.shape[1:]), start, dtype=kind)
    (np.maximum if largest else np.minimum).at(best, ids, values)
    picked = (values == best[ids]).astype(kind)
    count = np.zeros_like(best)
    np.add.at(count, ids, picked)
    share = picked / np.maximum(count, 1)[ids]
    total = call(
        UNSORTED_SEGMENT_SUM,
        (data * make(share.astype(kind), data.dtype),),
        {"index": ids, "rows": rows},
    )
    empty = np.bincount(ids, minlength=rows) == 0
    if empty.any():
        shape = (rows,) + (1,) * (values.ndim - 1)
        filler = np.where(empty.reshape(shape), start, kind.type(0)).astype(kind)
        total = total + make(filler, data.dtype)
    return total


@export("tf.math.segment_max")
def segment_max(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The largest of each segment."""
    ids = _sorted_ids(segment_ids, "SegmentMax")
    return _extreme(convert(data), ids, _rows(ids), True)


@export("tf.math.segment_min")
def segment_min(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The smallest of each segment."""
    ids = _sorted_ids(segment_ids, "SegmentMin")
    return _extreme(convert(data), ids, _rows(ids), False)


@export("tf.math.unsorted_segment_max")
def unsorted_segment_max(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Tensor:
    """The largest of each segment, in any order."""
    return _extreme(convert(data), convert(segment_ids)._array, integer(num_segments), True)


@export("tf.math.unsorted_segment_min")
def unsorted_segment_min(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Tensor:
    """The smallest of each segment, in any order."""
    return _extreme(convert(data), convert(segment_ids)._array, integer(num_segments), False)


def _add_n(*arrays: np.ndarray) -> Any:
    first = arrays[0].shape
    for number, one in enumerate(arrays):
        if one.shape != first:
            raise Rejected(
                "Inputs to operation AddN of type AddN must have the same size and shape.  Input 0: "
                f"{brackets(first)} != input {number}: {brackets(one.shape)}",
                static=_not_merged([array.shape for array in arrays]),
            )
    return _sum_of(*arrays)


def _not_merged(shapes: list[tuple[int, ...]]) -> str:
    """What the shape function of AddN says, which goes from the last shape to the first."""
    last = shapes[-1]
    at = next(at for at in reversed(range(len(shapes))) if shapes[at] != last)
    one = shapes[at]
    merging = f"\n\tFrom merging shape {at} with other shapes."
    if len(one) != len(last):
        return f"Shapes must be equal rank, but are {len(one)} and {len(last)}{merging}"
    axis = next(axis for axis in range(len(one)) if one[axis] != last[axis])
    return (
        f"Dimension {axis} in both shapes must be equal, but are {one[axis]} and {last[axis]}. "
        f"Shapes are {brackets(one)} and {brackets(last)}.{merging}"
    )


def _sum_of(*arrays: Any) -> Any:
    total = arrays[0]
    for one in arrays[1:]:
        total = total + one
    return total


class _Same:
    """The gradient of a sum is the same for each of its terms."""

    def __len__(self) -> int:
        return 1 << 30

    def __getitem__(self, position: int) -> Any:
        return lambda g, out, *arrays: g


ADD_N = Op("AddN", _sum_of, plain=_add_n, types=("T",), allowed=dtypes.ALL, vjps=_Same())  # type: ignore[arg-type]


@export("tf.math.add_n", "tf.add_n")
def add_n(inputs: Any, name: str | None = None) -> Tensor:
    """The sum of tensors of one shape."""
    words = (
        "Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype "
        "and shape."
    )
    if isinstance(inputs, (VariableLike, IndexedSlices)):
        raise ValueError(words)
    given = list(inputs)
    if not given:
        raise ValueError(words)
    tensors = agreeing([convert(one) if isinstance(one, IndexedSlices) else one for one in given])
    if len(tensors) == 1:
        from varsync_runtime.ops.layout import identity

        return identity(tensors[0])
    if state.graph is not None and len({one.dtype.name for one in tensors}) > 1:
        names = ", ".join(one.dtype.name for one in tensors)
        raise TypeError(
            f"Tensors in list passed to 'inputs' of 'AddN' Op have types [{names}] "
            "that don't all match."
        )
    return call(ADD_N, tensors)


@export("tf.math.accumulate_n")
def accumulate_n(
    inputs: Any, shape: Any = None, tensor_dtype: Any = None, name: str | None = None
) -> Tensor:
    """The sum of tensors of one shape."""
    return add_n(inputs)
