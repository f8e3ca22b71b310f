"""`tf.image.random_*` and `tf.image.stateless_random_*`: what is done to an image by chance."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from varsync_runtime.ops.assertions import Assert
from varsync_runtime.ops.compositions import slice_
from varsync_runtime.ops.functions import round_
from varsync_runtime.ops.images.colors import (
    adjust_brightness,
    adjust_contrast,
    adjust_hue,
    adjust_saturation,
)
from varsync_runtime.ops.images.geometry import flipped
from varsync_runtime.ops.images.shapes import checked_rank, image_of, require
from varsync_runtime.ops.layout import cast, integers, reshape
from varsync_runtime.ops.random.stateful import uniform
from varsync_runtime.ops.random.stateless import stateless_uniform
from varsync_runtime.ops.reductions import reduce_all
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor

Draw = Callable[..., Tensor]

# ------------------------------------------------------------------- flips


def _flipped_or_not(image: Any, axis: int, draw: Draw) -> Tensor:
    tensor = image_of(image)
    if checked_rank(tensor) == 3:
        return flipped(tensor, axis) if draw([], 0, 1.0)._array < 0.5 else tensor
    count = tensor._array.shape[0]
    flips = cast(round_(reshape(draw([count], 0, 1.0), [count, 1, 1, 1])), tensor.dtype)
    return flips * flipped(tensor, axis) + (1 - flips) * tensor


@export("tf.image.random_flip_left_right")
def random_flip_left_right(image: Any, seed: Any = None) -> Tensor:
    """Turned over sideways or not, each image of a batch for itself."""
    return _flipped_or_not(image, 1, partial(uniform, seed=seed))


@export("tf.image.random_flip_up_down")
def random_flip_up_down(image: Any, seed: Any = None) -> Tensor:
    """Turned upside down or not, each image of a batch for itself."""
    return _flipped_or_not(image, 0, partial(uniform, seed=seed))


@export("tf.image.stateless_random_flip_left_right")
def stateless_random_flip_left_right(image: Any, seed: Any) -> Tensor:
    """Turned over sideways or not, as the seed says."""
    return _flipped_or_not(image, 1, _stateless(seed))


@export("tf.image.stateless_random_flip_up_down")
def stateless_random_flip_up_down(image: Any, seed: Any) -> Tensor:
    """Turned upside down or not, as the seed says."""
    return _flipped_or_not(image, 0, _stateless(seed))


def _stateless(seed: Any) -> Draw:
    def draw(shape: Any, minval: Any, maxval: Any, **rest: Any) -> Tensor:
        return stateless_uniform(shape, seed, minval, maxval, **rest)

    return draw


# ------------------------------------------------------------------- crops


def _cropped(value: Any, size: Any, draw: Draw) -> Tensor:
    tensor = convert(value)
    wanted = convert(size, dtypes.int32)
    shape = convert(np.array(tensor._array.shape, np.int32))
    Assert(
        reduce_all(shape >= wanted),
        ["Need value.shape >= size, got ", shape, wanted],
        summarize=1000,
    )
    drawn = draw([tensor._array.ndim], 0, dtypes.int32.max, dtype=dtypes.int32)
    return slice_(tensor, drawn % (shape - wanted + 1), integers(wanted))


@export("tf.image.random_crop", "tf.compat.v1.random_crop")
def random_crop(value: Any, size: Any, seed: Any = None, name: str | None = None) -> Tensor:
    """A part of this size from anywhere."""
    return _cropped(value, size, partial(uniform, seed=seed))


@export("tf.image.stateless_random_crop")
def stateless_random_crop(value: Any, size: Any, seed: Any, name: str | None = None) -> Tensor:
    """A part of this size from where the seed says."""
    return _cropped(value, size, _stateless(seed))


# ------------------------------------------------------------------- colours


def _delta(max_delta: float, largest: float, draw: Draw) -> Tensor:
    require(max_delta <= largest, f"max_delta must be <= {largest}.")
    require(max_delta >= 0, "max_delta must be non-negative.")
    return draw([], -max_delta, max_delta)


def _factor(lower: float, upper: float, draw: Draw) -> Tensor:
    require(upper > lower, "upper must be > lower.")
    require(lower >= 0, "lower must be non-negative.")
    return draw([], lower, upper)


ANY = float("inf")


@export("tf.image.random_brightness")
def random_brightness(image: Any, max_delta: float, seed: Any = None) -> Tensor:
    """Brighter or darker by up to `max_delta`."""
    return adjust_brightness(image, _delta(max_delta, ANY, partial(uniform, seed=seed)))


@export("tf.image.stateless_random_brightness")
def stateless_random_brightness(image: Any, max_delta: float, seed: Any) -> Tensor:
    """Brighter or darker by up to `max_delta`, as the seed says."""
    return adjust_brightness(image, _delta(max_delta, ANY, _stateless(seed)))


@export("tf.image.random_hue")
def random_hue(image: Any, max_delta: float, seed: Any = None) -> Tensor:
    """The hue turned by up to `max_delta`."""
    return adjust_hue(image, _delta(max_delta, 0.5, partial(uniform, seed=seed)))


@export("tf.image.stateless_random_hue")
def stateless_random_hue(image: Any, max_delta: float, seed: Any) -> Tensor:
    """The hue turned by up to `max_delta`, as the seed says."""
    return adjust_hue(image, _delta(max_delta, 0.5, _stateless(seed)))


@export("tf.image.random_contrast")
def random_contrast(image: Any, lower: float, upper: float, seed: Any = None) -> Tensor:
    """The contrast times a number between two."""
    return adjust_contrast(image, _factor(lower, upper, partial(uniform, seed=seed)))


@export("tf.image.stateless_random_contrast")
def stateless_random_contrast(image: Any, lower: float, upper: float, seed: Any) -> Tensor:
    """The contrast times a number between two, as the seed says."""
    return adjust_contrast(image, _factor(lower, upper, _stateless(seed)))


@export("tf.image.random_saturation")
def random_saturation(image: Any, lower: float, upper: float, seed: Any = None) -> Tensor:
    """The saturation times a number between two."""
    return adjust_saturation(image, _factor(lower, upper, partial(uniform, seed=seed)))


@export("tf.image.stateless_random_saturation")
def stateless_random_saturation(image: Any, lower: float, upper: float, seed: Any = None) -> Tensor:
    """The saturation times a number between two, as the seed says."""
    return adjust_saturation(image, _factor(lower, upper, _stateless(seed)))
