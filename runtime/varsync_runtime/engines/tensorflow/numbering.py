"""The number of the step that runs or, as in the simulation, that is being compiled to run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from varsync_runtime import events

_compiling = 0
_compiled = 0  # steps that have not run yet


@contextmanager
def compiling() -> Iterator[None]:
    """A step is compiled in here; it is counted when it runs, or here if it can't be compiled."""
    global _compiling, _compiled
    _compiling += 1
    try:
        yield
        _compiled += 1
    except BaseException:
        if _compiling == 1:
            events.next_step()
        raise
    finally:
        _compiling -= 1


@contextmanager
def calling() -> Iterator[None]:
    """What TensorFlow compiles is called: steps count that never run, for what is around them fails."""
    global _compiled
    outermost = not _compiling
    if outermost:
        _compiled = 0
    try:
        yield
    except BaseException:
        if outermost:
            for _ in range(_compiled):
                events.next_step()
            _compiled = 0
        raise


def begin() -> None:
    """A step runs; so does what was compiled with it."""
    global _compiled
    _compiled = 0
    events.next_step()


def step() -> int:
    """The number of the present step; 0 before the first."""
    return events.step() + (1 if _compiling else 0)
