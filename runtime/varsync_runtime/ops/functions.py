"""Functions of one tensor, element by element: exponentials, logarithms, circles, activations."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.extend import defvjp, primitive

from varsync_runtime.ops import approximations, special
from varsync_runtime.ops.arithmetic import multiply
from varsync_runtime.ops.elementwise import op, unary
from varsync_runtime.ops.layout import cast
from varsync_runtime.ops.shaping import conj, linked, masked
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import Op, call
from varsync_runtime.tensors.dtypes import bool_
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.signatures import FLOATS, FLOATS_COMPLEX, REALS, SIGNED
from varsync_runtime.tensors.tensor import Tensor, make

HALF_FIRST = (dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64)


def _zeros(g: Any, out: Any, x: Any) -> Any:
    return anp.zeros_like(x)


def _simple(name: str, function: str, vjp: Any, plain: Any = None) -> Op:
    """An Op whose kernel NumPy has, and autograd differentiates for higher orders."""
    plain = plain or getattr(np, function)
    return op(name, getattr(anp, function), (vjp,), plain=plain, allowed=FLOATS_COMPLEX)


EXP = _simple("Exp", "exp", lambda g, out, x: g * conj(out), approximations.exp)
EXPM1 = _simple("Expm1", "expm1", lambda g, out, x: g * conj(anp.exp(x)), approximations.expm1)
LOG = _simple("Log", "log", lambda g, out, x: g * conj(1 / x), approximations.log)
LOG1P = _simple("Log1p", "log1p", lambda g, out, x: g * conj(1 / (1 + x)), approximations.log1p)
SQRT = _simple("Sqrt", "sqrt", lambda g, out, x: g * conj(0.5 / out))
SQUARE = op(
    "Square", lambda x: x * x, (lambda g, out, x: g * (2 * conj(x)),), plain=np.square,
    allowed=(dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64, dtypes.int8,
             dtypes.int16, dtypes.int32, dtypes.int64, dtypes.uint8, dtypes.uint16,
             dtypes.uint32, dtypes.uint64, dtypes.complex64, dtypes.complex128),
)  # fmt: skip
RSQRT = op(
    "Rsqrt",
    lambda x: 1 / anp.sqrt(x),
    (lambda g, out, x: -0.5 * g * conj(out * out * out),),
    allowed=FLOATS_COMPLEX,
)
RECIPROCAL = op(
    "Reciprocal",
    lambda x: 1 / x,
    (lambda g, out, x: -g * conj(out * out),),
    plain=np.reciprocal,
    allowed=SIGNED,
)
SIN = _simple("Sin", "sin", lambda g, out, x: g * conj(anp.cos(x)))
COS = _simple("Cos", "cos", lambda g, out, x: -g * conj(anp.sin(x)))
TAN = _simple("Tan", "tan", lambda g, out, x: g * conj(1 / anp.cos(x) ** 2))
ASIN = _simple("Asin", "arcsin", lambda g, out, x: g / conj(anp.sqrt(1 - x * x)))
ACOS = _simple("Acos", "arccos", lambda g, out, x: -g / conj(anp.sqrt(1 - x * x)))
ATAN = _simple("Atan", "arctan", lambda g, out, x: g / conj(1 + x * x))
SINH = _simple("Sinh", "sinh", lambda g, out, x: g * conj(anp.cosh(x)))
COSH = _simple("Cosh", "cosh", lambda g, out, x: g * conj(anp.sinh(x)))
TANH = _simple("Tanh", "tanh", lambda g, out, x: g * conj(1 - out * out), approximations.tanh)
ASINH = _simple("Asinh", "arcsinh", lambda g, out, x: g / conj(anp.cosh(out)))
ACOSH = _simple("Acosh", "arccosh", lambda g, out, x: g / conj(anp.sinh(out)))
ATANH = _simple("Atanh", "arctanh", lambda g, out, x: g / conj(1 - x * x))
ERF = op("Erf", special.erf, (lambda g, out, x: g * special.bell(x),), allowed=FLOATS)
ERFC = op("Erfc", special.erfc, (lambda g, out, x: -g * special.bell(x),), allowed=FLOATS)
ERFINV = op(
    "Erfinv", special.erfinv, (lambda g, out, x: g * special.inverse_bell(out),), allowed=FLOATS
)
LGAMMA = op("Lgamma", special.lgamma, (lambda g, out, x: g * special.digamma(x),), allowed=FLOATS)
DIGAMMA = op(
    "Digamma", special.digamma, (lambda g, out, x: g * special.trigamma(x),), allowed=FLOATS
)
SIGN = op("Sign", anp.sign, (_zeros,), plain=np.sign, allowed=SIGNED)
FLOOR = op("Floor", np.floor, (None,), allowed=FLOATS)
CEIL = op("Ceil", np.ceil, (None,), allowed=FLOATS)
RINT = op("Rint", np.rint, (None,), allowed=FLOATS)
ROUND = op("Round", np.rint, (None,), allowed=SIGNED)
IS_NAN = op("IsNan", np.isnan, allowed=FLOATS, result=bool_)
IS_INF = op("IsInf", np.isinf, allowed=FLOATS, result=bool_)
IS_FINITE = op("IsFinite", np.isfinite, allowed=FLOATS, result=bool_)


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + anp.exp(-x))


def _plain_sigmoid_gradient(g: np.ndarray, out: np.ndarray) -> Any:
    found = np.ascontiguousarray(g * (out * (1 - out))).reshape(out.shape)
    rest = found.size % approximations.PACKETS.get(found.dtype, 1)
    if rest:
        # what does not fill a packet is multiplied from left to right
        last, by = g.reshape(-1)[-rest:], out.reshape(-1)[-rest:]
        found.reshape(-1)[-rest:] = last * by * (1 - by)
    return found


_sigmoid_gradient = primitive(_plain_sigmoid_gradient)
defvjp(
    _sigmoid_gradient,
    lambda ans, g, out: lambda h: h * (out * (1 - out)),
    lambda ans, g, out: lambda h: h * g * (1 - 2 * out),
)
SIGMOID = op(
    "Sigmoid",
    _sigmoid,
    (lambda g, out, x: _sigmoid_gradient(g, conj(out)),),
    plain=approximations.sigmoid,
    allowed=FLOATS_COMPLEX,
)


def _softplus(x: Any) -> Any:
    # log(1 + exp(x)) that neither overflows nor loses the small
    return masked(x > 0, x) + anp.log1p(anp.exp(-anp.abs(x)))


def _plain_softplus(x: np.ndarray) -> Any:
    limit = x.dtype.type(np.log(np.finfo(x.dtype).eps) + 2)
    e = approximations.exp(x)
    found = np.where(x < limit, e, approximations.log1p(e))
    return np.where(x > -limit, x, found)


SOFTPLUS = op(
    "Softplus",
    _softplus,
    (lambda g, out, x: g * _sigmoid(x),),
    plain=_plain_softplus,
    allowed=HALF_FIRST,
)
SOFTSIGN = op(
    "Softsign",
    lambda x: x / (1 + anp.abs(x)),
    (lambda g, out, x: g / (1 + anp.abs(x)) ** 2,),
    allowed=HALF_FIRST,
)


RELU = op(
    "Relu",
    lambda x: masked(x > 0, x),
    (lambda g, out, x: linked(masked(x > 0, g), x),),
    plain=lambda x: np.maximum(x, 0),
    allowed=REALS,
)
RELU6 = op(
    "Relu6",
    lambda x: masked(x > 0, anp.where(x < 6, x, 6 * anp.ones_like(x))),
    (lambda g, out, x: linked(masked(anp.logical_and(x > 0, x < 6), g), x),),
    plain=lambda x: np.minimum(np.maximum(x, x.dtype.type(0)), x.dtype.type(6)),
    allowed=REALS,
)


def _elu(x: Any) -> Any:
    return anp.where(x < 0, anp.expm1(masked(x < 0, x)), x)


ELU = op(
    "Elu",
    _elu,
    (lambda g, out, x: anp.where(out < 0, g * (out + 1), g),),
    allowed=HALF_FIRST,
)
_SCALE, _ALPHA = 1.0507009873554805, 1.7580993408473768


def _selu(x: Any) -> Any:
    return anp.where(x < 0, _ALPHA * anp.expm1(masked(x < 0, x)), _SCALE * x)


SELU = op(
    "Selu",
    _selu,
    (lambda g, out, x: anp.where(out < 0, g * (out + _ALPHA), g * _SCALE),),
    allowed=HALF_FIRST,
)

exp = unary(("tf.math.exp", "tf.exp"), EXP)
expm1 = unary(("tf.math.expm1",), EXPM1)
log = unary(("tf.math.log",), LOG)
log1p = unary(("tf.math.log1p",), LOG1P)
sqrt = unary(("tf.math.sqrt", "tf.sqrt"), SQRT)
rsqrt = unary(("tf.math.rsqrt",), RSQRT)
square = unary(("tf.math.square", "tf.square"), SQUARE)
reciprocal = unary(("tf.math.reciprocal",), RECIPROCAL)
sin = unary(("tf.math.sin", "tf.sin"), SIN)
cos = unary(("tf.math.cos", "tf.cos"), COS)
tan = unary(("tf.math.tan", "tf.tan"), TAN)
asin = unary(("tf.math.asin", "tf.asin"), ASIN)
acos = unary(("tf.math.acos", "tf.acos"), ACOS)
atan = unary(("tf.math.atan", "tf.atan"), ATAN)
sinh = unary(("tf.math.sinh", "tf.sinh"), SINH)
cosh = unary(("tf.math.cosh", "tf.cosh"), COSH)
tanh = unary(("tf.math.tanh", "tf.tanh", "tf.nn.tanh"), TANH)
asinh = unary(("tf.math.asinh", "tf.asinh"), ASINH)
acosh = unary(("tf.math.acosh", "tf.acosh"), ACOSH)
atanh = unary(("tf.math.atanh", "tf.atanh"), ATANH)
erf = unary(("tf.math.erf",), ERF)
erfc = unary(("tf.math.erfc",), ERFC)
erfinv = unary(("tf.math.erfinv",), ERFINV)
lgamma = unary(("tf.math.lgamma",), LGAMMA)
digamma = unary(("tf.math.digamma",), DIGAMMA)
sign = unary(("tf.math.sign", "tf.sign"), SIGN)
floor = unary(("tf.math.floor", "tf.floor"), FLOOR)
ceil = unary(("tf.math.ceil",), CEIL)
rint = unary(("tf.math.rint",), RINT)
is_nan = unary(("tf.math.is_nan",), IS_NAN)
is_inf = unary(("tf.math.is_inf",), IS_INF)
is_finite = unary(("tf.math.is_finite",), IS_FINITE)
sigmoid = unary(("tf.math.sigmoid", "tf.sigmoid", "tf.nn.sigmoid"), SIGMOID)
softplus = unary(("tf.math.softplus", "tf.nn.softplus"), SOFTPLUS, "features")
softsign = unary(("tf.math.softsign", "tf.nn.softsign"), SOFTSIGN, "features")
relu = unary(("tf.nn.relu",), RELU, "features")
relu6 = unary(("tf.nn.relu6",), RELU6, "features")
elu = unary(("tf.nn.elu",), ELU, "features")
selu = unary(("tf.nn.selu",), SELU, "features")


@export("tf.math.round", "tf.round")
def round_(x: Any, name: str | None = None) -> Tensor:
    """To the nearest whole number, halves to the even one; integers stay."""
    x = convert(x)
    return x if x.dtype.is_integer else call(ROUND, (x,))


@export("tf.math.log_sigmoid")
def log_sigmoid(x: Any, name: str | None = None) -> Tensor:
    """The logarithm of the sigmoid."""
    return -softplus(-convert(x))


@export("tf.nn.silu", "tf.nn.swish")
def silu(features: Any, beta: float = 1.0) -> Tensor:
    """`x * sigmoid(beta * x)`."""
    features = convert(features)
    return features * sigmoid(convert(beta, features.dtype) * features)


@export("tf.nn.gelu")
def gelu(features: Any, approximate: bool = False, name: str | None = None) -> Tensor:
    """The Gaussian error linear unit, exact or by tanh."""
    features = convert(features)
    if not features.dtype.is_floating:
        raise ValueError(
            f"`features.dtype` must be a floating point tensor.Received:features.dtype={features.dtype}"
        )
    if approximate:
        inner = 0.7978845608028654 * (features + 0.044715 * features**3)
        return 0.5 * features * (1.0 + tanh(inner))
    return 0.5 * features * (1.0 + erf(features / 1.4142135623730951))


@export("tf.nn.leaky_relu")
def leaky_relu(features: Any, alpha: Any = 0.2, name: str | None = None) -> Tensor:
    """`x`, and `alpha * x` below zero."""
    features = convert(features)
    if features.dtype.is_integer:
        features = cast(features, dtypes.float32)
    slope = float(alpha._array) if isinstance(alpha, Tensor) else float(alpha)
    return call(LEAKY_RELU, (features,), {"alpha": slope})


LEAKY_RELU = op(
    "LeakyRelu",
    lambda x, alpha: anp.where(x > 0, x, alpha * x),
    (lambda g, out, x, alpha: linked(anp.where(x > 0, g, alpha * g), x),),
    allowed=HALF_FIRST,
)


# ------------------------------------------------------------------- complex numbers

CONJ = Op("Conj", anp.conj, plain=np.conj, vjps=(lambda g, out, x: anp.conj(g),))
REAL = op("Real", anp.real, (lambda g, out, x: g + 0j,), plain=np.real, result=None)
IMAG = op("Imag", anp.imag, (lambda g, out, x: g * 1j,), plain=np.imag, result=None)
ANGLE = op("Angle", anp.angle, (None,), plain=np.angle, result=None)
COMPLEX = Op(
    "Complex",
    lambda real, imag: real + 1j * imag,
    plain=lambda real, imag: (real + 1j * imag).astype(
        np.complex64 if real.dtype == np.float32 else np.complex128
    ),
    types=("T",),
    allowed=(dtypes.float32, dtypes.float64),
    result=None,
    vjps=(lambda g, out, real, imag: anp.real(g), lambda g, out, real, imag: anp.imag(g)),
    arguments=("real", "imag"),
)


@export("tf.dtypes.complex", "tf.complex")
def complex_(real: Any, imag: Any, name: str | None = None) -> Tensor:
    """Complex numbers of their two parts."""
    real, imag = convert(real), convert(imag)
    if (real.dtype, imag.dtype) not in (
        (dtypes.float32, dtypes.float32),
        (dtypes.float64, dtypes.float64),
    ):
        raise TypeError(
            f"The `real` and `imag` components have incorrect types: {real.dtype.name} "
            f"{imag.dtype.name}. They must be consistent, and one of [tf.float32, tf.float64]"
        )
    return call(COMPLEX, (real, imag))


@export("tf.math.conj")
def conj_(x: Any, name: str | None = None) -> Tensor:
    """The conjugate; real numbers stay."""
    x = convert(x)
    return call(CONJ, (x,)) if x.dtype.is_complex else x


@export("tf.math.real")
def real(input: Any, name: str | None = None) -> Tensor:
    """The real part."""
    x = convert(input)
    return call(REAL, (x,)) if x.dtype.is_complex else x


@export("tf.math.imag")
def imag(input: Any, name: str | None = None) -> Tensor:
    """The imaginary part."""
    x = convert(input)
    if x.dtype.is_complex:
        return call(IMAG, (x,))
    return make(np.zeros_like(x._array), x.dtype)


@export("tf.math.angle")
def angle(input: Any, name: str | None = None) -> Tensor:
    """The argument of complex numbers."""
    x = convert(input)
    if x.dtype.is_complex:
        return call(ANGLE, (x,))
    return make(
        np.where(x._array < 0, x.dtype._array_type.type(np.pi), 0).astype(x.dtype._array_type),
        x.dtype,
    )


@export("tf.math.scalar_mul", "tf.scalar_mul")
def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Any:
    """A number times a tensor or IndexedSlices."""
    from varsync_runtime.tensors.slices import IndexedSlices

    number = convert(scalar, x.dtype)
    if number._array.ndim:
        raise ValueError(f"The input scalar must be a 0-D value. Received shape {number.shape}.")
    if isinstance(x, IndexedSlices):
        return IndexedSlices(multiply(number, x.values), x.indices, x.dense_shape)
    return multiply(number, x)
