"""The format of checkpoints: `.index` says what there is, `.data-00000-of-00001` holds the values.

The format is our own, with TensorFlow's names of files. The index starts with a line that names it,
so that a checkpoint of TensorFlow is told from one of ours.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from varsync_runtime.tensors.errors import DataLossError, NotFoundError, OpError

MAGIC = b"varsync checkpoint 1\n"
INDEX = ".index"
DATA = ".data-00000-of-00001"


@dataclass
class Node:
    """An object: what it consists of, and the keys of its values by attribute."""

    children: list[tuple[str, int]] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    full_name: str = ""


@dataclass
class Contents:
    """A checkpoint: its objects, the first of which is the root, and its values by key."""

    nodes: list[Node]
    arrays: dict[str, np.ndarray]


def write(prefix: str, contents: Contents) -> None:
    """Writes the two files of a checkpoint."""
    folder = os.path.dirname(prefix)  # noqa: PTH120
    if folder:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103
    entries: dict[str, Any] = {}
    parts: list[bytes] = []
    start = 0
    for key in sorted(contents.arrays):
        array = contents.arrays[key]
        data, dtype = _packed(array)
        entries[key] = {"dtype": dtype, "shape": list(array.shape), "at": start, "size": len(data)}
        parts.append(data)
        start += len(data)
    nodes = [[one.children, one.values, one.full_name] for one in contents.nodes]
    index = json.dumps({"nodes": nodes, "values": entries}, indent=0)
    for name, data in ((DATA, b"".join(parts)), (INDEX, MAGIC + index.encode())):
        with open(prefix + name, "wb") as file:  # noqa: PTH123
            file.write(data)


def _packed(array: np.ndarray) -> tuple[bytes, str]:
    if array.dtype == object:
        texts = [one.decode("latin-1") for one in array.reshape(-1).tolist()]
        return json.dumps(texts).encode(), "string"
    return np.ascontiguousarray(array).tobytes(), array.dtype.str


def _unpacked(data: bytes, dtype: str, shape: list[int]) -> Any:
    if dtype == "string":
        array: np.ndarray = np.empty(int(np.prod(shape)), dtype=object)
        array[:] = [one.encode("latin-1") for one in json.loads(data)]
        return array.reshape(shape)
    return np.frombuffer(data, np.dtype(dtype)).reshape(shape).copy()


def exists(prefix: str) -> bool:
    """Whether there is a checkpoint under this prefix."""
    return os.path.exists(prefix + INDEX)  # noqa: PTH110


def missing(prefix: str) -> NotFoundError:
    """What TensorFlow raises for a checkpoint that is not there."""
    return NotFoundError(
        None,
        None,
        "Unsuccessful TensorSliceReader constructor: Failed to find any matching files for "
        f"{prefix}",
    )


def read(prefix: str) -> Contents:
    """The checkpoint under this prefix; raises for other formats."""
    if not exists(prefix):
        raise missing(prefix)
    with open(prefix + INDEX, "rb") as file:  # noqa: PTH123
        index = file.read()
    if not index.startswith(MAGIC):
        raise OpError(
            None,
            None,
            f"{prefix} is no checkpoint of varsync simulate: it can read only what it has written "
            "itself, not the checkpoints of TensorFlow",
            DataLossError.code,
        )
    told = json.loads(index[len(MAGIC) :])
    with open(prefix + DATA, "rb") as file:  # noqa: PTH123
        data = file.read()
    arrays = {
        key: _unpacked(data[one["at"] : one["at"] + one["size"]], one["dtype"], one["shape"])
        for key, one in told["values"].items()
    }
    nodes = [
        Node([(name, at) for name, at in children], values, full_name)
        for children, values, full_name in told["nodes"]
    ]
    return Contents(nodes, arrays)


def remove(prefix: str) -> None:
    """Deletes the files of a checkpoint."""
    for name in (INDEX, DATA):
        if os.path.exists(prefix + name):  # noqa: PTH110
            os.remove(prefix + name)  # noqa: PTH107
