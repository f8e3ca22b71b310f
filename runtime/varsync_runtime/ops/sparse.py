"""`tf.SparseTensor`, and the few ops on it that programs with `tf.io.parse_example` need."""

from __future__ import annotations

from typing import Any

import numpy as np

from varsync_runtime.ops.layout import broadcast_to, cast
from varsync_runtime.ops.linalg import matmul
from varsync_runtime.ops.reductions import reduce_max as dense_max
from varsync_runtime.ops.reductions import reduce_sum as dense_sum
from varsync_runtime.ops.selection import gather, gather_nd, tensor_scatter_nd_update
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import brackets, reject
from varsync_runtime.tensors.dtypes import blank
from varsync_runtime.tensors.errors import NotModelled
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.spec import CompositeSpec
from varsync_runtime.tensors.tensor import Tensor, make
from varsync_runtime.tensors.types import CompositeTensor, NativeObject

_MODULE = "tensorflow.python.framework.sparse_tensor"


@export("tf.SparseTensorSpec")
class SparseTensorSpec(CompositeSpec):
    """The shape and the dtype of a sparse tensor."""

    __module__ = _MODULE

    def __init__(self, shape: Any = None, dtype: Any = dtypes.float32) -> None:
        super().__init__(shape, dtype)

    @property
    def value_type(self) -> type:
        return SparseTensor

    def _with_shape(self, shape: TensorShape) -> SparseTensorSpec:
        return SparseTensorSpec(shape, self._dtype)

    def _filled(self, size: int, number: int) -> SparseTensor:
        """A value of this spec: `size` where it has no size, and one element."""
        sizes = [size if one is None else one for one in self._shape]
        indices: np.ndarray = np.zeros((1, len(sizes)), np.int64)
        values = blank([1], self._dtype)
        if self._dtype is not dtypes.string:
            values = values + values.dtype.type(number)
        return _sparse(indices, values, self._dtype, sizes, self._shape)

    def __repr__(self) -> str:
        return f"SparseTensorSpec({self._shape!r}, {self._dtype!r})"


@export("tf.SparseTensor", "tf.sparse.SparseTensor")
class SparseTensor(NativeObject, CompositeTensor):
    """`values[i]` stands at `indices[i]` of a tensor of `dense_shape` that is 0 elsewhere."""

    __module__ = _MODULE

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        self._indices = convert(indices, dtypes.int64)
        self._values = convert(values)
        self._dense_shape = convert(dense_shape, dtypes.int64)
        places, kept = self._indices.shape, self._values.shape
        places.assert_has_rank(2)
        kept.assert_has_rank(1)
        self._dense_shape.shape.assert_has_rank(1)
        for one, other in ((places[0], kept[0]), (places[1], self._dense_shape.shape[0])):
            if None not in (one, other) and one != other:
                raise ValueError(f"Dimensions {one} and {other} are not compatible")
        self._static = TensorShape(self._dense_shape._array.tolist())

    @property
    def indices(self) -> Tensor:
        return self._indices

    @property
    def values(self) -> Tensor:
        return self._values

    @property
    def dense_shape(self) -> Tensor:
        return self._dense_shape

    @property
    def shape(self) -> TensorShape:
        return self._static

    @property
    def dtype(self) -> dtypes.DType:
        return self._values.dtype

    @property
    def op(self) -> Any:
        return self._values.op

    @property
    def graph(self) -> Any:
        return self._indices.graph

    def get_shape(self) -> TensorShape:
        return self._static

    def set_shape(self, shape: Any) -> None:
        """What is known of the shape, and `shape`."""
        self._static = self._static.merge_with(shape)

    def with_values(self, new_values: Any) -> SparseTensor:
        """Other values at the same places."""
        return SparseTensor(self._indices, new_values, self._dense_shape)

    def consumers(self) -> list[Any]:
        return []

    @property
    def _type_spec(self) -> SparseTensorSpec:
        return SparseTensorSpec(self._static, self.dtype)

    def _numpy(self) -> Any:
        array = blank(self._dense_shape._array.tolist(), self.dtype)
        array[tuple(self._indices._array.T)] = self._values._array
        return array

    def _trace_key(self) -> Any:
        return self._type_spec._trace_key()

    def _nest_components(self) -> list[Any]:
        return [self._indices, self._values, self._dense_shape]

    def _nest_rebuilt(self, parts: list[Any]) -> SparseTensor:
        made = SparseTensor(*parts)
        made._static = self._static
        return made

    def _likened(self, others: tuple[SparseTensor, ...]) -> SparseTensor:
        """This one, of a shape in which only sizes are known that all have."""
        made = self._nest_rebuilt(self._nest_components())
        for one in others:
            made._static = made._static.most_specific_compatible_shape(one._static)
        return made

    def _stacked(self, others: list[SparseTensor]) -> SparseTensor:
        """A batch of this one and what follows it."""
        rows = [self, *others]
        numbered = [
            np.insert(one._indices._array, 0, number, axis=1) for number, one in enumerate(rows)
        ]
        sizes = np.max([one._dense_shape._array for one in rows], axis=0)
        values = np.concatenate([one._values._array for one in rows])
        shape = [len(rows), *sizes.tolist()]
        return _sparse(np.concatenate(numbered), values, self.dtype, shape)

    def __mul__(self, other: Any) -> SparseTensor:
        return self.with_values(self._values * self._beside(other))

    def __truediv__(self, other: Any) -> SparseTensor:
        return self.with_values(self._values / self._beside(other))

    def _beside(self, other: Any) -> Any:
        """The elements of a dense tensor at these places."""
        dense = convert(other, self.dtype)
        return gather_nd(broadcast_to(dense, self._dense_shape._array.tolist()), self._indices)

    def __repr__(self) -> str:
        return (
            f"SparseTensor(indices={self._indices!s}, values={self._values!s}, "
            f"dense_shape={self._dense_shape!s})"
        )


def _sparse(
    indices: np.ndarray,
    values: np.ndarray,
    dtype: dtypes.DType,
    sizes: Any,
    static: TensorShape | None = None,
) -> SparseTensor:
    made = SparseTensor(
        make(np.asarray(indices, np.int64), dtypes.int64),
        make(values, dtype),
        make(np.array(sizes, np.int64), dtypes.int64),
    )
    if static is not None:
        made._static = static
    return made


def sparse_of(sp_input: Any) -> SparseTensor:
    """The sparse tensor itself; TypeError for anything else."""
    if not isinstance(sp_input, SparseTensor):
        raise TypeError("Input must be a SparseTensor.")
    return sp_input


# ------------------------------------------------------------------- to a dense one


def _check(indices: np.ndarray, sizes: Any) -> None:
    before: list[int] | None = None
    for number, row in enumerate(indices.tolist()):
        text = ",".join(map(str, row))
        if any(not 0 <= one < size for one, size in zip(row, sizes, strict=True)):
            raise reject(
                "SparseToDense",
                f"indices[{number}] = [{text}] is out of bounds: need 0 <= index < "
                f"{brackets(sizes)}",
            )
        if before is not None and row < before:
            raise reject(
                "SparseToDense",
                f"indices[{number}] = [{text}] is out of order. Many sparse ops require sorted "
                "indices.\n    Use `tf.sparse.reorder` to create a correctly ordered copy.\n\n",
            )
        if row == before:
            raise reject("SparseToDense", f"indices[{number}] = [{text}] is repeated")
        before = row


@export("tf.sparse.to_dense")
def to_dense(
    sp_input: Any,
    default_value: Any = None,
    validate_indices: bool = True,
    name: str | None = None,
) -> Tensor:
    """The dense tensor, `default_value` where nothing stands."""
    sparse = sparse_of(sp_input)
    sizes = tuple(sparse.dense_shape._array.tolist())
    if validate_indices:
        _check(sparse.indices._array, sizes)
    if default_value is None:
        filled = make(blank(sizes, sparse.dtype), sparse.dtype)
    else:
        filled = broadcast_to(convert(default_value, sparse.dtype), sizes)
    return tensor_scatter_nd_update(filled, sparse.indices, sparse.values)


@export("tf.sparse.from_dense")
def from_dense(tensor: Any, name: str | None = None) -> SparseTensor:
    """What is not 0 of a dense tensor."""
    dense = convert(tensor)
    array = dense._array
    places = np.argwhere(array != (b"" if dense.dtype is dtypes.string else 0))
    values = gather_nd(dense, make(places, dtypes.int64))
    shape = make(np.array(array.shape, np.int64), dtypes.int64)
    return SparseTensor(make(places, dtypes.int64), values, shape)


# ------------------------------------------------------------------- others


@export("tf.sparse.reorder")
def reorder(sp_input: Any, name: str | None = None) -> SparseTensor:
    """The same, its places in the order of rows."""
    sparse = sparse_of(sp_input)
    order = np.lexsort(sparse.indices._array.T[::-1])
    chosen = make(order.astype(np.int64), dtypes.int64)
    return sparse._nest_rebuilt(
        [gather(sparse.indices, chosen), gather(sparse.values, chosen), sparse.dense_shape]
    )


@export("tf.sparse.retain")
def retain(sp_input: Any, to_retain: Any) -> SparseTensor:
    """The elements where `to_retain` is true."""
    sparse = sparse_of(sp_input)
    chosen = make(np.flatnonzero(convert(to_retain)._array).astype(np.int64), dtypes.int64)
    return SparseTensor(
        gather(sparse.indices, chosen), gather(sparse.values, chosen), sparse.dense_shape
    )


@export("tf.sparse.reduce_sum")
def reduce_sum(
    sp_input: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    output_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The sum of the elements along axes."""
    _only_dense(output_is_sparse, "tf.sparse.reduce_sum")
    return dense_sum(_unchecked(sp_input), axis=axis, keepdims=bool(keepdims))


@export("tf.sparse.reduce_max")
def reduce_max(
    sp_input: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    output_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The largest of the elements along axes; 0 where there is none."""
    _only_dense(output_is_sparse, "tf.sparse.reduce_max")
    sparse = sparse_of(sp_input)
    least = convert(sparse.dtype.min, sparse.dtype)
    found = dense_max(to_dense(sparse, least, False), axis=axis, keepdims=bool(keepdims))
    there = _unchecked(sparse.with_values(cast(sparse.values == sparse.values, dtypes.int32)))
    count = dense_sum(there, axis=axis, keepdims=bool(keepdims))
    return found * cast(count > 0, found.dtype)


def _unchecked(sp_input: Any) -> Tensor:
    return to_dense(sp_input, validate_indices=False)


def _only_dense(output_is_sparse: bool, symbol: str) -> None:
    if output_is_sparse:
        raise NotModelled(f"{symbol} with output_is_sparse")


@export("tf.sparse.sparse_dense_matmul")
def sparse_dense_matmul(
    sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False, name: str | None = None
) -> Tensor:
    """The product of a sparse and a dense matrix, in either order."""
    if isinstance(b, SparseTensor) and not isinstance(sp_a, SparseTensor):
        return matmul(sp_a, _unchecked(b), adjoint_a=adjoint_a, adjoint_b=adjoint_b)
    return matmul(_unchecked(sp_a), b, adjoint_a=adjoint_a, adjoint_b=adjoint_b)
