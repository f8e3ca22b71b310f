"""Brightness, contrast, hue and saturation of images; the kinds of colours and of numbers."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
import numpy as np

from varsync_runtime.ops.arithmetic import add, floor_div, maximum, multiply, truediv
from varsync_runtime.ops.functions import rsqrt
from varsync_runtime.ops.images.shapes import image_of
from varsync_runtime.ops.layout import cast, expand_dims, identity, saturate_cast
from varsync_runtime.ops.linalg import tensordot
from varsync_runtime.ops.pieces import tile
from varsync_runtime.ops.reductions import reduce_mean, reduce_std
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import Op, call
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.errors import Rejected
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor

FLOATS = (dtypes.float16, dtypes.float32)
CHANNELS = 6
"""A hue goes through so many parts of the wheel of colours."""

# ------------------------------------------------------------------- kinds of numbers


@export("tf.image.convert_image_dtype")
def convert_image_dtype(
    image: Any, dtype: Any, saturate: bool = False, name: str | None = None
) -> Tensor:
    """The same picture in another dtype: floats are in [0, 1], integers up to their largest."""
    tensor, wanted = convert(image), as_dtype(dtype)
    have = tensor.dtype
    if not wanted.is_floating and not wanted.is_integer:
        raise AttributeError("dtype must be either floating point or integer")
    if not have.is_floating and not have.is_integer:
        raise AttributeError("image dtype must be either floating point or integer")
    if have is wanted:
        return identity(tensor)
    to = saturate_cast if saturate else cast
    if have.is_integer and wanted.is_integer:
        if have.max > wanted.max:
            scale = (have.max + 1) // (wanted.max + 1)
            return to(floor_div(tensor, scale), wanted)
        return multiply(to(tensor, wanted), (wanted.max + 1) // (have.max + 1))
    if have.is_floating and wanted.is_floating:
        return cast(tensor, wanted)
    if have.is_integer:
        return multiply(cast(tensor, wanted), 1.0 / have.max)
    return to(multiply(tensor, wanted.max + 0.5), wanted)


def _as_float(tensor: Tensor) -> Tensor:
    """What the adjustments compute with."""
    return tensor if tensor.dtype in FLOATS else convert_image_dtype(tensor, dtypes.float32)


@export("tf.image.per_image_standardization")
def per_image_standardization(image: Any) -> Tensor:
    """Each image with the mean 0 and the variance 1, but for one of a single colour."""
    tensor = cast(image_of(image), dtypes.float32)
    axes = [-1, -2, -3]
    pixels = convert(np.float32(np.prod(tensor._array.shape[-3:])))
    mean = reduce_mean(tensor, axis=axes, keepdims=True)
    deviation = reduce_std(tensor, axis=axes, keepdims=True)
    return truediv(tensor - mean, maximum(deviation, rsqrt(pixels)))


# ------------------------------------------------------------------- adjustments


@export("tf.image.adjust_brightness")
def adjust_brightness(image: Any, delta: Any) -> Tensor:
    """`delta` added to floats in [0, 1]."""
    tensor = convert(image)
    floats = _as_float(tensor)
    brighter = add(floats, cast(delta, floats.dtype))
    return convert_image_dtype(brighter, tensor.dtype, saturate=True)


def _contrasted(images: np.ndarray, factor: np.ndarray) -> np.ndarray:
    if images.ndim < 3:
        raise Rejected(f"input must be at least 3-D, got shape[{_sizes(images)}]")
    floats: np.ndarray = images.astype(np.float32)
    mean = floats.mean((-3, -2), keepdims=True, dtype=np.float64).astype(np.float32)
    return (floats - mean) * factor + mean


def _sizes(array: np.ndarray) -> str:
    return ",".join(map(str, array.shape))


CONTRAST = Op("AdjustContrastv2", _contrasted, differentiable=False, label="adjust_contrast")


@export("tf.image.adjust_contrast")
def adjust_contrast(images: Any, contrast_factor: Any) -> Tensor:
    """The distance from each channel's mean, times the factor."""
    tensor = convert(images)
    factor = convert(contrast_factor, dtypes.float32)
    adjusted = call(CONTRAST, (_as_float(tensor), factor))
    return convert_image_dtype(adjusted, tensor.dtype, saturate=True)


@export("tf.image.adjust_gamma")
def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Tensor:
    """`gain * image ** gamma`, for floats in [0, 1]."""
    tensor = convert(image)
    if convert(gamma)._array < 0:
        raise ValueError("Gamma should be a non-negative real number.")
    adjusted = gain * _as_float(tensor) ** gamma
    return convert_image_dtype(adjusted, tensor.dtype, saturate=True)


def _three_channels(images: np.ndarray) -> None:
    if images.ndim < 3:
        raise Rejected(f"input must be at least 3-D, got shape[{_sizes(images)}]")
    if images.shape[-1] != 3:
        raise Rejected(f"input must have 3 channels but instead has {images.shape[-1]} channels.")


def _on_wheel(hue: np.ndarray, most: np.ndarray, least: np.ndarray) -> np.ndarray:
    """The colour whose hue is a number from 0 to 6, with its largest and smallest channel."""
    part = np.minimum(hue.astype(np.int64), CHANNELS - 1)
    ratio = hue - part
    middle = least + np.where(part % 2, 1 - ratio, ratio) * (most - least)
    by_part = [
        (most, middle, least),
        (middle, most, least),
        (least, most, middle),
        (least, middle, most),
        (middle, least, most),
        (most, least, middle),
    ]
    return np.stack(
        [np.choose(part, [row[channel] for row in by_part]) for channel in range(3)], -1
    )


def _turned(images: np.ndarray, delta: np.ndarray) -> np.ndarray:
    _three_channels(images)
    red, green, blue = np.moveaxis(images.astype(np.float32), -1, 0)
    least, middle, most = np.moveaxis(np.sort(images.astype(np.float32), -1), -1, 0)
    part = np.select(
        [
            (red < green) & (blue < red),
            (red < green) & (blue > green),
            red < green,
            blue < green,
            blue > red,
        ],
        [1, 3, 2, 0, 4],
        5,
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (middle - least) / (most - least)
    hue = np.where(most == least, 0, part + np.where(part % 2, 1 - ratio, ratio))
    hue = (hue + delta * np.float32(CHANNELS)).astype(np.float32)
    hue = np.where(hue < 0, hue + CHANNELS, hue)
    hue = np.where(hue >= CHANNELS, hue - CHANNELS, hue).astype(np.float32)
    return _on_wheel(hue, most, least)


HUE = Op("AdjustHue", _turned, differentiable=False, label="adjust_hue")


@export("tf.image.adjust_hue")
def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Tensor:
    """The hue turned by a part of the whole wheel."""
    turn = convert(delta, dtypes.float32)
    if not -1 <= turn._array <= 1:
        raise ValueError("delta must be in the interval [-1, 1]")
    tensor = convert(image)
    return convert_image_dtype(call(HUE, (_as_float(tensor), turn)), tensor.dtype)


def _to_hsv(images: Any) -> tuple[Any, Any, Any]:
    red, green, blue = (images[..., channel] for channel in range(3))
    value = anp.maximum(anp.maximum(red, green), blue)
    spread = value - anp.minimum(anp.minimum(red, green), blue)
    saturation = anp.where(value > 0, spread / anp.where(value > 0, value, 1), 0)
    norm = 1 / (6 * anp.where(spread > 0, spread, 1))
    hue = anp.where(
        red == value,
        norm * (green - blue),
        anp.where(green == value, norm * (blue - red) + 2 / 6, norm * (red - green) + 4 / 6),
    )
    hue = anp.where(spread <= 0, 0, hue)
    return anp.where(hue < 0, hue + 1, hue), saturation, value


def _to_rgb(hue: Any, saturation: Any, value: Any) -> Any:
    turn = hue * 6
    shares = (
        anp.abs(turn - 3) - 1,
        2 - anp.abs(turn - 2),
        2 - anp.abs(turn - 4),
    )
    return anp.stack(
        [((1 - saturation) + saturation * anp.clip(one, 0, 1)) * value for one in shares], -1
    )


def _saturated(images: np.ndarray, factor: np.ndarray) -> np.ndarray:
    _three_channels(images)
    hue, saturation, value = _to_hsv(images.astype(np.float32))
    return _to_rgb(hue, np.clip(saturation * factor, 0, 1), value)


SATURATION = Op("AdjustSaturation", _saturated, differentiable=False, label="adjust_saturation")


@export("tf.image.adjust_saturation")
def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Tensor:
    """The saturation, times the factor."""
    tensor = convert(image)
    factor = convert(saturation_factor, dtypes.float32)
    return convert_image_dtype(call(SATURATION, (_as_float(tensor), factor)), tensor.dtype)


# ------------------------------------------------------------------- kinds of colours


def _hsv_pixels(images: Any) -> Any:
    return anp.stack(_to_hsv(images), -1)


def _rgb_pixels(images: Any) -> Any:
    return _to_rgb(*(images[..., channel] for channel in range(3)))


_FLOAT_TYPES = (dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64)
RGB_TO_HSV = Op("RGBToHSV", _hsv_pixels, types=("T",), allowed=_FLOAT_TYPES)
HSV_TO_RGB = Op("HSVToRGB", _rgb_pixels, types=("T",), allowed=_FLOAT_TYPES, differentiable=False)


@export("tf.image.rgb_to_hsv")
def rgb_to_hsv(images: Any, name: str | None = None) -> Tensor:
    """Hue, saturation and value of floats in [0, 1]."""
    return call(RGB_TO_HSV, (convert(images),))


@export("tf.image.hsv_to_rgb")
def hsv_to_rgb(images: Any, name: str | None = None) -> Tensor:
    """Red, green and blue of hue, saturation and value."""
    return call(HSV_TO_RGB, (convert(images),))


@export("tf.image.rgb_to_grayscale")
def rgb_to_grayscale(images: Any, name: str | None = None) -> Tensor:
    """How bright each pixel is."""
    tensor = convert(images)
    floats = convert_image_dtype(tensor, dtypes.float32)
    gray = tensordot(floats, [0.2989, 0.5870, 0.1140], [-1, -1])
    return convert_image_dtype(expand_dims(gray, -1), tensor.dtype)


@export("tf.image.grayscale_to_rgb")
def grayscale_to_rgb(images: Any, name: str | None = None) -> Tensor:
    """Three channels of one."""
    tensor = convert(images)
    if tensor._array.ndim < 2:
        raise ValueError(
            f"A grayscale image (shape {tensor.shape}) must be at least two-dimensional."
        )
    if tensor._array.shape[-1] != 1:
        raise ValueError("Last dimension of a grayscale image should be size 1.")
    return tile(tensor, [1] * (tensor._array.ndim - 1) + [3])


def _mixing(symbol: str, matrix: list[list[float]], doc: str) -> Any:
    kernel = np.array(matrix)

    @export(symbol)
    def mix(images: Any) -> Tensor:
        tensor = convert(images)
        return tensordot(tensor, convert(kernel, tensor.dtype), [[tensor._array.ndim - 1], [0]])

    mix.__name__ = mix.__qualname__ = symbol.rpartition(".")[2]
    mix.__doc__ = doc
    return mix


rgb_to_yiq = _mixing(
    "tf.image.rgb_to_yiq",
    [
        [0.299, 0.59590059, 0.2115],
        [0.587, -0.27455667, -0.52273617],
        [0.114, -0.32134392, 0.31119955],
    ],
    "The colours of NTSC.",
)
yiq_to_rgb = _mixing(
    "tf.image.yiq_to_rgb",
    [[1, 1, 1], [0.95598634, -0.27201283, -1.10674021], [0.6208248, -0.64720424, 1.70423049]],
    "Red, green and blue of the colours of NTSC.",
)
rgb_to_yuv = _mixing(
    "tf.image.rgb_to_yuv",
    [
        [0.299, -0.14714119, 0.61497538],
        [0.587, -0.28886916, -0.51496512],
        [0.114, 0.43601035, -0.10001026],
    ],
    "The colours of PAL.",
)
yuv_to_rgb = _mixing(
    "tf.image.yuv_to_rgb",
    [[1, 1, 1], [0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0]],
    "Red, green and blue of the colours of PAL.",
)
