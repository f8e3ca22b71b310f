"""SARIF 2.1.0, which GitHub's code scanning and others read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from varsync_rules.findings import Finding, Severity, Span
from varsync_rules.registry import Rule

from varsync import __version__
from varsync.console.style import Style
from varsync.errors import rules_in_use
from varsync.files.repository import root_here
from varsync.linting.checking import Report
from varsync.reports.fingerprints import fingerprints
from varsync.reports.json import proof
from varsync.reports.places import within
from varsync.reports.replacements import replacements

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
ROOT = "%SRCROOT%"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def render(report: Report, style: Style) -> str:
    """One run. What comments suppress is in it, marked; only rules that spoke are listed."""
    del style  # JSON has no colours
    writer = _Writer(report, root_here())
    return json.dumps(writer.document(), indent=2) + "\n"


class _Writer:
    def __init__(self, report: Report, root: str) -> None:
        self._report = report
        self._root = root
        self._findings = [*report.findings, *report.silenced, *report.baselined]
        self._replacements = replacements(self._findings, report)
        self._codes = sorted({finding.code for finding in self._findings})

    def document(self) -> dict[str, Any]:
        report = self._report
        prints = iter(fingerprints(self._findings, report, self._root))
        results = [
            self._result(finding, next(prints), kind)
            for kind, findings in (
                ("", report.findings),
                ("inSource", report.silenced),
                ("external", report.baselined),
            )
            for finding in findings
        ]
        driver = {
            "name": "varsync",
            "semanticVersion": __version__,
            "rules": [_rule(report.rules.find(code)) for code in self._codes],
        }
        run = {
            "tool": {"driver": driver},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {ROOT: {"uri": Path(self._root).as_uri() + "/"}},
            "results": results,
        }
        return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}

    def _result(self, finding: Finding, fingerprint: str, suppressed: str) -> dict[str, Any]:
        where = f"{within(finding.span)}: " if finding.span.cell else ""
        lines = [where + finding.message, finding.explanation, finding.remedy]
        result: dict[str, Any] = {
            "ruleId": finding.code,
            "ruleIndex": self._codes.index(finding.code),
            "level": _LEVELS[finding.severity],
            "message": {"text": "\n".join(filter(None, lines))},
            "locations": [self._location(finding.span)],
            "partialFingerprints": {"varsync/v1": fingerprint},
        }
        if finding.related:
            result["relatedLocations"] = [
                {"id": number, **self._location(one.span), "message": {"text": one.message}}
                for number, one in enumerate(finding.related, start=1)
            ]
        found = self._replacements.get(finding)
        if found is not None and finding.fix is not None and not found.span.cell:
            artifact, region = self._place(found.span)
            result["fixes"] = [
                {
                    "description": {"text": finding.fix.title},
                    "artifactChanges": [
                        {
                            "artifactLocation": artifact,
                            "replacements": [
                                {"deletedRegion": region, "insertedContent": {"text": found.text}}
                            ],
                        }
                    ],
                }
            ]
        result |= {"properties": held} if (held := proof(self._report, finding)) else {}
        if suppressed:
            result["suppressions"] = [{"kind": suppressed}]
        return result

    def _place(self, span: Span) -> tuple[dict[str, Any], dict[str, Any]]:
        """The file and the region of a span."""
        path = self._report.path_from(self._root, span.path)
        artifact = {"uri": quote(path, errors="backslashreplace"), "uriBaseId": ROOT}
        if Path(path).is_absolute():
            artifact = {"uri": Path(path).as_uri()}
        if span.cell:  # a line of a cell is no line of the file
            return artifact, {"startLine": 1}
        return artifact, {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        }

    def _location(self, span: Span) -> dict[str, Any]:
        artifact, region = self._place(span)
        location: dict[str, Any] = {
            "physicalLocation": {"artifactLocation": artifact, "region": region}
        }
        if span.cell:
            location["logicalLocations"] = [{"name": f"cell {span.cell}", "kind": "module"}]
        return location


def _rule(rule: Rule) -> dict[str, Any]:
    with rules_in_use():
        page, text = rule.read(), rule.text()
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.name.replace("-", " ")},
        "fullDescription": {"text": page.summary},
        "help": {"text": text, "markdown": text},
        "properties": {"tags": ["tensorflow", "tf.distribute"]},
    }
