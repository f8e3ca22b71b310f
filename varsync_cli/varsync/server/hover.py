"""The pages of rules: of those that a finding breaks, and of those that a comment names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from varsync_rules import suppressions
from varsync_rules.registry import Rules, UnknownRuleError
from varsync_rules.source import Source, UnreadableSource
from varsync_rules.suppressions import Suppression

from varsync.server.documents import File
from varsync.server.jobs import Problem
from varsync.server.positions import Position, characters, lines

_MOST_PAGES = 3
"""More are listed by name alone."""


def pages(codes: Iterable[str], known: Rules) -> str:
    """The pages of rules as Markdown, or a list of them where they are many; '' for none."""
    rules = [rule for rule in known if rule.code in set(codes)]
    if len(rules) > _MOST_PAGES:
        return "".join(f"- {rule.code}: {rule.name}\n" for rule in rules)
    return "\n---\n\n".join(rule.page.read_text(encoding="utf-8") for rule in rules)


def overlapping(
    problems: Iterable[Problem], cell: int, start: Position, end: Position
) -> list[Problem]:
    """The findings that a range touches."""
    return [
        problem
        for problem in problems
        if problem.place.cell == cell and problem.place.start <= end and start <= problem.place.end
    ]


def named(file: File, cell: int, position: Position, encoding: str, known: Rules) -> list[str]:
    """The codes of the rules that the comment at a position names, or the word there does."""
    line, column = position
    text = next(iter(lines(file.parts[cell].text)[line:]), "")
    if "#" not in text:
        return []
    try:
        comments = suppressions.read(Source(file.path, Path(file.path), file.data), known)
    except UnreadableSource:
        return []
    at = characters(text, column, encoding)
    for comment in comments.all:
        span = comment.span
        if (span.cell, span.line) == (cell, line + 1) and span.column - 1 <= at < span.end_column:
            return _codes(comment, text, at, known)
    return []


def _codes(comment: Suppression, text: str, at: int, known: Rules) -> list[str]:
    for word in re.finditer(r"[\w-]+", text):
        if word.start() <= at <= word.end() and word[0] in comment.selectors:
            try:
                return sorted(known.matching(word[0]))
            except UnknownRuleError:
                return []
    return sorted(comment.codes or ())
