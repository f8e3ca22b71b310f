"""Transformations that take elements one by one: `map`, `filter`, `take`, `repeat`, `zip`, …"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from varsync_runtime.data.batching import NEXT, shapes_to_pad
from varsync_runtime.data.dataset import (
    AUTOTUNE,
    INFINITE,
    UNKNOWN,
    DatasetSpec,
    DatasetV2,
    derived,
    integer,
    kind,
    method,
    static,
)
from varsync_runtime.data.functions import Mapped
from varsync_runtime.data.iterations import branches
from varsync_runtime.data.rows import (
    Row,
    flatten,
    normalised,
    pack,
    spec_of,
)
from varsync_runtime.data.sources import range_
from varsync_runtime.ops.layout import cast
from varsync_runtime.ops.order import searchsorted
from varsync_runtime.ops.selection import gather
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import bool_, int32, int64
from varsync_runtime.tensors.errors import InternalError, InvalidArgumentError, OpError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.spec import TensorSpec

Function = Callable[..., Any]


@method
def map_(
    self: DatasetV2,
    map_func: Function,
    num_parallel_calls: Any = None,
    deterministic: Any = None,
    synchronous: Any = None,
    use_unbounded_threadpool: Any = None,
    name: str | None = None,
) -> DatasetV2:
    """tensorflow/python/data/ops/map_op.py."""
    del deterministic, synchronous, use_unbounded_threadpool, name
    mapped = Mapped(map_func, self.element_spec)

    def rows() -> Iterator[Row]:
        return map(mapped.row, self._rows())

    name = "_MapDataset" if num_parallel_calls is None else "_ParallelMapDataset"
    return derived(name, self, mapped.spec, rows, self._size())


@method
def filter_(self: DatasetV2, predicate: Function, name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/filter_op.py."""
    del name
    test = Mapped(predicate, self.element_spec)
    spec = test.spec
    if not (isinstance(spec, TensorSpec) and spec.dtype is bool_ and spec.shape.rank == 0):
        raise ValueError(
            "Invalid `predicate`. `predicate` must return a `tf.bool` scalar tensor, but its return "
            f"type is {spec}."
        )

    def rows() -> Iterator[Row]:
        return (row for row in self._rows() if test.row(row)[0])

    return derived("_FilterDataset", self, self.element_spec, rows)


@method
def take(self: DatasetV2, count: Any, name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/take_op.py."""
    del name
    number = integer(count)

    def rows() -> Iterator[Row]:
        return self._rows() if number < 0 else itertools.islice(self._rows(), number)

    size = self._size()
    if number >= 0:
        size = number if size == INFINITE else min(size, number) if size >= 0 else size
    if number == 0:
        size = 0
    return derived("_TakeDataset", self, self.element_spec, rows, size)


@method
def skip(self: DatasetV2, count: Any, name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/skip_op.py."""
    del name
    number = integer(count)

    def rows() -> Iterator[Row]:
        return iter(()) if number < 0 else itertools.islice(self._rows(), number, None)

    size = 0 if number < 0 else max(self._size() - number, 0) if self._size() >= 0 else self._size()
    return derived("_SkipDataset", self, self.element_spec, rows, size)


@method
def repeat(self: DatasetV2, count: Any = None, name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/repeat_op.py."""
    del name
    number = -1 if count is None else integer(count)
    is_fused = type(self) is kind("_ShuffleDataset")

    def rows() -> Iterator[Row]:
        for _ in itertools.count() if number < 0 else range(number):
            empty = True
            for row in self._rows():
                empty = False
                yield row
            if empty and number < 0:
                return
        if number > 1 and not is_fused:
            # RepeatDataset makes an iterator more than it needs
            self._start()

    size = self._size()
    if number < 0:
        size = INFINITE if size != 0 else 0
    elif size >= 0 or number == 0:
        size = max(size, 0) * number
    return derived("_RepeatDataset", self, self.element_spec, rows, size)


@method
def cache(self: DatasetV2, filename: Any = "", name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/cache_op.py; a cache in a file is one in memory here."""
    del filename, name
    kept: list[Row] = []
    whole = [False]

    def rows() -> Iterator[Row]:
        if whole[0]:
            yield from kept
            return
        found: list[Row] = []
        for row in self._rows():
            found.append(row)
            yield row
        if not whole[0]:
            kept.extend(found)
            whole[0] = True

    def start() -> None:
        if not whole[0]:
            self._start()

    made = derived("CacheDataset", self, self.element_spec, rows, self._size())
    made._start = start
    return made


@method
def prefetch(self: DatasetV2, buffer_size: Any, name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/prefetch_op.py: the same elements."""
    del buffer_size, name
    return derived("_PrefetchDataset", self, self.element_spec, self._rows, self._size())


@method
def concatenate(self: DatasetV2, dataset: DatasetV2, name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/concatenate_op.py."""
    del name
    mine, its = self.element_spec, dataset.element_spec
    try:
        nest.assert_same_structure(mine, its)
        spec = nest.map_structure(_common, mine, its)
    except (TypeError, ValueError):
        raise TypeError(f"Incompatible dataset elements:\n  {mine} vs.   {its}") from None

    def second() -> Iterator[Row]:
        yield from dataset._rows()  # which is started when the first one ends

    def rows() -> Iterator[Row]:
        return itertools.chain(*branches([self._rows(), second()]))

    sizes = (self._size(), dataset._size())
    size = INFINITE if INFINITE in sizes else UNKNOWN if UNKNOWN in sizes else sum(sizes)
    made = kind("_ConcatenateDataset")(spec, rows, size, (self, dataset))
    made._start = self._start
    return made


def _common(one: TensorSpec, other: TensorSpec) -> TensorSpec:
    if one.dtype is not other.dtype:
        raise TypeError
    return TensorSpec(one.shape.most_specific_compatible_shape(other.shape), one.dtype)


@method
def enumerate_(self: DatasetV2, start: Any = 0, name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/dataset_ops.py: the elements with their numbers."""
    del name
    first = integer(start)
    spec = (TensorSpec((), int64), self.element_spec)

    def rows() -> Iterator[Row]:
        for number, row in enumerate(self._rows(), first):
            yield [np.asarray(number, np.int64), *row]

    numbers = range_(2**62)
    return kind("_ZipDataset")(spec, rows, self._size(), (numbers, self))


@static
def zip_(*args: Any, datasets: Any = None, name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/zip_op.py."""
    del name
    structure = datasets if datasets is not None else args[0] if len(args) == 1 else tuple(args)
    parts = nest.flatten(structure)
    for one in parts:
        if not isinstance(one, DatasetV2):
            raise TypeError(
                "Invalid input to `zip`. Inputs are expected to be (nested) structures of "
                f"`tf.data.Dataset` objects but encountered object of type {type(one)}."
            )
    spec = nest.map_structure(lambda one: one.element_spec, structure)

    def rows() -> Iterator[Row]:
        for group in zip(*branches([one._rows() for one in parts]), strict=False):
            yield [leaf for row in group for leaf in row]

    sizes = [one._size() for one in parts]
    known = [size for size in sizes if size != INFINITE]
    size = INFINITE if not known else UNKNOWN if UNKNOWN in known else min(known)
    return kind("_ZipDataset")(spec, rows, size, tuple(parts))


@method
def shard(self: DatasetV2, num_shards: Any, index: Any, name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/shard_op.py."""
    del name
    shards, at = integer(num_shards), integer(index)
    where = (
        "{{function_node __wrapped__ShardDataset_device_/job:localhost/replica:0/task:0/"
        "device:CPU:0}}"
    )
    if shards < 1:
        raise InvalidArgumentError(
            None,
            None,
            f"{where} Number of shards must be greater than zero (currently num_shards = {shards}). "
            "[Op:ShardDataset] name: ",
        )
    if not 0 <= at < shards:
        raise InvalidArgumentError(
            None,
            None,
            f"{where} Index must be between 0 and {shards - 1} (currently index = {at}). "
            "[Op:ShardDataset] name: ",
        )

    def rows() -> Iterator[Row]:
        return itertools.islice(self._rows(), at, None, shards)

    size = self._size()
    if size >= 0:
        size = size // shards + (at < size % shards)
    return derived("_ShardDataset", self, self.element_spec, rows, size)


@method
def reduce(
    self: DatasetV2, initial_state: Any, reduce_func: Function, name: str | None = None
) -> Any:
    """tensorflow/python/data/ops/dataset_ops.py: folds the elements."""
    del name
    state = normalised(initial_state)
    spec = spec_of(state)
    folded = Mapped(reduce_func, spec, self.element_spec)
    row = flatten(state)
    for element in self._begin():
        row = folded.row(row, element)
    return pack(folded.spec, row)


@method
def scan(
    self: DatasetV2, initial_state: Any, scan_func: Function, name: str | None = None
) -> DatasetV2:
    """tensorflow/python/data/ops/scan_op.py."""
    del name
    state = normalised(initial_state)
    scanned = Mapped(scan_func, spec_of(state), self.element_spec)
    states = len(flatten(state))

    def rows() -> Iterator[Row]:
        now = flatten(state)
        for element in self._rows():
            result = scanned.row(now, element)
            now = result[:states]
            yield result[states:]

    return derived("_ScanDataset", self, scanned.spec[1], rows, self._size())


@method
def take_while(self: DatasetV2, predicate: Function, name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/take_while_op.py."""
    del name
    test = Mapped(predicate, self.element_spec)

    def rows() -> Iterator[Row]:
        return itertools.takewhile(lambda row: test.row(row)[0], self._rows())

    return derived("_TakeWhileDataset", self, self.element_spec, rows)


@method
def unique(self: DatasetV2, name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/unique_op.py."""
    del name

    def rows() -> Iterator[Row]:
        seen: set[Any] = set()
        for row in self._rows():
            key = tuple(array.tobytes() if array.dtype != object else array.item() for array in row)
            if key not in seen:
                seen.add(key)
                yield row

    return derived("_UniqueDataset", self, self.element_spec, rows)


# ---------------------------------------------------------------- datasets of datasets


def _inner(self: DatasetV2, map_func: Function) -> tuple[Mapped, Any]:
    """The function that gives datasets, and the spec of their elements."""
    mapped = Mapped(map_func, self.element_spec)
    if not isinstance(mapped.spec, DatasetSpec):
        raise TypeError(
            "The `map_func` argument must return a `Dataset` object. Got "
            f"{type(mapped.spec).__name__!r}."
        )
    return mapped, mapped.spec.element_spec


@method
def flat_map(self: DatasetV2, map_func: Function, name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/flat_map_op.py."""
    del name
    mapped, spec = _inner(self, map_func)

    def rows() -> Iterator[Row]:
        for row in self._rows():
            yield from mapped.rows(row)

    return mapped.marked(derived("_FlatMapDataset", self, spec, rows))


@method
def interleave(
    self: DatasetV2,
    map_func: Function,
    cycle_length: Any = None,
    block_length: Any = None,
    num_parallel_calls: Any = None,
    deterministic: Any = None,
    name: str | None = None,
) -> DatasetV2:
    """tensorflow/python/data/ops/interleave_op.py, in the order of its deterministic form."""
    del deterministic, name
    mapped, spec = _inner(self, map_func)
    width = at_once(cycle_length, num_parallel_calls)
    block = 1 if block_length is None else integer(block_length)

    def rows() -> Iterator[Row]:
        return interleaved((mapped.rows(row) for row in self._rows()), width, block)

    name = "_InterleaveDataset" if num_parallel_calls is None else "_ParallelInterleaveDataset"
    return mapped.marked(derived(name, self, spec, rows))


def at_once(cycle_length: Any, num_parallel_calls: Any) -> int:
    """How many sources are read in turn; TensorFlow goes by the number of processors.

    tensorflow/core/kernels/data/interleave_dataset_op.cc and parallel_interleave_dataset_op.cc.
    """
    width = AUTOTUNE if cycle_length is None else integer(cycle_length)
    if width != AUTOTUNE:
        return width
    processors = len(os.sched_getaffinity(0))
    if num_parallel_calls is None:
        return processors
    calls = integer(num_parallel_calls)
    # a source and two that are prefetched have a thread each
    return -(-processors // 3) if calls == AUTOTUNE else min(calls, processors)


def interleaved(sources: Iterator[Iterator[Row]], width: int, block: int) -> Iterator[Row]:
    """Blocks of the first `width` sources in turn; an ended one makes room for the next."""
    slots: list[Iterator[Row] | None] = [None] * width
    more = True
    while True:
        for at in range(width):
            if slots[at] is None and more:
                slots[at] = next(sources, None)
                more = slots[at] is not None
            found = slots[at]
            if found is None:
                continue
            for _ in range(block):
                row = next(found, None)
                if row is None:
                    slots[at] = None
                    break
                yield row
        if not more and all(one is None for one in slots):
            return


@method
def bucket_by_sequence_length(
    self: DatasetV2,
    element_length_func: Function,
    bucket_boundaries: list[int],
    bucket_batch_sizes: list[int],
    padded_shapes: Any = None,
    padding_values: Any = None,
    pad_to_bucket_boundary: bool = False,
    no_padding: bool = False,
    drop_remainder: bool = False,
    name: str | None = None,
) -> DatasetV2:
    """tensorflow/python/data/ops/dataset_ops.py: batches of elements of nearly the same length."""
    del name
    if len(bucket_batch_sizes) != len(bucket_boundaries) + 1:
        raise ValueError(
            "`len(bucket_batch_sizes)` must equal `len(bucket_boundaries) + 1` but "
            f"`len(bucket_batch_sizes)={len(bucket_batch_sizes)}` and "
            f"`len(bucket_boundaries)={len(bucket_boundaries)}`."
        )
    boundaries = convert(bucket_boundaries, int32)
    sizes = convert(bucket_batch_sizes, int64)

    def bucket(*args: Any) -> Any:
        return cast(searchsorted(boundaries, element_length_func(*args)[None], "right")[0], int64)

    def batching(number: Any, group: DatasetV2) -> Any:
        size = gather(sizes, number)
        if no_padding:
            return group.batch(size, drop_remainder)
        filler = None
        if pad_to_bucket_boundary:
            if integer(number) >= len(bucket_boundaries):
                raise InternalError(
                    None,
                    None,
                    f"{NEXT} Got error code INVALID_ARGUMENT and message: {{\nassertion failed: "
                    "[When pad_to_bucket_boundary=True, elements must have length < "
                    "max(bucket_boundaries).]",
                )
            filler = integer(gather(boundaries, number)) - 1
        shapes = [
            [filler if one is None else one for one in shape]
            for shape in shapes_to_pad(group.element_spec, padded_shapes)
        ]
        filled = nest.pack_sequence_as(group.element_spec, shapes)
        return group.padded_batch(size, filled, padding_values, drop_remainder)

    made = group_by_window(self, bucket, batching, window_size_func=lambda key: gather(sizes, key))
    # the size of a batch depends on the bucket, and so may those that are padded
    shapes = shapes_to_pad(self.element_spec, None if no_padding else padded_shapes)
    leaves = [
        TensorSpec([None, *shape], one.dtype)
        for one, shape in zip(nest.flatten(self.element_spec), shapes, strict=True)
    ]
    made._spec = nest.pack_sequence_as(self.element_spec, leaves)
    return made


@method
def group_by_window(
    self: DatasetV2,
    key_func: Function,
    reduce_func: Function,
    window_size: Any = None,
    window_size_func: Any = None,
    name: str | None = None,
) -> DatasetV2:
    """tensorflow/python/data/ops/group_by_window_op.py."""
    del name
    key_of = Mapped(key_func, self.element_spec)
    size_of = None if window_size_func is None else Mapped(window_size_func, key_of.spec)

    def reduced(key: Any, group: list[Row]) -> DatasetV2:
        part = kind("_VariantDataset")(self.element_spec, lambda: iter(group), len(group))
        made: DatasetV2 = reduce_func(convert(key), part)
        return made

    def limit(key: Any) -> int:
        return integer(window_size) if size_of is None else int(size_of.row([key])[0])

    def rows() -> Iterator[Row]:
        groups: dict[int, list[Row]] = {}
        for row in self._rows():
            key = key_of.row(row)[0]
            group = groups.setdefault(int(key), [])
            group.append(row)
            if len(group) == limit(key):
                del groups[int(key)]
                yield from reduced(key, group)._rows()
        for number in sorted(groups):
            yield from reduced(np.int64(number), groups[number])._rows()

    spec = reduced(np.int64(0), []).element_spec
    return derived("_GroupByWindowDataset", self, spec, rows)


@method
def ignore_errors(self: DatasetV2, log_warning: bool = False, name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/ignore_errors_op.py; what comes after an error is lost here."""
    del log_warning, name

    def rows() -> Iterator[Row]:
        found = self._rows()
        while True:
            try:
                row = next(found, None)
            except OpError:
                continue
            if row is None:
                return
            yield row

    return derived("_IgnoreErrorsDataset", self, self.element_spec, rows)


@export("tf.data.experimental.ignore_errors")
def experimental_ignore_errors(log_warning: bool = False) -> Function:
    """For `Dataset.apply`."""
    return lambda dataset: ignore_errors(dataset, log_warning)


@export("tf.data.experimental.cardinality")
def cardinality(dataset: DatasetV2) -> Any:
    """The number of elements, as a tensor."""
    return dataset.cardinality()


@export("tf.data.experimental.assert_cardinality")
def assert_cardinality(expected_cardinality: Any) -> Function:
    """For `Dataset.apply`: says how many elements there are, and checks it."""
    expected = integer(expected_cardinality)

    def assert_(dataset: DatasetV2) -> DatasetV2:
        def rows() -> Iterator[Row]:
            number = 0
            for row in dataset._rows():
                number += 1
                if number > expected:
                    break
                yield row
            if number != expected:
                more = "more than " if number > expected else ""
                words = f"Input dataset was expected to contain {expected} elements but contained "
                from varsync_runtime.tensors.errors import FailedPreconditionError

                counted = f"at least {number}" if more else str(number)
                raise FailedPreconditionError(None, None, f"{words}{counted} elements.")

        return derived("_AssertCardinalityDataset", dataset, dataset.element_spec, rows, expected)

    return assert_
