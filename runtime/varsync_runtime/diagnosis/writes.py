"""Observations of writes: copies that diverge, values that are summed, dropped or mixed up."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime.diagnosis.observations import Observation, Severity, often
from varsync_runtime.diagnosis.run import Run
from varsync_runtime.events import Diverged, Mixed, Site, Synchronised, Written
from varsync_runtime.semantics import Context, Operation, Rule

ROUND_THE_AGGREGATION = {
    operation.value
    for operation in Operation
    if operation.value.startswith(("slice", "raw", "handle"))
}
IN_REPLICA = Context.REPLICA.value
ASSIGN = Operation.ASSIGN.value
FIRST = "ONLY_FIRST_REPLICA"


def diverged(run: Run) -> Iterator[Observation]:
    """Copies that TensorFlow takes for equal differ; once for each line and variable."""
    again: dict[tuple[int, Site], list[Diverged]] = {}
    for event in run.of(Diverged):
        again.setdefault((event.variable, event.site), []).append(event)
    for event, *later in again.values():
        made = run.variables[event.variable]
        name = run.name(event.variable)
        if event.operation in ROUND_THE_AGGREGATION:
            code, why = "VS215", f"{event.operation} goes round the aggregation of {name}"
        elif event.rule == Rule.WORKER_FIRST.name:
            code = "VS507"
            why = f"{name} takes each worker's own first value under {FIRST}"
        elif event.context == IN_REPLICA:
            code = "VS201"
            why = f"{name} has no aggregation, and each replica wrote its own value"
        else:
            code, why = "VS209", f"{name} was given a per-replica value in cross-replica context"
        since = f"since step {event.step}"
        if later:
            since += f", and {often(len(later))} again until step {later[-1].step}"
        yield Observation(
            code,
            Severity.WARNING,
            f"{why}: its copies differ {since}; the host and checkpoints see the first",
            event.site,
            event.variable,
            event.step,
            1 + len(later),
            values=event.values,
            related=((made.site, f"{name} is created here"),),
        )


def whole_values_summed(run: Run) -> Iterator[Observation]:
    """`assign` under SUM: the variable holds the sum of what the replicas assigned."""
    for event, count in run.counted(Written):
        if (event.operation, event.context, event.rule) == (ASSIGN, IN_REPLICA, Rule.SUM.name):
            name = run.name(event.variable)
            yield Observation(
                "VS203",
                Severity.WARNING,
                f"{name} was assigned in replica context under SUM {often(count.times)}: "
                "it holds the sum of what the replicas assigned",
                event.site,
                event.variable,
                count.first_step,
                count.times,
            )


def exchanged_for_nothing(run: Run) -> Iterator[Observation]:
    """Aggregated updates for which all replicas gave the same value, always."""
    passed_over = {
        (event.variable, event.site) for event, _ in run.counted(Synchronised) if event.changed
    }
    # a whole value under SUM is wrong for another reason
    passed_over |= {
        (event.variable, event.site)
        for event, _ in run.counted(Written)
        if event.operation == ASSIGN
    }
    for event, count in run.counted(Synchronised):
        if event.cause != "update" or event.variable is None or event.changed:
            continue
        if (event.variable, event.site) in passed_over or count.times < 2:
            continue
        made = run.variables[event.variable]
        name = run.name(event.variable)
        if made.aggregation == "SUM":
            code = "VS202"
            what = "the sum counts it once for each replica"
        elif made.aggregation == FIRST:
            code, what = "VS603", "the broadcast changed nothing"
        else:
            continue
        yield Observation(
            code,
            Severity.NOTE,
            f"every replica gave {name} the same value in all {count.times} updates: {what}",
            event.site,
            event.variable,
            count.first_step,
            count.times,
        )


def dropped(run: Run) -> Iterator[Observation]:
    """Values that differed under ONLY_FIRST_REPLICA."""
    for event, count in run.counted(Synchronised):
        if event.cause == "update" and event.changed and event.variable is not None:
            made = run.variables[event.variable]
            if made.aggregation == FIRST:
                yield Observation(
                    "VS204",
                    Severity.WARNING,
                    f"the replicas gave {run.name(event.variable)} different values "
                    f"{often(count.times)}, and {FIRST} kept the first replica's alone",
                    event.site,
                    event.variable,
                    count.first_step,
                    count.times,
                )


def mixed_up(run: Run) -> Iterator[Observation]:
    """The replicas met with different operations, and nothing was raised."""
    for event in run.of(Mixed):
        (first, site), *others = event.met
        other, there = next((met for met in others if met[0] != first), (first, site))
        yield Observation(
            "VS217",
            Severity.WARNING,
            f"replica 0 met the others with {first}, another replica with {other}: "
            "TensorFlow takes all values for the first and says nothing",
            site,
            None,
            event.step,
            related=((there, f"{other} is called here"),),
        )


def outside_scope(run: Run) -> Iterator[Observation]:
    """A variable without copies, which each replica writes in turn."""
    strategy = run.strategy
    if strategy is None or strategy.replicas == 1:
        return
    for event, count in run.counted(Written):
        if event.context == IN_REPLICA and event.rule == Rule.IN_TURN.name:
            made = run.variables[event.variable]
            name = run.name(event.variable)
            if "ParameterServer" in made.strategy:
                continue
            yield Observation(
                "VS401",
                Severity.WARNING,
                f"{name} was made outside the strategy's scope: it has one copy, which every "
                f"replica wrote {often(count.times)}",
                event.site,
                event.variable,
                count.first_step,
                count.times,
                related=((made.site, f"{name} is created here"),),
            )
