"""`tf.strings`: parts of strings, patterns, buckets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from varsync_runtime.ops.hashing import fingerprint64
from varsync_runtime.ops.layout import integer
from varsync_runtime.ops.ragged import blank_rows, rows_of
from varsync_runtime.ops.text import each, mapped
from varsync_runtime.tensors import blanks, dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import reject
from varsync_runtime.tensors.errors import NotModelled
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor, make

# RE2 does not have what looks ahead or behind
PERL = re.compile(r"\(\?(?:=|!|<=|<!|>)")
REFERENCE = re.compile(rb"\\(\\|\d)")

# ------------------------------------------------------------------- parts


@export("tf.strings.split")
def split(input: Any, sep: Any = None, maxsplit: int = -1, name: str | None = None) -> Any:
    """The parts between separators: a vector of a string, a ragged tensor of a vector."""
    tensor = convert(input, dtypes.string)
    rank = tensor._array.ndim
    if rank > 1:
        raise NotModelled("tf.strings.split of strings in more than one dimension")
    if blanks.are_blank():
        if rank == 0:
            return blanks.result([None], dtypes.string)
        return blank_rows(len(tensor._array))
    separator = b"" if sep is None else convert(sep, dtypes.string)._array.item()
    rows = [one.split(separator or None, maxsplit) for one in tensor._array.reshape(-1).tolist()]
    parts = rows_of(rows)
    return parts if rank else parts.values


@export("tf.strings.bytes_split")
def bytes_split(input: Any, name: str | None = None) -> Any:
    """The single bytes."""
    tensor = convert(input, dtypes.string)
    rank = tensor._array.ndim
    if rank > 1:
        raise NotModelled("tf.strings.bytes_split of strings in more than one dimension")
    if blanks.are_blank():
        if rank == 0:
            return blanks.result([None], dtypes.string)
        return blank_rows(len(tensor._array))
    parts = rows_of(
        [[one[at : at + 1] for at in range(len(one))] for one in tensor._array.reshape(-1).tolist()]
    )
    return parts if rank else parts.values


@export("tf.strings.substr")
def substr(input: Any, pos: Any, len: Any, unit: str = "BYTE", name: str | None = None) -> Tensor:
    """`len` bytes (or characters) from `pos` on, which may count from the end."""
    array = convert(input, dtypes.string)._array
    starts, sizes = convert(pos)._array, convert(len)._array
    if starts.shape != sizes.shape:
        raise reject(
            "Substr",
            f"pos and len should have the same shape, got: {_sizes(starts)} vs. {_sizes(sizes)}",
            label=None,
        )
    shape = np.broadcast_shapes(array.shape, starts.shape)
    unknown = blanks.result(shape, dtypes.string)
    if unknown is not None:
        return unknown
    found = np.empty(shape, object)
    array, starts, sizes = (np.broadcast_to(one, shape) for one in (array, starts, sizes))
    for at in np.ndindex(*shape):
        found[at] = _part(array[at], int(starts[at]), int(sizes[at]), unit)
    return make(found, dtypes.string)


def _sizes(array: np.ndarray) -> str:
    return f"[{','.join(map(str, array.shape))}]"


def _part(data: bytes, start: int, size: int, unit: str) -> bytes:
    whole: Any = data if unit == "BYTE" else data.decode()
    count = whole.__len__()
    if not -count <= start <= count:
        raise reject(
            "Substr",
            f"pos {start} out of range for string b'{data.decode()}' at index 0",
            label=None,
        )
    begin = start + count if start < 0 else start
    part = whole[begin : begin + size]
    return part if unit == "BYTE" else part.encode()


@export("tf.strings.strip")
def strip(input: Any, name: str | None = None) -> Tensor:
    """Without spaces at the ends."""
    return mapped(bytes.strip, input)


@export("tf.strings.reduce_join")
def reduce_join(
    inputs: Any, axis: Any = None, keepdims: bool = False, separator: str = "",
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """The strings along axes as one."""
    array = convert(inputs, dtypes.string)._array
    if axis is None:
        axes = list(range(array.ndim))
    else:
        axes = [int(one) % array.ndim for one in np.atleast_1d(convert(axis)._array)]
    kept = [one for one in range(array.ndim) if one not in axes]
    moved = array.transpose([*kept, *axes]).reshape(*(array.shape[one] for one in kept), -1)
    between = separator.encode()
    found = np.empty(moved.shape[:-1], object)
    for at in np.ndindex(*found.shape):
        found[at] = between.join(moved[at].tolist())
    if keepdims:
        found = found.reshape([1 if one in axes else array.shape[one] for one in range(array.ndim)])
    return make(found, dtypes.string)


# ------------------------------------------------------------------- patterns


def _compiled(pattern: Any, op: str) -> re.Pattern[bytes]:
    text: bytes = convert(pattern, dtypes.string)._array.item()
    wrong = PERL.search(text.decode("latin-1"))
    try:
        if wrong is None:
            return re.compile(text)
        why = f"invalid perl operator: {wrong.group()}"
    except re.error as error:
        why = str(error)
    raise reject(op, f"Invalid pattern: {text.decode()}, error: {why}", label=None)


@export("tf.strings.regex_replace")
def regex_replace(
    input: Any, pattern: Any, rewrite: Any, replace_global: bool = True, name: str | None = None
) -> Tensor:
    """What matches the pattern replaced; `\\1` in `rewrite` is what the first group matched."""
    compiled = _compiled(pattern, "StaticRegexReplace")
    pieces = REFERENCE.split(convert(rewrite, dtypes.string)._array.item())

    def written(found: re.Match[bytes]) -> bytes:
        parts = [
            one if not at % 2 else b"\\" if one == b"\\" else found.group(int(one)) or b""
            for at, one in enumerate(pieces)
        ]
        return b"".join(parts)

    count = 0 if replace_global else 1
    return mapped(lambda one: compiled.sub(written, one, count=count), input)


@export("tf.strings.regex_full_match")
def regex_full_match(input: Any, pattern: Any, name: str | None = None) -> Tensor:
    """Whether the pattern matches the whole string."""
    compiled = _compiled(pattern, "StaticRegexFullMatch")
    return _each(lambda one: compiled.fullmatch(one) is not None, input, dtypes.bool_)


def _each(function: Callable[[bytes], Any], strings: Any, dtype: dtypes.DType) -> Tensor:
    array = each(function, convert(strings, dtypes.string)._array)
    return make(array.astype(dtype._array_type), dtype)


# ------------------------------------------------------------------- buckets


@export("tf.strings.to_hash_bucket_fast")
def to_hash_bucket_fast(input: Any, num_buckets: Any, name: str | None = None) -> Tensor:
    """The bucket of each string, by FarmHash's Fingerprint64."""
    buckets = integer(num_buckets)
    if buckets < 1:
        raise reject(
            "StringToHashBucketFast",
            f"Value for attr 'num_buckets' of {buckets} must be at least minimum 1",
            label=None,
        )
    return _each(lambda one: fingerprint64(one) % buckets, input, dtypes.int64)
