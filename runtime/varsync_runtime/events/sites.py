"""Which line of the user's code is being run.

The code of a cell of a notebook has a filename of its own, "train.ipynb:cell 3".
"""

from __future__ import annotations

import functools
import os
import re
import sys
import sysconfig
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
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
# one object for each line: pickle writes it once, however often it is told of
_site = functools.cache(Site)


def _folders(*paths: str) -> tuple[str, ...]:
    return tuple(f"{Path(path).resolve()}{os.sep}" for path in paths)


_PATHS = sysconfig.get_paths()
# Where code that is not the user's lies: this package, what is installed, the standard library
OWN = _folders(str(Path(__file__).parents[1]))
INSTALLED = _folders(_PATHS["purelib"], _PATHS["platlib"])
STANDARD = _folders(_PATHS["stdlib"], _PATHS["platstdlib"])
# so are the folders of packages called that are not this Python's own
PACKAGES = tuple(f"{os.sep}{name}{os.sep}" for name in ("site-packages", "dist-packages"))


@functools.cache
def is_users(filename: str) -> bool:
    """Whether a code object of this file belongs to the user."""
    if filename.startswith("<") or is_installed(filename):
        return False
    return not os.path.realpath(filename).startswith(OWN + STANDARD)


@functools.cache
def is_installed(filename: str) -> bool:
    """Whether a code object of this file belongs to a package that is installed, and not to this one."""
    path = os.path.realpath(filename)
    if path.startswith(OWN):
        return False
    return path.startswith(INSTALLED) or any(folder in path for folder in PACKAGES)


class _Calls(threading.local):
    """Functions of ours that are being run, the innermost last, and where the user called them."""

    def __init__(self) -> None:
        self.running: list[tuple[FrameType | None, Site]] = [(None, NOWHERE)]


_calls = _Calls()


class Calling:
    """In this context the line below the function that enters it is known, and not looked for.

    What is below does not go on before the function ends. A library may put dozens of calls between
    the user's line and one of ours.
    """

    __slots__ = ()

    def __enter__(self) -> None:
        frame = sys._getframe(1)
        _calls.running.append((frame, _innermost(frame)))

    def __exit__(self, *exception: object) -> None:
        _calls.running.pop()


calling = Calling()


class Instead:
    """In this context another line stands for that below the function that enters it."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def __enter__(self) -> None:
        _calls.running.append((sys._getframe(1), self.site))

    def __exit__(self, *exception: object) -> None:
        _calls.running.pop()


def here() -> Site:
    """The innermost line of the user that is being run, `NOWHERE` if there is none."""
    return _innermost(sys._getframe(1))


def _innermost(frame: FrameType | None) -> Site:
    """The innermost line of the user, seen from this frame."""
    called, site = _calls.running[-1]
    while frame is not called and frame is not None:
        filename = frame.f_code.co_filename
        if is_users(filename):
            return _site(filename, frame.f_lineno)
        frame = frame.f_back
    return NOWHERE if frame is None else site


def through() -> tuple[Site, ...]:
    """The lines of installed packages that the user's line called, the innermost first."""
    lines = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        filename = frame.f_code.co_filename
        if is_users(filename):
            break
        if is_installed(filename):
            lines.append(_site(filename, frame.f_lineno))
        frame = frame.f_back
    return _path(*lines)


@functools.cache
def _path(*lines: Site) -> tuple[Site, ...]:
    """The lines, as one object as well."""
    return lines


def callees() -> Iterator[object]:
    """The objects of which the user's line runs methods of installed packages, the innermost first."""
    frame = sys._getframe(1)
    while frame is not None and not is_users(frame.f_code.co_filename):
        code = frame.f_code
        if code.co_argcount and code.co_varnames[0] == "self" and is_installed(code.co_filename):
            yield frame.f_locals.get("self")
        frame = frame.f_back  # type: ignore[assignment]


def name_of(owner: object) -> str:
    """`sequential/dense` of a library's object with such a path, else its name; empty if it has none."""
    try:
        name, path = getattr(owner, "name", None), getattr(owner, "path", None)
    except Exception:
        return ""
    if not isinstance(name, str):
        return ""
    return path if isinstance(path, str) and path.split("/")[-1] == name else name
