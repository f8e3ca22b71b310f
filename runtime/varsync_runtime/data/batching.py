"""`batch`, `unbatch`, `rebatch`, `padded_batch`, `window`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from varsync_runtime.data.dataset import (
    INFINITE,
    UNKNOWN,
    DatasetSpec,
    DatasetV2,
    derived,
    integer,
    kind,
    method,
)
from varsync_runtime.data.rows import Row, Unequal, map_shapes, only_arrays, stack, unknown_outer
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import brackets
from varsync_runtime.tensors.errors import InvalidArgumentError
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.spec import TensorSpec

NEXT = (
    "{{function_node __wrapped__IteratorGetNext_output_types_1_device_"
    "/job:localhost/replica:0/task:0/device:CPU:0}}"
)
"""How messages of the iterator begin."""


def batched(source: DatasetV2, size: int, drop_remainder: bool) -> Iterator[list[Row]]:
    """The rows in groups."""
    rows = source._rows()
    while group := list(itertools.islice(rows, size)):
        if len(group) == size or not drop_remainder:
            yield group


def batches(cardinality: int, size: int, drop_remainder: bool) -> int:
    """How many batches there are."""
    if cardinality < 0:
        return cardinality
    return cardinality // size if drop_remainder else -(-cardinality // size)


@method
def batch(
    self: DatasetV2,
    batch_size: Any,
    drop_remainder: Any = False,
    num_parallel_calls: Any = None,
    deterministic: Any = None,
    name: str | None = None,
) -> DatasetV2:
    """tensorflow/python/data/ops/batch_op.py."""
    del deterministic, name
    size = integer(batch_size)
    if size <= 0:
        raise InvalidArgumentError(
            None,
            None,
            "{{function_node __wrapped__BatchDatasetV2_device_/job:localhost/replica:0/task:0/"
            "device:CPU:0}} Batch size must be greater than zero. [Op:BatchDatasetV2] name: ",
        )
    drop = bool(convert(drop_remainder)._array)

    def rows() -> Iterator[Row]:
        for group in batched(self, size, drop):
            try:
                yield stack(group)
            except Unequal as unequal:
                raise _unequal(unequal) from None

    outer = size if drop else None
    spec = map_shapes(self.element_spec, lambda shape: TensorShape([outer]).concatenate(shape))
    name = "_BatchDataset" if num_parallel_calls is None else "_ParallelBatchDataset"
    made = derived(name, self, spec, rows, batches(self._size(), size, drop))
    made._batch_size = size
    return made


def _unequal(unequal: Unequal) -> InvalidArgumentError:
    first = unequal.shapes[0]
    at = next(at for at, shape in enumerate(unequal.shapes) if shape != first)
    return InvalidArgumentError(
        None,
        None,
        f"{NEXT} Cannot batch tensors with different shapes in component 0. First element had "
        f"shape {brackets(first)} and element {at} had shape {brackets(unequal.shapes[at])}. "
        "[Op:IteratorGetNext] name: ",
    )


@method
def unbatch(self: DatasetV2, name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/unbatch_op.py."""
    del name

    def rows() -> Iterator[Row]:
        for row in self._rows():
            for at in range(len(only_arrays(row, "unbatch")[0])):
                yield [array[at, ...] for array in row]

    def inner(shape: TensorShape) -> TensorShape:
        return shape if shape.rank is None else TensorShape(shape.as_list()[1:])

    size = UNKNOWN
    first = nest.flatten(self.element_spec)[0]
    if self._size() >= 0 and first.shape.rank and first.shape[0] is not None:
        size = self._size() * first.shape[0]
    elif self._size() == INFINITE:
        size = INFINITE
    return derived("_UnbatchDataset", self, map_shapes(self.element_spec, inner), rows, size)


def resliced(source: DatasetV2, sizes: list[int], drop_remainder: bool) -> Iterator[Row]:
    """The rows of batches in batches of other sizes, one after the other and again."""
    pending: list[Row] = []
    batches_ = source._rows()
    for size in itertools.cycle(sizes):
        while sum(len(row[0]) for row in pending) < size:
            row = next(batches_, None)
            if row is None:
                break
            pending.append(row)
        if not pending:
            return
        whole = [np.concatenate(parts) for parts in zip(*pending, strict=True)]
        head = [array[:size] for array in whole]
        rest = [array[size:] for array in whole]
        pending = [rest] if len(rest[0]) else []
        if len(head[0]) < size and drop_remainder:
            return
        yield head


@method
def rebatch(
    self: DatasetV2, batch_size: Any, drop_remainder: Any = False, name: str | None = None
) -> DatasetV2:
    """tensorflow/python/data/ops/rebatch_op.py."""
    del name
    leaves = nest.flatten(self.element_spec)
    if any(not one.shape.rank and one.shape.rank is not None for one in leaves):
        raise ValueError(
            "Invalid `batch_sizes`. Expected dataset with rank of >= 1 but found a dataset with "
            "scalar elements. Fix the issue by adding the `batch` transformation to the dataset."
        )
    sizes = [int(one) for one in np.atleast_1d(convert(batch_size)._array)]
    drop = bool(convert(drop_remainder)._array)
    comes_out_even = all(
        one.shape.rank and one.shape[0] is not None and one.shape[0] % sum(sizes) == 0
        for one in leaves
    )
    outer = sizes[0] if (drop or comes_out_even) and len(set(sizes)) == 1 else None
    spec = map_shapes(self.element_spec, lambda shape: TensorShape([outer, *shape.as_list()[1:]]))
    return derived("_RebatchDataset", self, spec, lambda: resliced(self, sizes, drop))


@method
def padded_batch(
    self: DatasetV2,
    batch_size: Any,
    padded_shapes: Any = None,
    padding_values: Any = None,
    drop_remainder: Any = False,
    name: str | None = None,
) -> DatasetV2:
    """tensorflow/python/data/ops/padded_batch_op.py."""
    del name
    size, drop = integer(batch_size), bool(convert(drop_remainder)._array)
    specs = nest.flatten(self.element_spec)
    shapes = shapes_to_pad(self.element_spec, padded_shapes)
    values = _padding_values(self.element_spec, specs, padding_values)

    def rows() -> Iterator[Row]:
        for group in batched(self, size, drop):
            yield [
                _padded([row[at] for row in group], shapes[at], values[at])
                for at in range(len(specs))
            ]

    outer = size if drop else None
    made = [
        TensorSpec(TensorShape([outer]).concatenate(shape), one.dtype)
        for shape, one in zip(shapes, specs, strict=True)
    ]
    spec = nest.pack_sequence_as(self.element_spec, made)
    return derived("_PaddedBatchDataset", self, spec, rows, batches(self._size(), size, drop))


def shapes_to_pad(spec: Any, given: Any) -> list[TensorShape]:
    """The shapes that the leaves of a batch's elements get."""
    if given is None:
        return [one.shape for one in nest.flatten(spec)]
    if isinstance(spec, tuple):
        pairs = zip(spec, given, strict=True)
        return [one for inner, its in pairs for one in shapes_to_pad(inner, its)]
    if isinstance(spec, dict):
        return [one for key in sorted(spec) for one in shapes_to_pad(spec[key], given[key])]
    if not isinstance(given, (TensorShape, list, tuple)):
        given = convert(given)._array.tolist()
    return [TensorShape([None if one in (-1, None) else one for one in given])]


def _padding_values(spec: Any, specs: list[Any], given: Any) -> list[Any]:
    if given is None:
        found: list[Any] = [None] * len(specs)
    elif nest.is_nested(spec):
        found = nest.flatten(given)
    else:
        found = [given]
    return [
        (b"" if its.dtype.name == "string" else 0)
        if one is None
        else convert(one, its.dtype)._array
        for one, its in zip(found, specs, strict=True)
    ]


def _padded(parts: list[Any], shape: TensorShape, value: Any) -> Any:
    sizes = [
        max(part.shape[at] for part in parts) if wanted is None else wanted
        for at, wanted in enumerate(shape)
    ]
    made = np.full([len(parts), *sizes], value, parts[0].dtype)
    for at, part in enumerate(parts):
        if any(have > allowed for have, allowed in zip(part.shape, sizes, strict=True)):
            raise InvalidArgumentError(
                None,
                None,
                f"Attempted to pad to a smaller size than the input element. {brackets(part.shape)} "
                f"{brackets(sizes)}",
            )
        place = (at, *[slice(size) for size in part.shape])
        made[place] = part
    return made


@method
def window(
    self: DatasetV2,
    size: Any,
    shift: Any = None,
    stride: Any = 1,
    drop_remainder: Any = False,
    name: str | None = None,
) -> DatasetV2:
    """tensorflow/python/data/ops/window_op.py: datasets of following elements."""
    del name
    width = integer(size)
    step = width if shift is None else integer(shift)
    every = integer(stride)
    drop = bool(convert(drop_remainder)._array)
    leaves = nest.flatten(self.element_spec)

    def rows() -> Iterator[Row]:
        for group in _windows(list(self._rows()), width, step, every, drop):
            yield [_part(group, at, spec) for at, spec in enumerate(leaves)]

    spec = nest.map_structure(DatasetSpec, self.element_spec)
    return derived("_WindowDataset", self, spec, rows)


def _part(group: list[Row], at: int, spec: Any) -> DatasetV2:
    """One leaf of the rows of a window, as a dataset."""
    return kind("_VariantDataset")(spec, lambda: iter([[row[at]] for row in group]), len(group))


def _windows(rows: list[Row], width: int, step: int, every: int, drop: bool) -> Iterator[list[Row]]:
    for start in range(0, len(rows), step):
        group = rows[start : start + (width - 1) * every + 1 : every]
        if len(group) == width or (group and not drop):
            yield group


def minibatches(source: DatasetV2, replicas: int) -> Iterator[Row]:
    """Each batch in as many pieces as there are replicas; what comes last may be empty.

    tensorflow/core/kernels/data/rebatch_dataset_op.cc, the first version: pieces of equal size,
    rounded up.
    """
    for row in source._rows():
        size = len(row[0])
        piece = -(-size // replicas)
        for at in range(replicas):
            yield [array[at * piece : (at + 1) * piece] for array in row]


def minibatch_spec(spec: Any, replicas: int) -> Any:
    """The spec of such pieces."""

    def piece(shape: TensorShape) -> TensorShape:
        if shape.rank and shape[0] is not None and shape[0] % replicas == 0:
            return TensorShape([shape[0] // replicas, *shape.as_list()[1:]])
        return unknown_outer(shape)

    return map_shapes(spec, piece)
