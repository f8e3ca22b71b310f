"""Where the files of a run that are made up lie."""

from __future__ import annotations

from pathlib import Path


class Scratch:
    """A folder that is made when something is made up; whoever starts the run removes it."""

    folder = Path()

    def made(self) -> Path:
        """The folder, which is there from now on; nobody else may read its parent."""
        self.folder.parent.mkdir(mode=0o700, exist_ok=True)
        self.folder.mkdir(exist_ok=True)
        return self.folder


scratch = Scratch()
