"""The text file `checkpoint` of a folder: which checkpoint is the latest, and which are kept."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Any

from varsync_runtime.tensors.exports import export
from varsync_runtime.train import files

FILE = "checkpoint"


@export("tf.compat.v1.train.CheckpointState")
@dataclass
class CheckpointState:
    """tensorflow/python/training/checkpoint_state.proto."""

    model_checkpoint_path: str = ""
    all_model_checkpoint_paths: list[str] = field(default_factory=list)
    all_model_checkpoint_timestamps: list[float] = field(default_factory=list)
    last_preserved_timestamp: float | None = None

    def __str__(self) -> str:
        lines = [f'model_checkpoint_path: "{self.model_checkpoint_path}"']
        lines += [f'all_model_checkpoint_paths: "{one}"' for one in self.all_model_checkpoint_paths]
        times = self.all_model_checkpoint_timestamps
        lines += [f"all_model_checkpoint_timestamps: {one!r}" for one in times]
        if self.last_preserved_timestamp is not None:
            lines.append(f"last_preserved_timestamp: {self.last_preserved_timestamp!r}")
        return "\n".join([*lines, ""])

    __repr__ = __str__


def update(
    folder: str,
    latest: str,
    kept: list[str],
    timestamps: list[float] | None = None,
    preserved: float | None = None,
) -> None:
    """Writes the state file, with paths relative to the folder."""
    state = CheckpointState(
        _relative(latest, folder),
        [_relative(one, folder) for one in kept],
        list(timestamps or ()),
        preserved,
    )
    with open(os.path.join(folder, FILE), "w") as file:  # noqa: PTH118, PTH123
        file.write(str(state))


def _relative(path: str, folder: str) -> str:
    return os.path.relpath(path, folder or ".")


@export("tf.train.get_checkpoint_state")
def get_checkpoint_state(
    checkpoint_dir: Any, latest_filename: str | None = None
) -> CheckpointState | None:
    """The state file of a folder, with whole paths; None if there is none."""
    folder = os.fspath(checkpoint_dir)
    if isinstance(folder, bytes):
        folder = folder.decode()
    path = os.path.join(folder, latest_filename or FILE)  # noqa: PTH118
    if not os.path.exists(path):  # noqa: PTH110
        return None
    state = CheckpointState()
    with open(path) as file:  # noqa: PTH123
        for line in file:
            found = re.match(r'^(\w+): (?:"(.*)"|(\S+))$', line.rstrip("\n"))
            if found is None:
                continue
            name, text, number = found.groups()
            if name == "model_checkpoint_path":
                state.model_checkpoint_path = os.path.join(folder, text)  # noqa: PTH118
            elif name == "all_model_checkpoint_paths":
                state.all_model_checkpoint_paths.append(os.path.join(folder, text))  # noqa: PTH118
            elif name == "all_model_checkpoint_timestamps":
                state.all_model_checkpoint_timestamps.append(float(number))
            elif name == "last_preserved_timestamp":
                state.last_preserved_timestamp = float(number)
    return state


@export("tf.train.latest_checkpoint")
def latest_checkpoint(checkpoint_dir: Any, latest_filename: str | None = None) -> str | None:
    """The latest checkpoint of a folder, None if there is none."""
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None or not files.exists(state.model_checkpoint_path):
        return None
    return state.model_checkpoint_path
