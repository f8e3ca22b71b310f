"""What all reports of a simulated run say in the same words: values, places, lines, counted nouns."""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from varsync_rules.registry import UnknownRuleError, rules
from varsync_runtime.events.sites import name_of_cell

from varsync.comparing.networks import USUAL, in_words
from varsync.console.terminal import escape
from varsync.simulation import NO_TENSORFLOW

Json = dict[str, Any]

MOST_NAMES = 2
"""Of the variables of one exchange; the JSON report has all of them."""
MOST_COPIES = 8
"""Of a variable's values side by side."""
WHOLE = ("finished", "limit of steps")
"""How a run ends that was seen from its first to its last step."""
FOR_US = ("not modelled", "no room", NO_TENSORFLOW)
"""How a run ends for which the script can do nothing: its exception says no more than the message."""


def line(own: str) -> str:
    """Somebody else's text in one line: a name, a path, a value."""
    return escape(own.replace("\t", "    "))


def text(own: str) -> str:
    """Somebody else's text: its lines are kept, control characters are escaped."""
    return "\n".join(map(line, own.split("\n")))


def many(count: int, noun: str) -> str:
    """`1 step`, `2 steps`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def few(names: Sequence[str], most: int = MOST_NAMES) -> str:
    """`a, b and 3 more`."""
    more = len(names) - most
    shown = ", ".join(names[:most])
    return f"{shown} and {more} more" if more > 0 else shown


def value(of_tensor: Json) -> str:
    """The items of a tensor, or its shape and norm where there are many."""
    items = of_tensor["items"]
    if items is None:
        norm = "" if of_tensor["norm"] is None else f", norm {of_tensor['norm']:.6g}"
        return f"{of_tensor['shape']}{norm}"
    texts = [f"{item:.7g}" if isinstance(item, float) else str(item) for item in items]
    return texts[0] if of_tensor["shape"] == [] else f"[{', '.join(texts)}]"


def rule_name(code: str | None) -> str:
    """The name of a rule, empty if there is none."""
    try:
        return rules().find(code).name if code else ""
    except UnknownRuleError:
        return ""


def alike(observations: Sequence[Json]) -> Iterator[tuple[Json, list[Json]]]:
    """Each observation with those that say the same of other variables, on the same line."""
    groups: dict[tuple[str, ...], list[Json]] = {}
    for seen in observations:
        words = seen["message"].replace(f"`{seen['variable']}`", "")
        key = (seen["code"] or "", seen["severity"], place(seen["location"]), words)
        groups.setdefault(key, []).append(seen)
    for first, *others in groups.values():
        yield first, others


def same(others: Sequence[Json], most: int) -> str:
    """What is alike in others: their variables, or how many they are; empty if there are none."""
    names = [f"`{one['variable']}`" for one in others if one["variable"] is not None]
    if names:
        return f"The same of {few(names, most)}"
    return f"The same {many(len(others), 'time')} more" if others else ""


def failure(outcome: Json) -> str:
    """The exception that ended the script, empty if none did."""
    raised = outcome["exception"]
    if raised is None or outcome["status"] in FOR_US:
        return ""
    what = f"{raised['class']}: {raised['message']}".rstrip(": ")
    return what or f"it exited with {raised['exit_status']}"


def shows_places(outcome: Json) -> bool:
    """Whether it matters where each replica stood at the end."""
    waits = any(one["state"] == "waits" for one in outcome["replicas"])
    return waits or outcome["status"] not in (*WHOLE, *FOR_US, "script failed")


DIFFER = "The simulation and TensorFlow differ"


def engine(document: Mapping[str, Any]) -> str:
    """What the script ran on, in words."""
    version = line(f"TensorFlow {document['tensorflow_version'] or '2'}")
    if document["engine"] == "tensorflow":
        return f"on {version}"
    return f"simulated as on {version}"


def agrees(document: Json) -> str:
    """Whether TensorFlow agrees, where it does or that can't be told."""
    real = document["tensorflow"]
    if document["agreement"]["agrees"]:
        return (
            f"TensorFlow {line(real['tensorflow_version'])} agrees: the same ending, "
            "observations, variables, synchronisations."
        )
    if real["outcome"]["status"] == NO_TENSORFLOW:
        return line(real["outcome"]["message"])
    return "Whether TensorFlow agrees can't be told, as a run was ended before its own end."


def difference(one: Json) -> tuple[str, str, str, str]:
    """Where the simulation and TensorFlow differ: in what, of what, and what each has."""
    return one["part"], one["subject"], one["numpy"] or "-", one["tensorflow"] or "-"


def savings(seen: Json, document: Json, others: Sequence[Json] = ()) -> str:
    """What the remedy of an observation would spare, empty where that is not what it is for.

    `others` are those that say the same: what a library reads together is spared together.
    """
    if seen["saves"] is None:
        return ""
    times: dict[int, int] = {}
    nbytes = 0
    for one in (seen, *others):
        row = _row_of(one, document)
        times[row] = max(times.get(row, 0), one["saves"]["synchronisations"])
        nbytes += one["saves"]["bytes_of_a_replica"]
    spared = sum(times.values())
    replicas = max((made["replicas"] for made in document["strategies"]), default=1)
    return (
        f"it would spare {many(spared, 'synchronisation')}, {many(nbytes, 'byte')} of each replica: "
        f"about {in_words(USUAL.seconds(replicas, spared, nbytes))} over {USUAL.name}"
    )


def _row_of(seen: Json, document: Json) -> int:
    """The row of the ledger that an observation is about; of one that has none, a number of its own."""
    for at, row in enumerate(document["ledger"]):
        if row["location"] == seen["location"] and seen["variable"] in row["variables"]:
            return at
    return -1 - id(seen)


# Rows of tables -----------------------------------------------------------------------------------


def exchange(row: Json) -> str:
    """What a row of the ledger is: `update, SUM`, or `read` where there is no more to say."""
    same = row["operation"] in ("", row["cause"])
    return str(row["cause"]) if same else f"{row['cause']}, {row['operation']}"


def exchanged(row: Json) -> str:
    """The variables of an exchange, the first ones of many; else how many tensors it is of."""
    if row["gradients"]:
        return f"gradients of {few(row['variables'])}"
    if row["variables"] and len(row["variables"]) == row["tensors"]:
        return few(row["variables"])
    return f"{row['tensors']} tensors" if row["tensors"] > 1 else ""


def state_of_copies(made: Json) -> str:
    """`2, equal`, `2, differ since 1`, or 1."""
    if made["copies"] <= 1:
        return "1"
    state = "equal" if made["diverged"] is None else f"differ since {made['diverged']['step']}"
    if made["synchronization"] == "ON_READ":
        state = "own"
    return f"{made['copies']}, {state}"


def last_checkpoints(rows: Sequence[Json]) -> list[tuple[int, Json]]:
    """What each line did with each variable, as it was the last time, and how often it did."""
    last: dict[tuple[str, str, str], tuple[int, Json]] = {}
    for row in rows:
        key = (row["action"], row["variable"], place(row["location"]))
        last[key] = (last.get(key, (0, row))[0] + 1, row)
    return list(last.values())


def copies(held: Sequence[Json], saved: Json) -> str:
    """`2, equal` where each has what the file has, else their values."""
    if len(held) > 1 and all(copy == saved for copy in held):
        return f"{len(held)}, equal"
    more = " | ..." if len(held) > MOST_COPIES else ""
    return line(" | ".join(value(copy) for copy in held[:MOST_COPIES])) + more


# Places -------------------------------------------------------------------------------------------


def with_places(document: Json) -> Json:
    """The document with a `place` in each location: the file as the user would name it."""
    home = str(Path(document["script"]).absolute().parent)
    placed: Json = _with_places(document, home)
    return placed


def _with_places(part: Any, home: str) -> Any:
    if isinstance(part, list):
        return [_with_places(one, home) for one in part]
    if not isinstance(part, dict):
        return part
    made = {key: _with_places(value, home) for key, value in part.items()}
    if made.keys() == {"filename", "cell", "row"}:
        file = _file(_near(made["filename"], home), made["cell"])
        made["place"] = f"{line(file)}:{made['row']}"
    return made


def place(location: Json | None) -> str:
    """`train.py:12`, of a document `with_places`; empty if it is nowhere."""
    return "" if location is None else str(location["place"])


def _near(filename: str, home: str) -> str:
    """A file from here, or from the script's folder; whole if it is in neither."""
    for start in (os.curdir, home):
        try:
            relative = os.path.relpath(filename, start)
        except (OSError, ValueError):
            continue
        if not relative.startswith(os.pardir):
            return relative
    return filename


def source_line(location: Json | None) -> str:
    """The line at a place, without its indentation; empty where it can't be read."""
    return next((line.strip() for _, line in source(location, 0)), "")


def source(location: Json | None, around: int) -> list[tuple[int, str]]:
    """The line at a place with so many before and after it, each with its number."""
    if location is None:
        return []
    file, row = _file(location["filename"], location["cell"]), location["row"]
    numbers = range(max(row - around, 1), row + around + 1)
    try:
        lines = [(number, linecache.getline(file, number)) for number in numbers]
    except (OSError, ValueError):
        return []  # a name that no file can have
    return [(number, line.rstrip()) for number, line in lines if line]


def _file(filename: str, cell: int | None) -> str:
    return filename if cell is None else name_of_cell(filename, cell)
