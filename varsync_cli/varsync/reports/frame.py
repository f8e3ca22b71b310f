"""A piece of source with its line numbers, and marks under what is meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence

from varsync_rules.findings import Span

from varsync.console.style import Style
from varsync.console.terminal import escape_character

TAB = 4
WIDEST = 160
"""A longer line is cut around what is meant."""
BEFORE_MARK = 60


def frame(
    lines: Sequence[str],
    span: Span,
    style: Style,
    *,
    gutter: int,
    before: int,
    most: int,
    mark: str,
    paint: Callable[[str], str],
) -> Iterator[str]:
    """The lines of a span, `before` lines above it, and marks under the span.

    At most `most` lines of the span are shown; `gutter` is the width of the line numbers. Gives
    nothing where the span is not in the lines.
    """
    if not 0 < span.line <= len(lines):
        return
    bar = style.quiet(f"{' ' * gutter} |")
    yield bar
    for number in range(max(span.line - before, 1), span.line):
        text = _cut(lines[number - 1], 0, 0)[0]
        yield f"{_number(number, gutter, style)} {_drawn(text)}".rstrip()
    last = min(max(span.end_line, span.line), len(lines))
    shown = min(last, span.line + most - 1)
    for number in range(span.line, shown + 1):
        line = lines[number - 1]
        start, end = _stretch(line, number, span)
        text, start, end = _cut(line, start, end)
        yield f"{_number(number, gutter, style)} {_drawn(text)}".rstrip()
        marks = mark * max(_width(text, start, end), 1)
        if end > start or number == span.line:
            yield f"{bar} {' ' * _width(text, 0, start)}{paint(marks)}"
    if shown < last and most > 1:
        yield f"{style.quiet(' ' * gutter + ' | ...')}"
    yield bar


def _number(number: int, gutter: int, style: Style) -> str:
    return style.quiet(f"{number:>{gutter}} |")


def _stretch(line: str, number: int, span: Span) -> tuple[int, int]:
    """Which characters of a line are meant: from 0, the end exclusive, without what indents it."""
    indent = len(line) - len(line.lstrip())
    start = span.column - 1 if number == span.line else indent
    end = span.end_column - 1 if number == span.end_line else len(line.rstrip())
    start = min(max(start, 0), len(line))
    return start, max(min(end, len(line)), start)


def _cut(line: str, start: int, end: int) -> tuple[str, int, int]:
    """A line that is too long, cut around the characters that are meant; where they are now."""
    if len(line) <= WIDEST:
        return line, start, end
    first = max(start - BEFORE_MARK, 0)
    last = first + WIDEST
    head = "..." if first else ""
    tail = "..." if last < len(line) else ""
    moved = len(head) - first
    return head + line[first:last] + tail, start + moved, min(end, last) + moved


def _drawn(text: str) -> str:
    """A line as it is shown: tabs as spaces, control characters escaped."""
    if text.isprintable():
        return text
    return "".join(_pieces(text))


def _width(text: str, start: int, end: int) -> int:
    """How many columns of the terminal some characters of a line take."""
    if text.isascii() and text.isprintable():
        return end - start
    pieces = list(_pieces(text))
    return sum(_columns(piece) for piece in pieces[start:end])


def _pieces(text: str) -> Iterator[str]:
    """Each character as it is shown."""
    column = 0
    for character in text:
        piece = " " * (TAB - column % TAB) if character == "\t" else escape_character(character)
        column += _columns(piece)
        yield piece


def _columns(piece: str) -> int:
    if piece.isascii():
        return len(piece)
    if unicodedata.combining(piece):
        return 0
    return 2 if unicodedata.east_asian_width(piece) in "WF" else 1
