"""Silences what is found: comments for old code, so that what is new stands out."""

from __future__ import annotations

from varsync_rules.findings import Finding
from varsync_rules.fixes import rewritten, silencing
from varsync_rules.source import Source

from varsync.console.terminal import write
from varsync.errors import CannotRun
from varsync.files.replacing import replace_all
from varsync.linting.checking import Report
from varsync.reports.summary import counted


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


def silence_files(report: Report, reason: str, *, quiet: bool) -> int:
    """Writes comments that silence what is found; raises CannotRun."""
    if any(not character.isprintable() for character in reason):
        raise CannotRun("--add-noqa: the reason has to be one line of text")
    files, count = silence(report, reason)
    replace_all({report.absolute[path]: (report.sources[path], new) for path, new in files.items()})
    if not quiet:
        write(f"Silenced {counted(count)}.\n")
    return 0
