"""Takes comments that silence nothing out of a text."""

from __future__ import annotations

import re

from varsync_rules.changes import DropSuppression
from varsync_rules.fixes.edits import CannotFix, Edit
from varsync_rules.fixes.positions import Positions

_LIST = re.compile(
    r"(?P<head>#[^\[:]*:[^\[]*\[|#[ \t]*noqa[ \t]*:[ \t]*)(?P<rules>[^\]]*)(?P<tail>\]?)$",
    re.IGNORECASE,
)


def without(text: str, positions: Positions, change: DropSuppression) -> Edit:
    """The text without the comment and the reason that it gives, or without some of its rules."""
    span = change.span
    start = positions.offset(span.line, span.column - 1)
    end = positions.offset(span.end_line, span.end_column - 1)
    comment = text[start:end]
    if not comment.startswith("#"):
        raise CannotFix("there is no comment any more")
    listed = _LIST.match(comment)
    if listed is not None and change.rules:
        names = re.split(r"[,\s]+", listed["rules"].strip())
        left = [name for name in names if name and name not in change.rules]
        if left:
            between = ", " if ", " in listed["rules"] else ","
            return Edit(start, end, listed["head"] + between.join(left) + listed["tail"])
    return _without_comment(text, start, end)


def _without_comment(text: str, start: int, end: int) -> Edit:
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    next_comment = text.find("#", end, line_end)
    if next_comment >= 0:
        return Edit(start, next_comment, "")
    before = text[line_start:start].rstrip()
    if before:
        return Edit(line_start + len(before), line_end, "")
    return Edit(line_start, min(line_end + 1, len(text)), "")
