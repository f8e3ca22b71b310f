"""Tables of the page: each can be sorted by each of its columns, and scrolls where there is no room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from varsync.reports.html.markup import Child, Markup, joined, tag


@dataclass(frozen=True)
class Number:
    """A number in a cell, as it is sorted; `shown` is how it is written, if not with commas."""

    value: float
    shown: str = ""

    def __str__(self) -> str:
        return self.shown or f"{self.value:,}"


Cell = Child | Number
SHORT = 40
"""What has so many characters is not broken into lines."""


def table(
    caption: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, sorts: bool = True
) -> Markup:
    """A table. A column that begins with `#` has numbers; the first cell of a row names it.

    One that does not sort is a small one.
    """
    head = [
        tag(
            "th",
            tag("button", name.lstrip("#"), type="button") if sorts else name.lstrip("#"),
            scope="col",
            class_="number" if name.startswith("#") else None,
        )
        for name in columns
    ]
    body = [tag("tr", *(_cell(cell, at == 0) for at, cell in enumerate(row))) for row in rows]
    whole = tag(
        "table",
        tag("caption", caption, class_="unseen"),
        tag("thead", tag("tr", *head)),
        tag("tbody", *body),
        class_="sortable" if sorts else None,
    )
    return tag("div", whole, class_="scroll", role="region", aria_label=caption, tabindex=0)


def _cell(cell: Cell, names_row: bool) -> Markup:
    name, scope = ("th", "row") if names_row else ("td", None)
    if isinstance(cell, Number):
        return tag(name, str(cell), class_="number", scope=scope, data_sort=repr(cell.value))
    content = joined(cell)
    short = len(content) <= SHORT
    return tag(name, content, scope=scope, class_="short" if short else None)
