"""What a simulated run showed, for the terminal."""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterable, Iterator, Sequence, Sized
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from varsync_rules.registry import UnknownRuleError, rules
from varsync_runtime.events.sites import name_of_cell

from varsync.terminal import escape

Json = dict[str, Any]

SEVERITIES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
MOST_ROWS = 20
"""Of a table; the JSON report has all of them."""
WHOLE = ("finished", "limit of steps")
"""How a run ends that was seen from its first to its last step."""
WHOLE_COLUMNS = (
    "class", "sync", "aggregation", "dtype", "times", "bytes each", "bytes a replica"
)  # fmt: skip
MOST_COLUMNS = 400
"""Of a table that is not folded: something has to give where a name is a novel."""
MOST_NAMES = 2
"""Of the variables of one exchange; the JSON report has all of them."""
MOST_ALIKE = 8
"""Of the variables of which one observation is true."""
MOST_COPIES = 8
"""Of a variable's values side by side."""


def render(document: Json, *, color: bool, width: int, fold: bool = True) -> str:
    """The report as text of at most `width` columns; without `fold`, tables are as wide as they are."""
    stream = StringIO()
    console = Console(
        file=stream,
        force_terminal=color,
        no_color=not color,
        color_system="standard" if color else None,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    home = str(Path(document["script"]).absolute().parent)
    for part in _parts(_with_places(document, home)):
        console.width = width if fold or not isinstance(part, Table) else MOST_COLUMNS
        console.print(part)
    lines = (line.rstrip() for line in stream.getvalue().splitlines())
    return "\n".join(lines) + "\n"


def _parts(document: Json) -> Iterator[RenderableType]:
    yield _headline(document)
    for seen, others in _alike(document["observations"]):
        yield Text()
        yield _observation(seen, others)
    outcome = document["outcome"]
    failure = outcome["exception"]
    if failure is not None and outcome["status"] not in ("not modelled", "no room"):
        yield Text()
        what = f"{failure['class']}: {failure['message']}".rstrip(": ")
        what = what or f"it exited with {failure['exit_status']}"
        yield Text(f"The script failed: {_text(what)}", style="bold")
    if outcome["message"]:
        yield Text()
        yield Text(_text(outcome["message"]), style="bold")
    waits = any(place["state"] == "waits" for place in outcome["replicas"])
    if waits or outcome["status"] not in (*WHOLE, "script failed", "not modelled", "no room"):
        yield from _places(outcome["replicas"])
    yield from _section("Variables", _variables(document["variables"]))
    yield from _section("Synchronisations", _ledger(document["ledger"]))
    yield from _section("Checkpoints", _checkpoints(document["checkpoints"]))
    yield from _list("Done in another way than TensorFlow does it", document["approximated"])
    yield from _list("Ignored", document["ignored"])
    if outcome["status"] != "not modelled":
        yield from _list("Not modelled; the script caught the error", document["not_modelled"])
    yield Text()
    yield _summary(document)


def _headline(document: Json) -> Text:
    strategies = document["strategies"]
    line = Text(_text(document["script"]), style="bold")
    if strategies:
        made = max(strategies, key=lambda one: int(one["replicas"]))
        workers = f", {_many(made['workers'], 'worker')}" if made["workers"] > 1 else ""
        line.append(f": {made['class']}, {_many(made['replicas'], 'replica')}{workers}", "")
    else:
        line.append(": no strategy", "")
    line.append(f", {_many(document['steps'], 'step')}, {document['seconds']:.1f} s", "")
    return line


def _alike(observations: Sequence[Json]) -> Iterator[tuple[Json, list[Json]]]:
    """Each observation with those that say the same of other variables, on the same line."""
    groups: dict[tuple[str, ...], list[Json]] = {}
    for seen in observations:
        words = seen["message"].replace(f"`{seen['variable']}`", "")
        key = (seen["code"] or "", seen["severity"], _place(seen["location"]), words)
        groups.setdefault(key, []).append(seen)
    for first, *others in groups.values():
        yield first, others


def _observation(seen: Json, others: Sequence[Json]) -> Group:
    head = Text(f"{seen['severity']} {seen['code'] or ''}".rstrip(), SEVERITIES[seen["severity"]])
    head.append(f" {_rule_name(seen['code'])}".rstrip(), "")
    if seen["location"] is not None:
        head.append(f"  {_place(seen['location'])}", "bold")
    if seen["step"]:
        head.append(f"  step {seen['step']}", "")
    message = seen["message"]
    if others:
        names = [f"`{one['variable']}`" for one in others]
        message += f". The same of {_few(names, MOST_ALIKE)}"
    rows: list[RenderableType] = [head, Padding(Text(_text(message)), (0, 0, 0, 2))]
    line = _source_line(seen["location"])
    if line:
        source = Text(f"  | {_text(line)}", "blue", no_wrap=True, overflow="ellipsis")
        rows.insert(1, source)
    if seen["values"]:
        values = Table.grid(padding=(0, 2))
        for replica, value in enumerate(seen["values"][:MOST_ROWS]):
            values.add_row(f"  replica {replica}", _text(_value(value)))
        rows.append(values)
    for related in seen["related"]:
        rows.append(Text(f"  --> {_place(related['location'])}  {_text(related['message'])}"))
    return Group(*rows)


def _places(places: Sequence[Json]) -> Iterator[RenderableType]:
    table = _table("replica", "state", "in, or last in", "at", "now at", "")
    for place in places[:MOST_ROWS]:
        table.add_row(
            str(place["replica"]),
            place["state"],
            _text(place["doing"]),
            _place(place["location"]),
            _place(place["now"]),
            _text(place["detail"]),
        )
    if places:
        yield table


def _variables(variables: Sequence[Json]) -> Table | None:
    table = _table(
        "variable", "class", "sync", "aggregation", "dtype", "made at", "copies", "synced"
    )
    shown = variables
    if len(variables) > MOST_ROWS:
        # what went apart, then what costs most, is not to be cut away
        shown = sorted(
            variables, key=lambda made: (made["diverged"] is None, -made["bytes_of_a_replica"])
        )
    for made in shown[:MOST_ROWS]:
        state = "equal" if made["diverged"] is None else f"differ since {made['diverged']['step']}"
        if made["synchronization"] == "ON_READ":
            state = "own"
        table.add_row(
            Text(_text(made["label"]), "bold"),
            made["class"],
            made["synchronization"],
            made["aggregation"],
            f"{made['dtype']}{made['shape']}",
            _place(made["location"]),
            f"{made['copies']}, {state}" if made["copies"] > 1 else "1",
            f"{made['synchronisations']}x",
        )
    return _cut(table, variables)


def _ledger(rows: Sequence[Json]) -> Table | None:
    by = ("by",) if any(row["by"] for row in rows) else ()
    table = _table("what", "of", *by, "at", "times", "bytes each", "bytes a replica", "")
    for row in rows[:MOST_ROWS]:
        table.add_row(
            _what(row),
            _text(_of(row)),
            *(_text(row[name] or "") for name in by),
            _place(row["location"]),
            str(row["times"]),
            f"{row['bytes_of_a_replica'] // row['times']:,}",
            f"{row['bytes_of_a_replica']:,}",
            "" if row["changed"] else "the same from all",
        )
    return _cut(table, rows)


def _of(row: Json) -> str:
    """The variables of an exchange, the first ones of many; else how many tensors it is of."""
    if row["gradients"]:
        return f"gradients of {_few(row['variables'])}"
    if row["variables"] and len(row["variables"]) == row["tensors"]:
        return _few(row["variables"])
    return f"{row['tensors']} tensors" if row["tensors"] > 1 else ""


def _few(names: Sequence[str], most: int = MOST_NAMES) -> str:
    """`a, b and 3 more`."""
    more = len(names) - most
    shown = ", ".join(names[:most])
    return f"{shown} and {more} more" if more > 0 else shown


def _what(row: Json) -> str:
    """`update, SUM`, or `read` where there is no more to say."""
    same = row["operation"] in ("", row["cause"])
    return str(row["cause"]) if same else f"{row['cause']}, {row['operation']}"


def _checkpoints(rows: Sequence[Json]) -> Table | None:
    """One row for what a line did with a variable, as it was the last time."""
    last: dict[tuple[str, str, str], tuple[int, Json]] = {}
    for row in rows:
        key = (row["action"], row["variable"], _place(row["location"]))
        last[key] = (last.get(key, (0, row))[0] + 1, row)
    table = _table("", "variable", "copies", "in the file", "at", "times")
    for (action, variable, place), (times, row) in list(last.items())[:MOST_ROWS]:
        table.add_row(
            action,
            _text(variable),
            _copies(row["copies"], row["saved"]),
            _text(_value(row["saved"])),
            place,
            str(times),
        )
    return _cut(table, last)


def _copies(copies: Sequence[Json], saved: Json) -> str:
    """`2, equal` where each has what the file has, else their values."""
    if len(copies) > 1 and all(copy == saved for copy in copies):
        return f"{len(copies)}, equal"
    more = " | ..." if len(copies) > MOST_COPIES else ""
    return _text(" | ".join(_value(value) for value in copies[:MOST_COPIES])) + more


def _list(title: str, rows: Sequence[Json]) -> Iterator[RenderableType]:
    if rows:
        yield Text()
        yield Text(title, style="bold")
        for row in rows[:MOST_ROWS]:
            why = f": {row['why']}" if "why" in row else ""
            times = f", {row['times']} times" if row["times"] > 1 else ""
            yield Text(f"  {_text(row['symbol'])} ({_place(row['location'])}{times}){_text(why)}")


def _section(title: str, table: Table | None) -> Iterator[RenderableType]:
    if table is not None:
        yield Text()
        yield Text(title, style="bold")
        yield table


def _table(*columns: str) -> Table:
    table = Table(
        box=None, pad_edge=False, padding=(0, 2), collapse_padding=True, header_style="dim"
    )
    for column in columns:
        # places may be long, the rest is better read in one piece
        keep = column in WHOLE_COLUMNS
        table.add_column(column, overflow="fold", no_wrap=keep)
    return table


def _cut(table: Table, rows: Sized) -> Table | None:
    if len(rows) > MOST_ROWS:
        table.add_row(f"... and {len(rows) - MOST_ROWS} more")
    return table if rows else None


def _summary(document: Json) -> Text:
    counts = {
        severity: sum(seen["severity"] == severity for seen in document["observations"])
        for severity in SEVERITIES
    }
    parts = [_many(count, severity) for severity, count in counts.items() if count]
    totals = document["totals"]
    ledger = (
        f"{_many(totals['synchronisations'], 'synchronisation')}, "
        f"{totals['bytes_of_a_replica']:,} bytes from each replica"
    )
    whole = document["outcome"]["status"] in WHOLE
    clean = "Nothing wrong was seen. " if whole else "Nothing else wrong was seen until then. "
    found = f"Seen: {', '.join(parts)}. " if parts else clean
    return Text(f"{found}{ledger[0].upper()}{ledger[1:]}.")


def _rule_name(code: str | None) -> str:
    try:
        return rules().find(code).name if code else ""
    except UnknownRuleError:
        return ""


def _with_places(part: Any, home: str) -> Any:
    """The document with a `place` in each location: the file as the user would name it."""
    if isinstance(part, list):
        return [_with_places(one, home) for one in part]
    if not isinstance(part, dict):
        return part
    made = {key: _with_places(value, home) for key, value in part.items()}
    if made.keys() == {"filename", "cell", "row"}:
        file = _file(_near(made["filename"], home), made["cell"])
        made["place"] = f"{_text(file)}:{made['row']}"
    return made


def _place(location: Json | None) -> str:
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


def _source_line(location: Json | None) -> str:
    if location is None:
        return ""
    return linecache.getline(_file(location["filename"], location["cell"]), location["row"]).strip()


def _file(filename: str, cell: int | None) -> str:
    return filename if cell is None else name_of_cell(filename, cell)


def _value(value: Json) -> str:
    items = value["items"]
    if items is None:
        norm = "" if value["norm"] is None else f", norm {value['norm']:.6g}"
        return f"{value['shape']}{norm}"
    texts = [f"{item:.7g}" if isinstance(item, float) else str(item) for item in items]
    return texts[0] if value["shape"] == [] else f"[{', '.join(texts)}]"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _text(text: str) -> str:
    """Somebody else's text: its lines are kept, control characters are escaped."""
    return "\n".join(_lines(text.split("\n")))


def _lines(lines: Iterable[str]) -> Iterator[str]:
    return (escape(line.replace("\t", "    ")) for line in lines)
