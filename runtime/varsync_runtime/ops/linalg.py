"""Products and decompositions of matrices."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
import numpy as np

from varsync_runtime.ops.shaping import conj, unbroadcast
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert, hinted
from varsync_runtime.tensors.dispatch import Op, brackets, call
from varsync_runtime.tensors.errors import Rejected
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.signatures import NUMBERS
from varsync_runtime.tensors.tensor import Tensor

# ------------------------------------------------------------------- products


def _t(matrix: Any) -> Any:
    return anp.swapaxes(matrix, -1, -2)


def _product(a: Any, b: Any, ta: bool, tb: bool) -> Any:
    return anp.matmul(_t(a) if ta else a, _t(b) if tb else b)


def _plain_product(a: np.ndarray, b: np.ndarray, ta: bool, tb: bool) -> Any:
    for number, one in enumerate((a, b)):
        if one.ndim < 2:
            words = (
                f"Shape must be rank 2 but is rank {one.ndim} for '{{{{node MatMul}}}} = MatMul'"
            )
            raise Rejected(f"In[{number}] ndims must be >= 2", static=words)
    left = a.swapaxes(-1, -2) if ta else a
    right = b.swapaxes(-1, -2) if tb else b
    if left.shape[-1] != right.shape[-2]:
        raise Rejected(
            f"Matrix size-incompatible: In[0]: {brackets(a.shape)}, In[1]: {brackets(b.shape)}",
            static=f"Dimensions must be equal, but are {left.shape[-1]} and {right.shape[-2]} for "
            f"'{{{{node MatMul}}}} = MatMul' with input shapes: {brackets(a.shape)}, "
            f"{brackets(b.shape)}.",
        )
    return np.matmul(left, right)


def _product_da(g: Any, out: Any, a: Any, b: Any, ta: bool, tb: bool) -> Any:
    b = conj(b)
    gradient = anp.matmul(g, b if tb else _t(b))
    return unbroadcast(_t(gradient) if ta else gradient, a)


def _product_db(g: Any, out: Any, a: Any, b: Any, ta: bool, tb: bool) -> Any:
    a = conj(a)
    gradient = anp.matmul(a if ta else _t(a), g)
    return unbroadcast(_t(gradient) if tb else gradient, b)


_WITHOUT_SMALL = tuple(
    one for one in NUMBERS if one not in (dtypes.int8, dtypes.int16, dtypes.uint16)
)
MATMUL = Op(
    "MatMul",
    _product,
    plain=_plain_product,
    types=("T",),
    allowed=_WITHOUT_SMALL,
    vjps=(_product_da, _product_db),
    arguments=("a", "b"),
)
BATCH_MATMUL = Op(
    "BatchMatMulV2",
    _product,
    plain=_plain_product,
    types=("T",),
    allowed=NUMBERS,
    vjps=(_product_da, _product_db),
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
    if adjoint_a and a.dtype.is_complex:
        a = call(CONJ, (a,))
    if adjoint_b and b.dtype.is_complex:
        b = call(CONJ, (b,))
    batched = (a._array.ndim > 2 and b._array.ndim >= 2) or (
        b._array.ndim > 2 and a._array.ndim >= 2
    )
    flags = {"ta": bool(transpose_a or adjoint_a), "tb": bool(transpose_b or adjoint_b)}
    return call(BATCH_MATMUL if batched else MATMUL, (a, b), flags)
