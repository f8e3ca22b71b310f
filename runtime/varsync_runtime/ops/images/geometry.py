"""Flips, turns, crops and frames of images."""

from __future__ import annotations

from typing import Any

from varsync_runtime.ops.compositions import slice_
from varsync_runtime.ops.images.shapes import batch_of, checked_rank, image_of, require, unbatched
from varsync_runtime.ops.layout import integer, transpose
from varsync_runtime.ops.pieces import pad, reverse
from varsync_runtime.ops.reductions import reduce_sum
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor

# ------------------------------------------------------------------- flips and turns


def flipped(tensor: Tensor, axis: int) -> Tensor:
    """The image, or each image of a batch, turned over along one of its axes."""
    return reverse(tensor, [axis + checked_rank(tensor) - 3])


@export("tf.image.flip_left_right")
def flip_left_right(image: Any) -> Tensor:
    """The columns in the other order."""
    return _turned_over(image, 1)


@export("tf.image.flip_up_down")
def flip_up_down(image: Any) -> Tensor:
    """The rows in the other order."""
    return _turned_over(image, 0)


def _turned_over(image: Any, axis: int) -> Tensor:
    tensor = image_of(image)
    if tensor._array.ndim > 4:
        # TensorFlow's sentence has no space here
        raise ValueError(f"'image' (shape {tensor.shape})must have either 3 or 4 dimensions.")
    return flipped(tensor, axis)


@export("tf.image.transpose")
def transpose_(image: Any, name: str | None = None) -> Tensor:
    """Rows become columns."""
    tensor = image_of(image)
    return transpose(tensor, [1, 0, 2] if checked_rank(tensor) == 3 else [0, 2, 1, 3])


@export("tf.image.rot90")
def rot90(image: Any, k: Any = 1, name: str | None = None) -> Tensor:
    """A quarter of a turn against the clock, `k` times."""
    tensor = image_of(image)
    checked_rank(tensor)
    quarters = integer(k) % 4
    if quarters == 1:
        return transpose_(flipped(tensor, 1))
    if quarters == 2:
        return flipped(flipped(tensor, 0), 1)
    return flipped(transpose_(tensor), 1) if quarters == 3 else tensor


# ------------------------------------------------------------------- crops and frames


@export("tf.image.crop_to_bounding_box")
def crop_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Tensor:
    """The part of an image that stands in a box."""
    batch, was_batch = batch_of(image)
    top, left = integer(offset_height), integer(offset_width)
    high, wide = integer(target_height), integer(target_width)
    count, height, width, depth = batch._array.shape
    require(left >= 0, "offset_width must be >= 0.")
    require(top >= 0, "offset_height must be >= 0.")
    require(wide > 0, "target_width must be > 0.")
    require(high > 0, "target_height must be > 0.")
    require(width >= wide + left, "width must be >= target + offset.")
    require(height >= high + top, "height must be >= target + offset.")
    return unbatched(slice_(batch, [0, top, left, 0], [count, high, wide, depth]), was_batch)


@export("tf.image.pad_to_bounding_box")
def pad_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Tensor:
    """The image in a larger one of zeros."""
    batch, was_batch = batch_of(image)
    top, left = integer(offset_height), integer(offset_width)
    _, height, width, _ = batch._array.shape
    right = integer(target_width) - left - width
    bottom = integer(target_height) - top - height
    require(top >= 0, "offset_height must be >= 0")
    require(left >= 0, "offset_width must be >= 0")
    require(right >= 0, "width must be <= target - offset")
    require(bottom >= 0, "height must be <= target - offset")
    return unbatched(pad(batch, [[0, 0], [top, bottom], [left, right], [0, 0]]), was_batch)


@export("tf.image.resize_with_crop_or_pad", "tf.compat.v1.image.resize_image_with_crop_or_pad")
def resize_with_crop_or_pad(image: Any, target_height: Any, target_width: Any) -> Tensor:
    """The middle of a larger image, a smaller one in the middle of zeros."""
    batch, was_batch = batch_of(image)
    high, wide = integer(target_height), integer(target_width)
    require(wide > 0, "target_width must be > 0.")
    require(high > 0, "target_height must be > 0.")
    _, height, width, _ = batch._array.shape
    more_wide, more_high = wide - width, high - height
    cropped = crop_to_bounding_box(
        batch,
        max(-more_high // 2, 0),
        max(-more_wide // 2, 0),
        min(high, height),
        min(wide, width),
    )
    framed = pad_to_bounding_box(
        cropped, max(more_high // 2, 0), max(more_wide // 2, 0), high, wide
    )
    return unbatched(framed, was_batch)


@export("tf.image.central_crop")
def central_crop(image: Any, central_fraction: Any) -> Tensor:
    """The middle of an image: a fraction of its height and of its width."""
    tensor = convert(image)
    fraction = float(convert(central_fraction)._array)
    require(0 < fraction <= 1, "central_fraction must be within (0, 1]")
    if fraction == 1:
        return tensor
    image_of(tensor)
    rank = tensor._array.ndim
    if rank not in (3, 4):
        raise ValueError(
            f"`image` should either be a Tensor with rank = 3 or rank = 4. Had rank = {rank}."
        )
    height, width, depth = tensor._array.shape[-3:]
    top, left = (int((float(one) - float(one) * fraction) / 2) for one in (height, width))
    begin, size = [top, left, 0], [height - 2 * top, width - 2 * left, depth]
    if rank == 4:
        begin, size = [0, *begin], [tensor._array.shape[0], *size]
    return slice_(tensor, begin, size)


# ------------------------------------------------------------------- neighbours


@export("tf.image.image_gradients")
def image_gradients(image: Any) -> tuple[Tensor, Tensor]:
    """What is added from a pixel to the one below, and to the one on the right."""
    tensor = convert(image)
    if tensor._array.ndim != 4:
        raise ValueError(
            f"image_gradients expects a 4D tensor [batch_size, h, w, d], not {tensor.shape}."
        )
    down = tensor[:, 1:] - tensor[:, :-1]
    across = tensor[:, :, 1:] - tensor[:, :, :-1]
    return pad(down, [[0, 0], [0, 1], [0, 0], [0, 0]]), pad(
        across, [[0, 0], [0, 0], [0, 1], [0, 0]]
    )


@export("tf.image.total_variation")
def total_variation(images: Any, name: str | None = None) -> Tensor:
    """How much neighbouring pixels differ, in all."""
    rank = images._array.ndim
    if rank == 3:
        down, across = images[1:] - images[:-1], images[:, 1:] - images[:, :-1]
        axes = None
    elif rank == 4:
        down, across = images[:, 1:] - images[:, :-1], images[:, :, 1:] - images[:, :, :-1]
        axes = [1, 2, 3]
    else:
        raise ValueError("'images' must be either 3 or 4-dimensional.")
    return reduce_sum(abs(down), axis=axes) + reduce_sum(abs(across), axis=axes)
