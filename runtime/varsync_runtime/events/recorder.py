"""The events of this process on their way out: at once, or as numbers four times a second."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from typing import Any

from varsync_runtime.events.kinds import Counted, Event

INTERVAL = 0.25  # seconds
_monotonic = time.monotonic  # bound here: a script may get patched ones


class LimitOfSteps(SystemExit):
    """The script has taken the steps that it was given; it ends as by `sys.exit()`."""


class Recorder:
    """Keeps the counts of one process. `send` takes a frame; None: nobody wants to know."""

    def __init__(self, send: Callable[[bytes], None] | None = None) -> None:
        self.send = send
        self.step = 0
        self.most_steps: int | None = None
        self.limit_reached = False
        # by kind of event and fields: cheaper to make and to find than events
        self.counts: dict[tuple[Any, ...], list[int]] = {}
        self.flushed = _monotonic()

    def tell(self, event: Event) -> None:
        """Sends an event now, after the counts of what came before it."""
        if self.send is not None:
            self.flush()
            self.send(pickle.dumps([event], pickle.HIGHEST_PROTOCOL))

    def count(self, event: tuple[Any, ...], nbytes: int) -> None:
        """Counts an event, given as its class and its fields; the counts are sent by and by."""
        if self.send is None:
            return
        counts = self.counts.get(event)
        if counts is None:
            self.counts[event] = [1, nbytes, self.step, self.step]
        else:
            counts[0] += 1
            counts[1] += nbytes
            counts[3] = self.step
        if _monotonic() - self.flushed > INTERVAL:
            self.flush()

    def flush(self) -> None:
        """Sends the counts."""
        self.flushed = _monotonic()
        if self.counts and self.send is not None:
            told = [
                Counted(kind(*fields), *numbers) for (kind, *fields), numbers in self.counts.items()
            ]
            self.counts = {}
            self.send(pickle.dumps(told, pickle.HIGHEST_PROTOCOL))


current = Recorder()


def start(send: Callable[[bytes], None] | None) -> None:
    """From now on frames go to `send`; with None they go nowhere."""
    global current
    before = current
    current = Recorder(send)
    current.step, current.most_steps = before.step, before.most_steps


def forked(send: Callable[[bytes], None] | None) -> None:
    """In a process that was just forked: what its parent has counted is its parent's."""
    start(send)


def tell(event: Event) -> None:
    """Tells an event at once."""
    current.tell(event)


def count(kind: Callable[..., Event], *fields: Any, nbytes: int = 0) -> None:
    """Counts an event that happens often: its class, and the values of its fields in order."""
    current.count((kind, *fields), nbytes)


def flush() -> None:
    """Sends what was counted: before a process ends."""
    current.flush()


def step() -> int:
    """The number of the present step; a step is one call of `strategy.run`, the first is 1."""
    return current.step


def next_step() -> int:
    """A step begins; its number. Raises LimitOfSteps where it would be one too many."""
    if current.step == current.most_steps:
        current.limit_reached = True
        raise LimitOfSteps
    current.step += 1
    return current.step


def limit_steps(most: int | None) -> None:
    """From now on the script ends instead of taking more steps than this."""
    current.most_steps = most


def limit_reached() -> bool:
    """Whether the script was ended for that."""
    return current.limit_reached


def read_frame(frame: bytes) -> list[Event]:
    """The events of a frame that `send` was given."""
    events: list[Event] = pickle.loads(frame)
    return events
