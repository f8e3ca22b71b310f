"""`tf.train.CheckpointManager`: keeps some checkpoints and deletes the older ones."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.exports import export
from varsync_runtime.train import files, states
from varsync_runtime.train.checkpoint import Checkpoint, path_of


@export("tf.train.CheckpointManager")
class CheckpointManager:
    """tensorflow/python/checkpoint/checkpoint_management.py, `CheckpointManager`."""

    __module__ = "tensorflow.python.checkpoint.checkpoint_management"

    def __init__(
        self,
        checkpoint: Checkpoint,
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
                f"Expected a positive integer or `None` for `max_to_keep`, got {max_to_keep}."
            )
        if checkpoint_interval is not None and step_counter is None:
            raise ValueError(
                "`step_counter` should be passed if `checkpoint_interval` is not None."
            )
        self._checkpoint = checkpoint
        self._directory = path_of(directory)
        self._max_to_keep = max_to_keep
        self._every = None
        if keep_checkpoint_every_n_hours is not None:
            self._every = keep_checkpoint_every_n_hours * 3600
        self._name = checkpoint_name
        self._step_counter = step_counter
        self._interval = checkpoint_interval
        self._last_step = last_checkpoint_step
        self._init_fn = init_fn
        self._recover()

    def _recover(self) -> None:
        """Goes on from the state file of the folder."""
        state = states.get_checkpoint_state(self._directory)
        self._kept: dict[str, float] = {}
        self._latest: str | None = None
        self._preserved = time.time()
        if state is None:
            return
        self._latest = state.model_checkpoint_path
        if state.last_preserved_timestamp is not None:
            self._preserved = state.last_preserved_timestamp
        times = state.all_model_checkpoint_timestamps or [
            self._preserved for _ in state.all_model_checkpoint_paths
        ]
        pairs = zip(state.all_model_checkpoint_paths, times, strict=False)
        self._kept = {path: when for path, when in pairs if files.exists(path)}

    @property
    def directory(self) -> str:
        return self._directory

    @property
    def checkpoint_interval(self) -> int | None:
        return self._interval

    @property
    def latest_checkpoint(self) -> str | None:
        """The path of the last checkpoint, None if there is none."""
        return self._latest

    @property
    def checkpoints(self) -> list[str]:
        """The paths of those that are kept, the oldest first."""
        return list(self._kept)

    @property
    def checkpoint(self) -> Checkpoint:
        return self._checkpoint

    @property
    def _checkpoint_prefix(self) -> str:
        return os.path.join(self._directory, self._name)  # noqa: PTH118

    def save(
        self, checkpoint_number: Any = None, check_interval: bool = True, options: Any = None
    ) -> str | None:
        """Writes a checkpoint and deletes what is too old; None if it is not time yet."""
        if self._interval is not None:
            step = int(convert(self._step_counter)._array)
            waits = self._last_step is not None and step < self._last_step + self._interval
            if check_interval and waits:
                return None
            self._last_step = step
        counter = self._checkpoint.save_counter
        counter.assign_add(1)
        number = int(convert(counter if checkpoint_number is None else checkpoint_number)._array)
        path = self._checkpoint.write(f"{self._checkpoint_prefix}-{number}", options)
        self._kept.pop(path, None)
        self._kept[path] = time.time()
        self._latest = path
        self._record()
        self._sweep()
        self._record()
        return path

    def _record(self) -> None:
        assert self._latest is not None
        kept, times = list(self._kept), list(self._kept.values())
        states.update(self._directory, self._latest, kept, times, self._preserved)

    def _sweep(self) -> None:
        """Deletes the oldest ones, except for one in so many hours."""
        while self._max_to_keep is not None and len(self._kept) > self._max_to_keep:
            path, when = next(iter(self._kept.items()))
            del self._kept[path]
            if self._every is not None and when - self._every >= self._preserved:
                self._preserved = when
                continue
            files.remove(path)

    def restore_or_initialize(self) -> str | None:
        """Restores the latest checkpoint; without one, calls `init_fn`."""
        if self._latest is not None:
            self._checkpoint.restore(self._latest)
            if self._interval is not None:
                self._last_step = int(convert(self._step_counter)._array)
            return self._latest
        if self._init_fn is not None:
            self._init_fn()
        return None

    def sync(self) -> None:
        """There is nothing to wait for."""


@export("tf.train.checkpoints_iterator")
def checkpoints_iterator(
    checkpoint_dir: Any,
    min_interval_secs: float = 0,
    timeout: float | None = None,
    timeout_fn: Callable[[], bool] | None = None,
) -> Iterator[str]:
    """The checkpoints of a folder as they come, until nothing new comes for `timeout` seconds."""
    seen: str | None = None
    while True:
        begun = time.monotonic()
        latest = states.latest_checkpoint(checkpoint_dir)
        while latest == seen or latest is None:
            if timeout is not None and time.monotonic() - begun >= timeout:
                if timeout_fn is None or timeout_fn():
                    return
                begun = time.monotonic()
            time.sleep(min(0.1, timeout or 0.1))
            latest = states.latest_checkpoint(checkpoint_dir)
        seen = latest
        yield latest
        time.sleep(min_interval_secs)
