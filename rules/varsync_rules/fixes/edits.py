"""Replacements in a text: made of changes, and put into it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from varsync_rules.changes import Change, DropSuppression
from varsync_rules.fixes.positions import Positions


class CannotFix(Exception):
    """A change that can't be written; `str()` of it says why."""


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """`text` takes the place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


def edits(text: str, changes: Iterable[Change]) -> list[Edit | CannotFix]:
    """For each change its replacement in the text, or why there is none.

    The places of the changes count in this text, or cell.
    """
    positions = Positions(text)
    found: list[Edit | CannotFix] = []
    for change in changes:
        try:
            found.append(_edit(text, positions, change))
        except CannotFix as problem:
            found.append(problem)
    return found


def _edit(text: str, positions: Positions, change: Change) -> Edit:
    if isinstance(change, DropSuppression):
        from varsync_rules.fixes.comments import without

        return without(text, positions, change)
    import libcst as cst

    from varsync_rules.fixes.tree import Tree
    from varsync_rules.fixes.writers import write

    try:
        return write(change, Tree(text, positions, change.span))
    except cst.ParserSyntaxError:
        raise CannotFix("LibCST can't parse the code to change") from None


def chosen(wanted: Sequence[Edit]) -> list[Edit]:
    """Those that can be made at once, in order: of two that overlap or touch, the first."""
    kept: list[Edit] = []
    for edit in sorted(dict.fromkeys(wanted)):
        if not kept or edit.start > kept[-1].end:
            kept.append(edit)
    return kept


def apply(text: str, replacements: Iterable[Edit]) -> str:
    """The text with replacements that do not overlap."""
    parts = []
    at = 0
    for edit in sorted(replacements):
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join(parts) + text[at:]
