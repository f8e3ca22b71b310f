"""Commands to a GitHub workflow, which shows the findings beside the changed lines.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from varsync_rules.findings import Finding, Severity

from varsync.console.style import Style
from varsync.console.terminal import escape
from varsync.files.repository import root_here
from varsync.linting.checking import Report
from varsync.reports.places import place

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report, style: Style) -> str:
    """A command a finding, one a line."""
    del style  # a command has no colours
    root = root_here()
    return "".join(f"{_command(finding, report, root)}\n" for finding in report.findings)


def _command(finding: Finding, report: Report, root: str) -> str:
    span = finding.span
    properties = {
        "title": f"varsync {finding.code} {finding.name}",
        "file": report.path_from(root, span.path),
    }
    if span.cell:
        properties["line"] = "1"  # a cell has no line that GitHub knows
    else:
        properties |= {"line": str(span.line), "endLine": str(span.end_line)}
        if span.line == span.end_line:  # it takes columns within one line alone
            properties |= {"col": str(span.column), "endColumn": str(span.end_column)}
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    lines = [f"{place(span)}: {finding.code} {escape(finding.message)}"]
    proof = report.proofs.get(finding)
    told = f"simulate: {proof.text}" if proof is not None else ""
    for text in (finding.explanation, finding.remedy, told):
        lines.extend(map(escape, text.splitlines()))
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(chr(10).join(lines))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(escape(text)).replace(":", "%3A").replace(",", "%2C")
