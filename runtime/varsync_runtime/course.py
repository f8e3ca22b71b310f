"""A run while it goes on: what its replicas do, and what was observed so far."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from varsync_runtime.diagnosis.endings import Ending, Status
from varsync_runtime.diagnosis.report import observe
from varsync_runtime.diagnosis.run import gather
from varsync_runtime.events import Event, Site
from varsync_runtime.events.sites import NOWHERE
from varsync_runtime.replicas import endings
from varsync_runtime.replicas.endings import Standing, Verdict
from varsync_runtime.replicas.intents import Intent
from varsync_runtime.replicas.onlooking import Glance


class Doing(enum.Enum):
    """What a replica is doing."""

    STARTS = "starts"
    COMPUTES = "computes"
    SYNCHRONISES = "synchronises"
    WAITS = "waits"
    STUCK = "is stuck"
    ENDED = "has ended"
    LOST = "is lost"


@dataclass(frozen=True)
class Replica:
    """What a replica is doing; if it waits or synchronises, in `what`, and at which line."""

    rank: int
    doing: Doing
    what: str = ""
    site: Site = NOWHERE


@dataclass(frozen=True)
class Moment:
    """A run at one moment: the steps that have begun, and the replicas in order of rank."""

    steps: int
    replicas: tuple[Replica, ...]


@dataclass(frozen=True)
class Course:
    """May be asked from another thread than the one that runs it, as long as the run goes on."""

    look: Callable[[], Glance]
    told: Mapping[int, Mapping[int, list[Event]]]
    """By seat, and by replica of the process there."""

    def now(self) -> Moment:
        """What goes on."""
        glance = self.look()
        stuck = glance.verdict is Verdict.STUCK
        return Moment(glance.steps, tuple(_replica(row, stuck) for row in glance.table))

    def heard(self) -> list[list[Event]]:
        """What the replicas have told so far, in order of rank."""
        return [
            list(seen)
            for seat in self.look().seats
            for _, seen in sorted(self.told.get(seat, {0: []}).items())
        ]


def observations(told: Sequence[Iterable[Event]]) -> int:
    """How many observations a report would have if no more were told.

    It takes as long as there is much: some milliseconds, or a second of a long run.
    """
    return len(observe(gather(told), Ending(Status.FINISHED)))


class Onlooker(Protocol):
    """Somebody who looks at a run while it goes on."""

    def enter_rank(self) -> None:
        """In the process of the first replica of each worker, before anything is run there."""

    def begin(self, course: Course) -> None:
        """It goes on from now."""

    def end(self) -> None:
        """All processes of it have ended: nothing more is to be seen."""


@dataclass(frozen=True)
class Window:
    """Lets an onlooker see the course of what `supervise` runs."""

    onlooker: Onlooker
    told: Mapping[int, Mapping[int, list[Event]]]

    def enter_rank(self) -> None:
        self.onlooker.enter_rank()

    def begin(self, look: Callable[[], Glance]) -> None:
        self.onlooker.begin(Course(look, self.told))

    def end(self) -> None:
        self.onlooker.end()


STATES = {
    endings.State.ABSENT: Doing.STARTS,
    endings.State.STARTING: Doing.STARTS,
    endings.State.RUNNING: Doing.COMPUTES,
    endings.State.ENDED: Doing.ENDED,
    endings.State.LOST: Doing.LOST,
}


def _replica(row: Standing, stuck: bool) -> Replica:
    if row.state is not endings.State.WAITING:
        return Replica(row.rank, STATES[row.state])
    doing = Doing.WAITS
    if stuck:
        doing = Doing.STUCK
    elif not row.lacks and row.intent is not None and row.intent.is_collective:
        doing = Doing.SYNCHRONISES  # all have come
    return Replica(row.rank, doing, described(row.intent), site(row.intent))


def described(intent: Intent | None) -> str:
    """What a rank was about to do, with the variable's name as code."""
    if intent is None:
        return ""
    of = f" of `{intent.variable}`" if intent.variable else ""
    form = f" {intent.dtype}{list(intent.shape)}" if intent.dtype else ""
    return f"{intent.operation or intent.kind}{of}{form}"


def site(intent: Intent | None) -> Site:
    """Where."""
    return NOWHERE if intent is None else Site.parse(intent.site)
