"""What a simulated run showed, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Sized
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from varsync.reports import wording
from varsync.reports.wording import Json

SEVERITIES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
MOST_ROWS = 20
"""Of a table; the JSON report has all of them."""
WHOLE_COLUMNS = (
    "class", "sync", "aggregation", "dtype", "times", "bytes each", "bytes a replica"
)  # fmt: skip
MOST_COLUMNS = 400
"""Of a table that is not folded: something has to give where a name is a novel."""
MOST_ALIKE = 8
"""Of the variables of which one observation is true."""


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
    for part in _parts(wording.with_places(document)):
        console.width = width if fold or not isinstance(part, Table) else MOST_COLUMNS
        console.print(part)
    lines = (line.rstrip() for line in stream.getvalue().splitlines())
    return "\n".join(lines) + "\n"


def _parts(document: Json) -> Iterator[RenderableType]:
    yield _headline(document)
    for seen, others in wording.alike(document["observations"]):
        yield Text()
        yield _observation(seen, others, document)
    outcome = document["outcome"]
    failure = wording.failure(outcome)
    if failure:
        yield Text()
        yield Text(f"The script failed: {wording.text(failure)}", style="bold")
    if outcome["message"]:
        yield Text()
        yield Text(wording.text(outcome["message"]), style="bold")
    if wording.shows_places(outcome):
        yield from _places(outcome["replicas"])
    yield from _section("Variables", _variables(document["variables"]))
    yield from _section("Synchronisations", _ledger(document["ledger"]))
    yield from _section("Checkpoints", _checkpoints(document["checkpoints"]))
    yield from _list("Done in another way than TensorFlow does it", document["approximated"])
    yield from _list("Ignored", document["ignored"])
    if outcome["status"] != "not modelled":
        yield from _list("Not modelled; the script caught the error", document["not_modelled"])
    yield from _lint(document)
    for mode in document.get("modes", ()):
        if mode["message"]:
            yield Text()
            yield Text(wording.line(mode["message"]), style="bold")
    yield Text()
    yield _summary(document)
    yield from _agreement(document)


def _lint(document: Json) -> Iterator[RenderableType]:
    """What lint had said, and what the run makes of it."""
    findings = document.get("lint")
    if findings is None:
        return
    table = _table("lint said", "of", "at", "the run")
    for one in findings[:MOST_ROWS]:
        name = f"{one['code']} {wording.rule_name(one['code'])}".rstrip()
        table.add_row(
            one["severity"], wording.line(name), wording.place(one["location"]), one["verdict"]
        )
    _cut(table, findings)
    if findings:
        yield from _section("Lint", table)
    missed = [seen for seen in document["observations"] if not seen["foreseen"] and seen["code"]]
    if missed:
        yield Text()
        places = dict.fromkeys(
            f"{seen['code']} at {wording.place(seen['location'])}" for seen in missed
        )
        yield Text(f"Not foreseen by lint: {wording.line(wording.few(list(places), MOST_ALIKE))}")


def _agreement(document: Json) -> Iterator[RenderableType]:
    """Where the simulation and TensorFlow differ, side by side."""
    agreement = document.get("agreement")
    if agreement is None:
        return
    yield Text()
    if agreement["agrees"] is not False:
        yield Text(wording.agrees(document))
        return
    yield Text(wording.DIFFER, style="bold")
    table = _table("in", "of", "simulation", "TensorFlow")
    for one in agreement["differences"][:MOST_ROWS]:
        table.add_row(*map(wording.line, wording.difference(one)))
    _cut(table, agreement["differences"])
    yield table


def _headline(document: Json) -> Text:
    strategies = document["strategies"]
    line = Text(wording.line(document["script"]), style="bold")
    if strategies:
        made = max(strategies, key=lambda one: int(one["replicas"]))
        workers = f", {wording.many(made['workers'], 'worker')}" if made["workers"] > 1 else ""
        line.append(
            f": {wording.line(made['class'])}, {wording.many(made['replicas'], 'replica')}{workers}",
            "",
        )
    else:
        line.append(": no strategy", "")
    line.append(f", {wording.many(document['steps'], 'step')}", "")
    line.append(f", {wording.engine(document)}, {document['seconds']:.1f} s", "")
    return line


def _observation(seen: Json, others: Sequence[Json], document: Json) -> Group:
    head = Text(f"{seen['severity']} {seen['code'] or ''}".rstrip(), SEVERITIES[seen["severity"]])
    head.append(f" {wording.rule_name(seen['code'])}".rstrip(), "")
    if seen["location"] is not None:
        head.append(f"  {wording.place(seen['location'])}", "bold")
    if seen["step"]:
        head.append(f"  step {seen['step']}", "")
    message = ". ".join(filter(None, (seen["message"], wording.same(others, MOST_ALIKE))))
    rows: list[RenderableType] = [head, Padding(Text(wording.line(message)), (0, 0, 0, 2))]
    line = wording.source_line(seen["location"])
    if line:
        source = Text(f"  | {wording.line(line)}", "blue", no_wrap=True, overflow="ellipsis")
        rows.insert(1, source)
    if seen["values"]:
        values = Table.grid(padding=(0, 2))
        for replica, value in enumerate(seen["values"][:MOST_ROWS]):
            values.add_row(f"  replica {replica}", wording.line(wording.value(value)))
        rows.append(values)
    spared = wording.savings(seen, document, others)
    if spared:
        rows.append(Text(f"  {spared}"))
    for related in seen["related"]:
        rows.append(
            Text(f"  --> {wording.place(related['location'])}  {wording.line(related['message'])}")
        )
    return Group(*rows)


def _places(places: Sequence[Json]) -> Iterator[RenderableType]:
    table = _table("replica", "state", "in, or last in", "at", "now at", "")
    for place in places[:MOST_ROWS]:
        table.add_row(
            str(place["replica"]),
            place["state"],
            wording.line(place["doing"]),
            wording.place(place["location"]),
            wording.place(place["now"]),
            wording.line(place["detail"]),
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
        table.add_row(
            Text(wording.line(made["label"]), "bold"),
            wording.line(made["class"]),
            made["synchronization"],
            made["aggregation"],
            wording.line(f"{made['dtype']}{made['shape']}"),
            wording.place(made["location"]),
            wording.state_of_copies(made),
            f"{made['synchronisations']}x",
        )
    return _cut(table, variables)


def _ledger(rows: Sequence[Json]) -> Table | None:
    by = ("by",) if any(row["by"] for row in rows) else ()
    table = _table("what", "of", *by, "at", "times", "bytes each", "bytes a replica", "")
    for row in rows[:MOST_ROWS]:
        table.add_row(
            wording.line(wording.exchange(row)),
            wording.line(wording.exchanged(row)),
            *(wording.line(row[name] or "") for name in by),
            wording.place(row["location"]),
            str(row["times"]),
            f"{row['bytes_of_a_replica'] // row['times']:,}",
            f"{row['bytes_of_a_replica']:,}",
            "" if row["changed"] else "the same from all",
        )
    return _cut(table, rows)


def _checkpoints(rows: Sequence[Json]) -> Table | None:
    """One row for what a line did with a variable, as it was the last time."""
    last = wording.last_checkpoints(rows)
    table = _table("", "variable", "copies", "in the file", "at", "times")
    for times, row in last[:MOST_ROWS]:
        table.add_row(
            row["action"],
            wording.line(row["variable"]),
            wording.copies(row["copies"], row["saved"]),
            wording.line(wording.value(row["saved"])),
            wording.place(row["location"]),
            str(times),
        )
    return _cut(table, last)


def _list(title: str, rows: Sequence[Json]) -> Iterator[RenderableType]:
    if rows:
        yield Text()
        yield Text(title, style="bold")
        for row in rows[:MOST_ROWS]:
            why = f": {row['why']}" if "why" in row else ""
            times = f", {row['times']} times" if row["times"] > 1 else ""
            where = f"({wording.place(row['location'])}{times})"
            yield Text(f"  {wording.line(row['symbol'])} {where}{wording.line(why)}")


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
    parts = [wording.many(count, severity) for severity, count in counts.items() if count]
    totals = document["totals"]
    ledger = (
        f"{wording.many(totals['synchronisations'], 'synchronisation')}, "
        f"{totals['bytes_of_a_replica']:,} bytes from each replica"
    )
    whole = document["outcome"]["status"] in wording.WHOLE
    clean = "Nothing wrong was seen. " if whole else "Nothing else wrong was seen until then. "
    found = f"Seen: {', '.join(parts)}. " if parts else clean
    return Text(f"{found}{ledger[0].upper()}{ledger[1:]}.")
