"""`tf.TensorArray`: tensors by number, written one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from varsync_runtime.function import graphs
from varsync_runtime.ops import layout
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import DType, as_dtype
from varsync_runtime.tensors.errors import InvalidArgumentError, OutOfRangeError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.tensor import Tensor, make


@export("tf.TensorArray")
class TensorArray:
    """tensorflow/python/ops/tensor_array_ops.py, `TensorArray`."""

    __module__ = "tensorflow.python.ops.tensor_array_ops"

    def __init__(
        self,
        dtype: Any,
        size: Any = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: Any = None,
        flow: Any = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ) -> None:
        del tensor_array_name, handle, flow, infer_shape, colocate_with_first_write_call, name
        self._dtype = as_dtype(dtype)
        self._dynamic = bool(dynamic_size)
        self._clear = clear_after_read is None or clear_after_read
        self._element_shape = TensorShape(element_shape)
        self._tensors: list[Tensor | None] = [None] * (0 if size is None else _number(size))

    @property
    def dtype(self) -> DType:
        return self._dtype

    @property
    def dynamic_size(self) -> bool:
        return self._dynamic

    @property
    def element_shape(self) -> TensorShape:
        """The shape of every element, as far as it is known."""
        return self._element_shape

    @property
    def flow(self) -> Tensor:
        return convert(0.0)

    @property
    def handle(self) -> None:
        return None

    def _copy(self, tensors: list[Tensor | None]) -> TensorArray:
        """Eagerly a TensorArray is written in place; in a graph the result has to be used."""
        if graphs.current() is None:
            self._tensors = tensors
            return self
        other = TensorArray.__new__(TensorArray)
        other.__dict__.update(self.__dict__)
        other._tensors = tensors
        return other

    def identity(self) -> TensorArray:
        """The same array."""
        return self

    def grad(self, source: str, flow: Any = None, name: str | None = None) -> Any:
        raise NotImplementedError("TensorArray.grad is not supported when executing eagerly.")

    def read(self, index: Any, name: str | None = None) -> Tensor:
        """The element that was written at `index`."""
        del name
        at = _number(index)
        if at < 0:
            raise OutOfRangeError(
                None, None, f"Reading from negative indices (index {at}) is not allowed."
            )
        if at >= len(self._tensors):
            raise OutOfRangeError(
                None,
                None,
                f"Tried to read from index {at} but array size is: {len(self._tensors)} ",
            )
        return self._element(at)

    def _element(self, at: int) -> Tensor:
        found = self._tensors[at]
        if found is None:
            shape = self._element_shape
            if not shape.is_fully_defined():
                raise ValueError(
                    f"Cannot convert a partially known TensorShape {shape} to a Tensor."
                )
            return make(np.zeros(list(shape), self._dtype._array_type), self._dtype)
        return found

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with `value` at `index`."""
        del name
        at = _number(index)
        if at < 0:
            raise OutOfRangeError(
                None, None, f"Writing to negative indices (index {at}) is not allowed."
            )
        if at >= len(self._tensors) and not self._dynamic:
            raise OutOfRangeError(
                None,
                None,
                f"Tried to write to index {at} but array is not resizeable and size is: "
                f"{len(self._tensors)} ",
            )
        tensor = self._checked(value)
        tensors = [*self._tensors, *[None] * (at + 1 - len(self._tensors))]
        tensors[at] = tensor
        return self._copy(tensors)

    def _checked(self, value: Any) -> Tensor:
        tensor = value if isinstance(value, Tensor) else convert(value, self._dtype)
        if tensor.dtype is not self._dtype:
            raise InvalidArgumentError(
                None,
                None,
                f"TensorArray dtype is {self._dtype.name} but Op is trying to write dtype "
                f"{tensor.dtype.name} ",
            )
        if not self._element_shape.is_compatible_with(tensor.shape):
            raise ValueError(
                f"Incompatible shape for value ({tensor.shape}), expected ({self._element_shape})"
            )
        self._element_shape = self._element_shape.merge_with(tensor.shape)
        return tensor

    def stack(self, name: str | None = None) -> Tensor:
        """All elements, one above the other."""
        del name
        if not self._tensors:
            shape = [one or 0 for one in self._element_shape.dims or ()]
            return make(np.zeros([0, *shape], self._dtype._array_type), self._dtype)
        return layout.stack([self._element(at) for at in range(len(self._tensors))])

    def gather(self, indices: Any, name: str | None = None) -> Tensor:
        """The elements of these numbers."""
        del name
        return layout.stack([self._element(int(at)) for at in convert(indices)._array])

    def concat(self, name: str | None = None) -> Tensor:
        """All elements, one behind the other."""
        del name
        parts = [self._element(at) for at in range(len(self._tensors))]
        for at, part in enumerate(parts):
            if not part.shape.rank:
                raise InvalidArgumentError(
                    None,
                    None,
                    f"Concat saw a scalar shape at index {at} but requires at least vectors.",
                )
        return layout.concat(parts, 0)

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """The array of the rows of `value`."""
        del name
        tensor = convert(value, None if isinstance(value, Tensor) else self._dtype)
        rows = [self._checked(tensor[at]) for at in range(len(tensor._array))]
        return self._copy(list(rows))

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with row i of `value` at `indices[i]`."""
        del name
        array = self
        tensor = convert(value, None if isinstance(value, Tensor) else self._dtype)
        for row, at in enumerate(convert(indices)._array):
            array = array.write(int(at), tensor[row])
        return array

    def split(self, value: Any, lengths: Any, name: str | None = None) -> TensorArray:
        """The array of the pieces of `value` that have these lengths."""
        del name
        tensor = convert(value, None if isinstance(value, Tensor) else self._dtype)
        tensors: list[Tensor | None] = []
        start = 0
        self._element_shape = TensorShape(None)
        for length in convert(lengths)._array.tolist():
            tensors.append(tensor[start : start + length])
            start += length
        return self._copy(tensors)

    def size(self, name: str | None = None) -> Tensor:
        """How many elements there are, an int32 tensor."""
        del name
        return convert(np.int32(len(self._tensors)))

    def close(self, name: str | None = None) -> None:
        """Forgets the elements."""
        del name
        self._tensors = []


def _number(value: Any) -> int:
    return int(convert(value)._array)
