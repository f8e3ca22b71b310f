"""The events of this process on their way out: at once, or as numbers four times a second."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from varsync_runtime.events.budget import Budget
from varsync_runtime.events.kinds import Counted, Event, Synchronised
from varsync_runtime.events.sites import here
from varsync_runtime.events.timeline import Detailed, Timeline, now, spent

INTERVAL = 0.25  # seconds
_monotonic = time.monotonic  # bound here: a script may get patched ones


class Recorder:
    """Keeps the counts of one process. `send` takes a frame, `on_step` the number of a step that
    begins; None: nobody wants to know."""

    def __init__(
        self,
        send: Callable[[bytes], None] | None = None,
        on_step: Callable[[int], None] | None = None,
    ) -> None:
        self.send = send
        self.on_step = on_step
        self.budget = Budget()
        # by kind of event and fields: cheaper to make and to find than events
        self.counts: dict[tuple[Any, ...], list[int]] = {}
        self.flushed = _monotonic()
        self.later: list[Event] = []
        self.timeline = Timeline()
        self.detailed: Detailed | None = None
        self.holding = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """What is counted in here is not sent before the end; `forget` takes it back."""
        before, self.holding = self.holding, True
        outer, self.counts = self.counts, {}
        try:
            yield
        finally:
            self.holding = before
            inner, self.counts = self.counts, outer
            for event, (times, nbytes, first, last) in inner.items():
                known = outer.setdefault(event, [0, 0, first, last])
                known[:] = known[0] + times, known[1] + nbytes, known[2], last

    def forget(self) -> None:
        """What was counted since the innermost `held` began did not happen."""
        self.counts = {}

    def tell(self, event: Event) -> None:
        """Sends an event now, after the counts of what came before it."""
        if self.send is not None:
            if not self.holding:
                self.flush()
            self.send(pickle.dumps([event], pickle.HIGHEST_PROTOCOL))

    def count(self, event: tuple[Any, ...], nbytes: int) -> None:
        """Counts an event, given as its class and its fields; the counts are sent by and by."""
        if self.send is None:
            return
        if self.detailed is not None and event[0] is Synchronised:
            self.detailed.told(Synchronised(*event[1:]), nbytes)
        counts, step = self.counts.get(event), self.budget.steps
        if counts is None:
            self.counts[event] = [1, nbytes, step, step]
        else:
            counts[0] += 1
            counts[1] += nbytes
            counts[3] = step
        if _monotonic() - self.flushed > INTERVAL and not self.holding:
            self.flush()

    def flush(self) -> None:
        """Sends the counts, and what else can wait."""
        self.flushed = _monotonic()
        if self.send is None:
            return
        told: list[Event] = [
            Counted(kind(*fields), *numbers) for (kind, *fields), numbers in self.counts.items()
        ]
        told += self.later
        told += self.timeline.take()
        if self.detailed is not None:
            told += self.detailed.take()
        self.counts, self.later = {}, []
        if told:
            self.send(pickle.dumps(told, pickle.HIGHEST_PROTOCOL))


current = Recorder()


def start(
    send: Callable[[bytes], None] | None, on_step: Callable[[int], None] | None = None
) -> None:
    """From now on frames go to `send`, and steps to `on_step`; with None they go nowhere."""
    global current
    before, current = current, Recorder(send, on_step)
    current.budget = before.budget
    if before.detailed is not None:
        current.detailed = Detailed(before.detailed.processes)


def forked(
    send: Callable[[bytes], None] | None, on_step: Callable[[int], None] | None = None
) -> None:
    """In a process that was just forked: what its parent has counted is its parent's."""
    start(send, on_step)


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
    if current.on_step is not None:
        current.on_step(current.budget.steps)
    return current.budget.steps


class InStep:
    """A step, whose number `next_step` gave, is done in this context."""

    __slots__ = ("_recorder",)

    def __enter__(self) -> None:
        self._recorder = current
        step = current.budget.steps
        current.timeline.begin(step)
        if current.detailed is not None:
            current.detailed.begin(step, here())

    def __exit__(self, *exception: object) -> None:
        self._recorder.timeline.end()
        if self._recorder.detailed is not None:
            self._recorder.detailed.end()


class Meeting(Protocol):
    """What processes meet for: `Intent`."""

    @property
    def kind(self) -> str:
        """Of which kind it is."""

    @property
    def what(self) -> str:
        """What it is, without where."""

    @property
    def site(self) -> str:
        """Where."""


def met(begun: int, meeting: Meeting) -> None:
    """Since `begun`, of `timeline.now`, this process has met others."""
    ended = now()
    spent.meeting += ended - begun
    if current.detailed is not None:
        current.detailed.met(begun, ended, meeting.kind, meeting.what, meeting.site)


def waited(begun: int) -> None:
    """Since `begun`, of `timeline.now`, it has waited for them."""
    ended = now()
    spent.waiting += ended - begun
    if current.detailed is not None:
        current.detailed.waited(begun, ended)


def detail() -> None:
    """From now on each step, exchange and wait is told by itself, as far as there is room."""
    current.detailed = Detailed()


def processes(number: int) -> None:
    """So many processes share the room for details."""
    if current.detailed is not None:
        current.detailed.processes = number


def finish() -> None:
    """The process ends: what is left is told."""
    current.timeline.finish()
    if current.detailed is not None:
        current.later += current.detailed.finish()
    current.flush()


def later(event: Event) -> None:
    """Tells an event with the next counts."""
    current.later.append(event)


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
