"""`tf.image.resize`: pixels between pixels, by TensorFlow's methods.

After tensorflow/core/kernels/image/: pixels have their centers at halves. All methods but `nearest`
weigh the pixels of each axis by itself, so two matrices say what is done.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np

from varsync_runtime.ops.images.geometry import pad_to_bounding_box
from varsync_runtime.ops.images.shapes import batch_of, require, unbatched
from varsync_runtime.ops.layout import expand_dims, integer, integers, squeeze
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import Op, call
from varsync_runtime.tensors.errors import Rejected
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor

Size = tuple[int, int]
Weights = Callable[[int, int], np.ndarray]
"""From the sizes of an axis before and after: which share each pixel has in each new one."""

F32 = np.float32
STEPS = 1024
"""So many places between two pixels have weights of their own in a bicubic resize."""
TINY = 1000 * np.finfo(F32).tiny
_TYPES = (
    dtypes.int8, dtypes.uint8, dtypes.int16, dtypes.uint16, dtypes.int32, dtypes.int64,
    dtypes.float16, dtypes.float32, dtypes.float64, dtypes.bfloat16,
)  # fmt: skip

# ------------------------------------------------------------------- where a new pixel stands


def _places(before: int, after: int) -> np.ndarray:
    """Where the centers of the new pixels are among the old ones."""
    scale = F32(before) / F32(after)
    return (np.arange(after, dtype=F32) + F32(0.5)) * scale - F32(0.5)


def _neighbours(before: int, after: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each new pixel the old one before it, the one behind it, and how far it is between."""
    at = _places(before, after)
    floor = np.floor(at)
    lower = np.maximum(floor, 0).astype(np.int64)
    upper = np.minimum(np.ceil(at), before - 1).astype(np.int64)
    return lower, upper, at - floor


def _nearest(before: int, after: int) -> np.ndarray:
    scale = F32(before) / F32(after)
    at = np.floor((np.arange(after, dtype=F32) + F32(0.5)) * scale)
    return np.clip(at, 0, before - 1).astype(np.int64)


# ------------------------------------------------------------------- weights


def _bilinear_weights(before: int, after: int) -> np.ndarray:
    lower, upper, share = _neighbours(before, after)
    weights: np.ndarray = np.zeros((after, before), F32)
    rows = np.arange(after)
    np.add.at(weights, (rows, lower), 1 - share)
    np.add.at(weights, (rows, upper), share)
    return weights


def _nearest_weights(before: int, after: int) -> np.ndarray:
    return np.eye(before, dtype=F32)[_nearest(before, after)]


def _cubic(x: np.ndarray) -> np.ndarray:
    """Keys's kernel, which is 0 from 2 on."""
    near = ((F32(1.5) * x - F32(2.5)) * x) * x + F32(1)
    far = ((F32(-0.5) * x + F32(2.5)) * x - F32(4)) * x + F32(2)
    return np.where(x >= 2, F32(0), np.where(x >= 1, far, near))


def _bicubic_weights(before: int, after: int) -> np.ndarray:
    at = _places(before, after)
    floor = np.floor(at)
    step = np.rint((at - floor) * F32(STEPS)) / F32(STEPS)
    weights: np.ndarray = np.zeros((after, before), F32)
    for shift in (-1, 0, 1, 2):
        column = floor.astype(np.int64) + shift
        inside = (column >= 0) & (column < before)
        share = _cubic(np.abs(F32(shift) - step).astype(F32))
        weights[np.nonzero(inside)[0], column[inside]] += share[inside]
    return _normalised(weights)


def _area_weights(before: int, after: int) -> np.ndarray:
    scale = F32(before) / F32(after)
    start = np.arange(after, dtype=F32)[:, None] * scale
    end = np.arange(1, after + 1, dtype=F32)[:, None] * scale
    pixel: np.ndarray = np.arange(before, dtype=F32)
    shares = np.minimum(pixel + 1, end) - np.maximum(pixel, start)
    return (np.maximum(shares, 0) / scale).astype(F32)


def _normalised(weights: np.ndarray) -> np.ndarray:
    total = weights.sum(1, keepdims=True, dtype=F32)
    by = np.where(np.abs(total) >= TINY, F32(1) / np.where(total == 0, 1, total), F32(1))
    return (weights * by).astype(F32)


def _lanczos(radius: float) -> Callable[[np.ndarray], np.ndarray]:
    def kernel(x: np.ndarray) -> np.ndarray:
        safe = np.where(x <= 1e-3, 1, x)
        turn = np.pi * safe
        wave = radius * np.sin(turn) * np.sin(turn / radius) / (turn * turn)
        return np.where(x > radius, 0, np.where(x <= 1e-3, 1, wave))

    return kernel


def _gaussian(x: np.ndarray) -> np.ndarray:
    return np.where(x >= 1.5, 0, np.exp(-x * x / 0.5))


def _triangle(x: np.ndarray) -> np.ndarray:
    return np.maximum(0, 1 - x)


def _mitchell(x: np.ndarray) -> np.ndarray:
    near = ((7 / 6) * x - 2) * x * x + 8 / 9
    far = ((-7 / 18 * x + 2) * x - 10 / 3) * x + 16 / 9
    return np.where(x >= 2, 0, np.where(x >= 1, far, near))


_KERNELS: dict[str, tuple[float, Callable[[np.ndarray], np.ndarray]]] = {
    "lanczos3": (3, _lanczos(3)),
    "lanczos5": (5, _lanczos(5)),
    "gaussian": (1.5, _gaussian),
    "mitchellcubic": (2, _mitchell),
    "bilinear": (1, _triangle),
    "bicubic": (2, _cubic),
}
"""The radius and the shape of what ScaleAndTranslate weighs pixels with."""


def _scaled_weights(kernel: str, antialias: bool) -> Weights:
    """tensorflow/core/kernels/image/scale_and_translate_op.cc, `ComputeSpansCore`."""
    radius, shape = _KERNELS[kernel]

    def weights(before: int, after: int) -> np.ndarray:
        scale = F32(1) / (F32(after) / F32(before))
        wide = max(scale, F32(1)) if antialias else F32(1)
        center = ((np.arange(after, dtype=F32) + F32(0.5)) * scale)[:, None]
        reach = F32(radius) * wide
        first = np.clip(np.ceil(center - reach - F32(0.5)), 0, before - 1)
        last = np.clip(np.floor(center + reach - F32(0.5)), 0, before - 1)
        pixel: np.ndarray = np.arange(before, dtype=F32)
        share: np.ndarray = shape(np.abs(pixel + F32(0.5) - center) / wide).astype(F32)
        return _normalised(np.where((pixel >= first) & (pixel <= last), share, F32(0)))

    return weights


# ------------------------------------------------------------------- ops


def _weighed(images: Any, vertical: np.ndarray, horizontal: np.ndarray) -> Any:
    rows = anp.tensordot(images, vertical, ([1], [1]))
    return anp.transpose(anp.tensordot(rows, horizontal, ([1], [1])), (0, 2, 3, 1))


def _back(g: Any, before: Size, weights: Weights) -> Any:
    size = g.shape[1:3]
    down, across = (weights(a, b).T for a, b in zip(before, size, strict=True))
    return _weighed(g, down.astype(g.dtype), across.astype(g.dtype))


def _checked(images: np.ndarray, size: Size) -> None:
    if min(size) <= 0:
        raise Rejected("output dimensions must be positive")
    if 0 in images.shape[1:3]:
        raise Rejected("input image must be of non-zero size")


def _weighing(name: str, weights: Weights, label: str) -> Op:
    """An op that weighs the pixels of each axis."""

    def kernel(images: Any, size: Size) -> Any:
        _checked(images, size)
        height, width = images.shape[1:3]
        floats = images.astype(np.float32)
        return _weighed(floats, weights(height, size[0]), weights(width, size[1]))

    vjp = (lambda g, out, images, size: _back(g, images.shape[1:3], weights),)
    return Op(name, kernel, allowed=_TYPES, types=("T",), result=dtypes.float32, vjps=vjp,
              label=label)  # fmt: skip


def _bilinear(images: np.ndarray, size: Size) -> np.ndarray:
    _checked(images, size)
    top, bottom, down = _neighbours(images.shape[1], size[0])
    left, right, across = _neighbours(images.shape[2], size[1])
    across, down = across[:, None], down[:, None, None]
    upper: np.ndarray = images[:, top].astype(np.float32)
    lower: np.ndarray = images[:, bottom].astype(np.float32)
    upper = upper[:, :, left] + (upper[:, :, right] - upper[:, :, left]) * across
    lower = lower[:, :, left] + (lower[:, :, right] - lower[:, :, left]) * across
    return upper + (lower - upper) * down


def _nearest_pixels(images: np.ndarray, size: Size) -> np.ndarray:
    _checked(images, size)
    rows, columns = (_nearest(a, b) for a, b in zip(images.shape[1:3], size, strict=True))
    return images[:, rows][:, :, columns]


BILINEAR = _weighing("ResizeBilinear", _bilinear_weights, "resize/ResizeBilinear")
BILINEAR.plain = _bilinear
BICUBIC = _weighing("ResizeBicubic", _bicubic_weights, "resize/ResizeBicubic")
AREA = _weighing("ResizeArea", _area_weights, "resize/ResizeArea")
NEAREST = Op(
    "ResizeNearestNeighbor",
    _nearest_pixels,
    allowed=_TYPES,
    types=("T",),
    vjps=(lambda g, out, images, size: _back(g, images.shape[1:3], _nearest_weights),),
    label="resize/ResizeNearestNeighbor",
)
_PLAIN = {"bilinear": BILINEAR, "nearest": NEAREST, "bicubic": BICUBIC, "area": AREA}
_SCALED = {
    (kernel, antialias): _weighing(
        "ScaleAndTranslate", _scaled_weights(kernel, antialias), "resize/ScaleAndTranslate"
    )
    for kernel in _KERNELS
    for antialias in (False, True)
}


@export("tf.image.ResizeMethod")
class ResizeMethod:
    """The names of the methods."""

    __module__ = "tensorflow.python.ops.image_ops_impl"

    BILINEAR = "bilinear"
    NEAREST_NEIGHBOR = "nearest"
    BICUBIC = "bicubic"
    AREA = "area"
    LANCZOS3 = "lanczos3"
    LANCZOS5 = "lanczos5"
    GAUSSIAN = "gaussian"
    MITCHELLCUBIC = "mitchellcubic"


def _op_of(method: str, antialias: bool) -> Op:
    is_plain = method in _PLAIN and not (antialias and method in _KERNELS)
    op = _PLAIN[method] if is_plain else _SCALED.get((method, bool(antialias)))
    if op is None:
        raise ValueError(f"Resize method is not implemented: {method}")
    return op


@export("tf.image.resize")
def resize(
    images: Any,
    size: Any,
    method: str = ResizeMethod.BILINEAR,
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
    name: str | None = None,
) -> Tensor:
    """Images of another height and width; floats, but with `nearest`."""
    tensor = convert(images)
    rank = tensor._array.ndim
    require(rank in (3, 4), "'images' must have either 3 or 4 dimensions.")
    batch = expand_dims(tensor, 0) if rank == 3 else tensor
    wanted = _wanted(size)
    if preserve_aspect_ratio:
        wanted = _fitting(batch._array.shape[1:3], wanted)
    resized = call(_op_of(method, antialias), (batch,), {"size": wanted})
    return squeeze(resized, 0) if rank == 3 else resized


def _wanted(size: Any) -> tuple[int, ...]:
    try:
        tensor = convert(size, dtypes.int32)
    except (TypeError, ValueError):
        raise ValueError("'size' must be a 1-D int32 Tensor") from None
    if tensor._array.shape != (2,):
        raise ValueError("'size' must be a 1-D Tensor of 2 elements: new_height, new_width")
    return integers(tensor)


def _fitting(before: Any, wanted: Any) -> Size:
    """The largest size within the wanted one that keeps the proportions."""
    height, width = (F32(one) for one in before)
    scale = min(F32(wanted[0]) / height, F32(wanted[1]) / width)
    return int(np.rint(scale * height)), int(np.rint(scale * width))


@export("tf.image.resize_with_pad")
def resize_with_pad(
    image: Any,
    target_height: Any,
    target_width: Any,
    method: str = ResizeMethod.BILINEAR,
    antialias: bool = False,
) -> Tensor:
    """The image as large as it fits, with zeros around it."""
    batch, was_batch = batch_of(image)
    high, wide = integer(target_height), integer(target_width)
    require(wide > 0, "target_width must be > 0.")
    require(high > 0, "target_height must be > 0.")
    height, width = (F32(one) for one in batch._array.shape[1:3])
    ratio = max(width / F32(wide), height / F32(high))
    size = height / ratio, width / ratio
    top, left = (
        max(0, int(np.floor((F32(whole) - part) / F32(2))))
        for whole, part in zip((high, wide), size, strict=True)
    )
    resized = resize(batch, [int(np.floor(one)) for one in size], method, antialias=antialias)
    return unbatched(pad_to_bounding_box(resized, top, left, high, wide), was_batch)
