"""Where the cache of a run is: as told, or in the project."""

from __future__ import annotations

import os

from varsync.errors import CannotRun
from varsync.memory.memory import Memory
from varsync.memory.store import NAME, Store, is_free


def folder(cache_dir: str | None, project: str) -> str:
    """The absolute path of the cache folder of a project: a folder's absolute path."""
    told = cache_dir or os.environ.get("VARSYNC_CACHE_DIR")
    return os.path.abspath(told) if told else os.path.join(project, NAME)


def memory(cache_dir: str | None, project: str, *, forget: bool) -> Memory:
    """The memory of a run; `forget`, or the environment, says that it is of this run alone.

    Raises CannotRun for a folder that holds something else.
    """
    if forget or os.environ.get("VARSYNC_NO_CACHE", "0") not in ("", "0"):
        return Memory()
    place = folder(cache_dir, project)
    if cache_dir and os.path.isdir(place) and not is_free(place):
        raise CannotRun(f"--cache-dir: other files are in {cache_dir}")
    return Memory(Store(place, project))
