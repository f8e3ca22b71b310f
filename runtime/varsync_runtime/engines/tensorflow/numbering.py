"""The number of the step that runs or, as in the simulation, that is being compiled to run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from varsync_runtime import events

_compiling = 0


@contextmanager
def compiling() -> Iterator[None]:
    """A step is compiled in here; it is counted when it runs, or here if it can't be compiled."""
    global _compiling
    _compiling += 1
    try:
        yield
    except BaseException:
        if _compiling == 1:
            events.next_step()
        raise
    finally:
        _compiling -= 1


def step() -> int:
    """The number of the present step; 0 before the first."""
    return events.step() + (1 if _compiling else 0)
