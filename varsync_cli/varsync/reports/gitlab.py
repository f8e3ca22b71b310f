"""The JSON of GitLab's code quality reports.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
import os
from typing import Any

from varsync_rules.findings import Finding, Severity

from varsync.console.style import Style
from varsync.files.repository import root_here
from varsync.linting.checking import Report
from varsync.proof.verdicts import mark
from varsync.reports.fingerprints import fingerprints

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def render(report: Report, style: Style) -> str:
    """A list of objects; an empty list where nothing is found."""
    del style  # JSON has no colours
    root = os.environ.get("CI_PROJECT_DIR") or root_here()
    prints = fingerprints(report.findings, report, root)
    objects = [
        _object(finding, fingerprint, report, root)
        for finding, fingerprint in zip(report.findings, prints, strict=True)
    ]
    return json.dumps(objects, indent=2) + "\n"


def _object(finding: Finding, fingerprint: str, report: Report, root: str) -> dict[str, Any]:
    span = finding.span
    if span.cell:  # GitLab knows no cells
        where = f"cell {span.cell}:{span.line}: "
        begin = end = {"line": 1, "column": 1}
    else:
        where = ""
        begin = {"line": span.line, "column": span.column}
        end = {"line": span.end_line, "column": span.end_column}
    return {
        "description": f"{finding.code} {where}{finding.message}{mark(report.proofs.get(finding))}",
        "check_name": finding.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {
            "path": report.path_from(root, span.path),
            "positions": {"begin": begin, "end": end},
        },
    }
