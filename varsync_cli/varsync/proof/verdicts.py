"""What a run says of a finding."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from varsync.simulation import Failure, Observation


class Verdict(enum.Enum):
    """What a run says of a finding. The first of them that some run gives counts."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    NOT_SHOWN = "not shown"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class Proof:
    """A verdict, and the run of which script gave it.

    What confirms it is `seen`, or the exception that ended the script; what is not shown may be seen
    in another way.
    """

    verdict: Verdict
    script: str
    seen: Observation | None = None
    failure: Failure | None = None

    @property
    def text(self) -> str:
        """The verdict in words."""
        if self.verdict is Verdict.NOT_SHOWN and self.seen is not None:
            return f"{self.script} ran its line, and shows {self.seen.code}: {self.seen.message}"
        if self.verdict is Verdict.NOT_SHOWN:
            return f"{self.script} ran its line; what it leads to did not show in the run"
        if self.verdict is Verdict.NOT_REACHED:
            return f"{self.script} did not run its line"
        if self.verdict is Verdict.REFUTED:
            return f"refuted: {self.script} ran its line, and nothing of the kind was seen"
        if self.failure is not None:
            return f"confirmed by {self.script}, which ends there: {self.failure}"
        assert self.seen is not None
        when = "" if self.seen.step is None else f" in step {self.seen.step}"
        values = ", ".join(
            f"replica {number}: {value}" for number, value in enumerate(self.seen.values)
        )
        return f"confirmed by {self.script}{when}" + (f": {values}" if values else "")


def mark(proof: Proof | None) -> str:
    """The verdict behind a message of one line; empty where there is no proof."""
    return "" if proof is None else f" [{proof.verdict.value}]"
