"""What somebody asks of a run about lines of the script: plain values."""

from __future__ import annotations

import os
from dataclasses import dataclass

from varsync_runtime.events.sites import Site


@dataclass(frozen=True)
class Lines:
    """Lines of a file, or of a cell of a notebook (0: none): they count from 1, `last` is included."""

    filename: str
    cell: int
    first: int
    last: int


@dataclass(frozen=True)
class ModeAsked:
    """The modes of the variables of this name that a line makes; None leaves the script's.

    The line is that of the variable in reports: of a layer's variables the one that makes the layer.
    """

    filename: str
    cell: int
    row: int
    name: str
    synchronization: str | None = None
    aggregation: str | None = None

    def is_of(self, name: str, site: Site) -> bool:
        """Whether a variable of this name, made on this line, is meant."""
        filename, cell = site.cell
        if (self.cell, self.row, self.name) != (cell, site.line, name):
            return False
        return os.path.realpath(self.filename) == os.path.realpath(filename)
