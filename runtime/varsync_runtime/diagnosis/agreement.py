"""Whether the reports of two runs of one script say the same, and where they do not. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from varsync_runtime.diagnosis.labels import first_line
from varsync_runtime.events import Site

Json = dict[str, Any]

RELATIVE = 1e-4
# values this small are what is left where numbers cancel out
ABSOLUTE = 1e-5
WHOLE_MESSAGE = 120
"""So much of an exception's message is compared: what follows names addresses and objects."""


@dataclass(frozen=True)
class Difference:
    """What `subject` is in each run; None where that run knows nothing of it."""

    part: str
    subject: str
    first: str | None
    second: str | None

    def __str__(self) -> str:
        return f"{self.part} {self.subject}: {self.first} | {self.second}"


def differences(first: Json, second: Json) -> list[Difference]:
    """What is not the same in the reports of two runs, in the order of the report's parts."""
    found: list[Difference] = []
    for part, entries in PARTS.items():
        one, other = dict(entries(first)), dict(entries(second))
        for subject in sorted(one.keys() | other.keys()):
            left, right = one.get(subject), other.get(subject)
            if left is None or right is None or not _same(left, right):
                found.append(Difference(part, subject, _text(left), _text(right)))
    return found


Entries = Iterable[tuple[str, Sequence[Any]]]


def _outcome(document: Json) -> Entries:
    outcome = document["outcome"]
    raised = outcome["exception"]
    yield "ends", (outcome["status"],)
    yield "steps", (document["steps"],)
    if raised is not None:
        words = " ".join(raised["message"].split())[:WHOLE_MESSAGE]
        yield "exception", (raised["class"], words, raised["exit_status"])


def _strategies(document: Json) -> Entries:
    yield from _numbered(
        (f"{made['class']} at {_place(made)}", (made["replicas"], made["workers"]))
        for made in document["strategies"]
    )


def _observations(document: Json) -> Entries:
    yield from _numbered(
        (
            " ".join(filter(None, (seen["code"], seen["variable"], f"at {_place(seen)}"))),
            (seen["severity"], seen["step"], seen["times"], _values(seen["values"])),
        )
        for seen in document["observations"]
    )


def _variables(document: Json) -> Entries:
    names = ("class", "synchronization", "aggregation", "dtype", "shape", "trainable", "copies")
    for made in document["variables"]:
        first = made["diverged"]
        parted = None if first is None else (first["step"], _place(first), _values(first["values"]))
        rest = (made["synchronisations"], made["bytes_of_a_replica"], parted)
        yield made["label"], (*(made[name] for name in names), _place(made), *rest)


def _ledger(document: Json) -> Entries:
    for row in document["ledger"]:
        of = ", ".join(row["variables"]) or f"{row['tensors']} tensors"
        by = f" by {row['by']}" if row["by"] else ""
        changed = "" if row["changed"] else ", the same from all"
        yield (
            f"{row['cause']} {row['operation']} of {of}{by} at {_place(row)}{changed}",
            (row["times"], row["bytes_of_a_replica"]),
        )


def _checkpoints(document: Json) -> Entries:
    yield from _numbered(
        (
            f"{one['action']} of {one['variable']} at {_place(one)}",
            (Path(one["path"]).name, _values([one["saved"]]), _values(one["copies"])),
        )
        for one in document["checkpoints"]
    )


PARTS: dict[str, Callable[[Json], Entries]] = {
    "outcome": _outcome,
    "strategy": _strategies,
    "observation": _observations,
    "variable": _variables,
    "synchronisation": _ledger,
    "checkpoint": _checkpoints,
}


def _numbered(entries: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The same, with a number where a subject comes again."""
    often: dict[str, int] = {}
    for subject, what in entries:
        often[subject] = often.get(subject, 0) + 1
        yield (subject if often[subject] == 1 else f"{subject} ({often[subject]})"), what


def _place(entry: Json) -> str:
    location = entry["location"]
    if location is None:
        return "?"
    name, row = location["filename"], location["row"]
    if not location["cell"]:
        # of what is compiled TensorFlow knows where a statement begins
        row = first_line(Site(name, row))
    return f"{Path(name).name}:{row}"


def _values(values: Sequence[Json]) -> list[Any]:
    """What each value holds: its items, or its norm."""
    return [value["norm"] if value["items"] is None else value["items"] for value in values]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        both_nan = math.isnan(one) and math.isnan(other)
        return both_nan or math.isclose(one, other, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return bool(one == other)


def _text(entry: Sequence[Any] | None) -> str | None:
    return None if entry is None else ", ".join(map(str, entry))
