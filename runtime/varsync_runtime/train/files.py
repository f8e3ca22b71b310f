"""The files of a checkpoint: their format, how they are written, how they are read.

They bear TensorFlow's names. `PREFIX.data-00000-of-00001` has everything: a magic line, the length
of a header, the header (JSON: where each value lies), the values. `PREFIX.index` has the magic line
and the header again; where it is missing there is no checkpoint. Each file is written under another
name and renamed when it is whole, the index last, so a process that is killed leaves what was there
before.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from varsync_runtime.tensors import errors
from varsync_runtime.tensors.dispatch import brackets
from varsync_runtime.tensors.dtypes import DType, as_dtype
from varsync_runtime.tensors.oserrors import translated

MAGIC = b"varsync simulate: checkpoint, format 1\n"
LENGTH = 8  # bytes of the header's length
INDEX = ".index"
DATA = ".data-00000-of-00001"
SHARD = re.compile(r"\.data-\d{5}-of-\d{5}$")


@dataclass(frozen=True)
class Saved:
    """One value as it goes into the file."""

    array: np.ndarray
    dtype: DType


def write(prefix: str, values: Mapping[str, Saved]) -> None:
    """Writes a checkpoint; the folder has to be there."""
    header: dict[str, dict[str, Any]] = {}
    blocks = []
    at = 0
    for key in sorted(values):
        block = _packed(values[key])
        header[key] = {
            "dtype": values[key].dtype.name,
            "shape": list(values[key].array.shape),
            "at": at,
            "size": len(block),
            "crc": zlib.crc32(block),
        }
        blocks.append(block)
        at += len(block)
    text = json.dumps(header).encode()
    head = MAGIC + len(text).to_bytes(LENGTH, "little") + text
    _replace(prefix + DATA, [head, *blocks])
    _replace(prefix + INDEX, [head])


def _replace(path: str, blocks: list[bytes]) -> None:
    """Puts a file in the place of what is there, in one step."""
    temporary = f"{path}.tempstate{os.getpid()}"
    with translated(path):
        with open(temporary, "wb") as file:  # noqa: PTH123 - `open` is what replicas agree on
            for block in blocks:
                file.write(block)
        os.replace(temporary, path)  # noqa: PTH105 - as above


def _packed(saved: Saved) -> bytes:
    if saved.dtype.name != "string":
        data: bytes = np.ascontiguousarray(saved.array, dtype=saved.dtype._array_type).tobytes()
        return data
    items = [_as_bytes(item) for item in np.asarray(saved.array, dtype=object).ravel()]
    return b"".join(len(item).to_bytes(LENGTH, "little") + item for item in items)


def _as_bytes(item: Any) -> bytes:
    return item.encode() if isinstance(item, str) else bytes(item)


class Reader:
    """Reads a checkpoint: what `tf.train.load_checkpoint` gives."""

    def __init__(self, prefix: str) -> None:
        self._data = prefix + DATA
        if not Path(prefix + INDEX).is_file():
            raise _not_there(prefix)
        _require_magic(prefix + INDEX)
        if not Path(self._data).exists():
            raise errors.OpError(None, None, f"{self._data}; No such file or directory", 2)
        _require_magic(self._data)
        with translated(self._data), open(self._data, "rb") as file:  # noqa: PTH123
            head = len(MAGIC) + LENGTH
            size = int.from_bytes(file.read(head)[len(MAGIC) :], "little")
            text = file.read(size)
        try:
            self._header: dict[str, dict[str, Any]] = json.loads(text)
        except ValueError:
            raise self._damaged() from None
        self._start = head + size
        end = max((one["at"] + one["size"] for one in self._header.values()), default=0)
        if Path(self._data).stat().st_size != self._start + end:
            raise self._damaged()

    def _damaged(self) -> errors.DataLossError:
        return errors.DataLossError(
            None, None, f"{self._data} is damaged: it was cut off or changed after it was written"
        )

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """The shapes of all values, by key."""
        return {key: list(one["shape"]) for key, one in self._header.items()}

    def get_variable_to_dtype_map(self) -> dict[str, DType]:
        """The dtypes of all values, by key."""
        return {key: as_dtype(one["dtype"]) for key, one in self._header.items()}

    def has_tensor(self, tensor_str: str) -> bool:
        """Whether there is a value of this key."""
        return tensor_str in self._header

    def debug_string(self) -> bytes:
        """The keys with dtypes and shapes, a line each."""
        lines = [
            f"{key} (DT_{as_dtype(one['dtype'])._word.upper()}) {brackets(one['shape'])}\n"
            for key, one in self._header.items()
        ]
        return "".join(lines).encode()

    def get_tensor(self, tensor_str: str) -> Any:
        """The value of a key, as NumPy has it."""
        array = self.array(tensor_str)
        return array if array.ndim else array[()]

    def array(self, key: str) -> np.ndarray:
        """The value of a key, as an array."""
        if key not in self._header:
            raise errors.NotFoundError(None, None, f"Key {key} not found in checkpoint")
        one = self._header[key]
        with translated(self._data), open(self._data, "rb") as file:  # noqa: PTH123
            file.seek(self._start + one["at"])
            block = file.read(one["size"])
        if len(block) != one["size"] or zlib.crc32(block) != one["crc"]:
            raise self._damaged()
        dtype = as_dtype(one["dtype"])
        if dtype.name == "string":
            return _unpacked(block, one["shape"])
        array: np.ndarray = np.empty(one["shape"], dtype=dtype._array_type)
        array.ravel()[:] = np.frombuffer(block, dtype=dtype._array_type)
        return array


def _unpacked(block: bytes, shape: list[int]) -> np.ndarray:
    array: np.ndarray = np.empty(int(np.prod(shape)), dtype=object)
    at = 0
    for index in range(array.size):
        size = int.from_bytes(block[at : at + LENGTH], "little")
        at += LENGTH
        array[index] = block[at : at + size]
        at += size
    return array.reshape(shape)


def _not_there(prefix: str) -> errors.OpError:
    if prefix and Path(prefix).is_dir():
        words = (
            f"Unable to open table file {prefix}: FAILED_PRECONDITION: {prefix}; Is a directory: "
            "perhaps your file is in a different file format and you need to use a different "
            "restore operator?"
        )
        return errors.DataLossError(None, None, words)
    return errors.NotFoundError(
        None,
        None,
        "Unsuccessful TensorSliceReader constructor: Failed to find any matching files for "
        f"{prefix}",
    )


def _require_magic(path: str) -> None:
    """Raises, with the file's name, unless the file was written here."""
    with translated(path), open(path, "rb") as file:  # noqa: PTH123
        start = file.read(len(MAGIC))
    if start == MAGIC:
        return
    if MAGIC.startswith(start):
        words = f"{path} is damaged: it was cut off or changed after it was written"
        raise errors.DataLossError(None, None, words)
    raise errors.NotModelled(
        f"checkpoints that TensorFlow or another program wrote: {path} is in another format"
    )
