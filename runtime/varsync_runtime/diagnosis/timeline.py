"""Where the replicas' time went, as the report has it: a column for some steps of each replica."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple
from typing import Any

from varsync_runtime.diagnosis.run import Run
from varsync_runtime.events import Span, Stepped
from varsync_runtime.events.timeline import AFTER

PARTS = ("host", "compute", "wait", "synchronise")


def timeline(run: Run) -> dict[str, Any]:
    """The time line: microseconds, counted from the first that any process told."""
    steps = [row for rows in run.stepped for row in rows if row.first > 0]
    width = max((row.last - row.first + 1 for row in steps), default=1)
    # the last row of a replica may be short: all are as wide as a power of two
    width = 1 << (width - 1).bit_length()
    origin = min((row.begin for rows in run.stepped for row in rows), default=0)
    return {
        "steps_per_column": width,
        "replicas": [
            {
                "replica": rank,
                "before": _around(rows, 0, origin),
                **_columns(rows, width, origin),
                "after": _around(rows, AFTER, origin),
            }
            for rank, rows in enumerate(run.stepped)
        ],
    }


def _around(rows: Sequence[Stepped], step: int, origin: int) -> dict[str, int] | None:
    """What there was before the first step, or after the last; None where that is not known."""
    for row in rows:
        if row.first == step:
            return {"begin": row.begin - origin, **{part: getattr(row, part) for part in PARTS}}
    return None


def _columns(rows: Sequence[Stepped], width: int, origin: int) -> dict[str, list[int]]:
    columns: dict[int, list[int]] = {}
    for row in rows:
        if row.first > 0:
            _, _, begin, *parts = astuple(row)
            column = columns.setdefault((row.first - 1) // width, [begin - origin, 0, 0, 0, 0])
            column[1:] = [one + other for one, other in zip(column[1:], parts, strict=True)]
    order = [columns[number] for number in sorted(columns)]
    names = ("begin", *PARTS)
    return {name: [column[at] for column in order] for at, name in enumerate(names)}


def spans(run: Run) -> Iterator[tuple[int, Span]]:
    """What each replica did, one by one, with its rank: where details were asked for."""
    for rank, details in enumerate(run.details):
        for told in details:
            for span in told.spans:
                yield rank, span


def left_out(run: Run) -> int:
    """How many there were no room for."""
    return sum(told.left_out for details in run.details for told in details)
