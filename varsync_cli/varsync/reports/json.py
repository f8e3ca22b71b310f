"""A JSON list of objects with the keys of ruff's, and some that only varsync has."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from varsync_rules.findings import Finding, Span

from varsync.console.style import Style
from varsync.linting.checking import Report
from varsync.reports.replacements import Replacement, replacements


def render(report: Report, style: Style) -> str:
    """The findings as a list; an empty list where there are none."""
    del style  # JSON has no colours
    return json.dumps(objects(report), indent=2) + "\n"


def objects(report: Report) -> list[dict[str, Any]]:
    """A finding each, as other formats of JSON have it, too."""
    written = replacements(report.findings, report)
    return [_finding(finding, written.get(finding), report) for finding in report.findings]


def _finding(finding: Finding, written: Replacement | None, report: Report) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        **_place(finding.span, report),
        "message": finding.message,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "explanation": finding.explanation or None,
        "remedy": finding.remedy or None,
        "related": [
            {**_place(related.span, report), "message": related.message}
            for related in finding.related
        ],
        "fix": _fix(finding, written, report),
        "url": None,
        **proof(report, finding),
    }


def proof(report: Report, finding: Finding) -> dict[str, Any]:
    """What a run says of a finding, where one was asked."""
    held = report.proofs.get(finding)
    if held is None:
        return {}
    seen = held.seen
    return {
        "proof": {
            "verdict": held.verdict.value,
            "script": held.script,
            "message": seen.message if seen else str(held.failure) if held.failure else None,
            "step": seen and seen.step,
            "values": seen and [asdict(value) for value in seen.values],
        }
    }


def _fix(finding: Finding, written: Replacement | None, report: Report) -> dict[str, Any] | None:
    if written is None or finding.fix is None:
        return None
    return {
        "applicability": "safe" if finding.fix.is_safe else "unsafe",
        "message": finding.fix.title,
        "reason": finding.fix.unsafe or None,
        "edits": [{"content": written.text, **_place(written.span, report)}],
    }


def _place(span: Span, report: Report) -> dict[str, Any]:
    return {
        "filename": report.absolute.get(span.path, span.path),
        "cell": span.cell or None,
        "location": {"row": span.line, "column": span.column},
        "end_location": {"row": span.end_line, "column": span.end_column},
    }
