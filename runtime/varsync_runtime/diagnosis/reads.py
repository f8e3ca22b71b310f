"""Observations of reads: partial values, and reads and updates that cost more than they need."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime.diagnosis.labels import hands_over
from varsync_runtime.diagnosis.observations import Observation, Savings, Severity, often
from varsync_runtime.diagnosis.run import Count, Run
from varsync_runtime.events import (
    NoGradient,
    PartialRead,
    Read,
    Site,
    SteppedByLibrary,
    Synchronised,
    Written,
)
from varsync_runtime.semantics import Context

REDUCED = ("SUM", "MEAN")
# Fewer steps say nothing of what a training does
ENOUGH_STEPS = 4
# Who watches a value sees enough of it that often; where epochs end is not known
STEPS_OF_A_READ = 100


def partial(run: Run) -> Iterator[Observation]:
    """An ON_READ variable read by a replica, which gets its own share.

    Right is what is read to be written back, `total.assign(total + 1)`, or to be reduced.
    """
    updates: dict[tuple[int, Site], int] = {}
    for write, count in run.counted(Written):
        if write.context == Context.REPLICA.value:
            place = (write.variable, write.site)
            updates[place] = updates.get(place, 0) + count.times
    for event, count in run.counted(PartialRead):
        made = run.variables[event.variable]
        is_update = count.times <= updates.get((event.variable, event.site), 0)
        if is_update or hands_over(event.site, run.label(event.variable) or ""):
            continue
        if made.aggregation in REDUCED:
            name = run.name(event.variable)
            yield Observation(
                "VS301",
                Severity.NOTE,
                f"{name} was read in replica context {often(count.times)}: each replica gets its "
                f"own share, not the {made.aggregation.lower()}",
                event.site,
                event.variable,
                count.first_step,
                count.times,
                related=((made.site, f"{name} is created here"),),
            )


def without_gradient(run: Run) -> Iterator[Observation]:
    """A tape that has None for an ON_READ variable."""
    for event, count in run.counted(NoGradient):
        yield Observation(
            "VS107",
            Severity.NOTE,
            f"the gradient of {run.name(event.variable)} was None {often(count.times)}: a tape "
            "watches an ON_READ variable if it was made with trainable=True",
            event.site,
            event.variable,
            count.first_step,
            count.times,
        )


def each_step(run: Run) -> Iterator[Observation]:
    """An ON_READ variable that the host reads in every step.

    What a library reads between steps of its own is its matter.
    """
    loops = {event.site for event, _ in run.counted(SteppedByLibrary)}
    for event, count in run.counted(Read):
        if not event.reduces or event.site in loops:
            continue
        if run.steps >= ENOUGH_STEPS and count.times >= run.steps:
            yield Observation(
                "VS602",
                Severity.NOTE,
                f"the host read {run.name(event.variable)} {count.times} times in {run.steps} "
                "steps, and its copies were reduced each time",
                event.site,
                event.variable,
                None,
                count.times,
                saves=all_but(-(-run.steps // STEPS_OF_A_READ), _reductions(run, event)),
            )


def more_often_than_read(run: Run) -> Iterator[Observation]:
    """A variable that is synchronised in every step, and read at most once in four."""
    reads: dict[int, int] = {}
    for event, count in run.counted(Read):
        often_read = count.times if event.context != Context.REPLICA.value else run.steps
        reads[event.variable] = reads.get(event.variable, 0) + often_read
    for update, count in run.counted(Synchronised):
        if update.cause != "update" or update.variable is None or run.steps < ENOUGH_STEPS:
            continue
        made = run.variables[update.variable]
        if made.trainable or made.aggregation not in REDUCED:
            continue
        if made.aggregation == "SUM" and not update.changed:
            continue  # VS202 and VS210 tell of it
        read = reads.get(update.variable, 0)
        if count.times >= run.steps and read * 4 <= run.steps:
            yield Observation(
                "VS601",
                Severity.NOTE,
                f"{run.name(update.variable)} was synchronised {count.times} times and read "
                f"{often(read) if read else 'never'}: with ON_READ it is reduced when it is read",
                update.site,
                update.variable,
                None,
                count.times,
                saves=all_but(read, count),
            )


def _reductions(run: Run, read: Read) -> Count:
    """The synchronisations of such a read."""
    for event, count in run.counted(Synchronised):
        if (event.cause, event.variable, event.site) == ("read", read.variable, read.site):
            return count
    return Count(times=1)


def all_but(needed: int, done: Count) -> Savings:
    """What is spared where only so many synchronisations are needed."""
    spared = max(done.times - needed, 0)
    return Savings(spared, done.nbytes * spared // done.times)
