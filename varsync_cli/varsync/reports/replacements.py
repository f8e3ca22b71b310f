"""The replacements of the findings' fixes, for programs that apply them themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from varsync_rules.findings import Finding, Span

from varsync.linting.checking import Report


@dataclass(frozen=True, slots=True)
class Replacement:
    """`text` takes the place of what is at `span`."""

    span: Span
    text: str


def replacements(findings: Iterable[Finding], report: Report) -> dict[Finding, Replacement]:
    """What the fix of each finding replaces; without those that have none, or can't be written."""
    by_place: dict[tuple[str, int], list[Finding]] = {}
    for finding in findings:
        if finding.fix is not None and finding.fix.change.span.path in report.sources:
            at = finding.fix.change.span
            by_place.setdefault((at.path, at.cell), []).append(finding)
    found: dict[Finding, Replacement] = {}
    for (path, cell), own in by_place.items():
        found |= _of_text(path, cell, own, report)
    return found


def _of_text(
    path: str, cell: int, findings: list[Finding], report: Report
) -> dict[Finding, Replacement]:
    """Those in one file, or one cell."""
    # LibCST is slow to import
    from varsync_rules.fixes import Edit, edits_of
    from varsync_rules.fixes.positions import Positions

    source = report.sources[path]
    positions = Positions(source.text_of(cell))
    changes = [finding.fix.change for finding in findings if finding.fix is not None]
    found = {}
    for finding, edit in zip(findings, edits_of(source, cell, changes), strict=True):
        if isinstance(edit, Edit):
            start, end = positions.place(edit.start), positions.place(edit.end)
            found[finding] = Replacement(Span(path, *start, *end, cell), edit.text)
    return found
