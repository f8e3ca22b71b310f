"""Images that are turned, moved and stretched: each new pixel is read from a place in the old one.

After tensorflow/core/kernels/image/image_ops.h.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np

from varsync_runtime.ops.layout import integers
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import Op, call
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor

F32 = np.float32


def _reflected(at: np.ndarray, size: int) -> np.ndarray:
    if size <= 1:
        return np.zeros_like(at)
    period = F32(2 * size)
    low = at + period * np.trunc(-at / period)
    low = np.where(low < -size, low + period, -low - 1)
    high = at - period * np.trunc(at / period)
    high = np.where(high >= size, period - high - 1, high)
    return np.clip(np.where(at < 0, low, np.where(at > size - 1, high, at)), 0, size - 1)


def _wrapped(at: np.ndarray, size: int) -> np.ndarray:
    if size <= 1:
        return np.zeros_like(at)
    period = F32(size - 1)
    low = at + size * (np.trunc(-at / period) + 1)
    high = at - size * np.trunc(at / period)
    return np.clip(np.where(at < 0, low, np.where(at > size - 1, high, at)), 0, size - 1)


FILLS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "CONSTANT": lambda at, size: at,
    "NEAREST": lambda at, size: np.clip(at, 0, size - 1),
    "REFLECT": _reflected,
    "WRAP": _wrapped,
}


def _places(transforms: np.ndarray, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Where in the old image the pixels of the new one are, by image: rows and columns."""
    y, x = np.mgrid[:height, :width].astype(F32)
    t = [transforms[:, at, None, None] for at in range(8)]
    depth = t[6] * x + t[7] * y + F32(1)
    safe = np.where(depth == 0, F32(1), depth)
    rows, columns = (t[3] * x + t[4] * y + t[5]) / safe, (t[0] * x + t[1] * y + t[2]) / safe
    outside = F32(-2 * max(height, width) - 2)
    return np.where(depth == 0, outside, rows), np.where(depth == 0, outside, columns)


def _read(images: Any, rows: np.ndarray, columns: np.ndarray, fill: float) -> Any:
    height, width = images.shape[1:3]
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    row = np.clip(rows, 0, height - 1).astype(np.int64)
    column = np.clip(columns, 0, width - 1).astype(np.int64)
    batch = np.arange(images.shape[0])[:, None, None]
    return anp.where(inside[..., None], images[batch, row, column], images.dtype.type(fill))


def _project(
    images: Any,
    transforms: np.ndarray,
    size: tuple[int, int],
    fill: float,
    mode: str,
    nearest: bool,
) -> Any:
    transforms = np.broadcast_to(transforms, (images.shape[0], 8))
    rows, columns = _places(transforms, *size)
    rows, columns = (
        FILLS[mode](at, length)
        for at, length in zip((rows, columns), images.shape[1:3], strict=True)
    )
    if nearest:
        # halves away from zero
        rows, columns = (np.copysign(np.floor(np.abs(at) + 0.5), at) for at in (rows, columns))
        return _read(images, rows, columns, fill)
    top, left = np.floor(rows), np.floor(columns)
    down, right = (rows - top)[..., None], (columns - left)[..., None]

    def row_at(row: np.ndarray) -> Any:
        here, there = (_read(images, row, left + step, fill) for step in (0, 1))
        return (1 - right) * here + right * there

    found = (1 - down) * row_at(top) + down * row_at(top + 1)
    return found if found.dtype == images.dtype else found.astype(images.dtype)


PROJECTED = Op("ImageProjectiveTransformV3", _project)


@export("tf.raw_ops.ImageProjectiveTransformV3")
def project(
    *,
    images: Any,
    transforms: Any,
    output_shape: Any,
    fill_value: Any,
    interpolation: str,
    fill_mode: str = "CONSTANT",
    name: str | None = None,
) -> Tensor:
    """Images of `output_shape`; `transforms` say where their pixels were before."""
    height, width = integers(output_shape)
    options = {
        "transforms": convert(transforms, None)._array.astype(F32),
        "size": (height, width),
        "fill": float(convert(fill_value, dtypes.float32)._array),
        "mode": fill_mode,
        "nearest": interpolation == "NEAREST",
    }
    return call(PROJECTED, (convert(images),), options)
