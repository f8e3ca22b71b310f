"""What random ops take: shapes, dtypes, and TensorFlow's words when they do not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import reject
from varsync_runtime.tensors.dtypes import DType
from varsync_runtime.tensors.errors import InvalidArgumentError, NotModelled
from varsync_runtime.tensors.guesses import Numbers, numbers
from varsync_runtime.tensors.shapes import TensorShape

FLOATS = (dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64)


def shape_of(shape: Any, op: str) -> tuple[tuple[int, ...], str]:
    """The sizes in `shape`, and the name of its dtype; raises what `op` says of another thing."""
    if type(shape) in (list, tuple) and all(type(size) is int for size in shape):
        sizes, name = tuple(shape), "int32"
    elif type(shape) is Numbers:
        sizes, name = shape, "int32"
    else:
        if isinstance(shape, TensorShape):
            shape = shape.as_list()
        empty = isinstance(shape, (list, tuple)) and not shape
        tensor = convert(shape, dtypes.int32 if empty else None)
        name = tensor.dtype.name
        if name not in ("int32", "int64"):
            raise InvalidArgumentError(
                None,
                None,
                f"Value for attr 'T' of {tensor.dtype._word} is not in the list of allowed values: "
                f"int32, int64\n\t; NodeDef: {{{{node {op}}}}} [Op:{op}] name: ",
            )
        if tensor._array.ndim != 1:
            got = ",".join(str(size) for size in tensor._array.shape)
            raise reject(op, f"shape must be a vector of {{int32,int64}}, got shape [{got}]")
        sizes = numbers(tensor)
    for size in sizes:
        if size < 0:
            raise reject(op, f"Dimension {size} must be >= 0")
    return sizes, name


def count_of(shape: Sequence[int]) -> int:
    """The number of elements."""
    count = 1
    for size in shape:
        count *= size
    return count


def accepted(dtype: DType, allowed: Sequence[DType]) -> None:
    """Raises if `dtype` is none of those."""
    if dtype not in allowed:
        names = ", ".join(repr(one) for one in allowed)
        raise ValueError(
            f"Argument `dtype` got invalid value {dtype}. Accepted dtypes are ({names})."
        )


def array_type(dtype: DType, op: str) -> Any:
    """NumPy's dtype; raises for what there is no model of, or what is no float."""
    if dtype not in FLOATS:
        raise InvalidArgumentError(
            None,
            None,
            f"Value for attr 'dtype' of {dtype._word} is not in the list of allowed values: half, "
            f"bfloat16, float, double\n\t; NodeDef: {{{{node {op}}}}} [Op:{op}] name: ",
        )
    if dtype is dtypes.bfloat16:
        raise NotModelled(f"random numbers of {dtype!r}")
    return dtype._array_type


def bounds(op: str, low: Any, high: Any) -> tuple[int, int]:
    """The limits of integers, tensors of one dtype, as numbers."""
    for name, one in (("minval", low), ("maxval", high)):
        if one._array.ndim:
            got = ",".join(str(size) for size in one._array.shape)
            raise reject(op, f"{name} must be 0-D, got shape [{got}]")
    first, last = int(low._array), int(high._array)
    if first >= last:
        raise reject(op, f"Need minval < maxval, got {first} >= {last}")
    return first, last


def number_of_samples(op: str, logits: Any, num_samples: Any) -> int:
    """How many samples of each row are wanted; checks both arguments of a categorical op."""
    if logits._array.ndim != 2:
        got = ",".join(str(size) for size in logits._array.shape)
        raise reject(op, f"logits should be a matrix, got shape [{got}]")
    samples = convert(num_samples)._array
    if samples.ndim:
        got = ",".join(str(size) for size in samples.shape)
        raise reject(op, f"num_samples should be a scalar, got shape [{got}]")
    if samples < 0:
        raise reject(op, f"num_samples should be non-negative, got {int(samples)}")
    if not logits._array.shape[1]:
        raise reject(op, f"num_classes should be positive, got {logits._array.shape[1]}")
    return int(samples)


def shaped(array: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """The numbers in the shape."""
    return array.reshape(tuple(shape))
