"""What has to hold of a file that is fixed, whatever it is."""

from __future__ import annotations

import io
import json
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from varsync.configuration.settings import defaults
from varsync.files.discovery import Discovery, Found
from varsync.linting import fixing
from varsync.linting.checking import Report, check
from varsync.linting.fixing import Fixed
from varsync_rules.findings import Finding, Severity
from varsync_rules.fixes import Edit, rewritten
from varsync_rules.parsing import problem_of
from varsync_rules.source import Source

ROOT = Path("/program")
SETTINGS = defaults(str(ROOT))
# They come to light behind what raised before, as the pages of these rules say
_BEHIND = {
    "VS101": {"VS104"},
    "VS105": {"VS101", "VS104"},
    "VS208": {"VS202", "VS205", "VS207", "VS214"},
    "VS401": {"VS403", "VS408"},
    "VS403": {"VS408"},
}


@dataclass
class Held:
    """What came of fixing a file; `problems` are what is wrong with it, in words."""

    fixed: Fixed
    problems: list[str] = field(default_factory=list)


def hold(name: str, data: bytes) -> Held:
    """Fixes a file twice, and looks at every change that is made."""
    problems: list[str] = []

    def looked_at(source: Source, replacements: Mapping[int, Iterable[Edit]]) -> bytes:
        kept = {cell: list(edits) for cell, edits in replacements.items()}
        new = rewritten(source, kept)
        problems.extend(_of_rewriting(source, kept, new))
        return new

    with patch.object(fixing, "rewritten", looked_at):
        done, first = _fix(name, data)
    held = Held(done, problems)
    if not done.applied:
        return held
    after = done.after[str(ROOT / name)].data
    if problem_of(Source(name, ROOT / name, after).text) is not None:
        problems.append("it is no Python any more")
    refused = {(one.code, one.message) for one in done.refused}
    for finding in done.report.findings:
        if finding.fix is not None and (finding.code, finding.message) not in refused:
            problems.append(f"{finding.code} can still be fixed")
    came = _errors(done.report.findings) - _errors(first)
    for code in {one.code for one in done.applied}:
        came -= _BEHIND.get(code, set())
    if came:
        problems.append(f"{came} came with the fixes")
    again, _ = _fix(name, after)
    if again.applied:
        problems.append("a second time changes something")
    return held


def _errors(findings: Iterable[Finding]) -> set[str]:
    return {one.code for one in findings if one.severity is Severity.ERROR}


def _fix(name: str, data: bytes) -> tuple[Fixed, list[Finding]]:
    """A file in memory with all its fixes, and the findings that it had."""
    absolute = str(ROOT / name)
    discovery = Discovery(roots=[str(ROOT)])
    discovery.files[absolute] = Found(absolute, name, SETTINGS)
    reports: list[Report] = []

    def noted(*given: Any, **named: Any) -> Report:
        reports.append(check(*given, **named))
        return reports[-1]

    with patch.object(fixing, "check", noted):
        done = fixing.fix(discovery, lambda one: one.fix is not None, {absolute: data})
    return done, reports[0].findings


def _of_rewriting(
    source: Source, replacements: Mapping[int, list[Edit]], data: bytes
) -> Iterator[str]:
    """What else changed than the replacements say."""
    new = Source(source.path, source.absolute, data)
    if new.encoding != source.encoding:
        yield f"the encoding becomes {new.encoding}"
    if source.is_notebook:
        yield from _of_notebook(source, replacements, data)
    elif (source.data.count(b"\r\n") > 0) != (data.count(b"\r\n") > 0) or data.count(
        b"\n"
    ) - data.count(b"\r\n") != (0 if b"\r\n" in source.data else data.count(b"\n")):
        yield "the line ends change"
    for cell, edits in replacements.items():
        old_text, new_text = source.text_of(cell), new.text_of(cell)
        yield from _outside(old_text, new_text, sorted(edits))


def _outside(old: str, new: str, edits: list[Edit]) -> Iterator[str]:
    """Whether the characters, and with them the tokens, outside of the replacements are the same."""
    at = shifted = 0
    for edit in [*edits, Edit(len(old), len(old), "")]:
        kept = old[at : edit.start]
        if new[shifted : shifted + len(kept)] != kept:
            yield f"something changed in front of {edit}"
        shifted += len(kept) + len(edit.text)
        at = edit.end
    before, after = _tokens(old), _tokens(new)
    if before is None or after is None:
        return
    inside = [(edit.start, edit.end) for edit in edits]
    moved, by = [], 0
    for edit in edits:
        moved.append((edit.start + by, edit.start + by + len(edit.text)))
        by += len(edit.text) - (edit.end - edit.start)
    if _without(before, inside) != _without(after, moved):
        yield f"other tokens changed than those of {edits}"


def _without(tokens: list[tuple[int, int, str]], places: list[tuple[int, int]]) -> list[str]:
    return [
        string
        for start, end, string in tokens
        if not any(first <= end and start <= last for first, last in places)
    ]


def _tokens(text: str) -> list[tuple[int, int, str]] | None:
    """The tokens with their places; None of what only a notebook understands."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    skipped = (tokenize.INDENT, tokenize.DEDENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER)
    try:
        return [
            (
                starts[token.start[0] - 1] + token.start[1],
                starts[token.end[0] - 1] + token.end[1],
                token.string,
            )
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type not in skipped
        ]
    except (tokenize.TokenError, SyntaxError):
        return None


def _of_notebook(
    source: Source, replacements: Mapping[int, list[Edit]], data: bytes
) -> Iterator[str]:
    old, new = json.loads(source.data), json.loads(data)
    for number, (before, after) in enumerate(zip(old["cells"], new["cells"], strict=True), 1):
        if number in replacements:
            before.pop("source"), after.pop("source")
        if before != after:
            yield f"cell {number} changes"
    if {**old, "cells": []} != {**new, "cells": []}:
        yield "the notebook changes beside its cells"
