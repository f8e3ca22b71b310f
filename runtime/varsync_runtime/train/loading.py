"""What checkpoints hold, without the objects: `tf.train.load_checkpoint` and the like.

After tensorflow/python/training/checkpoint_utils.py.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from varsync_runtime.tensors.exports import export, provide
from varsync_runtime.train.files import Reader
from varsync_runtime.train.state import latest_checkpoint

provide("tf.compat.v1.train.NewCheckpointReader", Reader)


@export("tf.train.load_checkpoint")
def load_checkpoint(ckpt_dir_or_file: Any) -> Reader:
    """A reader of a checkpoint, or of the latest one of a folder."""
    path = os.fspath(ckpt_dir_or_file)
    if Path(path).is_dir():
        found = latest_checkpoint(path)
        if found is None:
            raise ValueError(
                "Couldn't find 'checkpoint' file or checkpoints in given directory "
                f"{ckpt_dir_or_file}"
            )
        path = found
    return Reader(path)


@export("tf.train.load_variable")
def load_variable(ckpt_dir_or_file: Any, name: str) -> Any:
    """The value of a key."""
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name.removesuffix(":0"))


@export("tf.train.list_variables")
def list_variables(ckpt_dir_or_file: Any) -> list[tuple[str, list[int]]]:
    """All keys with the shapes of their values, sorted."""
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())


def _wait(folder: Any, last: str | None, timeout: float | None) -> str | None:
    """The path of a checkpoint that is not `last`, None when the time is over."""
    end = None if timeout is None else time.time() + timeout
    while True:
        path = latest_checkpoint(folder)
        if path is not None and path != last:
            return path
        if end is not None and time.time() + 1 > end:
            return None
        time.sleep(1)


@export("tf.train.checkpoints_iterator")
def checkpoints_iterator(
    checkpoint_dir: Any,
    min_interval_secs: float = 0,
    timeout: float | None = None,
    timeout_fn: Callable[[], bool] | None = None,
) -> Iterator[str]:
    """The latest checkpoint of a folder, again and again as new ones come."""
    path: str | None = None
    while True:
        new = _wait(checkpoint_dir, path, timeout)
        if new is not None:
            start = time.time()
            path = new
            yield new
            rest = start + min_interval_secs - time.time()
            if rest > 0:
                time.sleep(rest)
        elif timeout_fn is None:
            return
        if timeout_fn is not None and timeout_fn():
            return
