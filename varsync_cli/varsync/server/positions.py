"""Positions as an editor counts them: lines from 0, columns in the units of an encoding."""

from __future__ import annotations

import re

_LINE_END = re.compile("\r\n|\r|\n")

Position = tuple[int, int]
"""A line and a column, both from 0."""


def units(text: str, encoding: str) -> int:
    """The length of a text in units of utf-8, utf-16 or utf-32."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode(errors="surrogatepass"))
    return len(text) + sum(character > "\uffff" for character in text)


def characters(line: str, column: int, encoding: str) -> int:
    """How many characters of a line stand before a column; all of them where it is too short."""
    if encoding == "utf-32" or line.isascii():
        return min(column, len(line))
    seen = 0
    for count, character in enumerate(line):
        if seen >= column:
            return count
        seen += units(character, encoding)
    return len(line)


def lines(text: str) -> list[str]:
    """The lines of a text, as editors and Python see them, without their ends."""
    return _LINE_END.split(text)


def line_starts(text: str) -> list[int]:
    """The offset of each line; the last one may be empty."""
    return [0, *(end.end() for end in _LINE_END.finditer(text))]


def replaced(text: str, start: Position, end: Position, new: str, encoding: str) -> str:
    """A text with what is between two positions replaced."""
    starts = line_starts(text)
    before, after = (_offset(text, starts, position, encoding) for position in (start, end))
    return text[:before] + new + text[after:]


def _offset(text: str, starts: list[int], position: Position, encoding: str) -> int:
    line, column = position
    if line >= len(starts):
        return len(text)
    end = starts[line + 1] if line + 1 < len(starts) else len(text)
    content = text[starts[line] : end].rstrip("\r\n")
    return starts[line] + characters(content, column, encoding)
