"""What the server asks the analyser, and what comes back: plain data that goes through a pipe."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from varsync_rules.findings import Finding
from varsync_rules.registry import Rules

from varsync.server.positions import Position

LENGTH = struct.Struct(">Q")
"""What goes before each message: how many bytes it has."""


def packed(message: Any) -> bytes:
    """A message as it goes through the pipe."""
    data = pickle.dumps(message)
    return LENGTH.pack(len(data)) + data


@dataclass(frozen=True, slots=True)
class CheckOpen:
    """Check the open files of the projects of those that are `wanted`.

    `contents` are the bytes of all open files, by absolute path; `encoding` is the unit in which
    the editor counts columns.
    """

    contents: Mapping[str, bytes]
    wanted: frozenset[str]
    encoding: str


@dataclass(frozen=True, slots=True)
class FixFile:
    """Mend in one of the open files what `varsync lint --fix` would."""

    contents: Mapping[str, bytes]
    path: str
    encoding: str


Job: TypeAlias = CheckOpen | FixFile


@dataclass(frozen=True, slots=True)
class Place:
    """A range of a file, given by its absolute path, or of one cell of it."""

    path: str
    cell: int
    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Replacement:
    """`text` takes the place of what is at a place."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding where the editor shows it.

    `fix` is there where the finding can and may be mended, `is_mended` where `--fix` would do it.
    """

    finding: Finding
    place: Place
    related: tuple[tuple[Place, str], ...]
    fix: Replacement | None
    is_mended: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, by file, and the rules that are known there.

    `refusals` say, by project, why it could not be checked.
    """

    problems: dict[str, list[Problem]] = field(default_factory=dict)
    rules: dict[str, Rules] = field(default_factory=dict)
    refusals: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """A bug: what was raised, in one line, and where."""

    message: str
    traceback: str
