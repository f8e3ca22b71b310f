"""Observations of how variables are made, saved and restored."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime.diagnosis.observations import Observation, Severity, shown, side_by_side
from varsync_runtime.diagnosis.run import Run
from varsync_runtime.events import Created, Restored, Saved, Site, Swallowed
from varsync_runtime.semantics import Context, Rule

ON_READ = "ON_READ"


def made_in_each_step(run: Run) -> Iterator[Observation]:
    """A replica function that makes a variable again and again."""
    made: dict[Site, list[Created]] = {}
    for event in run.of(Created):
        if event.context == Context.REPLICA.value:
            made.setdefault(event.site, []).append(event)
    for site, events in made.items():
        steps = {event.step for event in events}
        if len(steps) > 1:
            yield Observation(
                "VS402",
                Severity.WARNING,
                f"a new variable {run.name(events[0].variable)} was made in each of {len(steps)} "
                "steps: what the step before wrote is gone",
                site,
                events[0].variable,
                min(steps),
                len(events),
            )


def counted_by_each(run: Run) -> Iterator[Observation]:
    """ON_READ SUM with an initial value that is not zero."""
    for event in run.of(Created):
        initial = event.initial
        if (event.synchronization, event.aggregation) != (ON_READ, "SUM") or initial is None:
            continue
        zero = initial.norm == 0 if initial.items is None else not any(initial.items)
        if event.copies > 1 and not zero:
            yield Observation(
                "VS106",
                Severity.WARNING,
                f"{run.name(event.variable)} starts with {shown(initial)} on each of "
                f"{event.copies} replicas, and the host reads their sum",
                event.site,
                event.variable,
                event.step,
            )


def own_weights(run: Run) -> Iterator[Observation]:
    """ON_READ and trainable."""
    for event in run.of(Created):
        if event.synchronization == ON_READ and event.trainable and event.copies > 1:
            yield Observation(
                "VS103",
                Severity.WARNING,
                f"{run.name(event.variable)} is trainable and ON_READ: each replica trains its own copy",
                event.site,
                event.variable,
                event.step,
            )


def swallowed(run: Run) -> Iterator[Observation]:
    """Arguments of creations that change nothing."""
    for event in run.of(Swallowed):
        mode = f" {event.given}" if event.given else ""
        what = f"the{mode} that `{event.parameter}` was given" if mode else f"`{event.parameter}`"
        made = run.variables[event.variable]
        yield Observation(
            "VS105",
            Severity.WARNING,
            f"{what} changes nothing of {run.name(event.variable)}: it is "
            f"{made.synchronization} and {made.aggregation}",
            event.site,
            event.variable,
            event.step,
        )


def without_effect(run: Run) -> Iterator[Observation]:
    """Modes that ParameterServerStrategy ignores."""
    for event in run.of(Created):
        asked = event.synchronization not in ("AUTO", "ON_WRITE") or event.aggregation != "NONE"
        if "ParameterServer" in event.strategy and asked:
            yield Observation(
                "VS503",
                Severity.NOTE,
                f"{run.name(event.variable)} has one copy under {event.strategy}: "
                f"{event.synchronization} and {event.aggregation} have no effect, and every "
                "closure's update is applied",
                event.site,
                event.variable,
                event.step,
            )


def lost_copies(run: Run) -> Iterator[Observation]:
    """A checkpoint of copies that differ."""
    for event in run.of(Saved):
        if event.rule == Rule.WORKER_FIRST.name and len(set(event.copies)) > 1:
            yield Observation(
                "VS406",
                Severity.WARNING,
                f"the copies of {run.name(event.variable)} differ "
                f"({side_by_side(event.copies)}), and the checkpoint keeps the first",
                event.site,
                event.variable,
                values=event.copies,
            )


def lost_remainders(run: Run) -> Iterator[Observation]:
    """An integer total that does not divide among the replicas."""
    for event in run.of(Restored):
        if event.rule != Rule.SHARE.name or event.saved.items is None:
            continue
        parts = [copy.items for copy in event.copies if copy.items is not None]
        totals = [sum(float(part) for part in column) for column in zip(*parts, strict=True)]
        saved = [float(item) for item in event.saved.items]
        if parts and any(abs(a - b) > 1e-3 * abs(a) for a, b in zip(saved, totals, strict=True)):
            held = totals[0] if len(totals) == 1 else totals
            yield Observation(
                "VS405",
                Severity.WARNING,
                f"{run.name(event.variable)} was saved as {shown(event.saved)} and reads {held} "
                f"after it was restored into {len(parts)} replicas: each got an integer share",
                event.site,
                event.variable,
                values=event.copies,
            )
