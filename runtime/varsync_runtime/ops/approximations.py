"""Functions of float32 and float64 as TensorFlow's CPU kernels approximate them, equal to the bit.

Eigen, which computes them, takes packets of 8 float32 or 4 float64 (TensorFlow's packages on PyPI
are built for AVX, without fused multiply-add) and approximates a function by a polynomial or a
quotient of two. What does not fill a packet, at the end of a tensor, it hands to the C library, as
it is done here. So the value for a number depends on where the number stands. NumPy's functions
stand for large tensors, which would take several times as long.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

# Elements in a packet
PACKETS = {np.dtype(np.float32): 8, np.dtype(np.float64): 4}
# With more elements than these the functions are NumPy's
_LARGE = 1000

Function = Callable[[np.ndarray], Any]


def _in_packets(packets: Function, tail: Function, otherwise: Function) -> Function:
    """The function of any array, by those of whole packets, of what is left, and NumPy's."""

    def function(array: np.ndarray) -> Any:
        packet = PACKETS.get(array.dtype)
        if packet is None or array.size > _LARGE:
            return otherwise(array)
        end = array.size - array.size % packet
        flat = array.reshape(-1)
        if not end:
            found = tail(flat)
        elif end == flat.size:
            found = packets(flat)
        else:
            found = np.concatenate([packets(flat[:end]), tail(flat[end:])])
        return found.reshape(array.shape)

    return function


def exp_of_rows(array: np.ndarray) -> Any:
    """exp of a matrix where Eigen computes it inside a sum over rows: each begins a packet."""
    packet = PACKETS.get(array.dtype)
    if packet is None or array.size > _LARGE:
        return np.exp(array)
    rows, size = array.shape
    end = size - size % packet
    tail = _library("exp")(array[:, end:].reshape(-1)).reshape(rows, size - end)
    return np.concatenate([_exp(np.ascontiguousarray(array[:, :end])), tail], axis=1)


def log_one_by_one(array: np.ndarray) -> Any:
    """log where Eigen computes no packets."""
    if array.dtype not in PACKETS or array.size > _LARGE:
        return np.log(array)
    return _library("log")(array)


@cache
def _of_one_number(name: str, arguments: int = 1) -> Any:
    function = getattr(ctypes.CDLL(ctypes.util.find_library("m")), name)
    kind = ctypes.c_float if name.endswith("f") else ctypes.c_double
    function.argtypes, function.restype = [kind] * arguments, kind
    return function


def _library(name: str) -> Function:
    """The function of the C library for each number."""

    def function(array: np.ndarray) -> Any:
        one = _of_one_number(name + "f" if array.dtype == np.float32 else name)
        return np.array([one(number) for number in array.tolist()], array.dtype)

    return function


def _polynomial(x: np.ndarray, *coefficients: float) -> Any:
    kind = x.dtype.type
    total: Any = kind(coefficients[0])
    for one in coefficients[1:]:
        total = total * x + kind(one)
    return total


# ------------------------------------------------------------------- exp


def _exp(given: np.ndarray) -> Any:
    if given.dtype == np.float64:
        return _exp_double(given)
    x = np.minimum(given, np.float32(88.723))
    m, r = _reduced(x)
    r2 = r * r
    p = _polynomial(r2, 1.37449637986719608306884765625e-3, 4.166965186595916748046875e-2,
                    0.49999988079071044921875)  # fmt: skip
    odd = _polynomial(r2, 8.36894474923610687255859375e-3, 0.16666518151760101318359375)
    y = r2 * (r * odd + p) + (r + np.float32(1))
    found = np.maximum(np.ldexp(y, m.astype(np.int32)), given)
    return np.where(given < np.float32(-104), np.float32(0), found)


def _reduced(x: np.ndarray) -> tuple[Any, Any]:
    """The power of 2 in exp(x), and what is left of `x` without it."""
    m = np.floor(x * np.float32(1.44269504088896341) + np.float32(0.5))
    r = m * np.float32(-0.693359375) + x
    return m, m * np.float32(2.12194440e-4) + r


def _exp_double(given: np.ndarray) -> Any:
    x = np.minimum(given, 709.784)
    m = np.floor(1.4426950408889634073599 * x + 0.5)
    x = x - m * 0.693145751953125 - m * 1.42860682030941723212e-6
    x2 = x * x
    p = _polynomial(x2, 1.26177193074810590878e-4, 3.02994407707441961300e-2,
                    9.99999999999999999910e-1) * x  # fmt: skip
    q = _polynomial(x2, 3.00198505138664455042e-6, 2.52448340349684104192e-3,
                    2.27265548208155028766e-1, 2.00000000000000000009e0)  # fmt: skip
    y = 2 * (p / (q - p)) + 1
    found = np.maximum(np.ldexp(y, m.astype(np.int32)), given)
    return np.where(given < -745.519, 0.0, found)


# ------------------------------------------------------------------- log


def _log(given: np.ndarray) -> Any:
    x, e = np.frexp(given)
    kind = given.dtype.type
    low = x < kind(0.70710678118654752440)
    x = np.where(low, (x - kind(1)) + x, x - kind(1))
    e = (e - low).astype(given.dtype)
    near = _log_near_one(x) if kind is np.float32 else _log_near_one_double(x)
    found = e * kind(0.693147180559945309417) + near
    found = np.where(given == np.inf, given, found)
    found = np.where(given == 0, kind(-np.inf), found)
    return np.where((given < 0) | np.isnan(given), kind(np.nan), found)


def _log_near_one(x: np.ndarray) -> Any:
    p = _polynomial(x, 0.18256296349849254, 1.0000000190281063, 1.0000000190281136)
    q = _polynomial(x, 0.049616247954120038, 0.59923249590823520, 1.4999999999999927, 1.0)
    return x * p / q


def _log_near_one_double(x: np.ndarray) -> Any:
    x2 = x * x
    x3 = x2 * x
    p = _polynomial(x, 1.01875663804580931796e-4, 4.97494994976747001425e-1,
                    4.70579119878881725854) * x3  # fmt: skip
    p = p + _polynomial(x, 1.44989225341610930846e1, 1.79368678507819816313e1,
                        7.70838733755885391666)  # fmt: skip
    q = _polynomial(x, 1.0, 1.12873587189167450590e1, 4.52279145837532221105e1) * x3
    q = q + _polynomial(x, 8.29875266912776603211e1, 7.11544750618563894466e1,
                        2.31251620126765340583e1)  # fmt: skip
    return x + (-0.5 * x2 + p * x3 / q)


def _log1p(x: np.ndarray) -> Any:
    one = x.dtype.type(1)
    more = x + one
    log = _log(more)
    return np.where((more == one) | (more == log), x, x * (log / (more - one)))


def _expm1(x: np.ndarray) -> Any:
    one = x.dtype.type(1)
    u = _exp(x)
    less = u - one
    log = _log(u)
    found = np.where(log == u, u, less * (x / log))
    return np.where(u == one, x, np.where(less == -one, -one, found))


# ------------------------------------------------------------------- tanh and sigmoid


def _tanh(given: np.ndarray) -> Any:
    if given.dtype == np.float64:
        return _tanh_double(given)
    limit = np.float32(7.90738964080810547)
    x = np.clip(given, -limit, limit)
    x2 = x * x
    p = _polynomial(x2, 1.394553628e-8, 2.102733560e-5, 3.520756727e-3, 1.340216100e-1)
    q = _polynomial(x2, 8.015776984e-7, 3.326951409e-4, 2.597254514e-2, 4.673548340e-1, 1.0)
    return (x2 * x * p + x) / q


def _tanh_double(given: np.ndarray) -> Any:
    limit = 17.714196154005176
    x = np.clip(given, -limit, limit)
    x2 = x * x
    p = _polynomial(x2, 2.6158007860482230e-23, 7.6534862268749319e-19, 3.1309488231386680e-15,
                    4.2303918148209176e-12, 2.4618379131293676e-09, 6.8644367682497074e-07,
                    9.3839087674268880e-05, 5.9809711724441161e-03, 1.5184719640284322e-01)  # fmt: skip
    q = _polynomial(x2, 6.463747022670968018e-21, 5.782506856739003571e-17,
                    1.293019623712687916e-13, 1.123643448069621992e-10, 4.492975677839633985e-08,
                    8.785185266237658698e-06, 8.295161192716231542e-04, 3.437448108450402717e-02,
                    4.851805297361760360e-01, 1.0)  # fmt: skip
    return (x2 * x * p + x) / q


def _tanh_tail(given: np.ndarray) -> Any:
    return _tanh(given) if given.dtype == np.float32 else _library("tanh")(given)


def _sigmoid(given: np.ndarray) -> Any:
    if given.dtype == np.float64:
        return _by_exp(_exp(given))
    x = np.minimum(given, np.float32(16.6355324)) * np.float32(0.5)
    m, r = _reduced(x)
    r2 = r * r
    even = _polynomial(r2, 4.1898667812347412109375e-2, 0.49999141693115234375)
    odd = _polynomial(r2, 8.33471305668354034423828125e-3, 0.16666877269744873046875)
    e = np.ldexp(r2 * (r * odd + even) + (r + np.float32(1)), m.astype(np.int32))
    e = e * e
    return np.where(given < np.float32(-104), np.float32(0), e / (np.float32(1) + e))


def _sigmoid_tail(given: np.ndarray) -> Any:
    limit = np.float32(16.6355324) if given.dtype == np.float32 else np.inf
    return _by_exp(_library("exp")(np.minimum(given, limit)))


def _by_exp(e: np.ndarray) -> Any:
    one = e.dtype.type(1)
    return np.where(e == np.inf, one, e / (one + e))


# ------------------------------------------------------------------- powers, as pairs of numbers


def _exact_sum(x: Any, y: Any) -> tuple[Any, Any]:
    """The rounded sum and what rounding took off it, where `x` is the larger."""
    high = x + y
    return high, y - (high - x)


def _exact_product(x: Any, y: Any) -> tuple[Any, Any]:
    """The rounded product of float32 numbers and what rounding took off it."""
    whole = np.multiply(x, y, dtype=np.float64)
    high = whole.astype(np.float32)
    return high, (whole - high).astype(np.float32)


def _pair_sum(x_high: Any, x_low: Any, y_high: Any, y_low: Any) -> tuple[Any, Any]:
    high, low = _exact_sum(x_high, y_high)
    return _exact_sum(high, (y_low + low) + x_low)


def _pair_product(x_high: Any, x_low: Any, y: Any) -> tuple[Any, Any]:
    high, low = _exact_product(x_high, y)
    further, lost = _exact_sum(high, x_low * y)
    return _exact_sum(further, lost + low)


def _constant_pair(value: float) -> tuple[np.float32, np.float32]:
    high = np.float32(value)
    return high, np.float32(value - float(high))


def _log2(z: np.ndarray) -> tuple[Any, Any]:
    """The logarithm of float32 numbers near one, as a pair."""
    x = z - np.float32(1)
    p = _polynomial(x, 9.7010828554630279541015625e-02, -1.6896486282348632812500000e-01,
                    1.7200836539268493652343750e-01, -1.7892272770404815673828125e-01,
                    2.0505344867706298828125000e-01, -2.4046677350997924804687500e-01,
                    2.8857553005218505859375000e-01, -3.6067414283752441406250000e-01,
                    4.8089790344238281250000000e-01)  # fmt: skip
    pair = _exact_product(x, p)
    pair = _pair_sum(
        *_constant_pair(-7.2134751588268664068692714863573201000690460205078125e-01), *pair
    )
    pair = _pair_product(*pair, x)
    pair = _pair_sum(
        *_constant_pair(1.442695041742110273474963832995854318141937255859375e00), *pair
    )
    return _pair_product(*pair, x)


def _positive_power(x: np.ndarray, y: np.ndarray) -> Any:
    """float32 powers of numbers above zero."""
    m, e = np.frexp(x)
    low = m < np.float32(0.70710678118654752440)
    m = np.where(low, m + m, m)
    one = _exact_product((e - low).astype(np.float32), y)
    high, rest = _pair_sum(*one, *_pair_product(*_log2(m), y))
    whole = _rounded(high)
    rest = (high - whole) + rest
    more = _rounded(rest)
    rest = rest - more
    high, low_part = _exact_product(np.float32(0.693147180559945309417), rest)
    return np.ldexp(_exp(high) * (np.float32(1) + low_part), (whole + more).astype(np.int32))


def _rounded(x: np.ndarray) -> Any:
    """The nearest whole number; halves away from zero."""
    return np.copysign(np.floor(np.abs(x) + np.float32(0.5)), x)


def power(x: np.ndarray, y: np.ndarray) -> Any:
    """`x` to the power of `y`: in packets for float32, by NumPy for the other dtypes."""
    if x.dtype != np.float32 or x.size > _LARGE or y.size > _LARGE or (y == 1).all():
        return np.power(x, y)
    x, y = np.broadcast_arrays(x, y)
    flat, exponents = x.reshape(-1), y.reshape(-1)
    end = flat.size - flat.size % PACKETS[x.dtype]
    found = np.empty_like(flat)
    if end:
        base, by = np.abs(flat[:end]), exponents[:end]
        plain = np.power(flat[:end], by)
        usual = (base > 0) & np.isfinite(plain) & (plain != 0) & (flat[:end] != 1)
        near = np.copysign(_positive_power(base, by), plain)
        found[:end] = np.where(usual, near, plain)
    one = _of_one_number("powf", 2)
    pairs = zip(flat[end:].tolist(), exponents[end:].tolist(), strict=True)
    found[end:] = [one(*pair) for pair in pairs]
    return found.reshape(x.shape)


exp = _in_packets(_exp, _library("exp"), np.exp)
log = _in_packets(_log, _library("log"), np.log)
log1p = _in_packets(_log1p, _library("log1p"), np.log1p)
expm1 = _in_packets(_expm1, _library("expm1"), np.expm1)
tanh = _in_packets(_tanh, _tanh_tail, np.tanh)
sigmoid = _in_packets(_sigmoid, _sigmoid_tail, lambda x: 1 / (1 + np.exp(-x)))
