"""Whole statements that go, or that move into the scope of a strategy: with the lines they stand on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from varsync_rules.changes import EnterScope
from varsync_rules.fixes.edits import CannotFix, Edit

if TYPE_CHECKING:
    from varsync_rules.findings import Span
    from varsync_rules.fixes.tree import Tree

_REST_OF_LINE = re.compile(r"[ \t\f]*(?:#[^\n]*)?(?:\n|\Z)")
_BLANK_LINES = re.compile(r"(?:[ \t\f]*\n)*")
_WITH_END = re.compile(r"[^\n]*\n|[^\n]+")
_HEADER = re.compile(r"[ \t]*with\b")
# what editors take a file apart at
_CELL_MARK = re.compile(r"^[ \t]*#[ \t]*%%", re.MULTILINE)
_INDENTED = re.compile(r"^([ \t]*)\S.*:[ \t]*(?:#.*)?\n(?:[ \t]*\n)*([ \t]+)\S", re.MULTILINE)
_USUAL = "    "


def dropped(tree: Tree, place: Span) -> Edit:
    """The text without a statement and its lines."""
    start, end = _lines(tree, place)
    return tree.replace(start, end, "")


def entered(change: EnterScope, tree: Tree) -> Edit:
    """A statement in the scope of a strategy, and what makes that in front of it."""
    text = tree.text
    start, end = after = _lines(tree, change.span)
    indent = text[start : tree.extent(change.span)[0]]
    if change.made_at is not None:
        after = _lines(tree, change.made_at)
    made = "" if change.made_at is None else _ended(text[slice(*after)])
    between = "" if change.made_at is None else text[end : after[0]]
    opening = _opening(tree, change.behind, after[1])
    if change.before is not None:
        inner = _line_of(text, tree.extent(change.before)[0])
        joined = _end_of_line(text, tree.extent(change.before)[1])
        if not _CELL_MARK.search(text, joined, start):
            moved = _indented(tree, joined, end, _deeper(inner, indent))
            if opening is None or "#" in opening.header or opening.inner != inner:
                return tree.replace(joined, end, moved)
            # the scope behind it goes on where the one in front ends
            return tree.replace(joined, opening.end, moved + opening.space)
    if opening is not None and not between.strip():
        moved = _indented(tree, start, end, _deeper(opening.inner, indent))
        return tree.replace(start, opening.end, made + opening.header + moved)
    moved = f"{indent}with {change.strategy}.scope():\n"
    moved += _indented(tree, start, end, _unit(text)) + between
    # what comes next joins this scope when it stands right behind it
    blank = _BLANK_LINES.match(text, after[1])
    space = blank.group() if blank is not None else ""
    return tree.replace(start, after[1] + len(space), made + moved + space)


@dataclass(frozen=True, slots=True)
class _Opening:
    """`header` are the lines from `with` to the block, `space` the blank ones in front of them.

    The block's lines begin with `inner`, the first of them at `end`.
    """

    space: str
    header: str
    inner: str
    end: int


def _opening(tree: Tree, block: Span | None, at: int) -> _Opening | None:
    """How the scope begins that follows at a place; None where a comment stands in between."""
    if block is None:
        return None
    first = tree.extent(block)[0]
    inner = _line_of(tree.text, first)
    end = first - len(inner)
    blank = _BLANK_LINES.match(tree.text, at, end)
    space = blank.group() if blank is not None else ""
    header = tree.text[at + len(space) : end]
    return _Opening(space, header, inner, end) if _HEADER.match(header) else None


def _line_of(text: str, at: int) -> str:
    """What stands on a line in front of a place."""
    return text[text.rfind("\n", 0, at) + 1 : at]


def _lines(tree: Tree, place: Span) -> tuple[int, int]:
    """Where the lines of a statement begin and end; raises CannotFix where others are on them."""
    start, end = tree.extent(place)
    line = tree.text.rfind("\n", 0, start) + 1
    rest = _REST_OF_LINE.match(tree.text, end)
    if rest is None or tree.text[line:start].strip(" \t\f"):
        raise CannotFix("the statement shares its lines with others")
    return line, rest.end()


def _end_of_line(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _deeper(inner: str, outer: str) -> str:
    """What the indentation of a block adds to the one around it."""
    if not inner.startswith(outer) or len(inner) == len(outer) or inner.strip():
        raise CannotFix("the scope is not indented as a block of its own")
    return inner[len(outer) :]


def _unit(text: str) -> str:
    """What a file indents a block with."""
    for found in _INDENTED.finditer(text):
        if found[2].startswith(found[1]) and len(found[2]) > len(found[1]):
            return found[2][len(found[1]) :]
    return _USUAL


def _indented(tree: Tree, start: int, end: int, deeper: str) -> str:
    """Lines of the text, indented by more; blank ones and what strings continue on stay."""
    strings = tree.strings()
    lines = []
    at = start
    for line in _WITH_END.findall(tree.text, start, end):
        inside = any(first < at < last for first, last in strings)
        lines.append(line if inside or not line.strip() else deeper + line)
        at += len(line)
    return _ended("".join(lines))


def _ended(lines: str) -> str:
    return lines if lines.endswith("\n") else lines + "\n"
