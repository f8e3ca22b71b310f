"""How far the copies of variables are apart, step by step, once they differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from varsync_runtime.diagnosis.run import Run
from varsync_runtime.events import Diverged, Value, WorkerCopy

NONE: dict[str, Any] = {"steps": [], "distances": []}
MOST_NUMBERS = 100_000
"""Of all variables and replicas together; there are fewer steps of each where it would be more."""
FEWEST = 8
"""Steps of each variable that there are in any case, if it has so many."""

Table = dict[int, list[float | None]]
"""By step, what each replica's distance is."""


def distances(run: Run) -> dict[int, dict[str, Any]]:
    """By variable: some steps, and for each replica the distances of its copy from the first one."""
    tables = _of_replicas(run) or _of_workers(run)
    numbers = sum(len(row) for table in tables.values() for row in table.values())
    stride = max(1, math.ceil(numbers / MOST_NUMBERS))
    found = {}
    for variable, table in tables.items():
        steps = sorted(table)
        every = min(stride, max(1, len(steps) // FEWEST))
        kept = [step for at, step in enumerate(steps) if at % every == 0 or step == steps[-1]]
        columns = zip(*(table[step] for step in kept), strict=True)
        rounded = [[_rounded(distance) for distance in column] for column in columns]
        found[variable] = {"steps": kept, "distances": rounded}
    return found


def _rounded(distance: float | None) -> float | None:
    return None if distance is None else float(f"{distance:.6g}")


def _of_replicas(run: Run) -> dict[int, Table]:
    told: dict[int, dict[int, dict[int, float | None]]] = {}
    for rank, own in enumerate(run.apart):
        for event in own:
            steps = told.setdefault(event.variable, {})
            steps.setdefault(event.step, {})[rank] = event.distance
    tables = {}
    for variable, steps in told.items():
        ranks = sorted({rank for row in steps.values() for rank in row})
        tables[variable] = {step: [row.get(rank) for rank in ranks] for step, row in steps.items()}
    return tables


def _of_workers(run: Run) -> dict[int, Table]:
    """The same of the first replica of each worker, of the writes that each of them told of."""
    first = {event.variable: event.step for event in run.of(Diverged)}
    told: dict[int, dict[int, dict[int, WorkerCopy]]] = {}
    for event in run.of(WorkerCopy):
        if event.step >= first.get(event.variable, math.inf):
            told.setdefault(event.variable, {}).setdefault(event.step, {})[event.worker] = event
    tables = {}
    for variable, steps in told.items():
        workers = sorted({worker for row in steps.values() for worker in row})
        tables[variable] = {
            step: _apart([row[worker].value for worker in workers])
            for step, row in steps.items()
            if len(row) == len(workers)
        }
    return tables


def _apart(values: Sequence[Value]) -> list[float | None]:
    return [_distance(value, values[0]) for value in values]


def _distance(one: Value, other: Value) -> float | None:
    """Of values that were told whole."""
    if one == other:
        return 0.0
    if one.items is None or other.items is None or one.shape != other.shape:
        return None
    pairs = list(zip(one.items, other.items, strict=True))
    if not all(isinstance(item, (int, float)) for pair in pairs for item in pair):
        return None
    return math.sqrt(sum((float(a) - float(b)) ** 2 for a, b in pairs))
