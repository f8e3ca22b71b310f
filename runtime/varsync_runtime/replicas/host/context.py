"""Whether the code that runs now is host code in lockstep with the other ranks."""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from varsync_runtime.replicas.world import current


class Role(enum.Enum):
    """What a process may do to the outside at this moment."""

    REAL = enum.auto()  # itself: it is alone, in replica context, or the first and on its own
    TOGETHER = enum.auto()  # host code in lockstep
    MUTE = enum.auto()  # nothing: another rank does it


class _Situation:
    """Of this process."""

    def __init__(self) -> None:
        self.in_replica: Callable[[], bool] = lambda: False
        self.acting = 0  # inside what one rank does for all
        self.beside = 0  # inside what ranks do at different times
        self.first = True  # whether this process is, or was forked from, a worker's first rank
        self.member = True  # whether it is a rank: not a process that the script forked


situation = _Situation()


def set_replica_context(answers: Callable[[], bool]) -> None:
    """Gives the function that says whether the running code is in replica context."""
    situation.in_replica = answers


def in_replica() -> bool:
    """Whether the running code is in replica context, of more than one replica."""
    return current().size > 1 and situation.in_replica()


@contextmanager
def aside() -> Iterator[None]:
    """For code that the ranks do not run at the same time: nothing in it is a meeting."""
    situation.beside += 1
    try:
        yield
    finally:
        situation.beside -= 1


def role() -> Role:
    """What this code may do to the outside."""
    if not situation.member:
        return Role.REAL if situation.first else Role.MUTE
    world = current()
    if world.size == world.workers or situation.acting or situation.in_replica():
        return Role.REAL
    if situation.beside or threading.current_thread() is not threading.main_thread():
        return Role.REAL if situation.first else Role.MUTE
    return Role.TOGETHER
