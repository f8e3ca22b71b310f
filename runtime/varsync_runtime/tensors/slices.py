"""`tf.IndexedSlices`: the rows of a gradient that are not zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from varsync_runtime.tensors.dtypes import DType
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.tensor import Tensor, make
from varsync_runtime.tensors.types import CompositeTensor, NativeObject


@export("tf.IndexedSlices")
class IndexedSlices(NativeObject, CompositeTensor):
    """`values[i]` belongs to row `indices[i]` of a tensor of `dense_shape`; rows may repeat."""

    __module__ = "tensorflow.python.framework.indexed_slices"

    def __init__(self, values: Tensor, indices: Tensor, dense_shape: Tensor | None = None) -> None:
        self._values = values
        self._indices = indices
        self._dense_shape = dense_shape

    @property
    def values(self) -> Tensor:
        return self._values

    @property
    def indices(self) -> Tensor:
        return self._indices

    @property
    def dense_shape(self) -> Tensor | None:
        return self._dense_shape

    @property
    def dtype(self) -> DType:
        return self._values.dtype

    @property
    def shape(self) -> TensorShape:
        if self._dense_shape is None:
            return TensorShape(None)
        return TensorShape(self._dense_shape._array.tolist())

    @property
    def device(self) -> str:
        return self._values.device

    @property
    def name(self) -> str:
        return self._values.name

    @property
    def op(self) -> Any:
        return self._values.op

    @property
    def graph(self) -> Any:
        return self._values.graph

    def consumers(self) -> list[Any]:
        return []

    def __tf_tensor__(self, dtype: DType | None = None, name: str | None = None) -> Tensor:
        tensor = densify(self)
        if dtype is not None and dtype is not tensor.dtype:
            raise ValueError(
                f"Incompatible tensor conversion requested to `dtype` {dtype.name} for "
                f"IndexedSlices ({self}) with dtype {self.dtype.name}"
            )
        return tensor

    def __reduce__(self) -> Any:
        return _unpickled, (self._values, self._indices, self._dense_shape)

    def __neg__(self) -> IndexedSlices:
        return IndexedSlices(-self._values, self._indices, self._dense_shape)

    def __str__(self) -> str:
        dense = "" if self._dense_shape is None else f", dense_shape={self._dense_shape!s}"
        return f"IndexedSlices(indices={self._indices!s}, values={self._values!s}{dense})"


def _unpickled(values: Tensor, indices: Tensor, dense_shape: Tensor | None) -> IndexedSlices:
    return IndexedSlices(values, indices, dense_shape)


class Densifying:
    """The op that adds rows up; the ops set it, since it has a gradient."""

    unsorted_segment_sum: Any = None


def densify(slices: IndexedSlices) -> Tensor:
    """The tensor that `slices` stands for: rows that repeat are added."""
    if slices.dense_shape is None:
        raise ValueError(
            "Tensor conversion requested for IndexedSlices for argument `value` without "
            f"dense_shape: {slices!s}"
        )
    rows = int(slices.dense_shape._array[0])
    if Densifying.unsorted_segment_sum is not None:
        return Densifying.unsorted_segment_sum(slices.values, slices.indices, rows)
    values, indices = slices.values._array, slices.indices._array
    array = np.zeros((rows, *values.shape[indices.ndim :]), dtype=values.dtype)
    np.add.at(array, indices, values)
    return make(array, slices.dtype)
