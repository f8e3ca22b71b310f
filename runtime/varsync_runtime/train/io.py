"""`tf.io.read_file` and its like: files in string tensors."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from varsync_runtime.tensors import errors
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import string
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor, make
from varsync_runtime.train import gfile

CPU = "/job:localhost/replica:0/task:0/device:CPU:0"


def _of_op(op: str, error: errors.OpError) -> errors.OpError:
    words = f"{{{{function_node __wrapped__{op}_device_{CPU}}}}} {error.message} [Op:{op}]"
    return type(error)(None, None, words)  # type: ignore[call-arg]


@export("tf.io.read_file", "tf.compat.v1.read_file")
def read_file(filename: Any, name: str | None = None) -> Tensor:
    """The bytes of a file."""
    del name
    try:
        return convert(gfile.GFile(convert(filename), "rb").read())
    except errors.OpError as error:
        raise _of_op("ReadFile", error) from None


@export("tf.io.write_file", "tf.compat.v1.write_file")
def write_file(filename: Any, contents: Any, name: str | None = None) -> None:
    """Writes bytes to a file, and makes the folder."""
    del name
    path = gfile.path_of(convert(filename))
    try:
        gfile.makedirs(os.path.dirname(path))  # noqa: PTH120 - "" stays ""
        with gfile.GFile(path, "wb") as file:
            file.write(convert(contents))
    except errors.OpError as error:
        raise _of_op("WriteFile", error) from None


@export("tf.io.matching_files", "tf.compat.v1.matching_files")
def matching_files(pattern: Any, name: str | None = None) -> Tensor:
    """The paths that match a pattern or one of several, sorted."""
    del name
    patterns = convert(pattern)._array.ravel().tolist()
    found = sorted({os.fsencode(path) for one in patterns for path in gfile.glob(one)})
    array: np.ndarray = np.empty(len(found), dtype=object)
    array[:] = found
    return make(array, string)
