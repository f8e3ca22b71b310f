"""Silences what is found: comments for old code, so that what is new stands out."""

from __future__ import annotations

from varsync_rules.findings import Finding
from varsync_rules.fixes import rewritten, silencing
from varsync_rules.source import Source

from varsync.checking import Report


def silence(report: Report, reason: str) -> tuple[dict[str, Source], int]:
    """The files with comments that silence their findings, by path, and how many findings that are."""
    by_path: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_path.setdefault(finding.span.path, []).append(finding)
    files: dict[str, Source] = {}
    total = 0
    for path, findings in by_path.items():
        source = report.sources.get(path)
        if source is None:
            continue
        edits, count = silencing(source, findings, reason, report.rules)
        if count:
            files[path] = Source(path, source.absolute, rewritten(source, edits))
            total += count
    return files, total
