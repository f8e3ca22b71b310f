"""erf, lgamma, digamma and their kin for arrays; NumPy has none of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.extend import defvjp, primitive

_TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)


def _each(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """A function of Python's `math` for arrays, in the precision of the array."""
    quick = np.frompyfunc(function, 1, 1)

    def apply(array: Any) -> Any:
        array = np.asarray(array)
        return np.asarray(quick(array.astype(np.float64)), dtype=np.float64).astype(array.dtype)

    return apply


def _lgamma(x: float) -> float:
    if x <= 0 and x == math.floor(x):
        return math.inf
    return math.lgamma(x)


def _digamma(x: float) -> float:
    if math.isnan(x) or x == -math.inf or (x <= 0 and x == math.floor(x)):
        return math.nan
    if x == math.inf:
        return x
    if x < 0.5:
        return _digamma(1 - x) - math.pi / math.tan(math.pi * x)
    total = 0.0
    while x < 10:
        total -= 1 / x
        x += 1
    square = 1 / (x * x)
    series = square * (
        1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square * (1 / 132))))
    )
    return total + math.log(x) - 0.5 / x - series


def _trigamma(x: float) -> float:
    if math.isnan(x) or (x <= 0 and x == math.floor(x)):
        return math.inf
    if x < 0.5:
        return (math.pi / math.sin(math.pi * x)) ** 2 - _trigamma(1 - x)
    total = 0.0
    while x < 10:
        total += 1 / (x * x)
        x += 1
    square = 1 / (x * x)
    series = square * (1 / 6 - square * (1 / 30 - square * (1 / 42 - square * (1 / 30))))
    return total + 1 / x + 0.5 * square + series / x


def _erfinv(y: float) -> float:
    if math.isnan(y) or abs(y) > 1:
        return math.nan
    if abs(y) == 1:
        return math.copysign(math.inf, y)
    a = 0.147
    log = math.log(1 - y * y)
    part = 2 / (math.pi * a) + log / 2
    x = math.copysign(math.sqrt(math.sqrt(part * part - log / a) - part), y)
    for _ in range(4):  # Newton's steps to double precision
        x -= (math.erf(x) - y) / (_TWO_OVER_ROOT_PI * math.exp(-x * x))
    return x


def _tetragamma(x: float) -> float:
    if math.isnan(x) or (x <= 0 and x == math.floor(x)):
        return math.nan
    if x < 0.5:
        turn = math.pi * x
        mirrored = 2 * math.pi**3 * math.cos(turn) / math.sin(turn) ** 3
        return _tetragamma(1 - x) - mirrored
    total = 0.0
    while x < 10:
        total -= 2 / x**3
        x += 1
    square = 1 / (x * x)
    series = square * square * (0.5 - square * (1 / 6 - square * (1 / 6 - square * 0.3)))
    return total - square - square / x - series


plain_erf, plain_erfc = _each(math.erf), _each(math.erfc)
plain_lgamma, plain_digamma = _each(_lgamma), _each(_digamma)
plain_erfinv = _each(_erfinv)

erf, erfc = primitive(plain_erf), primitive(plain_erfc)
lgamma, digamma = primitive(plain_lgamma), primitive(plain_digamma)
trigamma, tetragamma = primitive(_each(_trigamma)), primitive(_each(_tetragamma))
erfinv = primitive(plain_erfinv)


def bell(x: Any) -> Any:
    """The derivative of erf."""
    return _TWO_OVER_ROOT_PI * anp.exp(-x * x)


def inverse_bell(out: Any) -> Any:
    """The derivative of erfinv, by its result."""
    return anp.exp(out * out) / _TWO_OVER_ROOT_PI


defvjp(erf, lambda ans, x: lambda g: g * bell(x))
defvjp(erfc, lambda ans, x: lambda g: -g * bell(x))
defvjp(lgamma, lambda ans, x: lambda g: g * digamma(x))
defvjp(digamma, lambda ans, x: lambda g: g * trigamma(x))
defvjp(trigamma, lambda ans, x: lambda g: g * tetragamma(x))
defvjp(erfinv, lambda ans, x: lambda g: g * inverse_bell(ans))
