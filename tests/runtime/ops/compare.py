"""Whether two plain results are the same, floats to a few units in the last place."""

from __future__ import annotations

import math
from typing import Any

TOLERANCE = {
    "float16": 2e-3,
    "float32": 1e-6,
    "float64": 1e-12,
    "complex64": 1e-6,
    "complex128": 1e-12,
}


def differences(expected: Any, got: Any, loose: float = 1.0, path: str = "") -> list[str]:
    """What differs, in words; empty if nothing does. `loose` widens the tolerance."""
    if isinstance(expected, dict) and "dtype" in expected and "values" in expected:
        return _tensor(expected, got, loose, path)
    if isinstance(expected, dict) and isinstance(got, dict):
        # an op whose gradient has no gradient in TensorFlow has no second order to compare
        keys = [key for key in expected if key != "words" and expected[key] != []]
        found = (
            [f"{path}: has {sorted(got)} not {sorted(expected)}"] if set(keys) - set(got) else []
        )
        for key in keys:
            if key in got:
                found += differences(expected[key], got[key], loose, f"{path}.{key}")
        return found
    if isinstance(expected, list) and isinstance(got, list):
        if len(expected) != len(got):
            return [f"{path}: {len(got)} items, not {len(expected)}"]
        return [
            one
            for i, (a, b) in enumerate(zip(expected, got, strict=True))
            for one in differences(a, b, loose, f"{path}[{i}]")
        ]
    return [] if expected == got else [f"{path}: {got!r} is not {expected!r}"]


def _tensor(expected: dict[str, Any], got: Any, loose: float, path: str) -> list[str]:
    if not isinstance(got, dict) or "values" not in got:
        return [f"{path}: {got!r} is no tensor like {expected!r}"]
    for key in ("dtype", "shape"):
        if expected[key] != got[key]:
            return [f"{path}: {key} {got[key]} is not {expected[key]}"]
    tolerance = TOLERANCE.get(expected["dtype"], 0.0) * loose
    numbers = [_number(one) for one in expected["values"]]
    # a sum has errors of the size of what was added
    finite = [abs(n) for n in numbers if isinstance(n, (float, complex)) and _finite(n)]
    scale = max([*finite, 0.1 if ".second" in path else 0.0])
    wrong = [
        f"{path}[{i}]: {b} is not {a}"
        for i, (a, b) in enumerate(zip(numbers, map(_number, got["values"]), strict=True))
        if not _same(a, b, tolerance, scale)
    ]
    return wrong[:4]


def _number(value: Any) -> Any:
    if isinstance(value, str) and value.count(",") == 1:
        try:
            real, imag = value.split(",")
            return complex(float(real), float(imag))
        except ValueError:
            return value
    return value


def _finite(value: Any) -> bool:
    return math.isfinite(abs(value))


def _same(a: Any, b: Any, tolerance: float, scale: float) -> bool:
    if a == b:
        return True
    if not isinstance(a, (float, complex)) or not isinstance(b, (float, complex)):
        return False
    if not _finite(a) or not _finite(b):
        return repr(a) == repr(b) or (a != a and b != b)
    # TensorFlow flushes what is nearly nothing to zero
    return abs(a - b) <= tolerance * (max(abs(a), abs(b)) + scale) + 1e-37
