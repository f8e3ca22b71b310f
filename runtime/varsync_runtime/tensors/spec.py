"""`tf.TensorSpec`: the shape and dtype that a function takes."""

from __future__ import annotations

from typing import Any

from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.dtypes import DType, as_dtype
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.shapes import TensorShape, as_shape
from varsync_runtime.tensors.slices import IndexedSlices
from varsync_runtime.tensors.tensor import Tensor


@export("tf.TypeSpec")
class TypeSpec:
    """The base of what describes a value without having it."""

    __module__ = "tensorflow.python.framework.type_spec"


class CompositeSpec(TypeSpec):
    """The base of what describes values of several tensors by one shape and one dtype."""

    def __init__(self, shape: Any, dtype: Any) -> None:
        self._shape = TensorShape(shape)
        self._dtype = as_dtype(dtype)

    @property
    def shape(self) -> TensorShape:
        return self._shape

    @property
    def dtype(self) -> DType:
        return self._dtype

    @property
    def value_type(self) -> type:
        raise NotImplementedError

    def _trace_key(self) -> Any:
        return self.value_type, self._dtype, str(self._shape)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and (
            (self._shape, self._dtype) == (other._shape, other._dtype)
        )

    def __hash__(self) -> int:
        return hash((self._shape, self._dtype))


@export("tf.TensorSpec")
class TensorSpec(TypeSpec):
    """A shape (None for what may vary), a dtype and maybe a name."""

    __module__ = "tensorflow.python.framework.tensor"
    __slots__ = ("_dtype", "_name", "_shape")

    def __init__(self, shape: Any, dtype: Any = dtypes.float32, name: str | None = None) -> None:
        self._shape = TensorShape(shape)
        self._dtype = as_dtype(dtype)
        self._name = name

    @classmethod
    def from_spec(cls, spec: Any, name: str | None = None) -> TensorSpec:
        return cls(spec.shape, spec.dtype, name or spec.name)

    @classmethod
    def from_tensor(cls, tensor: Any, name: str | None = None) -> TensorSpec:
        return cls(tensor.shape, tensor.dtype, name)

    @property
    def shape(self) -> TensorShape:
        return self._shape

    @property
    def dtype(self) -> DType:
        return self._dtype

    @property
    def name(self) -> str | None:
        return self._name

    @property
    def value_type(self) -> type:
        return Tensor

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether a value (or all values of a spec) could be described by this."""
        return self._dtype == spec_or_value.dtype and self._shape.is_compatible_with(
            spec_or_value.shape
        )

    def is_subtype_of(self, other: Any) -> bool:
        return (
            isinstance(other, TensorSpec)
            and self._dtype is other._dtype
            and self._shape.is_subtype_of(other._shape)
        )

    def most_specific_common_supertype(self, others: Any) -> TensorSpec | None:
        if any(not isinstance(one, TensorSpec) or one.dtype is not self._dtype for one in others):
            return None
        shape = self._shape.most_specific_common_supertype([one.shape for one in others])
        return None if shape is None else TensorSpec(shape, self._dtype, self._name)

    def most_specific_compatible_type(self, other: Any) -> TensorSpec:
        shape = self._shape.most_specific_compatible_shape(other.shape)
        return TensorSpec(shape, self._dtype, self._name)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, TensorSpec)
            and self._shape == other._shape
            and self._dtype is other._dtype
            and self._name == other._name
        )

    def __hash__(self) -> int:
        return hash((self._shape, self._dtype))

    def __repr__(self) -> str:
        return f"TensorSpec(shape={self._shape}, dtype={self._dtype!r}, name={self._name!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _spec, (self._shape, self._dtype, self._name)


def _spec(shape: Any, dtype: Any, name: str | None) -> TensorSpec:
    return TensorSpec(shape, dtype, name)


@export("tf.IndexedSlicesSpec")
class IndexedSlicesSpec(TypeSpec):
    """The spec of IndexedSlices."""

    __module__ = "tensorflow.python.framework.indexed_slices"

    def __init__(
        self, shape: Any = None, dtype: Any = dtypes.float32, indices_dtype: Any = dtypes.int64
    ) -> None:
        self.shape = as_shape(shape)
        self.dtype = as_dtype(dtype)
        self.indices_dtype = as_dtype(indices_dtype)

    @property
    def value_type(self) -> type:
        return IndexedSlices


@export("tf.type_spec_from_value")
def type_spec_from_value(value: Any) -> TypeSpec:
    """The spec of a tensor or a variable; whatever has `_type_spec` says it itself."""
    if isinstance(value, (Tensor, VariableLike)) and not hasattr(value, "_type_spec"):
        return TensorSpec(value.shape, value.dtype)
    if isinstance(value, IndexedSlices):
        return IndexedSlicesSpec(value.shape, value.dtype, value.indices.dtype)
    if hasattr(value, "_type_spec"):
        return value._type_spec
    raise TypeError(f"Could not build a TypeSpec for {value!r} with type {type(value).__name__}")
