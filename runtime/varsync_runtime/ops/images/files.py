"""`tf.io.decode_png` and its like: images in files. Only those of PNG are modelled."""

from __future__ import annotations

from typing import Any

import numpy as np

from varsync_runtime.ops.images import png
from varsync_runtime.ops.images.colors import convert_image_dtype
from varsync_runtime.tensors import blanks, dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import brackets, reject
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.errors import InvalidArgumentError, NotModelled, OpError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor, make

KINDS = (dtypes.uint8, dtypes.uint16)
JPEG = b"\xff\xd8\xff"
OTHERS = {JPEG: "JPEG", b"GIF8": "GIF", b"RIFF": "WebP", b"BM": "BMP"}
UNKNOWN = "Unknown image file format. One of JPEG, JPEG XL, PNG, GIF, BMP, WebP required."


def _bytes_of(contents: Any, op: str) -> bytes:
    tensor = convert(contents, dtypes.string)
    if tensor._array.ndim:
        shape = brackets(tensor._array.shape)
        raise _refused(op, f"`contents` must be scalar but got shape{shape}")
    return tensor._array.item()


def _refused(op: str, words: str) -> OpError:
    return reject(op, words, label=None)


def _channels(channels: Any, op: str) -> int:
    count = int(channels or 0)
    if count not in (0, 1, 3, 4):
        raise _refused(op, f"`channels` must be 0, 1, 3 or 4 but got {count}")
    return count


def _kind(dtype: Any, op: str, attribute: str) -> dtypes.DType:
    wanted = as_dtype(dtype)
    if wanted not in KINDS:
        raise InvalidArgumentError(
            None,
            None,
            f"Value for attr '{attribute}' of {wanted._word} is not in the list of allowed values: "
            f"uint8, uint16\n\t; NodeDef: {{{{node {op}}}}} [Op:{op}]",
        )
    return wanted


def _decoded(data: bytes, channels: int, kind: np.dtype, op: str, symbol: str) -> np.ndarray:
    if data.startswith(png.SIGNATURE):
        try:
            return png.converted(png.read(data), channels, kind)
        except png.Damaged:
            raise _refused(op, f"Invalid PNG data, size {len(data)}") from None
    for start, name in OTHERS.items():
        if data.startswith(start):
            raise NotModelled(f"{symbol} of a {name} file")
    raise _refused(op, UNKNOWN)


@export("tf.io.decode_png", "tf.image.decode_png")
def decode_png(
    contents: Any, channels: int = 0, dtype: Any = dtypes.uint8, name: str | None = None
) -> Tensor:
    """The pixels of a PNG file."""
    wanted = _kind(dtype, "DecodePng", "dtype")
    data, count = _bytes_of(contents, "DecodePng"), _channels(channels, "DecodePng")
    unknown = blanks.result([None, None, count or None], wanted)
    if unknown is not None:
        return unknown
    array = _decoded(data, count, wanted._array_type, "DecodePng", "tf.io.decode_png")
    return make(array, wanted)


@export("tf.io.decode_image", "tf.image.decode_image")
def decode_image(
    contents: Any, channels: int | None = None, dtype: Any = dtypes.uint8,
    name: str | None = None, expand_animations: bool = True,
) -> Tensor:  # fmt: skip
    """The pixels of a file of any kind."""
    wanted = as_dtype(dtype)
    data, count = _bytes_of(contents, "DecodeImage"), _channels(channels, "DecodeImage")
    unknown = blanks.result(None if expand_animations else [None, None, count or None], wanted)
    if unknown is not None:
        return unknown
    kind = dtypes.uint8 if wanted in (dtypes.uint8, dtypes.float32) else dtypes.uint16
    array = _decoded(data, count, kind._array_type, "DecodeImage", "tf.io.decode_image")
    if wanted is dtypes.float32:
        return make(array.astype(np.float32) / np.float32(kind.max), wanted)
    return convert_image_dtype(make(array, kind), wanted)


@export("tf.io.encode_png", "tf.image.encode_png")
def encode_png(image: Any, compression: int = -1, name: str | None = None) -> Tensor:
    """The bytes of a PNG file, for each image; not byte for byte those of TensorFlow."""
    tensor = convert(image)
    _kind(tensor.dtype, "EncodePng", "T")
    array = tensor._array
    if array.ndim < 3:
        raise reject("EncodePng", f"images must be at least rank 3{brackets(array.shape)}")
    if array.shape[-1] not in (1, 2, 3, 4):
        raise reject("EncodePng", f"image must have 1, 2, 3, or 4 channels, got {array.shape[-1]}")
    found: np.ndarray = np.empty(array.shape[:-3], object)
    for at in np.ndindex(*found.shape):
        found[at] = png.written(array[at], compression)
    return make(found, dtypes.string)


@export("tf.io.is_jpeg", "tf.image.is_jpeg")
def is_jpeg(contents: Any, name: str | None = None) -> Tensor:
    """Whether the bytes are those of a JPEG file."""
    return convert(_bytes_of(contents, "Substr").startswith(JPEG))
