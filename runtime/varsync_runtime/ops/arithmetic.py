"""Sums, products, quotients, powers, comparisons and logic, element by element."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.extend import defvjp, primitive

from varsync_runtime.ops import approximations
from varsync_runtime.ops.elementwise import binary, op, unary
from varsync_runtime.ops.shaping import conj, linked, masked, unbroadcast
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert, hinted
from varsync_runtime.tensors.dispatch import call
from varsync_runtime.tensors.dtypes import bool_
from varsync_runtime.tensors.errors import Rejected
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.signatures import (
    BOOL,
    FLOATS,
    FLOATS_COMPLEX,
    INTEGERS,
    NUMBERS,
    REALS,
    SIGNED,
)
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import EagerTensor, Tensor

_ = unbroadcast


# ------------------------------------------------------------------- sums and products

_ADDING = (lambda g, out, x, y: _(g, x), lambda g, out, x, y: _(g, y))
ADD = op("AddV2", anp.add, _ADDING, plain=np.add, allowed=NUMBERS, label="Add")
ADD_STRING = op("Add", np.add, allowed=(dtypes.string,))
SUB = op(
    "Sub",
    anp.subtract,
    (lambda g, out, x, y: _(g, x), lambda g, out, x, y: _(-g, y)),
    plain=np.subtract,
    allowed=NUMBERS,
)
MUL = op(
    "Mul",
    anp.multiply,
    (lambda g, out, x, y: _(g * conj(y), x), lambda g, out, x, y: _(g * conj(x), y)),
    plain=np.multiply,
    allowed=NUMBERS,
)
REAL_DIV = op(
    "RealDiv",
    anp.divide,
    (
        lambda g, out, x, y: _(g / conj(y), x),
        lambda g, out, x, y: _(g * conj((-x / y) / y), y),
    ),
    plain=np.divide,
    allowed=NUMBERS,
    label="truediv",
)


def _no_zero(x: np.ndarray, y: np.ndarray) -> None:
    if y.dtype.kind in "iu" and not np.all(y):
        raise Rejected("Integer division by zero")


def _floor_div(x: np.ndarray, y: np.ndarray) -> Any:
    _no_zero(x, y)
    if x.dtype.kind == "f":
        return np.floor(x / y)
    return np.floor_divide(x, y)


def _floor_mod(x: np.ndarray, y: np.ndarray) -> Any:
    _no_zero(x, y)
    return np.mod(x, y)


def _fmod(x: np.ndarray, y: np.ndarray) -> Any:
    _no_zero(x, y)
    return np.fmod(x, y)


FLOOR_DIV = op("FloorDiv", _floor_div, allowed=NUMBERS, label="floordiv")
FLOOR_MOD = op(
    "FloorMod",
    anp.mod,
    (lambda g, out, x, y: _(g, x), lambda g, out, x, y: _(-g * anp.floor(x / y), y)),
    plain=_floor_mod,
    allowed=(*INTEGERS, *FLOATS),
    label="mod",
)
TRUNCATE_MOD = op("TruncateMod", _fmod, allowed=(dtypes.int32, dtypes.int64, *FLOATS))


def _pow(x: np.ndarray, y: np.ndarray) -> Any:
    if y.dtype.kind == "i" and y.size and y.min() < 0:
        raise Rejected("Integers to negative integer powers are not allowed")
    if state.graph is not None and not y.ndim and x.dtype.kind == "f" and y in (0.5, 2, 3):
        # what TensorFlow makes of a graph's constant powers
        return np.sqrt(x) if y == 0.5 else x * x if y == 2 else x * x * x
    return approximations.power(x, y)


_raised = primitive(_pow)


def _pow_dx(g: Any, out: Any, x: Any, y: Any) -> Any:
    return _(g * conj(y) * conj(_raised(x, y - anp.ones_like(y))), x)


def _pow_dy(g: Any, out: Any, x: Any, y: Any) -> Any:
    positive = x != 0 if x.dtype.kind == "c" else x > 0
    safe = anp.where(positive, x, anp.ones_like(x))
    return _(g * conj(out) * conj(anp.where(positive, anp.log(safe), anp.zeros_like(x))), y)


defvjp(
    _raised,
    lambda ans, x, y: lambda g: _pow_dx(g, ans, x, y),
    lambda ans, x, y: lambda g: _pow_dy(g, ans, x, y),
)
POW = op(
    "Pow",
    _raised,
    (_pow_dx, _pow_dy),
    plain=_pow,
    allowed=(*FLOATS, *INTEGERS, dtypes.complex64, dtypes.complex128),
    label="pow",
)
MAXIMUM = op(
    "Maximum",
    anp.maximum,
    (
        lambda g, out, x, y: _(masked(x >= y, g), x),
        lambda g, out, x, y: _(masked(anp.logical_not(x >= y), g), y),
    ),
    plain=np.maximum,
    allowed=(*FLOATS, *INTEGERS),
)
MINIMUM = op(
    "Minimum",
    anp.minimum,
    (
        lambda g, out, x, y: _(masked(x <= y, g), x),
        lambda g, out, x, y: _(masked(anp.logical_not(x <= y), g), y),
    ),
    plain=np.minimum,
    allowed=(*FLOATS, *INTEGERS),
)
SQUARED_DIFFERENCE = op(
    "SquaredDifference",
    lambda x, y: (x - y) * (x - y),
    (
        lambda g, out, x, y: _(2 * g * (x - y), x),
        lambda g, out, x, y: _(-2 * g * (x - y), y),
    ),
    allowed=NUMBERS,
)
ATAN2 = op(
    "Atan2",
    anp.arctan2,
    (
        lambda g, out, y, x: _(x * (g / (x * x + y * y)), y),
        lambda g, out, y, x: _(-y * (g / (x * x + y * y)), x),
    ),
    plain=np.arctan2,
    allowed=FLOATS,
)


def _div_no_nan(x: Any, y: Any) -> Any:
    safe = anp.where(y == 0, anp.ones_like(y), y)
    return anp.where(y == 0, anp.zeros_like(x / safe), x / safe)


DIV_NO_NAN = op(
    "DivNoNan",
    _div_no_nan,
    (
        lambda g, out, x, y: _(_div_no_nan(g, y), x),
        lambda g, out, x, y: _(g * _div_no_nan(_div_no_nan(-x, y), y), y),
    ),
    allowed=(*FLOATS, dtypes.complex64, dtypes.complex128),
    label="div_no_nan",
)
MUL_NO_NAN = op(
    "MulNoNan",
    lambda x, y: anp.where(y == 0, anp.zeros_like(x * y), x * masked(y != 0, y)),
    (
        lambda g, out, x, y: _(anp.where(y == 0, anp.zeros_like(g * y), g * y), x),
        lambda g, out, x, y: _(anp.where(g == 0, anp.zeros_like(x * g), x * g), y),
    ),
    allowed=FLOATS_COMPLEX,
)
XLOGY = op(
    "Xlogy",
    lambda x, y: anp.where(x == 0, anp.zeros_like(x * y), x * anp.log(y)),
    (
        lambda g, out, x, y: _(g * masked(x != 0, anp.log(y) * anp.ones_like(x)), x),
        lambda g, out, x, y: _(g * _div_no_nan(x, y), y),
    ),
    allowed=FLOATS_COMPLEX,
)
XDIVY = op(
    "Xdivy",
    lambda x, y: anp.where(x == 0, anp.zeros_like(x * y), x / y),
    (
        lambda g, out, x, y: _(g * masked(x != 0, anp.ones_like(x) / y), x),
        lambda g, out, x, y: _(g * anp.where(x == 0, anp.zeros_like(x * y), -x / (y * y)), y),
    ),
    allowed=FLOATS_COMPLEX,
)
XLOG1PY = op(
    "Xlog1py",
    lambda x, y: anp.where(x == 0, anp.zeros_like(x * y), x * anp.log1p(y)),
    (
        lambda g, out, x, y: _(g * masked(x != 0, anp.log1p(y) * anp.ones_like(x)), x),
        lambda g, out, x, y: _(g * _div_no_nan(x, 1 + y), y),
    ),
    allowed=FLOATS_COMPLEX,
)

subtract = binary(("tf.math.subtract", "tf.subtract"), SUB)
multiply = binary(("tf.math.multiply", "tf.multiply"), MUL)
floor_div = binary(("tf.math.floordiv",), FLOOR_DIV)
floor_mod = binary(("tf.math.floormod", "tf.math.mod"), FLOOR_MOD)
truncate_mod = binary(("tf.truncatemod",), TRUNCATE_MOD)
maximum = binary(("tf.math.maximum", "tf.maximum"), MAXIMUM)
minimum = binary(("tf.math.minimum", "tf.minimum"), MINIMUM)
squared_difference = binary(("tf.math.squared_difference",), SQUARED_DIFFERENCE)
atan2 = binary(("tf.math.atan2", "tf.atan2"), ATAN2, ("y", "x"))
xlogy = binary(("tf.math.xlogy",), XLOGY)
xdivy = binary(("tf.math.xdivy",), XDIVY)
xlog1py = binary(("tf.math.xlog1py",), XLOG1PY)


def _hinted_pair(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    x = convert(x)
    return x, hinted(y, x.dtype)


@export("tf.math.add", "tf.add")
def add(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The sum; of strings, one after the other."""
    if type(x) is not EagerTensor or type(y) is not EagerTensor:
        x, y = _hinted_pair(x, y)
    if x.dtype is dtypes.string:
        return call(ADD_STRING, (x, y))
    return call(ADD, (x, y))


_TO_FLOAT = {
    dtypes.int8: dtypes.float32,
    dtypes.uint8: dtypes.float32,
    dtypes.int16: dtypes.float32,
    dtypes.uint16: dtypes.float32,
    dtypes.int32: dtypes.float64,
    dtypes.uint32: dtypes.float64,
    dtypes.int64: dtypes.float64,
    dtypes.uint64: dtypes.float64,
}


@export("tf.math.truediv", "tf.truediv")
def truediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The quotient; of integers in double (or, when they are small, single) precision."""
    if type(x) is not EagerTensor or type(y) is not EagerTensor:
        x, y = _hinted_pair(x, y)
    if x.dtype is not y.dtype:
        raise TypeError(f"`x` and `y` must have the same dtype, got {x.dtype!r} != {y.dtype!r}.")
    if x.dtype.is_integer:
        dtype = _TO_FLOAT[x.dtype]
        x, y = _as_float(x, dtype), _as_float(y, dtype)
    return call(REAL_DIV, (x, y))


def _as_float(x: Tensor, dtype: dtypes.DType) -> Tensor:
    return EagerTensor(x._array.astype(dtype._array_type), dtype)


@export("tf.math.divide", "tf.divide")
def divide(x: Any, y: Any, name: str | None = None) -> Any:
    """The quotient as the operator `/` gives it."""
    return truediv(x, y)


@export("tf.math.divide_no_nan")
def divide_no_nan(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The quotient, 0 where the denominator is."""
    x = convert(x)
    y = convert(y) if isinstance(y, Tensor) else hinted(y, x.dtype)
    if x.dtype.is_integer and y.dtype is x.dtype:
        x, y = _as_float(x, _TO_FLOAT[x.dtype]), _as_float(y, _TO_FLOAT[x.dtype])
    return call(DIV_NO_NAN, (x, y))


@export("tf.math.multiply_no_nan")
def multiply_no_nan(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The product, 0 where `y` is, whatever `x` is there."""
    x = convert(x)
    return call(MUL_NO_NAN, (x, convert(y, x.dtype)))


_pow_public = binary((), POW)


@export("tf.math.pow", "tf.pow")
def pow_(x: Any, y: Any, name: str | None = None) -> Any:
    """`x` to the power of `y`."""
    return _pow_public(x, y)


# ------------------------------------------------------------------- comparisons and logic

LESS = op("Less", np.less, allowed=REALS, result=bool_)
LESS_EQUAL = op("LessEqual", np.less_equal, allowed=REALS, result=bool_)
GREATER = op("Greater", np.greater, allowed=REALS, result=bool_)
GREATER_EQUAL = op("GreaterEqual", np.greater_equal, allowed=REALS, result=bool_)
EQUAL = op("Equal", np.equal, allowed=dtypes.ALL, result=bool_)
NOT_EQUAL = op("NotEqual", np.not_equal, allowed=dtypes.ALL, result=bool_)
LOGICAL_AND = op("LogicalAnd", np.logical_and, allowed=BOOL, result=bool_)
LOGICAL_OR = op("LogicalOr", np.logical_or, allowed=BOOL, result=bool_)
LOGICAL_NOT = op("LogicalNot", np.logical_not, allowed=BOOL, result=bool_)

less = binary(("tf.math.less", "tf.less"), LESS)
less_equal = binary(("tf.math.less_equal", "tf.less_equal"), LESS_EQUAL)
greater = binary(("tf.math.greater", "tf.greater"), GREATER)
greater_equal = binary(("tf.math.greater_equal", "tf.greater_equal"), GREATER_EQUAL)
equal = binary(("tf.math.equal", "tf.equal"), EQUAL)
not_equal = binary(("tf.math.not_equal", "tf.not_equal"), NOT_EQUAL)
logical_and = binary(("tf.math.logical_and", "tf.logical_and"), LOGICAL_AND)
logical_or = binary(("tf.math.logical_or", "tf.logical_or"), LOGICAL_OR)
logical_not = unary(("tf.math.logical_not", "tf.logical_not"), LOGICAL_NOT)


@export("tf.math.logical_xor")
def logical_xor(x: Any, y: Any, name: str | None = None) -> Tensor:
    """True where exactly one of the two is."""
    return logical_and(logical_or(x, y), logical_not(logical_and(x, y)))


# ------------------------------------------------------------------- bits

BITWISE_AND = op("BitwiseAnd", np.bitwise_and, allowed=INTEGERS)
BITWISE_OR = op("BitwiseOr", np.bitwise_or, allowed=INTEGERS)
BITWISE_XOR = op("BitwiseXor", np.bitwise_xor, allowed=INTEGERS)
INVERT = op("Invert", np.invert, allowed=INTEGERS)
LEFT_SHIFT = op("LeftShift", np.left_shift, allowed=INTEGERS)
RIGHT_SHIFT = op("RightShift", np.right_shift, allowed=INTEGERS)

bitwise_and = binary(("tf.bitwise.bitwise_and",), BITWISE_AND)
bitwise_or = binary(("tf.bitwise.bitwise_or",), BITWISE_OR)
bitwise_xor = binary(("tf.bitwise.bitwise_xor",), BITWISE_XOR)
invert = unary(("tf.bitwise.invert",), INVERT)
left_shift = binary(("tf.bitwise.left_shift",), LEFT_SHIFT)
right_shift = binary(("tf.bitwise.right_shift",), RIGHT_SHIFT)

# ------------------------------------------------------------------- signs

NEG = op("Neg", anp.negative, (lambda g, out, x: -g,), plain=np.negative, allowed=SIGNED)
ABS = op(
    "Abs",
    anp.abs,
    (lambda g, out, x: linked(g * anp.sign(x), x),),
    plain=np.abs,
    allowed=(dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64, dtypes.int8,
             dtypes.int16, dtypes.int32, dtypes.int64),
)  # fmt: skip
COMPLEX_ABS = op(
    "ComplexAbs",
    anp.abs,
    (lambda g, out, x: g * _div_no_nan(x, out + 0j),),
    plain=np.abs,
    allowed=(dtypes.complex64, dtypes.complex128),
    result=None,
)

negative = unary(("tf.math.negative", "tf.negative"), NEG)


@export("tf.math.abs", "tf.abs")
def abs_(x: Any, name: str | None = None) -> Tensor:
    """The absolute value."""
    x = convert(x)
    return call(COMPLEX_ABS if x.dtype.is_complex else ABS, (x,))
