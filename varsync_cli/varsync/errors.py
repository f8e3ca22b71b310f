"""What stops a run before it starts."""

from __future__ import annotations


def refusal(error: OSError) -> str:
    """Why the system refuses, in words for the end of a line."""
    return (error.strerror or str(error)).lower()


class CannotRun(Exception):
    """The run can't be done as it was asked for: `str()` is the one line to say so. Exit code 2."""
