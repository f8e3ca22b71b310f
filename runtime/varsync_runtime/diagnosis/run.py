"""What the events of all replicas say together."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from varsync_runtime.diagnosis.labels import labels
from varsync_runtime.events import (
    Apart,
    Counted,
    Created,
    Details,
    Diverged,
    Ended,
    Event,
    Held,
    Kept,
    Named,
    Stepped,
    StrategyMade,
    Synchronised,
    Value,
    WorkerCopy,
)

Kind = TypeVar("Kind")


@dataclass
class Count:
    """How often an event happened on one replica (the most of them), and in which steps.

    `nbytes` is what that replica gave.
    """

    times: int = 0
    nbytes: int = 0
    first_step: int = 0
    last_step: int = 0


@dataclass
class Run:
    """A simulated run: what was told once, what was counted, and what there is.

    `told` holds each event once, however many replicas told it, in the order of the lowest replica
    that told it. `by_replica` has what each replica counted, `stepped`, `details`, `apart` and
    `held` (by variable) what each told of itself.
    """

    told: list[Event] = field(default_factory=list)
    counts: dict[Event, Count] = field(default_factory=dict)
    by_replica: list[dict[Event, Count]] = field(default_factory=list)
    stepped: list[list[Stepped]] = field(default_factory=list)
    details: list[list[Details]] = field(default_factory=list)
    apart: list[list[Apart]] = field(default_factory=list)
    held: list[dict[int, Value]] = field(default_factory=list)
    variables: dict[int, Created] = field(default_factory=dict)
    steps: int = 0
    cut: int | None = None

    def of(self, kind: type[Kind]) -> Iterator[Kind]:
        """What was told of one kind."""
        return (event for event in self.told if isinstance(event, kind))

    def counted(self, kind: type[Kind]) -> Iterator[tuple[Kind, Count]]:
        """What was counted of one kind."""
        return ((event, count) for event, count in self.counts.items() if isinstance(event, kind))

    def name(self, variable: int | None) -> str:
        """A variable as messages name it."""
        text = self.label(variable)
        return "a variable" if text is None else f"`{text}`"

    def label(self, variable: int | None) -> str | None:
        """What the user calls a variable; None if it is none that is known."""
        return None if variable is None else self._labels.get(variable)

    @functools.cached_property
    def _labels(self) -> dict[int, str]:
        named = {event.variable: event.name for event in self.of(Named)}
        return labels(self.variables, named)

    @property
    def strategy(self) -> StrategyMade | None:
        """The strategy with the most replicas; None if the script made none."""
        return max(self.of(StrategyMade), key=lambda made: made.replicas, default=None)


def gather(told: Sequence[Iterable[Event]]) -> Run:
    """One run out of what each replica told, in order of rank."""
    run = Run()
    seen: dict[Event, None] = {}
    for events in told:
        own: dict[Event, Count] = {}
        stepped: list[Stepped] = []
        details: list[Details] = []
        apart: list[Apart] = []
        held: dict[int, Value] = {}
        for event in events:
            if isinstance(event, Counted):
                _add(own, event)
            elif isinstance(event, Stepped):
                stepped.append(event)
            elif isinstance(event, Details):
                details.append(event)
            elif isinstance(event, Apart):
                apart.append(event)
            elif isinstance(event, Held):
                held[event.variable] = event.value
            elif isinstance(event, Kept):
                continue  # elements are no matter of the report
            elif isinstance(event, Ended):
                run.steps = max(run.steps, event.steps)
                run.cut = event.cut if run.cut is None else run.cut
            elif event not in seen:
                seen[event] = None
        run.by_replica.append(own)
        run.stepped.append(stepped)
        run.details.append(details)
        run.apart.append(apart)
        run.held.append(held)
        for happened, count in own.items():
            _raise_to(run.counts.setdefault(happened, Count(first_step=count.first_step)), count)
            run.steps = max(run.steps, count.last_step)
    _settle(run)
    run.told = list(seen)
    run.told += _workers_apart(run)
    for made in run.of(Created):
        run.variables.setdefault(made.variable, made)
    return run


def _workers_apart(run: Run) -> Iterator[Diverged]:
    """Where workers first wrote different values to what should be equal on all."""
    met: dict[tuple[int, int], list[WorkerCopy]] = {}
    for event in run.of(WorkerCopy):
        met.setdefault((event.variable, event.number), []).append(event)
    told: set[int] = {event.variable for event in run.of(Diverged)}
    for (variable, _), copies in sorted(met.items(), key=lambda item: item[0]):
        if variable not in told and len({copy.value for copy in copies}) > 1:
            told.add(variable)
            first = min(copies, key=lambda copy: copy.worker)
            values = tuple(copy.value for copy in sorted(copies, key=lambda copy: copy.worker))
            yield Diverged(
                variable,
                first.step,
                values,
                first.operation,
                first.context,
                first.rule,
                first.site,
                first.of_gradient,
            )


def _settle(run: Run) -> None:
    """An exchange changed something if it did on one of the replicas."""
    for event in [one for one in run.counts if isinstance(one, Synchronised) and not one.changed]:
        twin = replace(event, changed=True)
        changed = run.counts.get(twin)
        if changed is None:
            continue
        same = run.counts[event]
        none = Count()
        whole = max(
            own.get(event, none).times + own.get(twin, none).times for own in run.by_replica
        )
        left = whole - changed.times
        same.nbytes = same.nbytes * left // same.times
        same.times = left
        if not left:
            del run.counts[event]


def _add(counts: dict[Event, Count], told: Counted) -> None:
    count = counts.setdefault(told.event, Count(first_step=told.first_step))
    count.times += told.times
    count.nbytes += told.nbytes
    count.last_step = told.last_step


def _raise_to(count: Count, other: Count) -> None:
    """The replicas do the same together: the one that told most of it tells it all."""
    count.times = max(count.times, other.times)
    count.nbytes = max(count.nbytes, other.nbytes)
    count.first_step = min(count.first_step, other.first_step)
    count.last_step = max(count.last_step, other.last_step)
