"""HDF5 files, which h5py writes without Python's `open`: by the first rank, seen by all."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable
from typing import Any

from varsync_runtime.replicas.host import files, together
from varsync_runtime.replicas.host.context import Role, role
from varsync_runtime.replicas.host.patches import replace

# a file of one's own in memory, which never reaches the disk
PRIVATE = {"driver": "core", "backing_store": False}


def install() -> None:
    """Replaces what opens `h5py.File`, if there is h5py."""
    if importlib.util.find_spec("h5py") is not None:
        replace(importlib.import_module("h5py").File, "__init__", _open)


def _open(original: Callable[..., None]) -> Callable[..., None]:
    def open(self: Any, name: Any, mode: str = "r", *args: Any, **kwargs: Any) -> None:
        what = role()
        is_path = isinstance(name, (str, bytes, os.PathLike))
        if not is_path or what is Role.REAL or kwargs.get("driver") == "core":
            original(self, name, mode, *args, **kwargs)
        elif mode == "r":
            if files.is_written(name) and what is Role.TOGETHER:
                together.meet("h5py.File")  # the first rank has closed what it wrote
            original(self, name, mode, *args, **kwargs)
        else:
            files.note_written(name)
            if what is Role.MUTE:
                _pretended(original, self, name, mode)
            else:
                together.once_for_first(
                    "h5py.File",
                    lambda: original(self, name, mode, *args, **kwargs),
                    lambda: _pretended(original, self, name, mode),
                )
                together.meet("h5py.File")  # the others have their copies

    return open


def _pretended(original: Callable[..., None], file: Any, name: Any, mode: str) -> None:
    """A file that holds what the one on the disk does, and keeps changes to itself."""
    has_contents = mode in ("a", "r+")
    original(file, name, "r+" if has_contents else "w", **PRIVATE, locking=False)
