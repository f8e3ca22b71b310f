"""The JSON of a notebook with other texts in some of its cells: all else stays as it is written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from varsync_rules.fixes.edits import CannotFix, Edit, apply

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


def with_cells(data: bytes, texts: Mapping[int, str]) -> bytes:
    """The notebook with these texts, by the number of the cell; raises CannotFix."""
    document = data.decode("utf-8-sig")
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    places = list(_sources(document))
    replacements = []
    for number, text in texts.items():
        if number > len(places) or places[number - 1] is None:
            raise CannotFix(f"the source of cell {number} is not found in the notebook")
        start, end = places[number - 1] or (0, 0)
        replacements.append(Edit(start, end, _written(text, document[start:end])))
    return mark + apply(document, replacements).encode()


def _sources(document: str) -> Iterator[tuple[int, int] | None]:
    """Where the source of each cell stands in the document; None of a cell that has none."""
    for start in _cells(document):
        found = None
        for key, at, end in _members(document, start):
            if key in ("source", "input"):
                found = (at, end)
        yield found


def _cells(document: str) -> Iterator[int]:
    for key, at, _ in _members(document, _after_space(document, 0)):
        if key == "cells":
            yield from (start for start, _ in _items(document, at))
        elif key == "worksheets":
            for sheet, _ in _items(document, at):
                for name, cells, _ in _members(document, sheet):
                    if name == "cells":
                        yield from (start for start, _ in _items(document, cells))


def _members(document: str, start: int) -> Iterator[tuple[str, int, int]]:
    """The keys of the object at `start`, and where the value of each begins and ends."""
    for at, after in _separated(document, start, "{}", _member):
        key, value = scanstring(document, at + 1)
        yield key, _after_space(document, _after_space(document, value) + 1), after


def _items(document: str, start: int) -> Iterator[tuple[int, int]]:
    """Where each item of the list at `start` begins and ends."""
    yield from _separated(document, start, "[]", _value)


def _separated(
    document: str, start: int, brackets: str, end_of: Callable[[str, int], int]
) -> Iterator[tuple[int, int]]:
    if document[start] != brackets[0]:
        return
    at = _after_space(document, start + 1)
    while document[at] != brackets[1]:
        end = end_of(document, at)
        yield at, end
        at = _after_space(document, end)
        if document[at] == ",":
            at = _after_space(document, at + 1)


def _member(document: str, at: int) -> int:
    _, end = scanstring(document, at + 1)
    return _value(document, _after_space(document, _after_space(document, end) + 1))


def _value(document: str, at: int) -> int:
    end: int = _DECODER.raw_decode(document, at)[1]
    return end


def _after_space(document: str, at: int) -> int:
    found = _SPACE.match(document, at)
    return found.end() if found else at


def _written(text: str, old: str) -> str:
    """A text as JSON in the form of the old one: a string, or a list of lines."""
    escaped = old.isascii()
    if old.startswith('"'):
        return _json(text, escaped)
    lines = [_json(line, escaped) for line in text.splitlines(keepends=True)]
    items = list(_items(old, 0))
    if not items:
        return f"[{', '.join(lines)}]"
    (first, end), (_, last) = items[0], items[-1]
    between = old[end : items[1][0]] if len(items) > 1 else "," + (old[1:first] or " ")
    return old[:first] + between.join(lines) + old[last:]


def _json(value: Any, escaped: bool) -> str:
    return json.dumps(value, ensure_ascii=escaped)
