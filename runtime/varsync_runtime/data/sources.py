"""Datasets that come from Python: `range`, `from_tensors`, `from_tensor_slices`, `from_generator`."""

from __future__ import annotations

import glob
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from varsync_runtime.data.dataset import INFINITE, DatasetV2, integer, kind, static
from varsync_runtime.data.iterations import draw_ahead, drawn
from varsync_runtime.data.rows import Row, flatten, map_shapes, normalised, only_arrays, spec_of
from varsync_runtime.ops.random.philox import Philox, Singles
from varsync_runtime.ops.random.seeds import chance_seeds, get_seed
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import as_dtype, int64
from varsync_runtime.tensors.errors import InvalidArgumentError
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.spec import TensorSpec
from varsync_runtime.tensors.tensor import Tensor

WILD = re.compile(r"[*?\[\\]")


@static
def range_(*args: Any, output_type: Any = int64, name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/range_op.py."""
    del name
    numbers = range(*[integer(one) for one in args])
    dtype = as_dtype(output_type)

    def rows() -> Iterator[Row]:
        for number in numbers:
            yield [np.asarray(number, dtype._array_type)]

    return kind("_RangeDataset")(TensorSpec((), dtype), rows, len(numbers))


@static
def from_tensors(tensors: Any, name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/from_tensors_op.py: one element."""
    del name
    structure = normalised(tensors)
    row = flatten(structure)
    return kind("_TensorDataset")(spec_of(structure), lambda: iter([row]), 1)


@static
def from_tensor_slices(tensors: Any, name: str | None = None) -> DatasetV2:
    """tensorflow/python/data/ops/from_tensor_slices_op.py: the rows of tensors."""
    del name
    structure = normalised(tensors)
    arrays = only_arrays(flatten(structure), "from_tensor_slices")
    if not arrays:
        raise ValueError("Invalid `tensors`. `tensors` must not be empty.")
    for array in arrays:
        if not np.ndim(array):
            raise ValueError("Unbatching a tensor is only supported for rank >= 1")
        if len(array) != len(arrays[0]):
            raise ValueError(f"Dimensions {len(arrays[0])} and {len(array)} are not compatible")

    def rows() -> Iterator[Row]:
        # what is iterated gives parts of an array, but numbers of a vector
        columns = [array if array.ndim > 1 else _scalars(array) for array in arrays]
        yield from map(list, zip(*columns, strict=True))

    spec = map_shapes(spec_of(structure), lambda shape: TensorShape(shape.as_list()[1:]))
    return kind("_TensorSliceDataset")(spec, rows, len(arrays[0]))


def _scalars(vector: np.ndarray) -> Iterator[np.ndarray]:
    """The elements of a vector, as arrays of its dtype: strings stay Python's."""
    if vector.dtype == object:
        return (vector[at, ...] for at in range(len(vector)))
    return map(np.asarray, vector)


@static
def from_generator(
    generator: Callable[..., Any],
    output_types: Any = None,
    output_shapes: Any = None,
    args: Any = None,
    output_signature: Any = None,
    name: str | None = None,
) -> DatasetV2:
    """tensorflow/python/data/ops/from_generator_op.py."""
    del name
    if not callable(generator):
        raise TypeError("`generator` must be a Python callable.")
    spec = _generator_spec(output_types, output_shapes, output_signature)
    given = [convert(one) for one in args or ()]

    def rows() -> Iterator[Row]:
        for element in generator(*[one._numpy() for one in given]):
            yield _row_of(element, spec)

    return kind("_FlatMapDataset")(spec, rows)


def _generator_spec(types: Any, shapes: Any, signature: Any) -> Any:
    if signature is not None:
        if types is not None:
            raise TypeError(
                "The `output_types` argument can not be used together with the `output_signature` "
                "argument."
            )
        for one in nest.flatten(signature):
            if not isinstance(one, TensorSpec):
                raise TypeError(
                    "`output_signature` must contain objects that are subclass of `tf.TypeSpec` but "
                    f"found {type(one)} which is not."
                )
        return signature
    if types is None:
        raise TypeError("Either `output_signature` or `output_types` must be specified.")
    if shapes is None:
        return nest.map_structure(lambda one: TensorSpec(None, as_dtype(one)), types)
    flat = [TensorShape(one) for one in _flat_shapes(types, shapes)]
    specs = [TensorSpec(s, as_dtype(t)) for s, t in zip(flat, nest.flatten(types), strict=True)]
    return nest.pack_sequence_as(types, specs)


def _flat_shapes(types: Any, shapes: Any) -> list[Any]:
    """The shapes in the places of the types; a shape may be a list of sizes."""
    if isinstance(types, tuple):
        return [
            one
            for inner, shape in zip(types, shapes, strict=True)
            for one in _flat_shapes(inner, shape)
        ]
    if isinstance(types, dict):
        return [one for key in sorted(types) for one in _flat_shapes(types[key], shapes[key])]
    return [shapes]


def _row_of(element: Any, spec: Any) -> Row:
    """An element that a generator gave, checked as TensorFlow does."""
    try:
        leaves = _leaves(element, spec)
    except (TypeError, ValueError, KeyError):
        raise _unexpected(spec, element) from None
    row: Row = []
    for leaf, its in zip(leaves, nest.flatten(spec), strict=True):
        try:
            array = convert(leaf, None if isinstance(leaf, Tensor) else its.dtype)._array
        except (TypeError, ValueError):
            array = _cast(leaf, its, spec, element)
        if not its.shape.is_compatible_with(array.shape):
            raise InvalidArgumentError(
                None,
                None,
                f"TypeError: `generator` yielded an element of shape {array.shape} where an element "
                f"of shape {its.shape} was expected.",
            )
        row.append(array)
    return row


def _cast(leaf: Any, its: TensorSpec, spec: Any, element: Any) -> Any:
    """What NumPy makes of a value that is no tensor of the dtype by itself."""
    try:
        return np.asarray(leaf).astype(its.dtype._array_type, casting="unsafe")
    except (TypeError, ValueError):
        raise _unexpected(spec, element) from None


def _unexpected(spec: Any, element: Any) -> InvalidArgumentError:
    return InvalidArgumentError(
        None,
        None,
        "TypeError: `generator` yielded an element that did not match the expected structure. The "
        f"expected structure was {spec}, but the yielded element was {element}.",
    )


def _leaves(element: Any, spec: Any) -> list[Any]:
    """The leaves of an element; lists are leaves where the spec has one."""
    if isinstance(spec, tuple):
        if not isinstance(element, (tuple, list)) or len(element) != len(spec):
            raise TypeError
        return [
            one for inner, its in zip(element, spec, strict=True) for one in _leaves(inner, its)
        ]
    if isinstance(spec, dict):
        return [one for key in sorted(spec) for one in _leaves(element[key], spec[key])]
    return [element]


@static
def random(
    seed: Any = None,
    rerandomize_each_iteration: bool | None = None,
    name: str | None = None,
) -> DatasetV2:
    """tensorflow/python/data/ops/random_op.py: int64 numbers without an end."""
    del name
    first = dataset_seeds(seed, "tf.data.Dataset.random")
    iterations = Singles(Philox(*first))

    def seeds() -> tuple[int, int]:
        return (iterations.next(), iterations.next()) if rerandomize_each_iteration else first

    def rows() -> Iterator[Row]:
        numbers = Singles(Philox(*drawn(iterations, seeds)))
        while True:
            yield [np.asarray(numbers.next(), np.int64)]

    made = kind("_RandomDataset")(TensorSpec((), int64), rows, INFINITE)
    made._start = lambda: draw_ahead(iterations, seeds)
    return made


def dataset_seeds(seed: Any, symbol: str) -> tuple[int, int]:
    """The seeds of a dataset (tensorflow/python/data/util/random_seed.py)."""
    first, second = get_seed(seed)
    if first is None and second is None:
        return chance_seeds(symbol)
    first, second = first or 0, second or 0
    return (0, 2**31 - 1) if (first, second) == (0, 0) else (first, second)


@static
def counter(
    start: Any = 0, step: Any = 1, dtype: Any = int64, name: str | None = None
) -> DatasetV2:
    """tensorflow/python/data/ops/counter_op.py: numbers without an end."""
    del name
    kind_of = as_dtype(dtype)

    def rows() -> Iterator[Row]:
        number = integer(start)
        while True:
            yield [np.asarray(number, kind_of._array_type)]
            number += integer(step)

    return kind("_ScanDataset")(TensorSpec((), kind_of), rows, INFINITE)


@static
def list_files(
    file_pattern: Any, shuffle: bool | None = None, seed: Any = None, name: str | None = None
) -> DatasetV2:
    """tensorflow/python/data/ops/dataset_ops.py, `list_files`."""
    del name
    array = convert(file_pattern)._array
    patterns = [one.decode() for one in np.atleast_1d(array).tolist()]
    found = sorted(
        # a pattern that names no folder is looked for below `.`, and what is found says so
        name
        for pattern in patterns
        for name in glob.glob(pattern if _names_folder(pattern) else f"./{pattern}")  # noqa: PTH207
    )
    if not found:
        raise InvalidArgumentError(
            None,
            None,
            "Expected 'tf.Tensor(False, shape=(), dtype=bool)' to be true. Summarized data: "
            f"b'No files matched pattern: {', '.join(patterns)}'",
        )
    dataset = from_tensor_slices(found)
    if shuffle is None or shuffle:
        from varsync_runtime.data.shuffling import shuffle as shuffled

        dataset = shuffled(dataset, len(found), seed)
    return dataset


def _names_folder(pattern: str) -> bool:
    fixed = WILD.split(pattern)[0]
    return "/" in fixed or fixed == pattern
