"""Datasets of what files hold: `TFRecordDataset`, `TextLineDataset`, `FixedLengthRecordDataset`."""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from varsync_runtime.data.batching import NEXT
from varsync_runtime.data.dataset import AUTOTUNE, UNKNOWN, DatasetV2, integer
from varsync_runtime.data.rows import Row
from varsync_runtime.data.sources import from_tensor_slices
from varsync_runtime.data.transforms import at_once, interleaved
from varsync_runtime.ops.framing import KINDS, records
from varsync_runtime.ops.layout import reshape
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import convert, hinted
from varsync_runtime.tensors.dtypes import string
from varsync_runtime.tensors.errors import DataLossError, InvalidArgumentError, OpError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.oserrors import translated
from varsync_runtime.tensors.spec import TensorSpec

_MODULE = "tensorflow.python.data.ops.readers"
Read = Callable[[IO[bytes], str], Iterator[bytes]]


def _file_names(filenames: Any) -> DatasetV2:
    """A dataset of the names, of which there may be one already."""
    must = "The `filenames` argument must contain `tf.string` elements"
    if isinstance(filenames, DatasetV2):
        spec = filenames.element_spec
        if spec.dtype is not string:
            raise TypeError(f"{must}. Got a dataset of `{spec.dtype!r}` elements.")
        if not spec.shape.is_compatible_with([]):
            raise TypeError(
                f"{must} of shape [] (i.e. scalars). Got a dataset of element shape {spec.shape!r}."
            )
        return filenames
    plain = nest.map_structure(
        lambda one: os.fspath(one) if isinstance(one, os.PathLike) else one, filenames
    )
    names = hinted(plain, string)
    if names.dtype is not string:
        raise TypeError(f"{must}. Got `{names.dtype!r}` elements.")
    return from_tensor_slices(reshape(names, [-1]))


def _opened(path: str, compression: Any) -> IO[bytes]:
    form = "" if compression is None else convert(compression)._array.item().decode()
    with translated(path):
        kind = KINDS.get(form)
        if kind is None:
            return Path(path).open("rb")
        try:
            return io.BytesIO(zlib.decompress(Path(path).read_bytes(), kind))
        except zlib.error as error:
            raise DataLossError(None, None, f"Failed to uncompress {path}: {error}") from None


class _Reader(DatasetV2):
    """What `read` finds in files, one after the other or `num_parallel_reads` at a time."""

    __module__ = _MODULE
    _reads_files = True

    def __init__(self, filenames: Any, compression: Any, parallel: Any, read: Read) -> None:
        names = _file_names(filenames)
        width = 1 if parallel is None else at_once(parallel, AUTOTUNE)

        def one(name: np.ndarray) -> Iterator[Row]:
            path = os.fsdecode(name.item())
            try:
                with _opened(path, compression) as file:
                    for found in read(file, path):
                        row: np.ndarray = np.empty((), object)
                        row[()] = found
                        yield [row]
            except OpError as error:
                words = f"{NEXT} {error.message} [Op:IteratorGetNext] name: "
                raise type(error)(None, None, words) from None  # type: ignore[call-arg]

        def rows() -> Iterator[Row]:
            return interleaved((one(row[0]) for row in names._rows()), width, 1)

        super().__init__(TensorSpec((), string), rows, UNKNOWN, (names,))


@export("tf.data.TFRecordDataset")
class TFRecordDatasetV2(_Reader):
    """The records of TFRecord files."""

    __module__ = _MODULE

    def __init__(
        self,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
        name: str | None = None,
    ) -> None:
        del buffer_size, name
        super().__init__(
            filenames, compression_type, num_parallel_reads, lambda file, path: records(file)
        )


def _lines(file: IO[bytes], path: str) -> Iterator[bytes]:
    for line in file:
        yield line.removesuffix(b"\n").removesuffix(b"\r")


@export("tf.data.TextLineDataset")
class TextLineDatasetV2(_Reader):
    """The lines of files."""

    __module__ = _MODULE

    def __init__(
        self,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
        name: str | None = None,
    ) -> None:
        del buffer_size, name
        super().__init__(filenames, compression_type, num_parallel_reads, _lines)


@export("tf.data.FixedLengthRecordDataset")
class FixedLengthRecordDatasetV2(_Reader):
    """The records of files in which all have the same length."""

    __module__ = _MODULE

    def __init__(
        self,
        filenames: Any,
        record_bytes: Any,
        header_bytes: Any = None,
        footer_bytes: Any = None,
        buffer_size: Any = None,
        compression_type: Any = None,
        num_parallel_reads: Any = None,
        name: str | None = None,
    ) -> None:
        del buffer_size, name
        size, header, footer = (
            0 if one is None else integer(one) for one in (record_bytes, header_bytes, footer_bytes)
        )

        def read(file: IO[bytes], path: str) -> Iterator[bytes]:
            data = file.read()
            body = data[header : len(data) - footer]
            if len(body) % size:
                raise InvalidArgumentError(
                    None,
                    None,
                    f"Excluding the header ({header} bytes) and footer ({footer} bytes), input "
                    f'file "{path}" has body length {len(body)} bytes, which is not an exact '
                    f"multiple of the record length ({size} bytes).",
                )
            return (body[at : at + size] for at in range(0, len(body), size))

        super().__init__(filenames, compression_type, num_parallel_reads, read)
