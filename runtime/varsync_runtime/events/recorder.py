"""The events of this process on their way out: at once, or as numbers four times a second."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from typing import Any

from varsync_runtime.events.budget import Budget
from varsync_runtime.events.kinds import Counted, Event

INTERVAL = 0.25  # seconds
_monotonic = time.monotonic  # bound here: a script may get patched ones


class Recorder:
    """Keeps the counts of one process. `send` takes a frame; None: nobody wants to know."""

    def __init__(self, send: Callable[[bytes], None] | None = None) -> None:
        self.send = send
        self.budget = Budget()
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
        counts, step = self.counts.get(event), self.budget.steps
        if counts is None:
            self.counts[event] = [1, nbytes, step, step]
        else:
            counts[0] += 1
            counts[1] += nbytes
            counts[3] = step
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
    budget = current.budget
    current = Recorder(send)
    current.budget = budget


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
    return current.budget.steps


def next_step() -> int:
    """A step begins; its number. Raises LimitOfSteps where it would be one too many."""
    current.budget.step()
    return current.budget.steps


def limit_steps(most: int | None) -> None:
    """From now on no more steps than this are taken for their own sake."""
    current.budget = Budget(most)


def budget() -> Budget:
    """How many steps there may be."""
    return current.budget


def read_frame(frame: bytes) -> list[Event]:
    """The events of a frame that `send` was given."""
    events: list[Event] = pickle.loads(frame)
    return events
