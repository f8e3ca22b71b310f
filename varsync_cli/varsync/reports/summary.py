"""What a run comes to: the last line of a text report, and the counts of `--statistics`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

from varsync_rules.findings import Finding, Severity

from varsync.configuration.settings import ALWAYS
from varsync.console.style import Style
from varsync.linting.checking import Report


def summary(report: Report, style: Style) -> str:
    """One line: how much was found, in how many files."""
    files = counted(report.checked, "file")
    gone = len(report.silenced)
    silenced = f", {counted(gone)} suppressed" if gone else ""
    if report.baselined:
        silenced += f", {counted(len(report.baselined))} in the baseline"
    if report.stale:
        silenced += f", which has {report.stale} more: varsync baseline prune"
    if not report.findings:
        nothing = idle(report)
        passed = f"All checks passed in {files}{silenced}."
        return f"{nothing[0].upper()}{nothing[1:]}.\n" if nothing else f"{passed}\n"
    by_severity = report.by_severity()
    parts = [
        style.severity(counted(by_severity[severity], severity.value), severity)
        for severity in Severity
        if by_severity[severity]
    ]
    listed = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    return f"Found {listed} in {files}{silenced}.\n"


def idle(report: Report) -> str:
    """Why there was nothing to do, which is no success; empty where there was."""
    if not report.checked:
        return "nothing to check: no Python files found"
    return "" if report.ran - ALWAYS else "nothing was checked: no rule is selected"


def offered(
    findings: list[Finding], safely: Callable[[Finding], bool], at_all: Callable[[Finding], bool]
) -> str:
    """One line: how many findings can be fixed; empty where none can."""
    safe = sum(map(safely, findings))
    more = sum(map(at_all, findings)) - safe
    if safe and more:
        return f"{counted(safe)} can be fixed with --fix, {more} more with --unsafe-fixes.\n"
    if safe:
        return f"{counted(safe)} can be fixed with --fix.\n"
    return f"{counted(more)} can be fixed with --fix --unsafe-fixes.\n" if more else ""


def statistics(report: Report, output_format: str) -> str:
    """How many findings each rule has, the most frequent first; as JSON where that is asked for."""
    counts = Counter((finding.code, finding.name) for finding in report.findings)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if output_format == "json":
        objects = [{"code": code, "name": name, "count": n} for (code, name), n in ordered]
        return json.dumps(objects, indent=2) + "\n"
    width = max((len(str(count)) for count in counts.values()), default=0)
    return "".join(f"{count:>{width}}  {code}  {name}\n" for (code, name), count in ordered)


def counted(number: int, noun: str = "finding") -> str:
    """`1 finding`, `2 findings`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
