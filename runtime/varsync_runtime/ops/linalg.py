"""Products and decompositions of matrices."""

from __future__ import annotations

from typing import Any, NamedTuple

import autograd.numpy as anp
import numpy as np

from varsync_runtime.ops.layout import cast
from varsync_runtime.ops.products import gradient_of_a, gradient_of_b, plain_product, product
from varsync_runtime.ops.shaping import conj, masked
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert, hinted
from varsync_runtime.tensors.dispatch import Op, brackets, call, reject
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.errors import NotModelled, Rejected
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.guesses import of_both, sizes_of
from varsync_runtime.tensors.signatures import NUMBERS
from varsync_runtime.tensors.tensor import Tensor

# ------------------------------------------------------------------- products


def _t(matrix: Any) -> Any:
    return anp.swapaxes(matrix, -1, -2)


def _plain_product(a: np.ndarray, b: np.ndarray, ta: bool, tb: bool) -> Any:
    for number, one in enumerate((a, b)):
        if one.ndim < 2:
            words = (
                f"Shape must be rank 2 but is rank {one.ndim} for '{{{{node MatMul}}}} = MatMul'"
            )
            said = f"In[{number}] ndims must be >= 2"
            if one.dtype.kind in "iu":
                said = f"In[0] and In[1] ndims must be == 2: {one.ndim}"
            raise Rejected(said, static=words)
    size, other = a.shape[-2 if ta else -1], b.shape[-1 if tb else -2]
    if size != other:
        raise Rejected(
            f"Matrix size-incompatible: In[0]: {brackets(a.shape)}, In[1]: {brackets(b.shape)}",
            static=f"Dimensions must be equal, but are {size} and {other} for "
            f"'{{{{node MatMul}}}} = MatMul' with input shapes: {brackets(a.shape)}, "
            f"{brackets(b.shape)}.",
        )
    return plain_product(a, b, ta, tb)


_PRODUCT_GRADIENTS = (
    lambda g, out, a, b, ta, tb: gradient_of_a(g, a, b, ta, tb),
    lambda g, out, a, b, ta, tb: gradient_of_b(g, a, b, ta, tb),
)
_WITHOUT_SMALL = tuple(
    one for one in NUMBERS if one not in (dtypes.int8, dtypes.int16, dtypes.uint16)
)
MATMUL = Op(
    "MatMul",
    product,
    plain=_plain_product,
    types=("T",),
    allowed=_WITHOUT_SMALL,
    vjps=_PRODUCT_GRADIENTS,
    arguments=("a", "b"),
)
BATCH_MATMUL = Op(
    "BatchMatMulV2",
    product,
    plain=_plain_product,
    types=("T",),
    allowed=NUMBERS,
    vjps=_PRODUCT_GRADIENTS,
    label="MatMul",
)
CONJ = Op("Conj", anp.conj, plain=np.conj, vjps=(lambda g, out, array: anp.conj(g),))


@export("tf.linalg.matmul", "tf.matmul")
def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    output_type: Any = None,
    grad_a: bool = False,
    grad_b: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product of matrices in the last two axes; the axes before them broadcast."""
    if transpose_a and adjoint_a:
        raise ValueError("Only one of `transpose_a` and `adjoint_a` can be True. Received "
                         f"`transpose_a`={transpose_a}, `adjoint_a`={adjoint_a}.")  # fmt: skip
    if transpose_b and adjoint_b:
        raise ValueError("Only one of `transpose_b` and `adjoint_b` can be True. Received "
                         f"`transpose_b`={transpose_b}, `adjoint_b`={adjoint_b}.")  # fmt: skip
    a = convert(a)
    b = hinted(b, a.dtype)
    if output_type is not None and as_dtype(output_type) is not a.dtype:
        # BatchMatMulV3: it multiplies numbers of that dtype
        a, b = cast(a, output_type), cast(b, output_type)
    if adjoint_a and a.dtype.is_complex:
        a = call(CONJ, (a,))
    if adjoint_b and b.dtype.is_complex:
        b = call(CONJ, (b,))
    batched = (a._array.ndim > 2 and b._array.ndim >= 2) or (
        b._array.ndim > 2 and a._array.ndim >= 2
    )
    flags = {"ta": bool(transpose_a or adjoint_a), "tb": bool(transpose_b or adjoint_b)}
    return call(BATCH_MATMUL if batched else MATMUL, (a, b), flags)


@export("tf.linalg.matvec")
def matvec(
    a: Any, b: Any, transpose_a: bool = False, adjoint_a: bool = False, a_is_sparse: bool = False,
    b_is_sparse: bool = False, name: str | None = None,
) -> Tensor:  # fmt: skip
    """A matrix by a vector."""
    from varsync_runtime.ops.layout import expand_dims, squeeze

    out = matmul(a, expand_dims(b, -1), transpose_a=transpose_a, adjoint_a=adjoint_a)
    return squeeze(out, [-1])


@export("tf.linalg.tensordot", "tf.tensordot")
def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Tensor:
    """The sum of products over some axes of each."""
    from varsync_runtime.ops.layout import reshape, transpose

    a = convert(a)
    b = hinted(b, a.dtype)
    rank_a, rank_b = a._array.ndim, b._array.ndim
    if isinstance(axes, int):
        if axes < 0:
            raise ValueError(f"`axes` must be at least 0. Received: {axes}.")
        if axes > rank_a:
            raise ValueError(
                f"`axes` must not be larger than the number of dimensions of tensor {a}.  "
                f"Received {axes}, vs tensor dimensions {rank_a}."
            )
        left, right = list(range(rank_a - axes, rank_a)), list(range(axes))
    else:
        left, right = (
            [one]
            if isinstance(one, int)
            else [int(i) for i in np.asarray(convert(one)._array).reshape(-1)]
            for one in axes
        )
    left = [i % rank_a for i in left]
    right = [i % rank_b for i in right]
    kept_a = [i for i in range(rank_a) if i not in left]
    kept_b = [i for i in range(rank_b) if i not in right]
    inner = int(np.prod([a._array.shape[i] for i in left]))
    first = reshape(transpose(a, kept_a + left), (-1 if inner else 0, inner))
    second = reshape(
        transpose(b, right + kept_b), (int(np.prod([b._array.shape[i] for i in right])), -1)
    )
    shape = of_both(
        lambda of_a, of_b: (*[of_a[i] for i in kept_a], *[of_b[i] for i in kept_b]),
        sizes_of(a),
        sizes_of(b),
    )
    return reshape(matmul(first, second), shape)


def _einsum(*arrays: Any, equation: str) -> Any:
    return anp.einsum(equation, *arrays)


def _plain_einsum(*arrays: np.ndarray, equation: str) -> Any:
    terms = equation.split("->")[0].split(",")
    if len(terms) != len(arrays):
        raise Rejected(
            f"Expected {len(terms)} inputs for equation {equation} but got: {len(arrays)}"
        )
    sizes: dict[str, int] = {}
    for number, (term, array) in enumerate(zip(terms, arrays, strict=True)):
        if "." not in term and len(term) != array.ndim:
            raise Rejected(
                f"Expected input {number} to have rank {len(term)} but got: {array.ndim}"
            )
        if "." in term:
            continue
        for letter, size in zip(term, array.shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                raise Rejected(
                    f"Expected dimension {sizes[letter]} at axis {term.index(letter)} of the input "
                    f"shaped {brackets(array.shape)} but got dimension {size}"
                )
    return np.einsum(equation, *arrays, optimize=len(arrays) > 2)


EINSUM = Op(
    "Einsum", _einsum, plain=_plain_einsum, types=("T",), allowed=dtypes.ALL, label="einsum"
)


@export("tf.einsum", "tf.linalg.einsum")
def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Tensor:
    """Sums of products, as the letters say."""
    kwargs.pop("optimize", None)
    kwargs.pop("name", None)
    if kwargs:
        raise TypeError(
            f"Invalid keyword arguments for this function: {', '.join(map(repr, kwargs))}. "
            "Expected: {'name', 'optimize'}."
        )
    from varsync_runtime.tensors.convert import agreeing

    return call(EINSUM, agreeing(inputs), {"equation": equation.replace(" ", "")})


# ------------------------------------------------------------------- parts of matrices


def _band(shape: tuple[int, ...], lower: int, upper: int) -> np.ndarray:
    rows, columns = np.indices(shape[-2:])
    return ((lower < 0) | (rows - columns <= lower)) & ((upper < 0) | (columns - rows <= upper))


def _keep_band(array: Any, lower: int, upper: int) -> Any:
    return masked(_band(array.shape, lower, upper), array)


BAND_PART = Op(
    "MatrixBandPart",
    _keep_band,
    vjps=(lambda g, out, array, lower, upper: _keep_band(g, lower, upper),),
)


@export("tf.linalg.band_part")
def band_part(input: Any, num_lower: Any, num_upper: Any, name: str | None = None) -> Tensor:
    """Only the diagonals near the main one; a negative number keeps a whole triangle."""
    limits = {"lower": int(convert(num_lower)._array), "upper": int(convert(num_upper)._array)}
    return call(BAND_PART, (convert(input),), limits)


def _diag_part(array: Any, k: int) -> Any:
    rows, columns = array.shape[-2:]
    i = np.arange(max(-k, 0), rows)
    j = np.arange(max(k, 0), columns)
    n = min(len(i), len(j))
    return array[..., i[:n], j[:n]]


DIAG_PART = Op("MatrixDiagPartV3", lambda array, k: _diag_part(array, k))


@export("tf.linalg.diag_part")
def diag_part(
    input: Any,
    name: str = "diag_part",
    k: int = 0,
    padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Tensor:
    """A diagonal of matrices."""
    return call(DIAG_PART, (convert(input),), {"k": int(k)})


def _diag(diagonal: Any, k: int) -> Any:
    size = diagonal.shape[-1] + abs(k)
    hot = np.eye(size, k=k)[max(-k, 0) : size - max(k, 0)]
    rows = diagonal.shape[-1]
    placed = anp.expand_dims(diagonal, -1) * hot.astype(diagonal.dtype)
    before = anp.zeros((*diagonal.shape[:-1], max(-k, 0), size), dtype=diagonal.dtype)
    after = anp.zeros((*diagonal.shape[:-1], max(k, 0), size), dtype=diagonal.dtype)
    return anp.concatenate([before, placed, after], -2) if k and rows else placed


DIAG = Op("MatrixDiagV3", lambda diagonal, k: _diag(diagonal, k))


@export("tf.linalg.diag")
def diag(
    diagonal: Any, name: str = "diag", k: int = 0, num_rows: int = -1, num_cols: int = -1,
    padding_value: Any = 0, align: str = "RIGHT_LEFT",
) -> Tensor:  # fmt: skip
    """Matrices that are zero but for a diagonal."""
    return call(DIAG, (convert(diagonal),), {"k": int(k)})


@export("tf.linalg.tensor_diag")
def tensor_diag(diagonal: Any, name: str | None = None) -> Tensor:
    """A tensor of twice the rank with `diagonal` on its diagonal."""
    from varsync_runtime.ops.layout import reshape

    given = convert(diagonal)
    flat = reshape(given, (-1,))
    return reshape(diag(flat), (*given._array.shape, *given._array.shape))


@export("tf.linalg.tensor_diag_part")
def tensor_diag_part(input: Any, name: str | None = None) -> Tensor:
    """The diagonal of a tensor of even rank."""
    from varsync_runtime.ops.layout import reshape

    given = convert(input)
    half = given._array.shape[: given._array.ndim // 2]
    size = int(np.prod(half))
    return reshape(diag_part(reshape(given, (size, size))), half)


SET_DIAG = Op(
    "MatrixSetDiagV3",
    lambda array, diagonal: array + _diag_into(diagonal - _diag_part(array, 0), array.shape),
    types=("T",),
)


def _diag_into(diagonal: Any, shape: tuple[int, ...]) -> Any:
    rows, columns = shape[-2:]
    hot = np.eye(rows, columns)[: min(rows, columns)].astype(diagonal.dtype)
    placed = anp.expand_dims(diagonal, -1) * hot
    rest = rows - min(rows, columns)
    if not rest:
        return placed
    zeros = anp.zeros((*shape[:-2], rest, columns), dtype=diagonal.dtype)
    return anp.concatenate([placed, zeros], -2)


@export("tf.linalg.set_diag")
def set_diag(
    input: Any, diagonal: Any, name: str = "set_diag", k: int = 0, align: str = "RIGHT_LEFT"
) -> Tensor:
    """`input` with another main diagonal."""
    x = convert(input)
    return call(SET_DIAG, (x, convert(diagonal, None if isinstance(diagonal, Tensor) else x.dtype)))


@export("tf.linalg.trace")
def trace(x: Any, name: str | None = None) -> Tensor:
    """The sum of the main diagonal."""
    from varsync_runtime.ops.reductions import reduce_sum

    return reduce_sum(diag_part(x), [-1])


@export("tf.linalg.matrix_transpose")
def matrix_transpose(a: Any, name: str = "matrix_transpose", conjugate: bool = False) -> Tensor:
    """The last two axes the other way round."""
    from varsync_runtime.ops.layout import transpose

    a = convert(a)
    rank = a._array.ndim
    if rank < 2:
        raise ValueError(
            f"Argument `a` should be a (batch) matrix with rank >= 2.  Received `a` = {a} with shape: "
            f"{a.shape}"
        )
    return transpose(a, [*range(rank - 2), rank - 1, rank - 2], conjugate)


@export("tf.linalg.adjoint")
def adjoint(matrix: Any, name: str | None = None) -> Tensor:
    """The conjugate transpose."""
    return matrix_transpose(matrix, conjugate=True)


# ------------------------------------------------------------------- decompositions


def _square(array: np.ndarray, words: str = "Input matrix must be square.") -> None:
    if array.ndim < 2 or array.shape[-1] != array.shape[-2]:
        raise Rejected(words)


def _inv(array: np.ndarray, adjoint: bool) -> Any:
    _square(array)
    try:
        return np.linalg.inv(_t(array) if adjoint else array)
    except np.linalg.LinAlgError:
        raise Rejected("Input is not invertible.") from None


MATRIX_INVERSE = Op(
    "MatrixInverse",
    lambda array, adjoint: anp.linalg.inv(_t(array) if adjoint else array),
    plain=_inv,
    vjps=(
        lambda g, out, array, adjoint: (
            _signed_inverse(g, out) if not adjoint else _t(_signed_inverse(g, out))
        ),
    ),
)


def _signed_inverse(g: Any, out: Any) -> Any:
    return -anp.matmul(_t(out), anp.matmul(g, _t(out)))


@export("tf.linalg.inv")
def inv(input: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The inverse matrices."""
    return call(MATRIX_INVERSE, (convert(input),), {"adjoint": adjoint})


def _solve(matrix: np.ndarray, rhs: np.ndarray, adjoint: bool) -> Any:
    if matrix.ndim != rhs.ndim:
        raise Rejected("All input tensors must have the same rank.")
    _square(matrix)
    if matrix.shape[-2] != rhs.shape[-2]:
        raise Rejected("Input matrix and rhs are incompatible.")
    try:
        return np.linalg.solve(_t(matrix) if adjoint else matrix, rhs)
    except np.linalg.LinAlgError:
        raise Rejected("Input matrix is not invertible.") from None


MATRIX_SOLVE = Op(
    "MatrixSolve",
    lambda matrix, rhs, adjoint: anp.matmul(anp.linalg.inv(_t(matrix) if adjoint else matrix), rhs),
    plain=_solve,
    types=("T",),
)


@export("tf.linalg.solve")
def solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """What the matrix must be multiplied with to give `rhs`."""
    from varsync_runtime.tensors.convert import agreeing

    return call(MATRIX_SOLVE, agreeing((matrix, rhs)), {"adjoint": adjoint})


def _triangle(matrix: Any, lower: bool) -> Any:
    return _keep_band(matrix, -1, 0) if lower else _keep_band(matrix, 0, -1)


def _triangular(matrix: Any, rhs: Any, lower: bool, adjoint: bool) -> Any:
    part = _triangle(matrix, lower)
    return anp.matmul(anp.linalg.inv(_t(part) if adjoint else part), rhs)


def _plain_triangular(matrix: np.ndarray, rhs: np.ndarray, lower: bool, adjoint: bool) -> Any:
    _square(matrix)
    part = _triangle(matrix, lower)
    return np.linalg.solve(_t(part) if adjoint else part, rhs)


TRIANGULAR_SOLVE = Op("MatrixTriangularSolve", _triangular, plain=_plain_triangular, types=("T",))


@export("tf.linalg.triangular_solve")
def triangular_solve(
    matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Tensor:
    """`solve` for a matrix of which only one triangle counts."""
    from varsync_runtime.tensors.convert import agreeing

    return call(TRIANGULAR_SOLVE, agreeing((matrix, rhs)), {"lower": lower, "adjoint": adjoint})


def _cholesky(array: np.ndarray) -> Any:
    _square(array)
    try:
        return np.linalg.cholesky(array)
    except np.linalg.LinAlgError:
        # as TensorFlow's: no error, but no numbers either
        return np.tril(np.full_like(array, np.nan))


CHOLESKY = Op("Cholesky", lambda array: anp.linalg.cholesky(array), plain=_cholesky)


@export("tf.linalg.cholesky")
def cholesky(input: Any, name: str | None = None) -> Tensor:
    """The lower triangle L with L times its transpose equal to `input`."""
    return call(CHOLESKY, (convert(input),))


@export("tf.linalg.cholesky_solve")
def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Tensor:
    """`solve`, with the Cholesky factor of the matrix at hand."""
    return triangular_solve(chol, triangular_solve(chol, rhs), adjoint=True)


DETERMINANT = Op("MatrixDeterminant", lambda array: anp.linalg.det(array))


@export("tf.linalg.det")
def det(input: Any, name: str | None = None) -> Tensor:
    """The determinants."""
    tensor = convert(input)
    if tensor._array.ndim < 2 or tensor._array.shape[-1] != tensor._array.shape[-2]:
        raise reject("MatrixDeterminant", "Input matrix must be square.")
    return call(DETERMINANT, (tensor,))


SLOGDET = Op("LogMatrixDeterminant", lambda array: tuple(anp.linalg.slogdet(array)), result=None)


@export("tf.linalg.slogdet")
def slogdet(input: Any, name: str | None = None) -> Any:
    """The sign of the determinant and the logarithm of its size."""
    return _LogDet(*call(SLOGDET, (convert(input),)))


@export("tf.linalg.logdet")
def logdet(matrix: Any, name: str | None = None) -> Tensor:
    """The logarithm of the determinant of a positive definite matrix."""
    from varsync_runtime.ops.functions import log, real
    from varsync_runtime.ops.reductions import reduce_sum

    return 2.0 * reduce_sum(log(real(diag_part(cholesky(matrix)))), [-1])


class Qr(NamedTuple):
    """An orthogonal and a triangular factor."""

    q: Any
    r: Any


class _LogDet(NamedTuple):
    sign: Any
    log_abs_determinant: Any


_LogDet.__name__ = _LogDet.__qualname__ = "LogMatrixDeterminant"


def _qr_gradient(*arguments: Any) -> Any:
    raise NotModelled("the gradient of tf.linalg.qr")


QR = Op("Qr", lambda array: tuple(np.linalg.qr(array)), vjps=(_qr_gradient,))
QR_FULL = Op("Qr", lambda array: tuple(np.linalg.qr(array, mode="complete")), vjps=(_qr_gradient,))


@export("tf.linalg.qr")
def qr(input: Any, full_matrices: bool = False, name: str | None = None) -> Qr:
    """Orthogonal times triangular."""
    return Qr(*call(QR_FULL if full_matrices else QR, (convert(input),)))


def _svd(array: Any, full_matrices: bool) -> Any:
    u, s, vt = anp.linalg.svd(array, full_matrices)
    return s, u, conj(_t(vt))


def _plain_svd(array: np.ndarray, full_matrices: bool) -> Any:
    u, s, vt = np.linalg.svd(array, full_matrices)
    return s, u, np.conj(_t(vt))


SVD = Op("Svd", _svd, plain=_plain_svd, result=None)
SINGULAR = Op(
    "Svd",
    lambda array: anp.linalg.svd(array, False)[1],
    plain=lambda array: np.linalg.svd(array, compute_uv=False),
    result=None,
)


@export("tf.linalg.svd")
def svd(
    tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None
) -> Any:
    """The singular values, and the left and right singular vectors."""
    x = convert(tensor)
    if not compute_uv:
        return call(SINGULAR, (x,))
    return call(SVD, (x,), {"full_matrices": full_matrices})


EIGH = Op("SelfAdjointEigV2", lambda array: tuple(anp.linalg.eigh(array)),
          plain=lambda array: tuple(np.linalg.eigh(array)), result=None)  # fmt: skip
EIGVALSH = Op("SelfAdjointEigV2", lambda array: anp.linalg.eigh(array)[0],
              plain=lambda array: np.linalg.eigvalsh(array), result=None)  # fmt: skip


@export("tf.linalg.eigh")
def eigh(tensor: Any, name: str | None = None) -> Any:
    """The eigenvalues and eigenvectors of symmetric matrices."""
    return call(EIGH, (convert(tensor),))


@export("tf.linalg.eigvalsh")
def eigvalsh(tensor: Any, name: str | None = None) -> Tensor:
    """The eigenvalues of symmetric matrices."""
    return call(EIGVALSH, (convert(tensor),))


@export("tf.linalg.cross")
def cross(a: Any, b: Any, name: str | None = None) -> Tensor:
    """The cross product of vectors of three."""
    from varsync_runtime.ops.pieces import roll
    from varsync_runtime.tensors.convert import agreeing

    x, y = agreeing((a, b))
    return roll(x, -1, -1) * roll(y, -2, -1) - roll(x, -2, -1) * roll(y, -1, -1)


# ------------------------------------------------------------------- norms


@export("tf.linalg.norm", "tf.norm")
def norm(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: Any = None,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """The norm of vectors (one axis, or all) or matrices (two axes)."""
    from varsync_runtime.ops.arithmetic import abs_, pow_
    from varsync_runtime.ops.functions import sqrt
    from varsync_runtime.ops.reductions import reduce_max, reduce_sum

    x = convert(tensor)
    keep = bool(keepdims)
    matrix = isinstance(axis, (tuple, list)) and len(axis) == 2
    _check_ord(ord, axis, matrix)
    if ord in ("fro", "euclidean", 2, 2.0) and not (matrix and ord in (2, 2.0)):
        # TensorFlow's gradient at zero is that of the root
        return sqrt(reduce_sum(x * call(CONJ, (x,)) if x.dtype.is_complex else x * x, axis, keep))
    size = abs_(x)
    if matrix and ord in (2, 2.0):
        return svd(x, compute_uv=False)[..., 0]
    if matrix and ord in (1, np.inf):
        first, second = (axis[0], axis[1]) if ord == 1 else (axis[1], axis[0])
        return (
            reduce_max(reduce_sum(size, first, True), second, True)
            if keep
            else _drop(reduce_max(reduce_sum(size, first, True), second, True), axis)
        )
    if ord == 1:
        return reduce_sum(size, axis, keep)
    if ord == np.inf:
        return reduce_max(size, axis, keep)
    return pow_(reduce_sum(pow_(size, ord), axis, keep), 1.0 / ord)


def _drop(tensor: Tensor, axis: Any) -> Tensor:
    from varsync_runtime.ops.layout import squeeze

    return squeeze(tensor, list(axis))


def _check_ord(ord: Any, axis: Any, matrix: bool) -> None:
    if matrix:
        if ord not in ("euclidean", "fro", 1, 2, np.inf):
            raise ValueError(
                f"'ord' must be a supported matrix norm in ['euclidean', 'fro', 1, 2, inf], got {ord}"
            )
        return
    if not (axis is None or isinstance(axis, int) or len(axis) in (1, 2)):
        raise ValueError(
            f"'axis' must be None, an integer, or a tuple of 2 unique integers, got {axis}"
        )
    if isinstance(ord, str) and ord not in ("euclidean",):
        raise ValueError(f"'ord' must be a supported vector norm, got {ord}")
