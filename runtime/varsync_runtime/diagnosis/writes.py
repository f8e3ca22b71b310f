"""Observations of writes: copies that diverge, values that are summed, dropped or mixed up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeGuard

from varsync_runtime.diagnosis.endings import OUTSIDE_STEPS
from varsync_runtime.diagnosis.labels import adds_up, mixes_in_call, place, writes_constant
from varsync_runtime.diagnosis.observations import Observation, Savings, Severity, often, shown
from varsync_runtime.diagnosis.run import Count, Run
from varsync_runtime.events import (
    Diverged,
    Event,
    Mixed,
    Rebound,
    Shared,
    Site,
    Synchronised,
    Written,
)
from varsync_runtime.semantics import Context, Operation, Rule

ROUND_THE_AGGREGATION = {
    operation.value
    for operation in Operation
    if operation.value.startswith(("slice", "raw", "handle"))
}
IN_REPLICA = Context.REPLICA.value
ASSIGN = Operation.ASSIGN.value
ASSIGN_ADD = Operation.ASSIGN_ADD.value
FIRST = "ONLY_FIRST_REPLICA"
FORM = re.compile(r" \w+\[[^\]]*\]$")


def diverged(run: Run) -> Iterator[Observation]:
    """Copies that TensorFlow takes for equal differ; once for each line and variable."""
    again: dict[tuple[int, Site], list[Diverged]] = {}
    for event in run.of(Diverged):
        again.setdefault((event.variable, event.site), []).append(event)
    for event, *later in again.values():
        made = run.variables[event.variable]
        name = run.name(event.variable)
        severity = Severity.WARNING
        if event.operation in ROUND_THE_AGGREGATION:
            code, why = "VS215", f"{event.operation} goes round the aggregation of {name}"
        elif event.rule == Rule.WORKER_FIRST.name:
            code = "VS507"
            why = f"{name} takes each worker's own first value under {FIRST}"
        elif event.context == IN_REPLICA and event.of_gradient:
            code = "VS212"
            why = f"{name} has no aggregation, and each replica wrote what its own gradient gave"
        elif event.context == IN_REPLICA and not made.trainable and _keeps_statistic(event):
            code = "VS213"
            why = f"{name} has no aggregation, and each replica keeps a statistic of its own inputs"
            # a library's layer does what its author wants
            severity = Severity.WARNING if mixes_in_call(event.site) else Severity.NOTE
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
            severity,
            f"{why}: its copies differ {since}; the host and checkpoints see the first",
            event.site,
            event.variable,
            event.step,
            1 + len(later),
            values=event.values,
            related=((made.site, f"{name} is created here"),),
        )


def _keeps_statistic(event: Diverged) -> bool:
    """Whether the write is one of a layer's statistics, the user's or a library's."""
    return any(mixes_in_call(site) for site in (event.site, *event.through))


def whole_values_summed(run: Run) -> Iterator[Observation]:
    """`assign` under SUM: the variable holds the sum of what the replicas assigned."""
    for event, count in run.counted(Written):
        if (event.operation, event.context, event.rule) == (ASSIGN, IN_REPLICA, Rule.SUM.name):
            if run.variables[event.variable].copies == 1:
                continue  # the one replica's value is the sum
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


def shares_lost(run: Run) -> Iterator[Observation]:
    """A total that the host gave to an integer ON_READ SUM, and that does not divide."""
    for event in run.of(Shared):
        yield Observation(
            "VS207",
            Severity.WARNING,
            f"{run.name(event.variable)} was assigned {shown(event.given)} in cross-replica "
            f"context, and each of {event.replicas} replicas got an integer share, "
            f"{shown(event.part)}: the sum is less",
            event.site,
            event.variable,
            event.step,
        )


def rebound(run: Run) -> Iterator[Observation]:
    """`v += x` of a distributed variable, which writes nothing."""
    for event, count in run.counted(Rebound):
        name = run.name(event.variable)
        yield Observation(
            "VS208",
            Severity.WARNING,
            f"an augmented assignment bound the name of {name} to a tensor {often(count.times)}: "
            "the variable was not written",
            event.site,
            event.variable,
            count.first_step,
            count.times,
        )


def counts_of_replicas(run: Run) -> Iterator[Observation]:
    """What each replica counted or added up of its own data, of which a part is kept."""
    first = ("VS204", f"{FIRST} kept the first replica's alone")
    kept = {
        Rule.MEAN.name: ("VS216", "MEAN keeps one part in {} of their sum"),
        Rule.FIRST.name: first,
        Rule.WORKER_FIRST.name: first,
    }
    for event, count in run.counted(Written):
        is_count = event.operation == ASSIGN_ADD and event.context == IN_REPLICA
        if not is_count or event.rule not in kept or not adds_up(event.site):
            continue
        code, what = kept[event.rule]
        if code == "VS204" and _differed(run, event) is not False:
            continue  # see `dropped`; or nobody met
        made = run.variables[event.variable]
        if made.copies == 1:
            continue  # the one replica keeps all
        yield Observation(
            code,
            Severity.WARNING,
            f"each replica added what it had counted of its own data to "
            f"{run.name(event.variable)} {often(count.times)}, and {what.format(made.copies)}",
            event.site,
            event.variable,
            count.first_step,
            count.times,
        )


def _differed(run: Run, write: Written) -> bool | None:
    """Whether the replicas gave an update different values; None if they did not meet for it."""
    changed = [
        event.changed
        for event, _ in run.counted(Synchronised)
        if (event.variable, event.site, event.cause) == (write.variable, write.site, "update")
    ]
    return any(changed) if changed else None


def exchanged_for_nothing(run: Run) -> Iterator[Observation]:
    """Aggregated updates for which all replicas gave the same value, always."""
    passed_over = {
        (event.variable, event.site) for event, _ in run.counted(Synchronised) if event.changed
    }
    # a whole value under SUM is wrong for another reason
    passed_over |= {
        (event.variable, event.site)
        for event, _ in run.counted(Written)
        if event.operation == ASSIGN and event.rule == Rule.SUM.name
    }
    for event, count in run.counted(Synchronised):
        if event.cause != "update" or event.variable is None or event.changed:
            continue
        if (event.variable, event.site) in passed_over:
            continue
        made = run.variables[event.variable]
        name = run.name(event.variable)
        if made.aggregation == "SUM" and _was_reduced(run, count):
            code = "VS210"
            what = "the replicas had reduced it before, and the sum counts it once for each"
        elif made.aggregation == "SUM":
            if event.own and not writes_constant(event.site):
                continue  # such as the sizes of batches that happen to be equal
            code = "VS202"
            what = "the sum counts it once for each replica"
        elif made.aggregation != FIRST or count.times == 1 or event.by or adds_up(event.site):
            continue  # a library's count of steps is not the user's to change
        else:
            code, what = "VS603", "the broadcast changed nothing"
        updates = f"all {count.times} updates" if count.times > 1 else "the one update"
        yield Observation(
            code,
            Severity.NOTE,
            f"every replica gave {name} the same value in {updates}: {what}",
            event.site,
            event.variable,
            count.first_step,
            count.times,
            saves=Savings(count.times, count.nbytes) if code == "VS603" else None,
        )


def _was_reduced(run: Run, update: Count) -> bool:
    """Whether the replicas have summed a value of the same size as often, in the same steps."""
    return any(
        event.cause == "all_reduce"
        and event.operation == "SUM"
        and count.nbytes * update.times == update.nbytes * count.times
        and count.times >= update.times
        and count.first_step <= update.first_step
        for event, count in run.counted(Synchronised)
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
    """The replicas met with different operations; the same two are told once."""
    seen: list[set[str]] = []
    for event in run.of(Mixed):
        if event.workers:
            yield _workers_mixed_up(event)
            continue
        (first, site), *others = event.met
        other, there = next((met for met in others if met[0] != first), (first, site))
        if {first, other} in seen:
            continue  # what the replicas do next is mixed up the other way round
        seen.append({first, other})
        yield Observation(
            "VS217",
            Severity.WARNING,
            f"replica 0 met the others with {first}, another replica with {other}: "
            "TensorFlow takes all values for the first and says nothing",
            there,
            None,
            event.step,
            related=((site, f"{first} is called here"),),
        )


def _workers_mixed_up(event: Mixed) -> Observation:
    """Workers are matched by nothing but the order of their collectives."""
    sides: dict[tuple[str, Site], int] = {}
    for replica, side in enumerate(event.met):
        sides.setdefault(side, replica)
    named = [
        f"replica {replica} came to {what} at {place(site)}"
        for (what, site), replica in sides.items()
    ]
    operations = {what.split(" ")[0] for what, _ in sides}
    if event.raised:
        code = "VS501" if operations & set(OUTSIDE_STEPS) else "VS214"
        what = f"TensorFlow raises {' '.join(event.raised.split())}"
    else:
        code = "VS501" if operations & set(OUTSIDE_STEPS) else "VS217"
        what = "TensorFlow takes them for each other and says nothing"
    if len({FORM.sub("", what) for what, _ in sides}) == 1:
        code = ""  # the same operation, on values of different form
    return Observation(
        code,
        Severity.ERROR if event.raised else Severity.WARNING,
        f"the workers met in different collectives: {', '.join(named)}: {what}",
        event.met[0][1],
        None,
        event.step or None,
        related=tuple(
            (site, f"replica {replica}: {what}") for (what, site), replica in sides.items()
        ),
    )


def by_some_workers(run: Run) -> Iterator[Observation]:
    """Host code wrote a mirrored variable on some of the workers only: nobody waits for that."""
    strategy = run.strategy
    if strategy is None or strategy.workers < 2 or len(run.by_replica) % strategy.workers:
        return
    each = len(run.by_replica) // strategy.workers
    by_worker = [
        {event.variable for event in counts if _is_host_write(event)}
        for counts in run.by_replica[::each]
    ]
    told: set[int] = set()
    for event, count in run.counted(Written):
        made = run.variables.get(event.variable)
        if made is None or made.synchronization == "ON_READ" or made.copies < strategy.workers:
            continue
        did = [worker for worker, written in enumerate(by_worker) if event.variable in written]
        if not _is_host_write(event) or len(did) == len(by_worker) or event.variable in told:
            continue
        told.add(event.variable)
        name = run.name(event.variable)
        yield Observation(
            "VS501",
            Severity.WARNING,
            f"{event.operation} of {name} was done by worker {', '.join(map(str, did))} and by none "
            "of the others: nobody waits, and the workers' copies differ",
            event.site,
            event.variable,
            count.first_step or None,
            count.times,
            related=((made.site, f"{name} is created here"),),
        )


def _is_host_write(event: Event) -> TypeGuard[Written]:
    return isinstance(event, Written) and event.context != IN_REPLICA


def outside_scope(run: Run) -> Iterator[Observation]:
    """A variable without copies, which each replica writes in turn."""
    strategy = run.strategy
    if strategy is None or strategy.replicas == 1:
        return
    written: dict[int, list[tuple[Written, Count]]] = {}
    for event, count in run.counted(Written):
        made = run.variables.get(event.variable)
        in_turn = event.context == IN_REPLICA and event.rule == Rule.IN_TURN.name
        if in_turn and made is not None and "ParameterServer" not in made.strategy:
            written.setdefault(event.variable, []).append((event, count))
    training = {
        event.site for event, _ in run.counted(Synchronised) if event.gradient_of is not None
    }
    for variable, writes in written.items():
        made = run.variables[variable]
        times = sum(count.times for _, count in writes)
        step = min(count.first_step for _, count in writes)
        name = run.name(variable)
        counts = f"it has one copy, which every replica wrote {often(times)}"
        if made.path and all(event.site in training for event, _ in writes):
            yield Observation(
                "VS403",
                Severity.WARNING,
                f"{name} was made outside the scope of the weights that are trained here: {counts}",
                writes[0][0].site,
                variable,
                step,
                times,
                related=((made.site, f"{name} is created here"),),
            )
            continue
        yield Observation(
            "VS401",
            Severity.WARNING,
            f"{name} was made outside the strategy's scope: {counts}",
            made.site,
            variable,
            step,
            times,
            related=tuple((event.site, "each replica writes it here") for event, _ in writes),
        )
