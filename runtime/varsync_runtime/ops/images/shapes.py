"""What the functions of `tf.image` ask of the shape of an image or a batch of images."""

from __future__ import annotations

from typing import Any

from varsync_runtime.ops.layout import expand_dims, squeeze
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.tensor import Tensor


def image_of(image: Any) -> Tensor:
    """An image or more, none of its sizes 0."""
    tensor = convert(image)
    if tensor._array.ndim < 3:
        raise ValueError(f"'image' (shape {tensor.shape}) must be at least three-dimensional.")
    if 0 in tensor._array.shape[-3:]:
        raise ValueError(f"inner 3 dims of 'image.shape' must be > 0: {tensor.shape}")
    return tensor


def checked_rank(tensor: Tensor) -> int:
    """3 for an image, 4 for a batch."""
    rank = tensor._array.ndim
    if rank not in (3, 4):
        raise ValueError(f"'image' (shape {tensor.shape}) must have either 3 or 4 dimensions.")
    return rank


def batch_of(image: Any) -> tuple[Tensor, bool]:
    """A batch of images, of one if an image is given; whether it was a batch."""
    tensor = convert(image)
    if checked_rank(tensor) == 3:
        return image_of(expand_dims(tensor, 0)), False
    return image_of(tensor), True


def unbatched(batch: Tensor, was_batch: bool) -> Tensor:
    """The batch, or its only image."""
    return batch if was_batch else squeeze(batch, 0)


def require(condition: Any, words: str) -> None:
    """Raises ValueError unless the condition holds."""
    if not condition:
        raise ValueError(words)
