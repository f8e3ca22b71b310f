"""The text file `checkpoint`, which says what the latest checkpoint of a folder is.

After tensorflow/python/checkpoint/checkpoint_management.py.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.oserrors import translated
from varsync_runtime.train.files import DATA, INDEX
from varsync_runtime.train.restoring import warn

LINE = re.compile(r'^\s*(\w+)\s*:\s*(?:"((?:[^"\\]|\\.)*)"|(\S+))\s*$')


@dataclass
class CheckpointState:
    """The latest checkpoint of a folder, and those that are kept."""

    model_checkpoint_path: str = ""
    all_model_checkpoint_paths: list[str] = field(default_factory=list)
    all_model_checkpoint_timestamps: list[float] = field(default_factory=list)
    last_preserved_timestamp: float = 0.0

    def __str__(self) -> str:
        lines = [f'model_checkpoint_path: "{_escaped(self.model_checkpoint_path)}"']
        lines += [
            f'all_model_checkpoint_paths: "{_escaped(path)}"'
            for path in self.all_model_checkpoint_paths
        ]
        lines += [
            f"all_model_checkpoint_timestamps: {time!r}"
            for time in self.all_model_checkpoint_timestamps
        ]
        if self.last_preserved_timestamp:
            lines.append(f"last_preserved_timestamp: {self.last_preserved_timestamp!r}")
        return "\n".join([*lines, ""])

    @classmethod
    def parse(cls, text: str) -> CheckpointState:
        """What `str` gave; ValueError for another text."""
        state = cls()
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip():
                continue
            found = LINE.match(line)
            name = found.group(1) if found else ""
            if found is None or name not in cls.__dataclass_fields__:
                raise ValueError(f'{number}:1 : Message type "tensorflow.CheckpointState" {line!r}')
            value = _unescaped(found.group(2)) if found.group(3) is None else found.group(3)
            if name == "model_checkpoint_path":
                state.model_checkpoint_path = value
            elif name == "all_model_checkpoint_paths":
                state.all_model_checkpoint_paths.append(value)
            elif name == "all_model_checkpoint_timestamps":
                state.all_model_checkpoint_timestamps.append(float(value))
            else:
                state.last_preserved_timestamp = float(value)
        return state


def _escaped(path: str) -> str:
    return path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text)


def _file(folder: str, latest_filename: str | None) -> str:
    return os.path.join(folder, latest_filename or "checkpoint")  # noqa: PTH118 - "" stays ""


def _relative(path: str, folder: str) -> str:
    if os.path.isabs(path):  # noqa: PTH117
        return os.path.relpath(path, folder)
    return path


@export("tf.__internal__.train.update_checkpoint_state")
def update_checkpoint_state(
    save_dir: str,
    model_checkpoint_path: str,
    all_model_checkpoint_paths: Sequence[str] | None = None,
    latest_filename: str | None = None,
    save_relative_paths: bool = False,
    all_model_checkpoint_timestamps: Sequence[float] | None = None,
    last_preserved_timestamp: float | None = None,
) -> None:
    """Writes the text file of a folder."""
    paths = list(all_model_checkpoint_paths or ())
    if save_relative_paths:
        model_checkpoint_path = _relative(model_checkpoint_path, save_dir)
        paths = [_relative(path, save_dir) for path in paths]
    if not paths or paths[-1] != model_checkpoint_path:
        paths.append(model_checkpoint_path)
    times = list(all_model_checkpoint_timestamps or ())
    if times and len(times) != len(paths):
        raise ValueError(
            "Checkpoint timestamps, if provided, must match checkpoint paths (got paths "
            f"{paths} and timestamps {times})"
        )
    if not os.path.isabs(save_dir):  # noqa: PTH117

        def local(path: str) -> str:
            return path if os.path.isabs(path) else os.path.relpath(path, save_dir)  # noqa: PTH117

        model_checkpoint_path = local(model_checkpoint_path)
        paths = [local(path) for path in paths]
    file = _file(save_dir, latest_filename)
    if file == model_checkpoint_path:
        raise RuntimeError(
            f"Save path '{model_checkpoint_path}' conflicts with path used for checkpoint state.  "
            "Please use a different save path."
        )
    state = CheckpointState(model_checkpoint_path, paths, times, last_preserved_timestamp or 0.0)
    temporary = f"{file}.tmp{os.getpid()}"
    with translated(file):
        with open(temporary, "w", encoding="utf-8") as out:  # noqa: PTH123
            out.write(str(state))
        os.replace(temporary, file)  # noqa: PTH105


@export("tf.train.get_checkpoint_state")
def get_checkpoint_state(
    checkpoint_dir: Any, latest_filename: str | None = None
) -> CheckpointState | None:
    """What the text file of a folder says; None if there is none, or if it cannot be read."""
    folder = os.fspath(checkpoint_dir)
    file = _file(folder, latest_filename)
    if not Path(file).exists():
        return None
    try:
        state = CheckpointState.parse(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        kind = "ParseError" if isinstance(error, ValueError) else type(error).__name__
        warn(f"{kind}: {error}")
        warn(f"{file}: Checkpoint ignored")
        return None
    if not state.model_checkpoint_path:
        raise ValueError("Invalid checkpoint state loaded from " + folder)
    state.model_checkpoint_path = os.path.join(folder, state.model_checkpoint_path)  # noqa: PTH118
    state.all_model_checkpoint_paths = [
        os.path.join(folder, path)  # noqa: PTH118
        for path in state.all_model_checkpoint_paths
    ]
    return state


@export("tf.train.latest_checkpoint")
def latest_checkpoint(checkpoint_dir: Any, latest_filename: str | None = None) -> str | None:
    """The path of the latest checkpoint of a folder, None if there is none."""
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None:
        return None
    path = state.model_checkpoint_path
    if checkpoint_exists(path):
        return path
    import sys

    print(f"ERROR:tensorflow:Couldn't match files for checkpoint {path}", file=sys.stderr)
    return None


@export("tf.compat.v1.train.checkpoint_exists")
def checkpoint_exists(checkpoint_prefix: str) -> bool:
    """Whether there is a checkpoint of this path."""
    return Path(checkpoint_prefix + INDEX).exists() or Path(checkpoint_prefix).exists()


@export("tf.compat.v1.train.remove_checkpoint")
def remove_checkpoint(checkpoint_prefix: str) -> None:
    """Deletes the files of a checkpoint, those that are there."""
    for path in (checkpoint_prefix + INDEX, checkpoint_prefix + DATA):
        if Path(path).exists():
            with translated(path):
                os.remove(path)  # noqa: PTH107 - what replicas agree on
