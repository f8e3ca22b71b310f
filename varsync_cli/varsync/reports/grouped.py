"""The findings of each file under its name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from varsync_rules.findings import Finding

from varsync.console.style import Style
from varsync.console.terminal import escape
from varsync.linting.checking import Report
from varsync.proof.verdicts import mark
from varsync.reports.places import within


def render(report: Report, style: Style) -> str:
    """The files with findings, each followed by an empty line."""
    by_path = groupby(report.findings, key=lambda finding: finding.span.path)
    return "".join(
        "\n".join(_file(path, list(own), report, style)) + "\n\n" for path, own in by_path
    )


def _file(path: str, findings: list[Finding], report: Report, style: Style) -> Iterator[str]:
    yield f"{style.bold(escape(path))}:"
    places = [within(finding.span) for finding in findings]
    width = max(map(len, places))
    for where, finding in zip(places, findings, strict=True):
        word = f"{finding.severity.value} {finding.code}"
        severity = style.severity(f"{word:<13}", finding.severity)
        verdict = mark(report.proofs.get(finding))
        yield f"  {where:<{width}}  {severity}  {escape(finding.message)}{verdict}"
