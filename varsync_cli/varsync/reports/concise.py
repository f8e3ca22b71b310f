"""One line a finding: `train.py:3:5: error VS201 message`, as editors and scripts read it."""

from __future__ import annotations

from varsync_rules.findings import Finding

from varsync.checking import Report
from varsync.reports.places import place
from varsync.style import Style
from varsync.terminal import escape


def render(report: Report, style: Style) -> str:
    """The findings, one a line."""
    return "".join(f"{_line(finding, report, style)}\n" for finding in report.findings)


def _line(finding: Finding, report: Report, style: Style) -> str:
    proof = report.proofs.get(finding)
    verdict = f" [{proof.verdict.value}]" if proof is not None else ""
    severity = style.severity(f"{finding.severity.value} {finding.code}", finding.severity)
    return f"{style.bold(place(finding.span))}: {severity} {escape(finding.message)}{verdict}"
