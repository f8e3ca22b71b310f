"""Which dtype NumPy would give, and tensors of it."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from varsync_runtime.ops.layout import cast, identity, reshape
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import convert, hinted
from varsync_runtime.tensors.dtypes import DType, as_dtype
from varsync_runtime.tensors.exports import provide
from varsync_runtime.tensors.tensor import Tensor
from varsync_runtime.tensors.types import TensorLike

T = TypeVar("T")
MOST_DIMENSIONS = 32


def named(*names: str) -> Callable[[T], T]:
    """Gives what it decorates names of `tf.experimental.numpy`."""

    def register(value: T) -> T:
        for name in names:
            provide(f"tf.experimental.numpy.{name}", value)
        return value

    return register


@named("result_type")
def result_type(*arrays_and_dtypes: Any) -> DType:
    """The dtype that NumPy gives to what is computed of these."""
    given = [_typed(one) for one in nest.flatten(list(arrays_and_dtypes))]
    return as_dtype(np.result_type(*given) if given else np.float64)


def _typed(value: Any) -> Any:
    # a number has no dtype of its own: `x + 1` has that of x
    if isinstance(value, numbers.Real):
        return value
    holder: Any = value
    if isinstance(value, TensorLike):
        return as_dtype(holder.dtype).as_numpy_dtype
    return value.as_numpy_dtype if isinstance(value, DType) else value


def result_type_unary(a: Any, dtype: Any) -> DType:
    """`dtype`, or the one that NumPy gives to `a`."""
    if dtype:
        return result_type(dtype)
    if isinstance(a, (str, bytes)):
        return as_dtype(type(a))
    return result_type(a)


@named("promote_types")
def promote_types(type1: Any, type2: Any) -> Any:
    """The dtype that can hold both, one of NumPy's."""
    return np.promote_types(as_dtype(type1).as_numpy_dtype, as_dtype(type2).as_numpy_dtype)


@named("array")
def array(val: Any, dtype: Any = None, copy: bool = True, ndmin: int = 0) -> Tensor:
    """A tensor of `dtype` with at least `ndmin` dimensions."""
    if ndmin > MOST_DIMENSIONS:
        raise ValueError(f"ndmin bigger than allowable number of dimensions: {MOST_DIMENSIONS}.")
    wanted = result_type(dtype) if dtype else None
    if not isinstance(val, Tensor):
        wanted = result_type_unary(val, wanted)
        val = hinted(val, wanted)
    made = val if wanted is None else cast(val, wanted)
    made = identity(made) if copy else made
    missing = ndmin - made._array.ndim
    return reshape(made, (1,) * missing + made._array.shape) if missing > 0 else made


@named("asarray", "asanyarray")
def asarray(a: Any, dtype: Any = None) -> Tensor:
    """`a` itself if it is such a tensor."""
    wanted = result_type(dtype) if dtype else None
    if isinstance(a, Tensor) and wanted in (None, a.dtype):
        return a
    return array(a, wanted, copy=False)


@named("ascontiguousarray")
def ascontiguousarray(a: Any, dtype: Any = None) -> Tensor:
    """A tensor with one dimension or more."""
    return array(a, dtype, ndmin=1)


@named("copy")
def copy(a: Any) -> Tensor:
    """The same values as another tensor."""
    return array(a, copy=True)


def promoted(*arrays: Any) -> list[Tensor]:
    """The arrays as tensors of one dtype."""
    dtype = result_type(*arrays)
    return [asarray(one, dtype) for one in arrays]


def inexact(x: Any) -> Tensor:
    """A tensor of floats or complex numbers. Integers have to be cast before, as in TensorFlow.

    It asks tensors for `astype`, which they have in programs alone that enable NumPy's behavior.
    """
    tensor = asarray(x)
    return tensor if is_inexact(tensor) else tensor.astype(result_type(float))


def is_inexact(tensor: Tensor) -> bool:
    """Whether a tensor is of floats or complex numbers."""
    return tensor.dtype.is_floating or tensor.dtype.is_complex


def padded_shape(tensor: Tensor, rank: int) -> Tensor:
    """The shape with ones before it, so many that it has `rank` sizes."""
    return convert((1,) * (rank - tensor._array.ndim) + tensor._array.shape)
