"""What the replicas of a simulated run did, in the trace event format of Chrome, which Perfetto opens.

Each replica is a process with one thread. A step is a slice; what it exchanged, where it waited and
what else it met the others for are slices in it. Times are microseconds from the first that is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from varsync_runtime.diagnosis import timeline
from varsync_runtime.diagnosis.labels import place
from varsync_runtime.diagnosis.run import Run, gather
from varsync_runtime.events import Event, Span
from varsync_runtime.events.sites import NOWHERE

from varsync.reports import wording
from varsync.reports.wording import Json

MEETINGS = {"done": "end of replica code", "raised": "end of replica code"}
"""The names of the runtime's meetings that say nothing by themselves."""
CATEGORIES = {"step": "step", "wait": "wait", "exchange": "synchronise", "meeting": "meeting"}


def render(document: Json, told: Sequence[Iterable[Event]]) -> str:
    """The trace of a run; `told` is what its processes told, in order of rank."""
    run = gather(told)
    spans = sorted(
        timeline.spans(run), key=lambda one: (one[0], one[1].begin, -one[1].end)
    )  # in each process, what is around others comes before them
    origin = min((span.begin for _, span in spans), default=0)
    ranks = range(len(run.details))
    events = [event for rank in ranks for event in _names(rank, run)]
    events += [_slice(rank, span, origin, run) for rank, span in spans]
    trace = {
        "displayTimeUnit": "ms",
        "otherData": {
            "varsync": document["varsync"],
            "script": wording.text(document["script"]),
            "left_out": timeline.left_out(run),
        },
        "traceEvents": events,
    }
    return json.dumps(trace, separators=(",", ":")) + "\n"


def _names(rank: int, run: Run) -> Iterator[Json]:
    strategy = run.strategy
    workers = 1 if strategy is None else strategy.workers
    worker = f", worker {rank * workers // len(run.details)}" if workers > 1 else ""
    for kind, name in (("process_name", f"replica {rank}{worker}"), ("thread_name", "script")):
        yield {"ph": "M", "name": kind, "pid": rank, "tid": 0, "args": {"name": name}}
    yield {
        "ph": "M", "name": "process_sort_index", "pid": rank, "tid": 0, "args": {"sort_index": rank}
    }  # fmt: skip


def _slice(rank: int, span: Span, origin: int, run: Run) -> Json:
    arguments: dict[str, Any] = {}
    name = MEETINGS.get(span.what, span.what)
    if span.kind == "exchange":
        labels = [label for one in span.variables if (label := run.label(one)) is not None]
        name = f"{span.what} of {wording.few(labels)}" if labels else span.what
        arguments = {"variables": [wording.text(one) for one in labels], "bytes": span.nbytes}
    if span.by:
        arguments["by"] = wording.text(span.by)
    if span.site != NOWHERE:
        arguments["line"] = wording.text(place(span.site))
    return {
        "ph": "X",
        "name": wording.text(name),
        "cat": CATEGORIES[span.kind],
        "pid": rank,
        "tid": 0,
        "ts": (span.begin - origin) / 1000,
        "dur": (span.end - span.begin) / 1000,
        "args": arguments,
    }
