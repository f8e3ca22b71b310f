"""Bytes as numbers: `tf.io.decode_raw`, `tf.io.decode_csv`, base64."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from varsync_runtime.ops.layout import integer
from varsync_runtime.ops.text import mapped
from varsync_runtime.tensors import blanks, dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import reject
from varsync_runtime.tensors.dtypes import as_dtype, blank
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor, make


@export("tf.io.decode_raw")
def decode_raw(
    input_bytes: Any, out_type: Any, little_endian: bool = True, fixed_length: Any = None,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """The numbers whose bytes strings are, in one more dimension."""
    tensor = convert(input_bytes, dtypes.string)
    dtype = as_dtype(out_type)
    kind = np.dtype(dtype._array_type).newbyteorder("<" if little_endian else ">")
    shape = tensor._array.shape
    length = None if fixed_length is None else integer(fixed_length)
    count = None if length is None else length // kind.itemsize
    unknown = blanks.result([*shape, count], dtype)
    if unknown is not None:
        return unknown
    strings = tensor._array.reshape(-1).tolist()
    if length is not None:
        if length % kind.itemsize:
            raise reject(
                "DecodePaddedRaw",
                f"fixed_length ({length}) must be a multiple of the size of out_type "
                f"({kind.itemsize})",
            )
        strings = [one[:length].ljust(length, b"\0") for one in strings]
    _same_size(strings, kind.itemsize)
    numbers = [np.frombuffer(one, kind).astype(dtype._array_type) for one in strings]
    return make(np.array(numbers, dtype._array_type).reshape(*shape, -1), dtype)


def _same_size(strings: list[bytes], size: int) -> None:
    first = len(strings[0]) if strings else 0
    for number, one in enumerate(strings):
        if len(one) != first:
            raise reject(
                "DecodeRaw",
                "DecodeRaw requires input strings to all be the same size, but element "
                f"{number} has size {first} != {len(one)}",
            )
    if first % size:
        raise reject(
            "DecodeRaw",
            f"Input to DecodeRaw has length {first} that is not a multiple of {size}, the size of "
            "the data type",
        )


# ------------------------------------------------------------------- comma-separated values

CSV_TYPES = (dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64, dtypes.string)


@export("tf.io.decode_csv")
def decode_csv(
    records: Any, record_defaults: Any, field_delim: str = ",", use_quote_delim: bool = True,
    na_value: str = "", select_cols: Any = None, name: str | None = None,
) -> list[Tensor]:  # fmt: skip
    """A tensor for each column of lines of text."""
    if select_cols is not None:
        if any(a >= b for a, b in pairwise(select_cols)):
            raise ValueError("select_cols is not strictly increasing.")
        if select_cols and select_cols[0] < 0:
            raise ValueError("select_cols contains negative values.")
        if len(select_cols) != len(record_defaults):
            raise ValueError("Length of select_cols and record_defaults do not match.")
    lines = convert(records, dtypes.string)
    defaults = [convert(one) for one in record_defaults]
    if blanks.are_blank():
        return [make(blank(lines._array.shape, one.dtype), one.dtype) for one in defaults]
    columns: list[list[Any]] = [[] for _ in defaults]
    for row, line in enumerate(lines._array.reshape(-1).tolist()):
        fields = list(_fields(line.decode("latin-1"), field_delim, use_quote_delim, row))
        if select_cols is not None:
            fields = [one for at, one in enumerate(fields) if at in set(select_cols)]
        if len(fields) != len(defaults):
            raise reject(
                "DecodeCSV",
                f"Expect {len(defaults)} fields but have {len(fields)} in record {row}",
                label=None,
            )
        for at, (field, default) in enumerate(zip(fields, defaults, strict=True)):
            columns[at].append(_cell(field, default, na_value, at, row))
    return [
        _column(column, default.dtype, lines._array.shape)
        for column, default in zip(columns, defaults, strict=True)
    ]


def _column(values: list[Any], dtype: dtypes.DType, shape: tuple[int, ...]) -> Tensor:
    array = np.empty(len(values), dtype._array_type)
    array[:] = values
    return make(array.reshape(shape), dtype)


def _fields(line: str, comma: str, quotes: bool, row: int) -> Iterator[str]:
    """The fields of a line (RFC 4180)."""
    at = 0
    line = line.rstrip("\r\n")
    while line:
        if quotes and line[at : at + 1] == '"':
            text = []
            at += 1
            while True:
                end = line.find('"', at)
                if end < 0:
                    raise reject(
                        "DecodeCSV", "Quoted field has to end with quote followed by delim or end",
                        label=None,
                    )  # fmt: skip
                text.append(line[at:end])
                at = end + 1
                if line[at : at + 1] != '"':
                    break
                text.append('"')
                at += 1
            if at < len(line) and line[at] != comma:
                raise reject(
                    "DecodeCSV", "Quote inside a string has to be escaped by another quote",
                    label=None,
                )  # fmt: skip
            yield "".join(text)
        else:
            end = line.find(comma, at)
            end = len(line) if end < 0 else end
            field = line[at:end]
            if quotes and '"' in field:
                raise reject(
                    "DecodeCSV", "Unquoted fields cannot have quotes/CRLFs inside", label=None
                )
            at = end
            yield field
        if at >= len(line):
            return
        at += 1


def _cell(field: str, default: Tensor, na_value: str, at: int, row: int) -> Any:
    if field in ("", na_value):
        if not default._array.size:
            raise reject(
                "DecodeCSV", f"Field {at} is required but missing in record {row}!", label=None
            )
        return default._array.reshape(-1)[0]
    if default.dtype is dtypes.string:
        return field.encode("latin-1")
    try:
        number = float(field) if default.dtype.is_floating else int(field)
        return np.array(number, default.dtype._array_type)[()]
    except (ValueError, OverflowError):
        raise reject(
            "DecodeCSV",
            f"Field {at} in record {row} is not a valid {default.dtype._word}: {field}",
            label=None,
        ) from None


# ------------------------------------------------------------------- base64


@export("tf.io.encode_base64")
def encode_base64(input: Any, pad: bool = False, name: str | None = None) -> Tensor:
    """Strings in 64 letters that may stand in the name of a file."""

    def one(data: bytes) -> bytes:
        text = base64.urlsafe_b64encode(data)
        return text if pad else text.rstrip(b"=")

    return mapped(one, input)


@export("tf.io.decode_base64")
def decode_base64(input: Any, name: str | None = None) -> Tensor:
    """The strings that such letters stand for."""

    def one(text: bytes) -> bytes:
        if len(text) % 4 == 1:
            words = "Base64 string length cannot be 1 modulo 4."
            raise reject("DecodeBase64", words, label=None)
        try:
            return base64.b64decode(text + b"=" * (-len(text) % 4), b"-_", validate=True)
        except ValueError:
            raise reject("DecodeBase64", "Invalid character found in base64.", label=None) from None

    return mapped(one, input)
