"""Where the files of a run that are made up lie."""

from __future__ import annotations

from pathlib import Path


class Scratch:
    """A folder that whoever starts the run has made, and removes after it."""

    folder = Path()


scratch = Scratch()
