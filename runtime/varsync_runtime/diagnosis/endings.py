"""How a run ended, and what is observed of it: hangs, and ranks that were lost."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from varsync_runtime.diagnosis.labels import place
from varsync_runtime.diagnosis.observations import Observation, Severity
from varsync_runtime.events import Site
from varsync_runtime.events.sites import NOWHERE

# collectives of host code, as what is told of processes names them
OUTSIDE_STEPS = ("read", "save", "reduce", "gather", "creation")


class Status(enum.Enum):
    """How the run ended."""

    FINISHED = "finished"
    LIMIT = "limit of steps"
    FAILED = "script failed"
    NOT_MODELLED = "not modelled"
    NO_ROOM = "no room"
    NO_TENSORFLOW = "no TensorFlow"
    STUCK = "stuck"
    LOST = "replica lost"
    DRIFTED = "host code drifted apart"
    TIMEOUT = "out of time"
    INTERRUPTED = "interrupted"


COULD_NOT_RUN = (Status.NOT_MODELLED, Status.NO_ROOM, Status.NO_TENSORFLOW, Status.DRIFTED)
"""What the script is to run on can't do what it asks for; nothing is known of the rest."""


class State(enum.Enum):
    """What a process was doing when the run ended."""

    ENDED = "has ended"
    WAITING = "waits"
    RUNNING = "runs"
    LOST = "is lost"


@dataclass(frozen=True)
class Place:
    """One process at the end.

    `doing` is what it waits in, or what it last did with the others, `site` where. `now` is the
    line that it ran, where that is known.
    """

    rank: int
    state: State
    doing: str = ""
    site: Site = NOWHERE
    detail: str = ""
    now: Site = NOWHERE

    @property
    def words(self) -> str:
        """Without the place."""
        last = "in" if self.state is State.WAITING else "after"
        what = f" {last} {self.doing}" if self.doing else ""
        detail = f" ({self.detail})" if self.detail else ""
        return f"replica {self.rank} {self.state.value}{what}{detail}"

    def __str__(self) -> str:
        where = f" at {place(self.site)}" if self.site != NOWHERE else ""
        now = f", now at {place(self.now)}" if self.now != NOWHERE else ""
        return f"{self.words}{where}{now}"


@dataclass(frozen=True)
class Failure:
    """The exception that ended the script (empty: it called sys.exit), as Python prints it."""

    exception: str
    message: str
    traceback: str
    exit_status: int


@dataclass(frozen=True)
class Ending:
    """How the run ended, with every process's place in order of rank; `message` is one line."""

    status: Status
    message: str = ""
    places: tuple[Place, ...] = ()
    failure: Failure | None = None


def hung(ending: Ending) -> Iterator[Observation]:
    """A run in which somebody waits for ever."""
    if ending.status is not Status.STUCK:
        return
    waiting = [place for place in ending.places if place.state is State.WAITING]
    ended = [place for place in ending.places if place.state is State.ENDED]
    if not waiting:
        return
    first = waiting[0]
    # what a step does, some did once less; what is not part of a step, some did not do at all
    in_step = first.doing.partition(" ")[0] not in OUTSIDE_STEPS
    yield Observation(
        "VS502" if ended and in_step else "VS501",
        Severity.ERROR,
        f"replica {first.rank} waits in {first.doing or 'a collective'} for ever: "
        + "; ".join(str(one) for one in ending.places if one is not first),
        first.site,
        related=tuple((one.site, one.words) for one in ending.places if one.site != NOWHERE),
    )
