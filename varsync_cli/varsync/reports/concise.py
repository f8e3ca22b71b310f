"""One line a finding: `train.py:3:5: error VS201 message`, as editors and scripts read it."""

from __future__ import annotations

from varsync_rules.findings import Finding

from varsync.console.style import Style
from varsync.console.terminal import escape
from varsync.linting.checking import Report
from varsync.proof.verdicts import mark
from varsync.reports.places import place


def render(report: Report, style: Style) -> str:
    """The findings, one a line."""
    return "".join(f"{_line(finding, report, style)}\n" for finding in report.findings)


def _line(finding: Finding, report: Report, style: Style) -> str:
    verdict = mark(report.proofs.get(finding))
    severity = style.severity(f"{finding.severity.value} {finding.code}", finding.severity)
    return f"{style.bold(place(finding.span))}: {severity} {escape(finding.message)}{verdict}"
