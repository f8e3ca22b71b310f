"""Functions that make arrays, matrices and products."""

from __future__ import annotations

from typing import Any

import numpy as np

from varsync_runtime.ops import creation, linalg, pieces
from varsync_runtime.ops.arithmetic import equal, not_equal, pow_, subtract
from varsync_runtime.ops.functions import conj_, floor
from varsync_runtime.ops.layout import broadcast_to, cast, reshape
from varsync_runtime.ops.numpy_names.arranging import atleast_1d, moveaxis
from varsync_runtime.ops.numpy_names.elementwise import isclose
from varsync_runtime.ops.numpy_names.promotion import (
    array,
    asarray,
    named,
    padded_shape,
    promoted,
    result_type,
    result_type_unary,
)
from varsync_runtime.ops.numpy_names.reducing import all_, sum_
from varsync_runtime.ops.selection import where
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert, hinted
from varsync_runtime.tensors.tensor import Tensor

# ------------------------------------------------------------------- filled


@named("zeros", "empty")
def zeros(shape: Any, dtype: Any = float) -> Tensor:
    """Zeros, of float64 if nothing is said."""
    return creation.zeros(shape, result_type(dtype or float))


@named("ones")
def ones(shape: Any, dtype: Any = float) -> Tensor:
    """Ones, of float64 if nothing is said."""
    return creation.ones(shape, result_type(dtype or float))


@named("zeros_like", "empty_like")
def zeros_like(a: Any, dtype: Any = None) -> Tensor:
    """Zeros in the array's shape."""
    return creation.zeros_like(a, result_type_unary(a, dtype))


@named("ones_like")
def ones_like(a: Any, dtype: Any = None) -> Tensor:
    """Ones in the array's shape."""
    return creation.ones_like(a, result_type_unary(a, dtype))


@named("full")
def full(shape: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """One value in a shape."""
    sizes = shape if isinstance(shape, Tensor) else hinted(shape, dtypes.int32)
    return broadcast_to(asarray(fill_value, dtype), atleast_1d(sizes))


@named("full_like")
def full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
) -> Tensor:
    """One value in the array's shape."""
    if order != "K":
        raise ValueError("Non-standard orders are not supported.")
    if not subok:
        raise ValueError("subok being False is not supported.")
    if shape:
        raise ValueError("Overriding the shape is not supported.")
    tensor = asarray(a)
    return broadcast_to(asarray(fill_value, dtype or tensor.dtype), creation.shape(tensor))


@named("eye")
def eye(N: Any, M: Any = None, k: int = 0, dtype: Any = float) -> Tensor:
    """Ones on a diagonal."""
    matrix = np.eye(int(N), int(M) if M else None, int(k))
    return cast(matrix, result_type(dtype or float))


@named("identity")
def identity(n: Any, dtype: Any = float) -> Tensor:
    """Ones on the diagonal."""
    return eye(n, n, dtype=dtype)


@named("tri")
def tri(N: int, M: Any = None, k: int = 0, dtype: Any = None) -> Tensor:
    """Ones on a diagonal and below it."""
    return cast(np.tri(N, M, k), result_type(dtype or float))


@named("arange")
def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Tensor:
    """Numbers in equal steps, the end left out."""
    if not step:
        raise ValueError("step must be non-zero.")
    given = (start, step) if stop is None else (start, step, stop)
    wanted = result_type(dtype) if dtype else result_type(*given)
    low, high = (0, start) if stop is None else (start, stop)
    if (step > 0 and low > high) or (step < 0 and low < high):
        return array([], wanted)
    return cast(creation.range_(low, high, step), wanted)


@named("linspace")
def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = float,
    axis: int = 0,
) -> Any:
    """`num` numbers in equal steps."""
    if num < 0:
        raise ValueError(
            "Argument `num` (number of samples) must be a non-negative integer. "
            f"Received: num={num}"
        )
    # as of NumPy 2, the ends say the dtype
    wanted = result_type(start * 1.0, stop * 1.0) if dtype else None
    first, last = array(start, wanted), array(stop, wanted)
    gaps = num - 1 if endpoint else num
    step = (last - first) / gaps if gaps > 0 else convert(np.nan)
    if not endpoint and num > 1:
        found = creation.linspace(first, last - step, num, axis=axis)
    else:
        found = creation.linspace(first, last, num, axis=axis)
    if wanted is not None:
        found = cast(floor(found) if wanted.is_integer else found, wanted)
    return (found, step) if retstep else found


@named("logspace")
def logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: float = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Tensor:
    """`num` powers of `base`, whose exponents are in equal steps."""
    found = linspace(start, stop, num, endpoint, dtype=float, axis=axis)
    return pow_(cast(base, found.dtype), found)


# ------------------------------------------------------------------- triangles and diagonals


def _mask(m: Tensor, k: int, name: str) -> Tensor:
    sizes = m._array.shape
    if len(sizes) < 2:
        raise ValueError(f"Argument to {name} must have rank at least 2")
    return broadcast_to(tri(sizes[-2], sizes[-1], k, bool), creation.shape(m))


@named("tril")
def tril(m: Any, k: int = 0) -> Tensor:
    """Zeros above a diagonal."""
    tensor = asarray(m)
    return where(_mask(tensor, k, "tril"), tensor, convert(0, tensor.dtype))


@named("triu")
def triu(m: Any, k: int = 0) -> Tensor:
    """Zeros below a diagonal."""
    tensor = asarray(m)
    return where(_mask(tensor, k - 1, "triu"), convert(0, tensor.dtype), tensor)


@named("diag")
def diag(v: Any, k: int = 0) -> Tensor:
    """The diagonal of a matrix, or a matrix of its diagonal."""
    tensor = asarray(v)
    return linalg.diag(tensor, k=k) if tensor._array.ndim == 1 else diagonal(tensor, k)


@named("diagflat")
def diagflat(v: Any, k: int = 0) -> Tensor:
    """A matrix with these elements on its diagonal."""
    return diag(reshape(asarray(v), [-1]), k)


@named("diagonal")
def diagonal(a: Any, offset: int = 0, axis1: Any = 0, axis2: Any = 1) -> Tensor:
    """A diagonal of two axes."""
    return linalg.diag_part(moveaxis(asarray(a), (axis1, axis2), (-2, -1)), k=offset)


@named("diag_indices")
def diag_indices(n: int, ndim: int = 2) -> tuple[Tensor, ...]:
    """The places on a diagonal."""
    for argument, value in (("n", n), ("ndim", ndim)):
        if value < 0:
            raise ValueError(
                f"{argument} argument to diag_indices must be nonnegative, got {value}"
            )
    return (creation.range_(n),) * ndim


@named("trace")
def trace(a: Any, offset: int = 0, axis1: Any = 0, axis2: Any = 1, dtype: Any = None) -> Tensor:
    """The sum of a diagonal."""
    tensor = asarray(a, dtype)
    last = tensor._array.ndim
    if not offset and (axis1 % last, axis2 % last) == (last - 2, last - 1):
        return linalg.trace(tensor)
    return sum_(diagonal(tensor, offset, axis1, axis2), -1, dtype)


# ------------------------------------------------------------------- products


@named("dot")
def dot(a: Any, b: Any) -> Tensor:
    """The product of matrices or vectors."""
    x, y = promoted(a, b)
    if not x._array.ndim or not y._array.ndim:
        return x * y
    return linalg.tensordot(x, y, [[-1], [-1 if y._array.ndim == 1 else -2]])


@named("matmul")
def matmul(x1: Any, x2: Any) -> Tensor:
    """The product of matrices, many at once if there are more axes."""
    x, y = promoted(x1, x2)
    if y._array.ndim == 1:
        return linalg.tensordot(x, y, 1)
    return linalg.tensordot(x, y, [[0], [-2]]) if x._array.ndim == 1 else linalg.matmul(x, y)


@named("tensordot")
def tensordot(a: Any, b: Any, axes: Any = 2) -> Tensor:
    """The product over some axes."""
    x, y = promoted(a, b)
    return linalg.tensordot(x, y, axes)


@named("inner")
def inner(a: Any, b: Any) -> Tensor:
    """The product over the last axes."""
    x, y = promoted(a, b)
    if not x._array.ndim or not y._array.ndim:
        return x * y
    return linalg.tensordot(x, y, [[-1], [-1]])


@named("outer")
def outer(a: Any, b: Any) -> Tensor:
    """Each element of one by each of the other."""
    x, y = promoted(a, b)
    return reshape(x, [-1, 1]) * reshape(y, [-1])


@named("vdot")
def vdot(a: Any, b: Any) -> Tensor:
    """The product of all elements."""
    x, y = (reshape(asarray(one), [-1]) for one in (a, b))
    return dot(conj_(x) if x.dtype.is_complex else x, y)


@named("kron")
def kron(a: Any, b: Any) -> Tensor:
    """Each element of one by the whole other."""
    x, y = promoted(a, b)
    rank = max(x._array.ndim, y._array.ndim)
    x, y = (reshape(one, padded_shape(one, rank)) for one in (x, y))
    sizes = [x._array.shape, y._array.shape]
    x = reshape(x, [size for one in sizes[0] for size in (one, 1)])
    y = reshape(y, [size for one in sizes[1] for size in (1, one)])
    return reshape(x * y, [a * b for a, b in zip(*sizes, strict=True)])


@named("cross")
def cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None
) -> Tensor:
    """The cross product of vectors of three, or of two with nothing in the third place."""
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = promoted(a, b)
    x, y = moveaxis(x, axisa, -1), moveaxis(y, axisb, -1)
    flat = x._array.shape[-1] == y._array.shape[-1] == 2
    x, y = (_in_space(one) for one in (x, y))
    shape = creation.broadcast_dynamic_shape(creation.shape(x), creation.shape(y))
    found = linalg.cross(broadcast_to(x, shape), broadcast_to(y, shape))
    return found[..., 2] if flat else moveaxis(found, -1, axisc)


def _in_space(vectors: Tensor) -> Tensor:
    if vectors._array.shape[-1] != 2:
        return vectors
    return pieces.pad(vectors, [[0, 0]] * (vectors._array.ndim - 1) + [[0, 1]])


@named("einsum")
def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> Tensor:
    """Einstein's sum."""
    if kwargs.get("casting", "safe") == "safe":
        return linalg.einsum(subscripts, *promoted(*operands))
    return linalg.einsum(subscripts, *map(asarray, operands))


# ------------------------------------------------------------------- of neighbours, of all


@named("diff")
def diff(a: Any, n: int = 1, axis: int = -1) -> Tensor:
    """Each element less the one before it, `n` times."""
    tensor = asarray(a)
    rank = tensor._array.ndim
    if (axis + rank if axis < 0 else axis) >= rank:
        raise ValueError(
            f"Argument `axis` (received axis={axis}) is out of bounds for input {tensor} of rank "
            f"{rank}."
        )
    less = not_equal if tensor.dtype == dtypes.bool_ else subtract
    later, earlier = [slice(None)] * rank, [slice(None)] * rank
    later[axis], earlier[axis] = slice(1, None), slice(None, -1)
    for _ in range(n):
        tensor = less(tensor[tuple(later)], tensor[tuple(earlier)])
    return tensor


@named("allclose")
def allclose(
    a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Tensor:
    """Whether all elements are within `atol` and `rtol` of the other's."""
    return all_(isclose(a, b, rtol, atol, equal_nan))


@named("array_equal")
def array_equal(a1: Any, a2: Any) -> Tensor:
    """Whether shape and elements are the same."""
    x, y = promoted(a1, a2)
    return all_(equal(x, y)) if x._array.shape == y._array.shape else convert(False)
