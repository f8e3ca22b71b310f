"""What tells a finding from all others, also when the lines above it have changed."""

from __future__ import annotations

import hashlib
from collections import Counter

from varsync_rules.findings import Finding

from varsync.linting.checking import Report


def fingerprints(findings: list[Finding], report: Report, root: str) -> list[str]:
    """One for each finding, all different: of file, rule, message and the text of its line.

    What is alike in all of these is counted.
    """
    seen: Counter[str] = Counter()
    found = []
    for finding in findings:
        path = report.path_from(root, finding.span.path)
        parts = (path, finding.code, finding.message, _line(finding, report))
        text = "\0".join(parts).encode(errors="backslashreplace")
        fingerprint = hashlib.sha256(text).hexdigest()[:32]
        seen[fingerprint] += 1
        found.append(f"{fingerprint}:{seen[fingerprint]}")
    return found


def _line(finding: Finding, report: Report) -> str:
    source = report.sources.get(finding.span.path)
    lines = source.lines(finding.span.cell) if source is not None else []
    at = finding.span.line - 1
    return lines[at].strip() if at < len(lines) else ""
