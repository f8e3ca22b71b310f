"""A rule's bad program and its good one, run side by side: what they print, and what was seen."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import zip_longest

from varsync_rules.pages import Page

from varsync.console.style import Style
from varsync.reports.wording import text
from varsync.simulation import Simulation, Variable

NARROWEST = 30
"""Of a column, in characters."""


def render(page: Page, bad: Simulation, good: Simulation, width: int, style: Style) -> str:
    """Both programs of a page and what came of them, in two columns; `width` is that of all."""
    column = max((width - 3) // 2, NARROWEST)
    lines = [
        f"{style.bold(f'{page.code} {page.name}')}: its page's programs on simulated replicas",
        "",
        *_rows("Example", ["Example"], ["Use instead"], column, style),
    ]
    programs = (page.example.text, page.use_instead.text)
    parts = {
        "": [program.rstrip().split("\n") for program in programs],
        "prints": [_printed(run) for run in (bad, good)],
        "seen": [list(_seen(run)) for run in (bad, good)],
        "copies": [list(_copies(run)) for run in (bad, good)],
    }
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
    for line in lines:
        indent = " " * min(len(line) - len(line.lstrip()) + 4, column // 2)
        yield from textwrap.wrap(text(line), column, subsequent_indent=indent) or [""]


def _printed(run: Simulation) -> list[str]:
    lines = run.output.rstrip("\n").split("\n") if run.output.strip() else []
    if run.failure is not None:
        lines.append(f"raises {run.failure}")
    elif not run.finished:
        lines.append(f"{run.status}: {run.message}")
    return lines or ["nothing"]


def _seen(run: Simulation) -> Iterator[str]:
    for seen in run.observations:
        where = f"line {seen.location.row}: " if seen.location is not None else ""
        yield f"{where}{seen.severity} {seen.code or ''} {seen.message}"
    if not run.observations:
        yield "nothing"


def _copies(run: Simulation) -> Iterator[str]:
    for variable in run.variables:
        yield f"{variable.label}: {_of(variable)}"


def _of(variable: Variable) -> str:
    first = variable.diverged
    if variable.synchronization == "ON_READ" and variable.copies > 1:
        return f"each replica's own: {', '.join(map(str, variable.final))}".removesuffix(": ")
    if first is None:
        return "equal on all replicas" if variable.copies > 1 else "one copy"
    values = ", ".join(f"{value}" for value in first.values)
    since = "" if first.step is None else f" since step {first.step}"
    return f"differs{since}: {values}"
