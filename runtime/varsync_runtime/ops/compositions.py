"""Public functions that are made of others."""

from __future__ import annotations

from typing import Any

from varsync_runtime.ops.arithmetic import REAL_DIV, divide_no_nan, truediv
from varsync_runtime.ops.creation import zeros_like
from varsync_runtime.ops.indexing import STRIDED_SLICE
from varsync_runtime.ops.layout import cast, identity, integers
from varsync_runtime.ops.linalg import norm
from varsync_runtime.ops.reductions import reduce_mean
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import agreeing, convert
from varsync_runtime.tensors.dispatch import call, reject
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.guesses import of_both, sizes_of
from varsync_runtime.tensors.tensor import SymbolicTensor, Tensor


@export("tf.slice")
def slice_(input_: Any, begin: Any, size: Any, name: str | None = None) -> Tensor:
    """`size` elements from `begin` on along each axis; -1 takes what is left."""
    tensor = convert(input_)
    starts, counts = integers(begin), integers(size)
    rank = tensor._array.ndim
    if not len(starts) == len(counts) == rank:
        raise reject(
            "Slice",
            f"Expected begin and size arguments to be 1-D tensors of size {rank}, but got shapes "
            f"[{len(starts)}] and [{len(counts)}] instead.",
        )
    index = of_both(_sliced, starts, counts, sizes_of(tensor))
    return call(STRIDED_SLICE.labelled("Slice"), (tensor,), {"index": index})


def _sliced(
    starts: tuple[int, ...], counts: tuple[int, ...], shape: tuple[int, ...]
) -> tuple[slice, ...]:
    index = []
    for axis, (start, count, limit) in enumerate(zip(starts, counts, shape, strict=True)):
        stop = limit if count == -1 else start + count
        if not 0 <= start <= limit:
            raise reject("Slice", f"Expected begin[{axis}] in [0, {limit}], but got {start}")
        if not start <= stop <= limit:
            raise reject("Slice", f"Expected size[{axis}] in [0, {limit - start}], but got {count}")
        index.append(slice(start, stop))
    return tuple(index)


@export("tf.realdiv")
def realdiv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The quotient of numbers of one dtype, which stays."""
    return call(REAL_DIV, agreeing((x, y)))


@export("tf.identity_n")
def identity_n(input: Any, name: str | None = None) -> list[Tensor]:
    """The same values as other tensors."""
    return [identity(one) for one in input]


@export("tf.is_symbolic_tensor")
def is_symbolic_tensor(x: Any) -> bool:
    """Whether `x` is a tensor of a graph that is built."""
    return isinstance(x, SymbolicTensor)


@export("tf.math.zero_fraction", "tf.nn.zero_fraction")
def zero_fraction(value: Any, name: str | None = None) -> Tensor:
    """How much of a tensor is zero."""
    tensor = convert(value)
    return reduce_mean(cast(tensor == zeros_like(tensor), dtypes.float32))


@export("tf.math.reciprocal_no_nan")
def reciprocal_no_nan(x: Any, name: str | None = None) -> Tensor:
    """1 / x, 0 where `x` is."""
    tensor = convert(x)
    return divide_no_nan(convert(1, tensor.dtype), tensor)


@export("tf.linalg.normalize")
def normalize(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """A tensor by its norm, and the norm."""
    x = convert(tensor)
    size = norm(x, ord=ord, axis=axis, keepdims=True)
    return truediv(x, size), size


@export("tf.math.polyval")
def polyval(coeffs: Any, x: Any, name: str | None = None) -> Tensor:
    """A polynomial, its highest coefficient first."""
    if not isinstance(coeffs, list):
        raise ValueError(f"Argument coeffs must be list type. Received type {type(coeffs)}.")
    x = convert(x)
    if not coeffs:
        return zeros_like(x)
    total = convert(coeffs[0], None if isinstance(coeffs[0], Tensor) else x.dtype)
    for one in coeffs[1:]:
        total = one + total * x
    return total
