"""What stops a run before it starts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


def refusal(error: OSError | ValueError) -> str:
    """Why the system refuses, or Python a path, in words for the end of a line."""
    return (getattr(error, "strerror", None) or str(error)).lower()


class CannotRun(Exception):
    """The run can't be done as it was asked for: `str()` is the one line to say so. Exit code 2."""


@contextmanager
def rules_in_use(where: str = "") -> Iterator[None]:
    """Raises CannotRun where rules, ours or a plugin's, can't be used; `where` begins its line."""
    from varsync_rules.registry import UnusableRules

    try:
        yield
    except UnusableRules as error:
        raise CannotRun(f"{where}{error}") from None
