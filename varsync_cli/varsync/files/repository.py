"""Where the repository is that a file belongs to."""

from __future__ import annotations

import os
from pathlib import Path


def repository_of(folder: str) -> str | None:
    """The root of the Git repository (or work tree) that an absolute folder is in."""
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def root_here() -> str:
    """The root of the repository that the current folder is in; where it is in none, the folder."""
    here = os.getcwd()
    return repository_of(here) or here


def path_within(root: str, absolute: str) -> str:
    """A path as services that show findings want it: from the root, with slashes.

    What lies outside stays absolute.
    """
    path = Path(absolute)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
