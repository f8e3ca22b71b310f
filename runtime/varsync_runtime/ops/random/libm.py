"""`logf` and `sincosf` as the C library computes them, to the bit.

TensorFlow's normal numbers are made with the C library's functions for float; NumPy has its own, which
round differently. These are the algorithms of glibc (sysdeps/ieee754/flt-32/e_logf.c, s_sincosf.h),
which came from ARM's optimized-routines: all in double, rounded to float at the end.
"""

from __future__ import annotations

import math

import numpy as np

_H = float.fromhex
LOG_INVC_LOGC = [
    ("0x1.661ec79f8f3bep+0", "-0x1.57bf7808caadep-2"),
    ("0x1.571ed4aaf883dp+0", "-0x1.2bef0a7c06ddbp-2"),
    ("0x1.49539f0f010bp+0", "-0x1.01eae7f513a67p-2"),
    ("0x1.3c995b0b80385p+0", "-0x1.b31d8a68224e9p-3"),
    ("0x1.30d190c8864a5p+0", "-0x1.6574f0ac07758p-3"),
    ("0x1.25e227b0b8eap+0", "-0x1.1aa2bc79c81p-3"),
    ("0x1.1bb4a4a1a343fp+0", "-0x1.a4e76ce8c0e5ep-4"),
    ("0x1.12358f08ae5bap+0", "-0x1.1973c5a611cccp-4"),
    ("0x1.0953f419900a7p+0", "-0x1.252f438e10c1ep-5"),
    ("0x1p+0", "0x0p+0"),
    ("0x1.e608cfd9a47acp-1", "0x1.aa5aa5df25984p-5"),
    ("0x1.ca4b31f026aap-1", "0x1.c5e53aa362eb4p-4"),
    ("0x1.b2036576afce6p-1", "0x1.526e57720db08p-3"),
    ("0x1.9c2d163a1aa2dp-1", "0x1.bc2860d22477p-3"),
    ("0x1.886e6037841edp-1", "0x1.1058bc8a07ee1p-2"),
    ("0x1.767dcf5534862p-1", "0x1.4043057b6ee09p-2"),
]
INVC = np.array([_H(invc) for invc, _ in LOG_INVC_LOGC])
LOGC = np.array([_H(logc) for _, logc in LOG_INVC_LOGC])
LN2 = _H("0x1.62e42fefa39efp-1")
LOG_POLY = tuple(
    map(_H, ("-0x1.00ea348b88334p-2", "0x1.5575b0be00b6ap-2", "-0x1.ffffef20a4123p-2"))
)
LOG_OFFSET = np.uint32(0x3F330000)

INVERSE_PIO2 = _H("0x1.45F306DC9C883p+23")
PIO2 = _H("0x1.921FB54442D18p0")
COS = tuple(
    map(_H, ("0x1p0", "-0x1.ffffffd0c621cp-2", "0x1.55553e1068f19p-5", "-0x1.6c087e89a359dp-10",
             "0x1.99343027bf8c3p-16"))
)  # fmt: skip
SIN = tuple(map(_H, ("-0x1.555545995a603p-3", "0x1.1107605230bc4p-7", "-0x1.994eb3774cf24p-13")))
SIGNS = np.array([1.0, -1.0, -1.0, 1.0])


def logf(x: np.ndarray) -> np.ndarray:
    """The logarithms of positive normal float32 numbers."""
    bits: np.ndarray = x.view(np.uint32)
    shifted = bits - LOG_OFFSET
    row = (shifted >> np.uint32(19)) % np.uint32(16)
    power = (shifted.view(np.int32) >> 23).astype(np.float64)
    z = (bits - (shifted & np.uint32(0xFF800000))).view(np.float32).astype(np.float64)
    r = z * INVC[row] - 1.0
    y0 = LOGC[row] + power * LN2
    r2 = r * r
    y = LOG_POLY[1] * r + LOG_POLY[2]
    y = LOG_POLY[0] * r2 + y
    y = y * r2 + (y0 + r)
    return np.where(bits == 0x3F800000, np.float32(0), y.astype(np.float32))


def sincosf(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sine and cosine of float32 numbers between 0 and 120."""
    x: np.ndarray = y.astype(np.float64)
    quadrant = ((x * INVERSE_PIO2).astype(np.int32) + 0x800000) >> 24
    small = (y.view(np.uint32) >> np.uint32(20)) < (np.float32(math.pi / 4).view(np.uint32) >> 20)
    quadrant = np.where(small, 0, quadrant)
    x = np.where(small, x, x - quadrant * PIO2)
    sign = SIGNS[quadrant & 3]
    flip = np.where(quadrant & 2, -1.0, 1.0)
    x2 = x * x
    x = x * sign
    x3, x4 = x2 * x, x2 * x2
    s = (x + x3 * SIN[0]) + (x3 * x2) * (SIN[1] + x2 * SIN[2])
    c1 = flip * COS[0] + x2 * (flip * COS[1])
    c2 = flip * COS[3] + x2 * (flip * COS[4])
    c = (c1 + x4 * (flip * COS[2])) + (x4 * x2) * c2
    sine, cosine = s.astype(np.float32), c.astype(np.float32)
    odd = (quadrant & 1).astype(bool)
    return np.where(odd, cosine, sine), np.where(odd, sine, cosine)
