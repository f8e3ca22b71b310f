"""What is known of a file, and of a group of files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from varsync_rules.findings import Finding


@dataclass(frozen=True, slots=True)
class Result:
    """What came of the evaluation of a group of files: findings, and counts by name."""

    findings: tuple[Finding, ...]
    statistics: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class State:
    """A file on the disk as far as it can be told without reading it: times in nanoseconds."""

    modified: int
    changed: int
    size: int


def state_of(file: str) -> State | None:
    """The state of a file now; None where there is no such file."""
    try:
        status = os.stat(file)
    except (OSError, ValueError):
        return None
    return State(status.st_mtime_ns, status.st_ctime_ns, status.st_size)
