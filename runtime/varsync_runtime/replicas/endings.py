"""How a run of several ranks can end before its scripts do, and what each rank was doing then."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from varsync_runtime.replicas.intents import Intent


class State(enum.IntEnum):
    """What a rank is doing."""

    ABSENT = 0  # not started
    STARTING = 1
    RUNNING = 2
    WAITING = 3  # at a meeting, for others
    ENDED = 4  # it came to an end of its own: done, raised, sys.exit, os._exit
    LOST = 5  # it was killed

    def __str__(self) -> str:
        return self.name.lower()


class Verdict(enum.IntEnum):
    """Why everything ends, if it does; the first verdict stands."""

    NONE = 0
    LOST = 1  # a rank was killed
    STUCK = 2  # whoever is left waits for somebody who never comes
    DRIFT = 3  # the ranks' host code went different ways
    TIMEOUT = 4  # the limit the user set
    INTERRUPTED = 5  # Ctrl-C or SIGTERM
    FAILED = 6  # a rank could not be started
    OVER = 7  # the supervisor is done

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Standing:
    """A row of the wait-for table: where a rank stands.

    `intent` is the last that it posted (None: none yet), `lacks` are the ranks that it waits for,
    `collective` is its last intent to exchange values.
    """

    rank: int
    worker: int
    state: State
    intent: Intent | None = None
    lacks: tuple[int, ...] = ()
    collective: Intent | None = None

    def __str__(self) -> str:
        doing = f": {self.intent}" if self.intent else ""
        lacks = ", ".join(map(str, self.lacks))
        return f"replica {self.rank} {self.state}{doing}" + (f", lacks {lacks}" if lacks else "")


class RunOver(BaseException):
    """The run ends although this rank has done nothing wrong: unwinds the rank.

    Not an Exception, so that a script's `except Exception` does not catch it.
    """

    def __init__(self, verdict: Verdict, table: tuple[Standing, ...] = (), text: str = "") -> None:
        super().__init__(verdict, table, text)
        self.verdict = verdict
        self.table = table
        self.text = text

    def __str__(self) -> str:
        return "\n".join([self.text or str(self.verdict), *(f"  {row}" for row in self.table)])


class ReplicaLost(RunOver):
    """Another rank was killed."""


class Stuck(RunOver):
    """This rank waits for one that has ended, or everybody waits: `table` says who for whom."""


class Drift(RunOver):
    """The ranks' host code, which must be in lockstep, does different things at `table`."""


class NoRoom(Exception):
    """There is no shared memory, or no further process, for so many replicas."""

    # what ends the simulation, and not the script, needs no traceback
    says_it_all = True


CLASSES: dict[Verdict, type[RunOver]] = {
    Verdict.LOST: ReplicaLost,
    Verdict.STUCK: Stuck,
    Verdict.DRIFT: Drift,
}
