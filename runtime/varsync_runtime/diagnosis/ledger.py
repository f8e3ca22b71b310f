"""The ledger: what the replicas exchanged, where, how often and with how many bytes."""

from __future__ import annotations

from dataclasses import dataclass

from varsync_runtime.diagnosis.run import Count, Run
from varsync_runtime.events import Site, Synchronised


@dataclass
class Row:
    """One kind of exchange on one line of the user: `times` of it, each of so many `tensors`.

    `variables` are those that were exchanged or, if it is an all-reduce, those of which the tensors
    are `gradients`. `by` names the library's object that asked for it, empty if the user did.
    """

    cause: str
    operation: str
    by: str
    site: Site
    changed: bool
    variables: list[int]
    tensors: int
    times: int
    nbytes: int
    first_step: int
    last_step: int

    @property
    def gradients(self) -> bool:
        """Whether all that is exchanged is gradients of one variable each."""
        return self.cause == "all_reduce" and 0 < len(self.variables) == self.tensors


def rows(run: Run) -> list[Row]:
    """The ledger of a run, the costliest first.

    What a library's object exchanges together is one row: the tensors of an all-reduce, the
    variables of a metric.
    """
    together: dict[tuple[object, ...], Row] = {}
    for event, count in run.counted(Synchronised):
        row = _row(event, count)
        met = together.setdefault(_key(event, count), row)
        if met is row:
            continue
        met.variables += row.variables
        met.nbytes += row.nbytes
        if event.cause == "all_reduce":
            met.times += row.times
            met.first_step = min(met.first_step, row.first_step)
            met.last_step = max(met.last_step, row.last_step)
        else:
            met.tensors += row.tensors
    for row in together.values():
        row.variables.sort()
        if row.cause == "all_reduce":
            row.times = -(-row.times // row.tensors)
    return sorted(together.values(), key=lambda row: (-row.nbytes * row.times, row.site))


def _row(event: Synchronised, count: Count) -> Row:
    variable = event.gradient_of if event.variable is None else event.variable
    return Row(
        event.cause,
        event.operation,
        event.by,
        event.site,
        event.changed,
        [] if variable is None else [variable],
        event.together,
        count.times,
        count.nbytes,
        count.first_step,
        count.last_step,
    )


def _key(event: Synchronised, count: Count) -> tuple[object, ...]:
    """Events of the same key are one row."""
    kind = (event.cause, event.operation, event.by, event.site, event.changed, event.together)
    if event.cause == "all_reduce":
        return kind
    if event.by and event.variable is not None:
        return (*kind, count.times, count.first_step, count.last_step)
    return (*kind, event.variable)
