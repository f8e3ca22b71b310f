"""What the supervisor gives back: how each rank ended, and why the run did."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from varsync_runtime.replicas.endings import Standing, Verdict
from varsync_runtime.replicas.intents import Intent


@dataclass(frozen=True)
class Ending:
    """What a rank itself says of its end.

    `code` is the exit code that Python would give; `error` ("ValueError: no") and `traceback` (as
    Python prints it) are of the exception that nobody caught, else empty; `over` is the verdict
    that unwound the rank.
    """

    code: int
    error: str = ""
    traceback: str = ""
    over: Verdict = Verdict.NONE


@dataclass(frozen=True)
class RankEnd:
    """How one rank ended.

    `code` is None where a signal ended it (`signal`), and in a rank that was ended by the
    supervisor. `ending` is None for a rank that had no time to say anything: killed, or os._exit.
    `intent` is the last that it posted, `lacks` are the ranks for which it waited then,
    `collective` is its last intent to exchange values, `line` where it said it was when the
    supervisor asked ("": it did not).
    """

    seat: int
    rank: int
    worker: int
    pid: int
    code: int | None
    signal: int | None
    by_supervisor: bool
    ending: Ending | None
    intent: Intent | None
    lacks: tuple[int, ...] = ()
    collective: Intent | None = None
    line: str = ""

    def __str__(self) -> str:
        last = f"; last: {self.intent}" if self.intent else ""
        return f"replica {self.rank} {self.how}{last}"

    @property
    def how(self) -> str:
        """How it ended, in words that go on from "replica 1 "."""
        if self.by_supervisor:
            return "was ended with the run"
        if self.signal is not None:
            try:
                return f"was killed by {signal.Signals(self.signal).name}"
            except ValueError:
                return f"was killed by signal {self.signal}"
        if self.ending is None:
            return f"exited with code {self.code} without coming to its end"
        if self.ending.over:
            return f"stopped: {self.ending.over}"
        if self.ending.error:
            return f"raised {self.ending.error}"
        return f"ended with exit code {self.code}"


@dataclass(frozen=True)
class Account:
    """A run's end. `verdict` is NONE where all ranks came to an end of their own.

    `culprit` is the rank that was killed, or that first knew of the verdict (-1: nobody).
    `table` is the wait-for table at the verdict. `exit_code` is what `python script.py` would have
    given, and 128 + the signal for a run that a signal ended. `left_behind` are the
    commands of processes that the script had left running; they were ended.
    """

    verdict: Verdict
    culprit: int
    ranks: tuple[RankEnd, ...]
    table: tuple[Standing, ...]
    exit_code: int
    seconds: float
    left_behind: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [str(self.verdict), *map(str, self.ranks)]
        return "\n".join([*lines, *(f"wait-for: {row}" for row in self.table)])
