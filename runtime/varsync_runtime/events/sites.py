"""Which line of the user's code is being run.

The code of a cell of a notebook has a filename of its own, "train.ipynb:cell 3".
"""

from __future__ import annotations

import functools
import os
import re
import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple

_OF_CELL = re.compile(r"(?P<notebook>.*\.ipynb):cell (?P<number>\d+)", re.DOTALL)


def name_of_cell(notebook: str, number: int) -> str:
    """What Python calls the file of a cell's code."""
    return f"{notebook}:cell {number}"


class Site(NamedTuple):
    """A line of a file. `filename` is as Python knows it; the line counts from 1."""

    filename: str
    line: int

    def __str__(self) -> str:
        return f"{self.filename}:{self.line}"

    @property
    def cell(self) -> tuple[str, int]:
        """The file, and the number of the notebook's cell in it; 0 of an ordinary file."""
        found = _OF_CELL.fullmatch(self.filename)
        return (self.filename, 0) if found is None else (found["notebook"], int(found["number"]))

    @classmethod
    def parse(cls, text: str) -> Site:
        """The site that `str` made a text of; NOWHERE of any other text."""
        filename, _, line = text.rpartition(":")
        return cls(filename, int(line)) if filename and line.isdigit() else cls("", 0)


NOWHERE = Site("", 0)
# Where code that is not the user's lies: this package, the standard library, what is installed
LIBRARIES = tuple(
    f"{Path(folder).resolve()}{os.sep}"
    for folder in (
        str(Path(__file__).parents[1]),
        *(sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    )
)


@functools.cache
def is_users(filename: str) -> bool:
    """Whether a code object of this file belongs to the user."""
    if filename.startswith("<"):
        return False
    return not os.path.realpath(filename).startswith(LIBRARIES)


def here() -> Site:
    """The innermost line of the user that is being run, `NOWHERE` if there is none."""
    frame = sys._getframe(1)
    while frame is not None:
        if is_users(frame.f_code.co_filename):
            return Site(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back  # type: ignore[assignment]
    return NOWHERE


def through() -> tuple[Site, ...]:
    """The lines of installed packages that the user's line called, the innermost first."""
    lines = []
    frame = sys._getframe(1)
    while frame is not None and not is_users(frame.f_code.co_filename):
        if not _is_own(frame.f_code.co_filename):
            lines.append(Site(frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back  # type: ignore[assignment]
    return tuple(lines)


@functools.cache
def _is_own(filename: str) -> bool:
    """Whether a code object belongs to this package, or to no file."""
    return filename.startswith("<") or os.path.realpath(filename).startswith(LIBRARIES[0])
