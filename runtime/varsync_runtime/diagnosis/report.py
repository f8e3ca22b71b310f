"""The report as data: plain lists and dictionaries, versioned; docs/report.md describes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from varsync_runtime.diagnosis import (
    distances,
    ledger,
    lifetimes,
    reads,
    rejections,
    series,
    timeline,
    writes,
)
from varsync_runtime.diagnosis.endings import Ending, Status, hung
from varsync_runtime.diagnosis.observations import Observation, Severity
from varsync_runtime.diagnosis.run import Run, gather
from varsync_runtime.events import (
    Approximated,
    Began,
    Diverged,
    Event,
    Ignored,
    Reached,
    Read,
    Refused,
    Restored,
    Saved,
    Site,
    StrategyMade,
    Synchronised,
    Value,
)
from varsync_runtime.events.sites import NOWHERE

VERSION = 1

Json = dict[str, Any]

WHAT_IS_SEEN = (
    writes.diverged,
    writes.whole_values_summed,
    writes.shares_lost,
    writes.rebound,
    writes.counts_of_replicas,
    writes.exchanged_for_nothing,
    writes.dropped,
    writes.mixed_up,
    writes.by_some_workers,
    writes.outside_scope,
    reads.partial,
    reads.without_gradient,
    reads.each_step,
    reads.more_often_than_read,
    lifetimes.made_in_each_step,
    lifetimes.counted_by_each,
    lifetimes.own_weights,
    lifetimes.swallowed,
    lifetimes.without_effect,
    lifetimes.lost_copies,
    lifetimes.lost_remainders,
    rejections.rejected,
)


def observe(run: Run, ending: Ending) -> list[Observation]:
    """All observations of a run, errors first, then by place and in the order of the variables."""
    found = [seen for look in WHAT_IS_SEEN for seen in look(run)]
    found.extend(hung(ending))
    order = list(Severity)

    def rank(seen: Observation) -> tuple[int, tuple[str, int], int, str, int, str]:
        variable = -1 if seen.variable is None else seen.variable
        severity = order.index(seen.severity)
        return severity, seen.site.cell, seen.site.line, seen.code, variable, seen.message

    return sorted(found, key=rank)


def report(told: Sequence[Iterable[Event]], ending: Ending) -> Json:
    """The report of a run from what its processes told, in order of rank."""
    run = gather(told)
    observations = observe(run, ending)
    exchanges = list(_ledger(run))
    return {
        "version": VERSION,
        "tensorflow_version": next((event.tensorflow for event in run.of(Began)), None),
        "outcome": _outcome(run, ending),
        "strategies": [_strategy(made) for made in run.of(StrategyMade)],
        "steps": run.steps,
        "observations": [_observation(seen, run) for seen in observations],
        "variables": list(_variables(run)),
        "ledger": exchanges,
        "series": [_series(one) for one in series.series(run)],
        "checkpoints": list(_checkpoints(run)),
        "timeline": timeline.timeline(run),
        "totals": {
            "synchronisations": sum(row["times"] for row in exchanges),
            "bytes_of_a_replica": sum(row["bytes_of_a_replica"] for row in exchanges),
            "unneeded": sum(row["times"] for row in exchanges if not row["changed"]),
            "host_reads_that_reduce": sum(
                count.times for event, count in run.counted(Read) if event.reduces
            ),
        },
        "reached": [_location(event.site) for event in run.of(Reached)],
        "ignored": [
            {"symbol": event.symbol, "location": _location(event.site), "times": count.times}
            for event, count in run.counted(Ignored)
        ],
        "not_modelled": [
            {"symbol": event.what, "location": _location(event.site), "times": count.times}
            for event, count in run.counted(Refused)
        ],
        "approximated": [
            {
                "symbol": event.symbol,
                "why": event.why,
                "location": _location(event.site),
                "times": count.times,
            }
            for event, count in run.counted(Approximated)
        ],
    }


def fails(document: Json) -> bool:
    """Whether a report has observations of error or warning severity."""
    return any(seen["severity"] != Severity.NOTE.value for seen in document["observations"])


def _outcome(run: Run, ending: Ending) -> Json:
    failure = ending.failure
    finished = ending.status is Status.FINISHED
    status = Status.LIMIT if finished and run.cut is not None else ending.status
    cut = "" if run.cut is None else f"the run was cut after step {run.cut} (--max-steps)"
    return {
        "status": status.value,
        "message": "; ".join(filter(None, (ending.message, cut))),
        "cut_after_step": run.cut,
        "exception": None
        if failure is None
        else {
            "class": failure.exception,
            "message": failure.message,
            "traceback": failure.traceback,
            "exit_status": failure.exit_status,
        },
        "replicas": [
            {
                "replica": place.rank,
                "state": place.state.value,
                "doing": place.doing,
                "location": _location(place.site),
                "now": _location(place.now),
                "detail": place.detail,
            }
            for place in ending.places
        ],
    }


def _strategy(made: StrategyMade) -> Json:
    return {
        "class": made.kind,
        "replicas": made.replicas,
        "workers": made.workers,
        "location": _location(made.site),
    }


def _observation(seen: Observation, run: Run) -> Json:
    return {
        "code": seen.code or None,
        "severity": seen.severity.value,
        "message": seen.message,
        "location": _location(seen.site),
        "variable": run.label(seen.variable),
        "step": seen.step,
        "times": seen.times,
        "values": [_value(value) for value in seen.values],
        "related": [
            {"location": _location(site), "message": words} for site, words in seen.related
        ],
        "saves": None
        if seen.saves is None
        else {"synchronisations": seen.saves.times, "bytes_of_a_replica": seen.saves.nbytes},
    }


def _variables(run: Run) -> Iterator[Json]:
    diverged = {event.variable: event for event in reversed(list(run.of(Diverged)))}
    exchanges = list(run.counted(Synchronised))
    apart = distances.distances(run)
    for number, made in run.variables.items():
        own = [count for event, count in exchanges if event.variable == number]
        first = diverged.get(number)
        yield {
            "id": number,
            "name": made.name,
            "label": run.label(number),
            "class": made.cls,
            "synchronization": made.synchronization,
            "aggregation": made.aggregation,
            "trainable": made.trainable,
            "dtype": made.dtype,
            "shape": list(made.shape),
            "copies": made.copies,
            "strategy": made.strategy,
            "location": _location(made.site),
            "built": _location(made.built),
            "synchronisations": sum(count.times for count in own),
            "bytes_of_a_replica": sum(count.nbytes for count in own),
            "initial": None if made.initial is None else _value(made.initial),
            "final": [_value(held[number]) for held in run.held if number in held] or None,
            "diverged": None
            if first is None
            else {
                "step": first.step,
                "location": _location(first.site),
                "values": [_value(value) for value in first.values],
                **apart.get(number, distances.NONE),
            },
        }


def _ledger(run: Run) -> Iterator[Json]:
    for row in ledger.rows(run):
        labels = [run.label(variable) for variable in row.variables]
        yield {
            "variable": labels[0] if len(labels) == 1 and not row.gradients else None,
            "variables": labels,
            "gradients": row.gradients,
            "tensors": row.tensors,
            "cause": row.cause,
            "operation": row.operation,
            "by": row.by or None,
            "location": _location(row.site),
            "times": row.times,
            "bytes_of_a_replica": row.nbytes,
            "first_step": row.first_step,
            "last_step": row.last_step,
            "changed": row.changed,
        }


def _series(one: series.Series) -> Json:
    return {
        "what": one.what,
        "name": one.name or None,
        "number": one.number,
        "location": _location(one.site),
        "steps": [step for step, _ in one.points],
        "values": [value for _, value in one.points],
    }


def _checkpoints(run: Run) -> Iterator[Json]:
    for event in run.told:
        if isinstance(event, (Saved, Restored)):
            yield {
                "action": "save" if isinstance(event, Saved) else "restore",
                "variable": run.label(event.variable),
                "path": event.path,
                "rule": event.rule,
                "copies": [_value(value) for value in event.copies],
                "saved": _value(event.saved),
                "location": _location(event.site),
            }


def _location(site: Site) -> Json | None:
    if site == NOWHERE:
        return None
    filename, cell = site.cell
    return {"filename": filename, "cell": cell or None, "row": site.line}


def _value(value: Value) -> Json:
    items = None if value.items is None else list(value.items)
    return {"shape": list(value.shape), "items": items, "norm": value.norm}
