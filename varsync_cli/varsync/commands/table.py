"""`varsync table`: what TensorFlow does with variables, printed for one strategy or for all."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Annotated

import typer
from varsync_runtime.semantics import Raises, Source, Strategy, StrategyKind
from varsync_runtime.semantics.cells import Cell
from varsync_runtime.semantics.overview import NAMES, SHOWN, Section, sections

from varsync.errors import CannotRun

FORMATS = ("auto", "rich", "plain", "json")
MORE = "docs/modes.md explains what the modes do and what is often believed of them."
READ_MARK = "*"
READ_NOTE = f"{READ_MARK} read in TensorFlow's source; everything else was recorded on TensorFlow"


def table(
    strategy: Annotated[
        str | None, typer.Option(help="A kind (mirrored) or class (MirroredStrategy).")
    ] = None,
    output_format: Annotated[
        str, typer.Option("--output-format", help=f"One of {', '.join(FORMATS)}.")
    ] = "auto",
) -> int:
    """Print what TensorFlow does with variables, for one strategy or for all.

    The format auto is rich on a terminal and plain elsewhere.
    """
    from varsync.console.terminal import write

    kinds = list(StrategyKind) if strategy is None else [kind_of(strategy)]
    if output_format not in FORMATS:
        raise CannotRun(f"unknown format {output_format!r}: use one of {', '.join(FORMATS)}")
    if output_format == "auto":
        output_format = "rich" if sys.stdout.isatty() else "plain"
    if output_format == "json":
        write(json.dumps(as_json(kinds), indent=2) + "\n")
    elif output_format == "rich":
        print_rich(kinds)
    else:
        write("\n".join(plain_lines(kinds)) + "\n")
    return 0


def kind_of(name: str) -> StrategyKind:
    """The kind of strategy that a user names."""
    wanted = plain_name(name)
    for kind in StrategyKind:
        if wanted in (plain_name(kind.value), plain_name(NAMES[kind])):
            return kind
    known = ", ".join(kind.value for kind in StrategyKind)
    raise CannotRun(f"unknown strategy {name!r}: use one of {known}")


def plain_name(name: str) -> str:
    """A strategy's name without what people write differently."""
    last = name.rsplit(".", 1)[-1].lower()
    return last.replace("_", "").replace("-", "").replace(" ", "").removesuffix("strategy")


def heading(strategy: Strategy) -> str:
    """The strategy and how many replicas the table is for."""
    name = NAMES[strategy.kind]
    if strategy.workers > 1:
        return f"{name}, {strategy.workers} workers, {strategy.replicas} replicas"
    return f"{name}, {strategy.replicas} replicas" if strategy.replicas > 1 else name


class Footnotes:
    """Numbers the different exceptions of a strategy in the order in which they are met."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def marked(self, cell: Cell) -> str:
        """The cell's text with the number of its exception, and a mark if it was not run."""
        text = cell.text
        if cell.raises is not None:
            number = self.numbers.setdefault(worded(cell.raises), len(self.numbers) + 1)
            text += f" [{number}]"
        return text + READ_MARK if cell.source is Source.READ else text

    def lines(self) -> Iterator[str]:
        """The notes below the sections."""
        for words, number in self.numbers.items():
            yield f"[{number}] {words}"


def worded(raised: Raises) -> str:
    """An exception as TensorFlow prints it, as far as it is always the same."""
    return f"{raised.exception}: {raised.message.strip() or '(no message)'}"


def plain_lines(kinds: Iterable[StrategyKind]) -> Iterator[str]:
    """The table as text without colours or lines."""
    for kind in kinds:
        notes = Footnotes()
        title = heading(SHOWN[kind])
        yield from (title, "=" * len(title), "")
        for section in sections(SHOWN[kind]):
            yield f"{section.title}: {section.about}"
            yield ""
            yield from columns_aligned(section, notes)
            yield ""
        yield from notes.lines()
        yield from ("", READ_NOTE, "")
    yield MORE


def columns_aligned(section: Section, notes: Footnotes) -> Iterator[str]:
    """A section's rows with its columns under one another."""
    rows = [section.columns, *(tuple(map(notes.marked, row)) for row in section.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        yield "  " + "  ".join(padded).rstrip()


def print_rich(kinds: Iterable[StrategyKind]) -> None:
    """The table with lines and colours."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    for kind in kinds:
        notes = Footnotes()
        console.print(f"\n[bold]{escape(heading(SHOWN[kind]))}[/bold]")
        for section in sections(SHOWN[kind]):
            shown = Table(
                title=f"{section.title}: {section.about}", title_justify="left", title_style=""
            )
            for column in section.columns:
                shown.add_column(column)
            for row in section.rows:
                shown.add_row(*(coloured(cell, escape(notes.marked(cell))) for cell in row))
            console.print(shown)
        for line in notes.lines():
            console.print(line, markup=False, highlight=False)
    console.print(f"\n{READ_NOTE}\n{MORE}", markup=False, highlight=False)


def coloured(cell: Cell, text: str) -> str:
    """Exceptions in red, copies that silently differ in yellow."""
    if cell.raises is not None:
        return f"[red]{text}[/red]"
    bad = any(words in cell.text for words in ("differ", "hangs", "each other"))
    return f"[yellow]{text}[/yellow]" if bad else text


def as_json(kinds: Iterable[StrategyKind]) -> object:
    """The table as data; `version` counts the changes of its form."""
    return {
        "version": 1,
        "strategies": [
            {
                "strategy": kind.value,
                "name": NAMES[kind],
                "replicas": SHOWN[kind].replicas,
                "workers": SHOWN[kind].workers,
                "sections": [section_as_json(section) for section in sections(SHOWN[kind])],
            }
            for kind in kinds
        ],
    }


def section_as_json(section: Section) -> object:
    """One section, a cell by its column."""
    rows = [
        {column: cell_as_json(cell) for column, cell in zip(section.columns, row, strict=True)}
        for row in section.rows
    ]
    return {"title": section.title, "about": section.about, "rows": rows}


def cell_as_json(cell: Cell) -> object:
    """A cell: its words, and the exception where there is one."""
    shown: dict[str, object] = {"text": cell.text, "source": cell.source.value}
    if cell.raises is not None:
        shown["raises"] = {"exception": cell.raises.exception, "message": cell.raises.message}
    return shown
