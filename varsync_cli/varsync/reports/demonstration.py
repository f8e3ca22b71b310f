"""A rule's bad program and its good one, side by side: what lint and a run say of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from varsync_rules.findings import Finding
from varsync_rules.pages import Page, Program
from varsync_runtime.diagnosis.observations import CODES

from varsync.console.style import Style
from varsync.reports.wording import exchange, exchanged, many, text
from varsync.simulation import Simulation, Variable

NARROWEST = 30
"""Of a column, in characters."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A program of a page, what lint finds in it, and its run in a folder of its own."""

    program: Program
    findings: Sequence[Finding]
    run: Simulation
    folder: str


def render(page: Page, bad: Shown, good: Shown, width: int, style: Style) -> str:
    """Both programs of a page and what came of them, in two columns; `width` is that of all."""
    column = max((width - 3) // 2, NARROWEST)
    both = (bad, good)
    lines = [
        f"{style.bold(f'{page.code} {page.name}')}: its page's programs on simulated replicas",
        "",
        *_rows("Example", ["Example"], ["Use instead"], column, style),
    ]
    parts = {
        "": [one.program.text.rstrip().split("\n") for one in both],
        "prints": [_printed(one) for one in both],
        "lint finds": [list(_found(one.findings)) for one in both],
        "the run shows": [list(_seen(one.run)) for one in both],
        "copies at the end": [list(map(_copies, one.run.variables)) for one in both],
        "synchronisations": [list(_exchanged(one.run)) for one in both],
    }
    if page.code not in CODES and not bad.run.observations:
        parts["the run shows"][0] = [
            f"nothing: what {page.code} is about shows in the values alone"
        ]
    for name, (left, right) in parts.items():
        title = f"-- {name} " if name else ""
        lines.append(style.quiet(f"{title:-<{2 * column + 3}}"))
        lines += _rows(name, left, right, column, style)
    return "\n".join(lines) + "\n"


def _rows(name: str, left: list[str], right: list[str], column: int, style: Style) -> Iterator[str]:
    """The lines of two texts side by side, each folded to the width of a column."""
    own, others = (list(_folded(lines, column)) for lines in (left, right))
    for one, other in zip_longest(own, others, fillvalue=""):
        first, second = f"{one:<{column}}", other
        if name == "Example":
            first, second = style.bold(first), style.bold(second)
        yield f"{first} {style.quiet('|')} {second}".rstrip()


def _folded(lines: list[str], column: int) -> Iterator[str]:
    """Lines of at most so many characters: what is too long goes on further to the right."""
    for line in lines:
        rest = text(line)
        indent = " " * min(len(rest) - len(rest.lstrip()) + 4, column // 2)
        while len(rest) > column:
            end = _end(rest, column)
            yield rest[:end].rstrip()
            rest = indent + rest[end:].lstrip()
        yield rest


def _end(line: str, most: int) -> int:
    """Where to break a line: after a word, else after a part of a name or a call."""
    word = line.rfind(" ", 0, most + 1) + 1
    part = max(line.rfind(sign, 0, most) for sign in "([{,.=/") + 1
    return next((end for end in (word, part) if end > most // 2), most)


def _printed(shown: Shown) -> list[str]:
    run = shown.run
    lines = run.output.rstrip("\n").split("\n") if run.output.strip() else []
    if run.failure is not None:
        raised = f"raises {run.failure}".replace(f"{shown.folder}/", "")
        lines += filter(str.strip, raised.split("\n"))
    elif not run.finished:
        lines.append(f"{run.status}: {run.message}")
    return lines or ["nothing"]


def _found(findings: Sequence[Finding]) -> Iterator[str]:
    for one in findings:
        yield f"line {one.span.line}: {one.severity.value} {one.code} {one.message}"
    if not findings:
        yield "nothing"


def _seen(run: Simulation) -> Iterator[str]:
    raised = " ".join(str(run.failure).split())
    for seen in run.observations:
        where = f"line {seen.location.row}: " if seen.location is not None else ""
        what, _, exception = seen.message.partition(": ")
        if not exception or not raised.endswith(exception):
            what = seen.message
        yield f"{where}{seen.severity} {seen.code or ''} {what}"
    if not run.observations:
        yield "nothing"


def _copies(variable: Variable) -> str:
    first, values = variable.diverged, variable.final[:1]
    if first is not None:
        since = "" if first.step is None else f" since step {first.step}"
        values, state = variable.final or first.values, f"differ{since}"
    elif variable.copies == 1:
        state = "one copy"
    elif variable.synchronization == "ON_READ":
        values, state = variable.final, "each replica's own"
    else:
        state = "equal on all replicas"
    held = ", ".join(map(str, values))
    return f"{variable.label}: {held} ({state})" if held else f"{variable.label}: {state}"


def _exchanged(run: Simulation) -> Iterator[str]:
    """Each row of the ledger, and what they come to."""
    for row in run.document["ledger"]:
        where = f"line {row['location']['row']}: " if row["location"] is not None else ""
        what = " of ".join(filter(None, (exchange(row), exchanged(row))))
        same = "" if row["changed"] or row["cause"] != "update" else " (all gave the same)"
        yield f"{where}{what}: {_cost(row['times'], row['bytes_of_a_replica'])}{same}"
    totals = run.document["totals"]
    if len(run.document["ledger"]) != 1:
        yield f"all: {_cost(totals['synchronisations'], totals['bytes_of_a_replica'])}"


def _cost(times: int, nbytes: int) -> str:
    return f"{many(times, 'time')}, {many(nbytes, 'byte')} of each replica" if times else "none"
