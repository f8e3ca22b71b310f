"""From whatever the user writes to a tensor, with TensorFlow's rules about dtypes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from varsync_runtime.tensors import graphvalues, pythonvalues
from varsync_runtime.tensors.dtypes import DType, as_dtype, bfloat16, rounded
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.registered import registered
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import EagerTensor, SymbolicTensor, Tensor, make
from varsync_runtime.tensors.types import CompositeTensor, NativeObject, TensorLike


class Packing:
    """The ops that a list with tensors in it needs; the ops set them, for they have gradients."""

    pack: Callable[[list[Any]], Tensor]
    cast: Callable[[Tensor, DType], Tensor]
    reshape: Callable[[Tensor, Any], Tensor]
    transpose: Callable[[Tensor, Any], Tensor]


@export("tf.convert_to_tensor")
def convert_to_tensor(
    value: Any, dtype: Any = None, dtype_hint: Any = None, name: str | None = None
) -> Tensor:
    """`value` as a tensor of `dtype`, of `dtype_hint` if it can be, or of the dtype it suggests."""
    wanted = None if dtype is None else as_dtype(dtype)
    if wanted is None and dtype_hint is not None:
        return hinted(value, as_dtype(dtype_hint))
    return convert(value, wanted)


def form_of(value: Any) -> Tensor:
    """As `convert`, for an op that looks at the shape and dtype alone."""
    outer, state.form_only = state.form_only, True
    try:
        return convert(value)
    finally:
        state.form_only = outer


def convert(value: Any, dtype: DType | None = None) -> Tensor:
    """`value` as a tensor; of `dtype` or not at all, if it is given."""
    kind = type(value)
    if kind is EagerTensor or kind is SymbolicTensor:
        return value if dtype is None or value.dtype is dtype else _other_dtype(value, dtype)
    if dtype is not None and dtype.is_floating and (kind is float or kind is int):
        # the short way of the most frequent
        return make(np.array(value, dtype._array_type or dtype.as_numpy_dtype), dtype)
    if isinstance(value, Tensor):
        return value if dtype is None or value.dtype is dtype else _other_dtype(value, dtype)
    if isinstance(value, VariableLike):
        tensor: Tensor = value._read()
        if dtype is None or tensor.dtype is dtype:
            return tensor
        raise ValueError(
            f"Incompatible type conversion requested to type {dtype.name} for `tf.Variable of type "
            f"{tensor.dtype.name}. (Variable: {value._spoken()})"
        )
    method = getattr(value, "__tf_tensor__", None)
    if method is not None and not isinstance(value, type):
        return method(dtype, None)
    made = registered(value, dtype)
    if made is not None:
        return made
    if (
        isinstance(value, (list, tuple))
        and not isinstance(value, TensorShape)
        and holds_tensors(value)
    ):
        return _pack(value, dtype)
    return from_python(value, dtype)


def _other_dtype(tensor: Tensor, dtype: DType) -> Tensor:
    raise ValueError(
        f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype "
        f"{tensor.dtype.name}: {tensor!r}"
    )


def hinted(value: Any, dtype: DType) -> Tensor:
    """`value` as a tensor of `dtype` if that is possible, else of the dtype it suggests."""
    kind = type(value)
    if kind is EagerTensor or kind is SymbolicTensor:
        return value
    if dtype.is_floating and (kind is float or kind is int):
        return make(np.array(value, dtype._array_type or dtype.as_numpy_dtype), dtype)
    if isinstance(value, (Tensor, VariableLike)):
        return convert(value)
    if isinstance(value, (np.ndarray, np.generic)):
        return _from_hinted_array(value, dtype)
    try:
        return convert(value, dtype)
    except (TypeError, ValueError):
        return convert(value)


def _from_hinted_array(value: Any, dtype: DType) -> Tensor:
    # an array is cast to the hint even where digits are lost
    if value.dtype.kind in "fiu" and (dtype.is_floating or dtype.is_integer):
        return make(np.array(value, dtype=dtype._array_type), dtype)
    try:
        return convert(value, dtype)
    except (TypeError, ValueError):
        return convert(value)


def from_python(value: Any, dtype: DType | None = None) -> Tensor:
    """A tensor of a Python value or an array: a copy."""
    to_array = pythonvalues.to_array if state.graph is None else graphvalues.to_constant
    array, found = to_array(value, dtype)
    if found is bfloat16:
        array = rounded(array)
    return make(array, found)


def holds_tensors(value: Any) -> bool:
    """Whether a nest of lists and tuples has a tensor or a variable somewhere."""
    for one in value:
        if isinstance(one, (list, tuple)):
            if holds_tensors(one):
                return True
        elif isinstance(one, (Tensor, VariableLike)) or (
            hasattr(one, "__tf_tensor__") and not isinstance(one, CompositeTensor)
        ):
            return True
    return False


def _pack(value: Sequence[Any], dtype: DType | None) -> Tensor:
    if dtype is None:
        dtype = first_dtype(value)
        return Packing.pack([_element(one, dtype) for one in value])
    return Packing.cast(Packing.pack([_element(one, first_dtype(value)) for one in value]), dtype)


def _element(one: Any, dtype: DType | None) -> Tensor:
    if isinstance(one, (list, tuple)) and holds_tensors(one):
        return Packing.pack([_element(inner, dtype) for inner in one])
    if isinstance(one, CompositeTensor):
        return from_python(one, dtype)
    return convert(one) if isinstance(one, (Tensor, VariableLike)) else convert(one, dtype)


def first_dtype(value: Sequence[Any]) -> DType | None:
    """The dtype of the first tensor or variable in a nest, None if there is none."""
    for one in value:
        if isinstance(one, (list, tuple)):
            found = first_dtype(one)
            if found is not None:
                return found
        elif isinstance(one, (Tensor, VariableLike)):
            return one.dtype
    return None


def agreeing(values: Sequence[Any], fixed: DType | None = None) -> list[Tensor]:
    """Inputs of one dtype, as generated ops convert them: a Python value takes the first tensor's.

    Tensors stay what they are (the op rejects what differs); if there is none, the first value
    gives the dtype of the rest. `fixed` is the one dtype that the op takes, if it is so.
    """
    dtype = fixed or first_dtype(values)
    converted = []
    for one in values:
        tensor = convert(one) if isinstance(one, (Tensor, VariableLike)) else convert(one, dtype)
        if dtype is None:
            dtype = tensor.dtype
        converted.append(tensor)
    return converted


@export("tf.is_tensor")
def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor, a variable, or another of TensorFlow's values."""
    return isinstance(x, (TensorLike, NativeObject))
