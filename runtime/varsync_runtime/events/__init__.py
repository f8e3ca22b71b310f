"""What the replicas tell of a run.

    events.tell(Created(variable=3, name="total", ...))     # once
    events.count(Synchronised, 3, "update", ..., nbytes=4)  # often: only numbers are sent

Whoever runs a replica gives `recorder.start` the function that takes the frames; without it,
nothing is kept. `diagnosis` makes observations of the events.
"""

from varsync_runtime.events.budget import LimitOfSteps, of_limit
from varsync_runtime.events.kinds import (
    Approximated,
    Counted,
    Created,
    Diverged,
    Ended,
    Event,
    Ignored,
    Mixed,
    Named,
    PartialRead,
    Read,
    Refused,
    Rejected,
    Restored,
    Saved,
    SteppedByLibrary,
    StrategyMade,
    Synchronised,
    Value,
    WorkerCopy,
    Written,
)
from varsync_runtime.events.recorder import (
    budget,
    count,
    flush,
    forked,
    limit_steps,
    next_step,
    read_frame,
    start,
    step,
    tell,
)
from varsync_runtime.events.sites import Site, here, through

__all__ = [
    "Approximated",
    "Counted",
    "Created",
    "Diverged",
    "Ended",
    "Event",
    "Ignored",
    "LimitOfSteps",
    "Mixed",
    "Named",
    "PartialRead",
    "Read",
    "Refused",
    "Rejected",
    "Restored",
    "Saved",
    "Site",
    "SteppedByLibrary",
    "StrategyMade",
    "Synchronised",
    "Value",
    "WorkerCopy",
    "Written",
    "budget",
    "count",
    "flush",
    "forked",
    "here",
    "limit_steps",
    "next_step",
    "of_limit",
    "read_frame",
    "start",
    "step",
    "tell",
    "through",
]
