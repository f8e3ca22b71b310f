"""Functions of one and two arrays, element by element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from varsync_runtime.ops import arithmetic, functions
from varsync_runtime.ops.clipping import clip_by_value
from varsync_runtime.ops.creation import ones_like
from varsync_runtime.ops.layout import broadcast_to, cast
from varsync_runtime.ops.numpy_names.promotion import (
    array,
    asarray,
    inexact,
    is_inexact,
    named,
    promoted,
)
from varsync_runtime.ops.selection import where
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.exports import registry
from varsync_runtime.tensors.tensor import Tensor

Function = Callable[..., Any]

CIRCULAR = ("sin", "cos", "tan", "sinh", "cosh", "tanh")
# names here -> names of `tf.math`; integers become floats
OF_FLOATS = {
    **{
        name: name
        for name in [
            "log",
            "exp",
            "sqrt",
            "ceil",
            "floor",
            "sin",
            "cos",
            "tan",
            "sinh",
            "cosh",
            "tanh",
        ]
    },
    **{f"arc{name}": f"a{name}" for name in ["sin", "cos", "tan", "sinh", "cosh", "tanh"]},
    "expm1": "expm1",
    "log1p": "log1p",
    "isnan": "is_nan",
    "isfinite": "is_finite",
}
# these take what they are given
OF_ANYTHING = {
    "abs absolute fabs": "abs",
    "conj conjugate": "conj",
    "negative": "negative",
    "reciprocal": "reciprocal",
    "square": "square",
    "imag": "imag",
    "real": "real",
    "sign": "sign",
}
OF_TWO = {
    "subtract": "subtract",
    "power float_power": "pow",
    "arctan2": "atan2",
}
COMPARISONS = ("equal", "not_equal", "greater", "greater_equal", "less", "less_equal")
LOGICAL = ("logical_and", "logical_or", "logical_xor")


def _publish(names: str, function: Function, doc: str) -> Function:
    first, *_ = names.split()
    function.__name__ = function.__qualname__ = first
    function.__doc__ = doc
    return named(*names.split())(function)


def _math(name: str) -> Function:
    found: Function = registry()[f"tf.math.{name}"]
    return found


def _unary(names: str, op: str, prepare: Callable[[Any], Tensor]) -> None:
    of_tensor = _math(op)

    def function(x: Any) -> Any:
        return of_tensor(prepare(x))

    _publish(names, function, f"tf.math.{op}, on each element.")


def _binary(names: str, of_tensors: Function, prepare: Callable[..., Any]) -> Function:
    def function(x1: Any, x2: Any) -> Any:
        return of_tensors(*prepare(x1, x2))

    return _publish(names, function, f"{names.split()[0]} of two arrays, on each pair of elements.")


def _truths(*arrays: Any) -> list[Tensor]:
    return [array(one, np.bool_) for one in arrays]


def _comparable(*arrays: Any) -> list[Tensor]:
    """Arrays of one dtype that has an order: truth values as integers."""
    return [
        cast(one, dtypes.int32) if one.dtype == dtypes.bool_ else one for one in promoted(*arrays)
    ]


def _with_truths(of_numbers: Function, of_truths: Function) -> Function:
    def function(x: Tensor, y: Tensor) -> Any:
        return (of_truths if x.dtype == dtypes.bool_ else of_numbers)(x, y)

    return function


def _of_bytes(of_numbers: Function) -> Function:
    def function(x: Tensor, y: Tensor) -> Any:
        if x.dtype == dtypes.bool_:
            x, y = cast(x, dtypes.int8), cast(y, dtypes.int8)
        return of_numbers(x, y)

    return function


def _bitwise(of_numbers: Function) -> Function:
    of_bytes = _of_bytes(of_numbers)

    def function(x: Tensor, y: Tensor) -> Any:
        found = of_bytes(x, y)
        return cast(found, dtypes.bool_) if x.dtype == dtypes.bool_ else found

    return function


def _true_divide(x: Tensor, y: Tensor) -> Any:
    if x.dtype == dtypes.bool_:
        x, y = cast(x, dtypes.float64), cast(y, dtypes.float64)
    return arithmetic.truediv(x, y)


for _name, _op in OF_FLOATS.items():
    _unary(_name, _op, inexact)
for _name, _op in OF_ANYTHING.items():
    _unary(_name, _op, asarray)
for _name, _op in OF_TWO.items():
    _binary(_name, _math(_op), promoted)
for _name in COMPARISONS:
    _binary(_name, _math(_name), promoted if "equal" in (_name, _name[4:]) else _comparable)
for _name in LOGICAL:
    _binary(_name, _math(_name), _truths)
add = _binary("add", _with_truths(arithmetic.add, arithmetic.logical_or), promoted)
multiply = _binary("multiply", _with_truths(arithmetic.multiply, arithmetic.logical_and), promoted)
minimum = _binary("minimum", _with_truths(arithmetic.minimum, arithmetic.logical_and), promoted)
_greater = _with_truths(arithmetic.maximum, arithmetic.logical_or)
_binary("divide true_divide", _true_divide, promoted)
floor_divide = _binary("floor_divide", _of_bytes(arithmetic.floor_div), promoted)
mod = _binary("mod remainder", _of_bytes(arithmetic.floor_mod), promoted)
for _name in ("and", "or", "xor"):
    _op = registry()[f"tf.bitwise.bitwise_{_name}"]
    _binary(f"bitwise_{_name}", _bitwise(_op), promoted)


@named("maximum")
def maximum(x1: Any, x2: Any) -> Any:
    """The greater one of each pair."""
    zero = type(x2) in (int, float) and x2 == 0
    if zero and isinstance(x1, Tensor) and x1.dtype != dtypes.bool_:
        return functions.relu(x1)
    return _greater(*promoted(x1, x2))


@named("divmod")
def divmod_(x1: Any, x2: Any) -> tuple[Any, Any]:
    """The quotient downwards, and the rest."""
    return floor_divide(x1, x2), mod(x1, x2)


@named("bitwise_not")
def bitwise_not(x: Any) -> Tensor:
    """All bits turned."""
    tensor = asarray(x)
    turned = arithmetic.logical_not if tensor.dtype == dtypes.bool_ else arithmetic.invert
    return turned(tensor)


@named("logical_not")
def logical_not(x: Any) -> Tensor:
    """Whether an element is zero."""
    return arithmetic.logical_not(array(x, np.bool_))


@named("positive")
def positive(x: Any) -> Tensor:
    """The array itself."""
    return asarray(x)


@named("signbit")
def signbit(x: Any) -> Tensor:
    """Whether an element is below zero."""
    tensor = asarray(x)
    return array(tensor, np.bool_) & False if tensor.dtype == dtypes.bool_ else tensor < 0


@named("isinf")
def isinf(x: Any) -> Any:
    """Which elements are infinite; False for integers."""
    return _math("is_inf")(x) if x.dtype.is_floating else False


@named("isneginf")
def isneginf(x: Any) -> Any:
    """Which elements are -infinity; False for integers."""
    return arithmetic.equal(x, convert(-np.inf, x.dtype)) if x.dtype.is_floating else False


@named("isposinf")
def isposinf(x: Any) -> Any:
    """Which elements are infinity; False for integers."""
    return arithmetic.equal(x, convert(np.inf, x.dtype)) if x.dtype.is_floating else False


def not_zero(tensor: Tensor) -> Tensor:
    """Which elements are not zero."""
    return arithmetic.not_equal(tensor, convert(0, tensor.dtype))


@named("iscomplex")
def iscomplex(x: Any) -> Any:
    """Which elements have an imaginary part."""
    return not_zero(functions.imag(asarray(x)))


@named("isreal")
def isreal(x: Any) -> Any:
    """Which elements have none."""
    return arithmetic.logical_not(not_zero(functions.imag(asarray(x))))


@named("iscomplexobj")
def iscomplexobj(x: Any) -> bool:
    """Whether it is an array of complex numbers."""
    return array(x).dtype.is_complex


@named("isrealobj")
def isrealobj(x: Any) -> bool:
    """Whether it is not one."""
    return not iscomplexobj(x)


@named("log2")
def log2(x: Any) -> Tensor:
    """The logarithm by 2."""
    return _math("log")(inexact(x)) / np.log(2)


@named("log10")
def log10(x: Any) -> Tensor:
    """The logarithm by 10."""
    return _math("log")(inexact(x)) / np.log(10)


@named("exp2")
def exp2(x: Any) -> Tensor:
    """Powers of 2."""
    return 2 ** inexact(x)


@named("cbrt")
def cbrt(x: Any) -> Tensor:
    """The third root."""
    tensor = inexact(x)
    root = arithmetic.abs_(tensor) ** (1.0 / 3)
    return where(tensor < 0, -root, root)


@named("fix")
def fix(x: Any) -> Tensor:
    """Rounded towards zero."""
    tensor = inexact(x)
    return where(tensor < 0, _math("ceil")(tensor), _math("floor")(tensor))


@named("sinc")
def sinc(x: Any) -> Tensor:
    """sin(pi x) / (pi x), 1 at 0."""
    tensor = inexact(x)
    angle = tensor * np.pi
    return where(not_zero(tensor), _math("sin")(angle) / angle, ones_like(tensor))


@named("deg2rad")
def deg2rad(x: Any) -> Tensor:
    """Degrees as radians."""
    return inexact(x) * (np.pi / 180.0)


@named("rad2deg")
def rad2deg(x: Any) -> Any:
    """Radians as degrees."""
    return x * (180.0 / np.pi)


@named("angle")
def angle(z: Any, deg: bool = False) -> Any:
    """The angle of complex numbers."""
    tensor = inexact(z)
    if tensor.dtype.is_complex:
        found = functions.angle(tensor)
        return rad2deg(found) if deg else found
    return where(tensor < 0, 180.0 if deg else np.pi, 0)


@named("hypot")
def hypot(x1: Any, x2: Any) -> Tensor:
    """The length of the third side of a right triangle."""
    return _math("sqrt")(inexact(_math("square")(asarray(x1)) + _math("square")(asarray(x2))))


def _log_of_sum(x1: Any, x2: Any, power: Function, unit: float) -> Tensor:
    delta = x1 - x2
    greater = maximum(x1, x2) + _math("log1p")(power(-abs(delta))) / unit
    # infinities of the same sign
    return where(_math("is_nan")(inexact(delta)), x1 + x2, greater)


@named("logaddexp")
def logaddexp(x1: Any, x2: Any) -> Tensor:
    """log(exp(x1) + exp(x2))."""
    return _log_of_sum(x1, x2, lambda x: _math("exp")(inexact(x)), 1)


@named("logaddexp2")
def logaddexp2(x1: Any, x2: Any) -> Tensor:
    """log2(2**x1 + 2**x2)."""
    return _log_of_sum(x1, x2, exp2, float(np.log(2)))


@named("heaviside")
def heaviside(x1: Any, x2: Any) -> Tensor:
    """0 below zero, 1 above, `x2` at zero."""
    x, y = promoted(x1, x2)
    return inexact(where(x < 0, convert(0, y.dtype), where(x > 0, convert(1, y.dtype), y)))


@named("clip")
def clip(a: Any, a_min: Any, a_max: Any) -> Tensor:
    """Each element within two limits."""
    if a_min is None and a_max is None:
        raise ValueError("Not more than one of `a_min` and `a_max` may be `None`.")
    if a_min is None:
        return minimum(a, a_max)
    if a_max is None:
        return maximum(a, a_min)
    a, low, high = promoted(a, a_min, a_max)
    shape = np.broadcast_shapes(a._array.shape, low._array.shape, high._array.shape)
    return clip_by_value(broadcast_to(a, shape), low, high)


@named("around", "round")
def around(a: Any, decimals: int = 0) -> Tensor:
    """Rounded to so many decimals, halves to even."""
    tensor = asarray(a)
    numbers = inexact(tensor)
    factor = cast(10.0**decimals, numbers.dtype)
    return (functions.round_(numbers * factor) / factor).astype(tensor.dtype)


@named("isclose")
def isclose(
    a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Tensor:
    """Which elements are within `atol` and `rtol` of the other's."""
    a, b = promoted(a, b)
    if not is_inexact(a):
        return arithmetic.equal(a, b)
    real = a.dtype.real_dtype
    apart = arithmetic.abs_(a - b)
    found = apart <= convert(atol, real) + convert(rtol, real) * arithmetic.abs_(b)
    return found | (_math("is_nan")(a) & _math("is_nan")(b)) if equal_nan else found
