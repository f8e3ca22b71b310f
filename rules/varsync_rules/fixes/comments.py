"""Comments that silence findings: taken out of a text where they silence nothing, and put into it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from varsync_rules.changes import DropSuppression
from varsync_rules.findings import Finding
from varsync_rules.fixes.edits import CannotFix, Edit
from varsync_rules.fixes.positions import Positions
from varsync_rules.registry import Rules
from varsync_rules.source import Source
from varsync_rules.suppressions import FileSuppressions, Suppression, read

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


_NEVER = ("VS901", "VS902", "VS903")
"""About the file or a comment: no comment on a statement silences these."""


def silencing(
    source: Source, findings: Iterable[Finding], reason: str, known: Rules
) -> tuple[dict[int, list[Edit]], int]:
    """The comments that silence findings of a file, by cell, and how many findings that are.

    They are written as the file's other ones are: `# noqa: VS201` where it has such comments, else
    `# varsync: ignore[VS201]`. Codes join a list that is there, of rules that are `known`.
    """
    there = read(source, known)
    wanted: dict[int, dict[int, set[str]]] = {}
    count = 0
    for finding in findings:
        cell = finding.span.cell
        statement = there.statement(cell, finding.span.line)
        if finding.code not in _NEVER and statement is not None:
            wanted.setdefault(cell, {}).setdefault(statement.last, set()).add(finding.code)
            count += 1
    noqa = "noqa" in source.text and not any(_is_ours(one, source) for one in there.all)
    head, tail = ("  # noqa: ", "") if noqa else ("  # varsync: ignore[", "]")
    tail += reason and f" {reason}"
    made: dict[int, list[Edit]] = {}
    for cell, lines in wanted.items():
        text = source.text_of(cell)
        positions = Positions(text)
        made[cell] = []
        for line, codes in lines.items():
            named = _listing(there, cell, line)
            listed = ", ".join(sorted(codes))
            if named is None:
                end = positions.offset(line + 1, 0) - 1
                made[cell].append(Edit(end, end, head + listed + tail))
            else:
                # behind the last rule that it names
                end = positions.offset(line, named.span.end_column - 1)
                end -= text[end - 1] == "]"
                made[cell].append(Edit(end, end, f", {listed}"))
    return made, count


def _is_ours(one: Suppression, source: Source) -> bool:
    line = source.lines(one.span.cell)[one.span.line - 1]
    return "varsync" in line[one.span.column - 1 : one.span.end_column - 1]


def _listing(there: FileSuppressions, cell: int, line: int) -> Suppression | None:
    """The comment on a line that names rules."""
    return next((one for one in there.by_line.get((cell, line), ()) if one.selectors), None)
