"""One line a finding as pylint writes it: `train.py:3: [VS201] message`."""

from __future__ import annotations

from varsync_rules.findings import Finding

from varsync.console.style import Style
from varsync.console.terminal import escape
from varsync.linting.checking import Report
from varsync.proof.verdicts import mark


def render(report: Report, style: Style) -> str:
    """The findings, one a line; in a notebook the message begins with the cell and its line."""
    del style  # what reads it wants no colours
    return "".join(f"{_line(finding, report)}\n" for finding in report.findings)


def _line(finding: Finding, report: Report) -> str:
    span = finding.span
    line, cell = (1, f"cell {span.cell}:{span.line}: ") if span.cell else (span.line, "")
    verdict = mark(report.proofs.get(finding))
    return f"{escape(span.path)}:{line}: [{finding.code}] {cell}{escape(finding.message)}{verdict}"
