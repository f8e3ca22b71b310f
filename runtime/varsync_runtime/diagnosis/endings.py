"""How a run ended, and what is observed of it: hangs, and ranks that were lost."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from varsync_runtime.diagnosis.observations import Observation, Severity
from varsync_runtime.events import Site
from varsync_runtime.events.sites import NOWHERE


class Status(enum.Enum):
    """How the run ended."""

    FINISHED = "finished"
    LIMIT = "limit of steps"
    FAILED = "script failed"
    NOT_MODELLED = "not modelled"
    STUCK = "stuck"
    LOST = "replica lost"
    DRIFTED = "host code drifted apart"
    TIMEOUT = "out of time"
    INTERRUPTED = "interrupted"


COULD_NOT_RUN = (Status.NOT_MODELLED, Status.DRIFTED)
"""The script asked for what the simulation can't do; nothing is known of the rest."""


class State(enum.Enum):
    """What a process was doing when the run ended."""

    ENDED = "has ended"
    WAITING = "waits"
    RUNNING = "runs"
    LOST = "is lost"


@dataclass(frozen=True)
class Place:
    """One process at the end: `doing` is what it was about to do with the others, and where."""

    rank: int
    state: State
    doing: str = ""
    site: Site = NOWHERE
    detail: str = ""

    def __str__(self) -> str:
        what = f" in {self.doing}" if self.doing else ""
        where = f" at {self.site}" if self.site != NOWHERE else ""
        detail = f" ({self.detail})" if self.detail else ""
        return f"replica {self.rank} {self.state.value}{what}{where}{detail}"


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
    # one that left early did fewer steps; one that goes on elsewhere left this call out
    code = "VS502" if ended else "VS501"
    yield Observation(
        code,
        Severity.ERROR,
        f"replica {first.rank} waits in {first.doing or 'a collective'} for ever: "
        + "; ".join(str(place) for place in ending.places if place is not first),
        first.site,
        related=tuple((place.site, str(place)) for place in ending.places if place.site != NOWHERE),
    )
