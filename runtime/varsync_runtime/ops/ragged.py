"""`tf.RaggedTensor`: rows of any length, as `tf.strings.split` gives them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from varsync_runtime.ops.layout import integers
from varsync_runtime.ops.sparse import SparseTensor
from varsync_runtime.tensors import blanks, dtypes, nest
from varsync_runtime.tensors.absent import delegated
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import as_dtype, blank
from varsync_runtime.tensors.errors import NotModelled
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.spec import CompositeSpec
from varsync_runtime.tensors.tensor import SymbolicTensor, Tensor, make
from varsync_runtime.tensors.types import CompositeTensor

_MODULE = "tensorflow.python.ops.ragged.ragged_tensor"


@export("tf.RaggedTensorSpec")
class RaggedTensorSpec(CompositeSpec):
    """The shape and the dtype of a ragged tensor with one ragged dimension."""

    __module__ = _MODULE

    def __init__(
        self, shape: Any = None, dtype: Any = dtypes.float32, ragged_rank: int | None = None,
        row_splits_dtype: Any = dtypes.int64,
    ) -> None:  # fmt: skip
        if ragged_rank not in (None, 1):
            raise NotModelled("tf.RaggedTensorSpec with a ragged_rank other than 1")
        super().__init__(shape, dtype)
        self._row_splits_dtype = as_dtype(row_splits_dtype)

    @property
    def ragged_rank(self) -> int:
        return 1

    @property
    def row_splits_dtype(self) -> dtypes.DType:
        return self._row_splits_dtype

    @property
    def value_type(self) -> type:
        return RaggedTensor

    def _filled(self, size: int, number: int) -> RaggedTensor:
        """A value of this spec: rows of `size`, as many where their number is not known."""
        del number
        inner = [size if one is None else one for one in self._shape[2:]]
        blanks.unknown_size()
        rows = size if self._shape[0] is None else self._shape[0]
        values = make(blank([rows * size, *inner], self._dtype), self._dtype)
        return RaggedTensor.from_row_lengths(values, [size] * rows)

    def __repr__(self) -> str:
        return f"RaggedTensorSpec({self._shape!r}, {self._dtype!r}, 1, {self._row_splits_dtype!r})"


@export("tf.RaggedTensor")
class RaggedTensor(CompositeTensor):
    """`values`, one row after the other; row i goes from `row_splits[i]` to `row_splits[i + 1]`."""

    __module__ = _MODULE

    def __init__(self, values: Any, row_splits: Any, internal: bool = False) -> None:
        if not internal:
            raise ValueError(
                "RaggedTensor constructor is private; please use one of the factory methods "
                "instead (e.g., RaggedTensor.from_row_lengths())"
            )
        self._values: Tensor = values
        self._row_splits: Tensor = row_splits
        sizes = values.shape.as_list()
        self._static = TensorShape([row_splits.shape[0] - 1, None, *sizes[1:]])

    @classmethod
    def from_row_splits(
        cls, values: Any, row_splits: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """The rows between splits."""
        del name, validate
        return cls(convert(values), _counts(row_splits), internal=True)

    @classmethod
    def from_row_lengths(
        cls, values: Any, row_lengths: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows of such lengths."""
        del name, validate
        lengths = _counts(row_lengths)
        splits = np.concatenate([[0], np.cumsum(lengths._array)]).astype(lengths._array.dtype)
        return cls(convert(values), make(splits, lengths.dtype), internal=True)

    @property
    def values(self) -> Tensor:
        return self._values

    @property
    def flat_values(self) -> Tensor:
        return self._values

    @property
    def row_splits(self) -> Tensor:
        return self._row_splits

    @property
    def dtype(self) -> dtypes.DType:
        return self._values.dtype

    @property
    def shape(self) -> TensorShape:
        return self._static

    @property
    def ragged_rank(self) -> int:
        return 1

    def get_shape(self) -> TensorShape:
        return self._static

    def nrows(self, out_type: Any = None, name: str | None = None) -> Tensor:
        """How many rows there are."""
        count = np.array(len(self._row_splits._array) - 1)
        return self._number(count, out_type)

    def row_lengths(self, axis: int = 1, name: str | None = None) -> Tensor:
        """How long each row is."""
        if axis != 1:
            raise NotModelled("tf.RaggedTensor.row_lengths of another axis than 1")
        return self._number(np.diff(self._row_splits._array), None)

    def bounding_shape(
        self, axis: Any = None, name: str | None = None, out_type: Any = None
    ) -> Tensor:
        """The shape of the dense tensor."""
        sizes = [len(self._row_splits._array) - 1, self._longest(), *self._values._array.shape[1:]]
        return self._number(np.array(sizes)[slice(None) if axis is None else axis], out_type)

    def _number(self, array: Any, out_type: Any) -> Tensor:
        dtype = self._row_splits.dtype if out_type is None else as_dtype(out_type)
        return make(np.asarray(array, dtype._array_type), dtype)

    def _longest(self) -> int:
        return int(np.max(np.diff(self._row_splits._array), initial=0))

    def _rows(self) -> list[np.ndarray]:
        splits = self._row_splits._array
        return [self._values._array[a:b] for a, b in pairwise(splits.tolist())]

    def to_list(self) -> list[Any]:
        """The rows as lists."""
        return [one.tolist() for one in self._rows()]

    def numpy(self) -> Any:
        """The rows in an array: a dense one if all are equally long."""
        rows = self._rows()
        if len({len(one) for one in rows}) == 1:
            return np.stack(rows)
        found: np.ndarray = np.empty(len(rows), object)
        found[:] = rows
        return found

    _numpy = numpy

    def to_tensor(
        self, default_value: Any = None, name: str | None = None, shape: Any = None
    ) -> Tensor:
        """The dense tensor, with `default_value` behind what is short."""
        rows = self._rows()
        inner = self._values._array.shape[1:]
        sizes = [len(rows), self._longest(), *inner]
        wanted = TensorShape(shape)
        if wanted.rank is not None:
            sizes = [a if b is None else b for a, b in zip(sizes, wanted, strict=True)]
        filler = blank([], self.dtype) if default_value is None else None
        value = convert(default_value, self.dtype)._array if filler is None else filler
        made = np.full(sizes, value, self.dtype._array_type)
        for at, row in enumerate(rows[: sizes[0]]):
            made[at, : len(row)] = row[: sizes[1]]
        return make(made, self.dtype)

    def to_sparse(self, name: str | None = None) -> SparseTensor:
        """The same as a sparse tensor."""
        places = [[row, at] for row, one in enumerate(self._rows()) for at in range(len(one))]
        indices = np.array(places, np.int64).reshape(-1, 2)
        shape = self.bounding_shape(out_type=dtypes.int64)
        return SparseTensor(make(indices, dtypes.int64), self._values, shape)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            rows = self._rows()[key]
            lengths = make(np.array([len(one) for one in rows], np.int64), dtypes.int64)
            array = np.concatenate([self._values._array[:0], *rows])
            return RaggedTensor.from_row_lengths(make(array, self.dtype), lengths)
        if isinstance(key, tuple):
            raise NotModelled("tf.RaggedTensor with several indices")
        (at,) = integers(key)
        return make(self._rows()[at], self.dtype)

    @delegated
    def __iter__(self) -> Any:
        if isinstance(self._values, SymbolicTensor):
            raise NotModelled("a loop over a tf.RaggedTensor in a compiled function")
        return (make(one, self.dtype) for one in self._rows())

    def __bool__(self) -> bool:
        raise TypeError("RaggedTensor may not be used as a boolean.")

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Any:
        raise NotModelled("an op on tf.RaggedTensor: its `values`, or `to_tensor()`")

    @property
    def _type_spec(self) -> RaggedTensorSpec:
        return RaggedTensorSpec(self._static, self.dtype, 1, self._row_splits.dtype)

    def _trace_key(self) -> Any:
        return self._type_spec._trace_key()

    def _nest_components(self) -> list[Any]:
        return [self._values, self._row_splits]

    def _nest_rebuilt(self, parts: list[Any]) -> RaggedTensor:
        values, row_splits = parts
        made = RaggedTensor(values, row_splits, internal=True)
        made._static = self._static
        return made

    def _likened(self, others: tuple[RaggedTensor, ...]) -> RaggedTensor:
        """This one, of a shape in which only sizes are known that all have."""
        made = self._nest_rebuilt(self._nest_components())
        for one in others:
            made._static = made._static.most_specific_compatible_shape(one._static)
        return made

    def _stacked(self, others: list[RaggedTensor]) -> RaggedTensor:
        raise NotModelled("tf.data.Dataset.batch of tf.RaggedTensor")

    def __repr__(self) -> str:
        if isinstance(self._values, SymbolicTensor):
            return f"tf.RaggedTensor(values={self._values}, row_splits={self._row_splits})"
        return f"<tf.RaggedTensor {self.to_list()}>"


def _operator(name: str) -> Any:
    """An operator of Python's on the values: with numbers, or rows of the same lengths."""

    def operate(self: RaggedTensor, *others: Any) -> RaggedTensor:
        operands = [_beside(self, one) for one in others]
        values = getattr(self._values, name)(*operands)
        return self._nest_rebuilt([values, self._row_splits])

    operate.__name__ = name
    return operate


def _beside(ragged: RaggedTensor, other: Any) -> Any:
    if isinstance(other, RaggedTensor):
        if np.array_equal(other._row_splits._array, ragged._row_splits._array):
            return other._values
        raise NotModelled("an operator on tf.RaggedTensors of other row lengths")
    if np.ndim(other if not isinstance(other, Tensor) else other._array):
        raise NotModelled("an operator on tf.RaggedTensor and a tensor that is no scalar")
    return other


_BINARY = "add sub mul truediv floordiv mod pow and or xor"
_OPERATORS = [
    "abs", "neg", "invert", *_BINARY.split(), *(f"r{one}" for one in _BINARY.split())
]  # fmt: skip
for _name in _OPERATORS:
    setattr(RaggedTensor, f"__{_name}__", _operator(f"__{_name}__"))


@export("tf.ragged.map_flat_values")
def map_flat_values(op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What `op` makes of the values of ragged tensors, in rows of the same lengths."""
    given = (list(args), kwargs)
    ragged = [one for one in nest.flatten(given) if isinstance(one, RaggedTensor)]
    if not ragged:
        return op(*args, **kwargs)
    inner, named = nest.map_structure(
        lambda one: _beside(ragged[0], one) if isinstance(one, RaggedTensor) else one, given
    )
    made, count = op(*inner, **named), len(ragged[0]._values._array)
    if not made.shape[:1].is_compatible_with([count]):
        raise ValueError(
            "tf.ragged.map_flat_values requires that the output of `op` have the same "
            "outer-dimension size as flat_values of any ragged inputs. (output shape: "
            f"{made.shape}; expected outer dimension size: {count})"
        )
    return RaggedTensor(made, ragged[0]._row_splits, internal=True)


def _counts(numbers: Any) -> Tensor:
    """Splits or lengths: int64, where a dtype is not given."""
    found = convert(numbers) if isinstance(numbers, Tensor) else convert(np.asarray(numbers))
    return found if found.dtype in (dtypes.int32, dtypes.int64) else convert(numbers, dtypes.int64)


def rows_of(rows: list[list[bytes]]) -> RaggedTensor:
    """A ragged tensor of strings."""
    flat = [one for row in rows for one in row]
    values: np.ndarray = np.empty(len(flat), object)
    values[:] = flat
    lengths = np.array([len(row) for row in rows], np.int64)
    return RaggedTensor.from_row_lengths(make(values, dtypes.string), make(lengths, dtypes.int64))


def blank_rows(count: int) -> RaggedTensor:
    """What stands for such a tensor where strings are not known."""
    return rows_of([[b""] * blanks.unknown_size() for _ in range(count)])
