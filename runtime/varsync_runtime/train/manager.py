"""`tf.train.CheckpointManager`: keeps the last few checkpoints of a folder.

After tensorflow/python/checkpoint/checkpoint_management.py.
"""

from __future__ import annotations

import numbers
import os
import time
from collections.abc import Callable
from typing import Any

from varsync_runtime.tensors.exports import export
from varsync_runtime.train.checkpoint import CheckpointOptions
from varsync_runtime.train.files import INDEX
from varsync_runtime.train.restoring import warn
from varsync_runtime.train.state import (
    get_checkpoint_state,
    remove_checkpoint,
    update_checkpoint_state,
)

HOUR = 3600.0


@export("tf.train.CheckpointManager")
class CheckpointManager:
    """Saves checkpoints into a folder and deletes those that are too many."""

    __module__ = "tensorflow.python.checkpoint.checkpoint_management"

    def __init__(
        self,
        checkpoint: Any,
        directory: Any,
        max_to_keep: int | None,
        keep_checkpoint_every_n_hours: float | None = None,
        checkpoint_name: str = "ckpt",
        step_counter: Any = None,
        checkpoint_interval: int | None = None,
        init_fn: Callable[[], Any] | None = None,
        last_checkpoint_step: int | None = None,
    ) -> None:
        if max_to_keep is not None and max_to_keep <= 0:
            raise ValueError(
                f"Expected a positive integer or `None` for `max_to_keep`, got {int(max_to_keep)}."
            )
        if checkpoint_interval is not None and step_counter is None:
            raise ValueError(
                "`step_counter` should be passed if `checkpoint_interval` is not None."
            )
        self._checkpoint = checkpoint
        self._max_to_keep = max_to_keep
        self._keep_checkpoint_every_n_hours = keep_checkpoint_every_n_hours
        self._directory: str = os.fspath(directory)
        self._checkpoint_prefix = os.path.join(self._directory, checkpoint_name)  # noqa: PTH118
        self._init_fn = init_fn
        self._step_counter = step_counter
        self._last_checkpoint_step: Any = last_checkpoint_step
        self._checkpoint_interval = checkpoint_interval
        self._latest_checkpoint: str | None = None
        # the checkpoints that may be deleted, the oldest first, with the times of their writing
        self._kept: dict[str, float] = {}
        self._recover()

    def _recover(self) -> None:
        """Takes up what an earlier run has left in the folder."""
        state = get_checkpoint_state(self._directory)
        now = time.time()
        self._last_preserved_timestamp = now - 1.0
        if state is None:
            return
        self._latest_checkpoint = state.model_checkpoint_path
        preserved = state.last_preserved_timestamp
        if now < preserved:
            warn(
                f"time.time() returned a value {preserved - now:f} seconds behind the last "
                "preserved checkpoint timestamp."
            )
            preserved = now
        self._last_preserved_timestamp = preserved
        paths = state.all_model_checkpoint_paths
        times = state.all_model_checkpoint_timestamps or [preserved] * len(paths)
        for path, written in zip(paths, times, strict=False):
            if min(written, now) > preserved:
                self._kept[path] = min(written, now)

    @property
    def directory(self) -> str:
        """The folder."""
        return self._directory

    @property
    def checkpoint_interval(self) -> int | None:
        """How many steps there have to be between two checkpoints."""
        return self._checkpoint_interval

    @property
    def latest_checkpoint(self) -> str | None:
        """The path of the last checkpoint."""
        return self._latest_checkpoint

    @property
    def checkpoints(self) -> list[str]:
        """The paths of those that may still be deleted, the oldest first."""
        return list(self._kept)

    @property
    def checkpoint(self) -> Any:
        """What is saved."""
        return self._checkpoint

    def _sweep(self) -> None:
        if not self._max_to_keep:
            return
        while len(self._kept) > self._max_to_keep:
            path = next(iter(self._kept))
            written = self._kept.pop(path)
            hours = self._keep_checkpoint_every_n_hours
            if hours and written - hours * HOUR >= self._last_preserved_timestamp:
                self._last_preserved_timestamp = written
                continue
            remove_checkpoint(path)

    def _record_state(self) -> None:
        assert self._latest_checkpoint is not None
        update_checkpoint_state(
            self._directory,
            self._latest_checkpoint,
            list(self._kept),
            save_relative_paths=True,
            all_model_checkpoint_timestamps=list(self._kept.values()),
            last_preserved_timestamp=self._last_preserved_timestamp,
        )

    def _written(self, path: str) -> None:
        # the file's own time is the same for all replicas
        written = os.stat(path + INDEX).st_mtime  # noqa: PTH116
        self._kept.pop(path, None)
        self._kept[path] = written
        self._latest_checkpoint = path
        self._record_state()
        self._sweep()
        self._record_state()

    def save(
        self,
        checkpoint_number: Any = None,
        check_interval: bool = True,
        options: CheckpointOptions | None = None,
    ) -> Any:
        """Writes a checkpoint and deletes the oldest; its path, None if it is not time yet."""
        if self._checkpoint_interval is not None:
            step = self._step_counter.numpy()
            last = self._last_checkpoint_step
            if last is not None:
                if step == last:
                    return None
                if check_interval and step < last + self._checkpoint_interval:
                    return None
            self._last_checkpoint_step = step
        counter = self._checkpoint.save_counter
        counter.assign_add(1)
        if checkpoint_number is None:
            checkpoint_number = counter
        if not isinstance(checkpoint_number, numbers.Integral):
            checkpoint_number = checkpoint_number.numpy()
        prefix = f"{self._checkpoint_prefix}-{int(checkpoint_number)}"
        options = (options or CheckpointOptions()).with_callback(self._written)
        return self._checkpoint._write(prefix, options=options)

    def restore_or_initialize(self) -> str | None:
        """Restores the last checkpoint; without one, calls `init_fn`."""
        if self._latest_checkpoint is not None:
            self._checkpoint.restore(self._latest_checkpoint)
            if self._checkpoint_interval is not None:
                self._last_checkpoint_step = self._step_counter.numpy()
            return self._latest_checkpoint
        if self._init_fn is not None:
            self._init_fn()
        return None

    def sync(self) -> None:
        """Waits for checkpoints that are being written: there are none."""
        self._checkpoint.sync()
