"""A baseline: how many findings of each rule a file had when the project began to be checked.

Lines come and go, so findings are counted by file and rule, and no more is remembered. Where there
are more than that, all of them are shown, since nobody can tell the new one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from varsync_rules.disk import contents
from varsync_rules.findings import Finding

from varsync.errors import CannotRun, refusal
from varsync.linting.checking import Report

VERSION = 1
_NEVER = ("VS901", "VS903")
"""What could not be checked is said always."""

Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Baseline:
    """`counts` is by the path of the file, from the folder of the baseline, and by rule."""

    folder: str
    counts: Counts

    def _checked(self, report: Report) -> set[str]:
        return {report.path_from(self.folder, path) for path in report.paths}

    def known(self, report: Report) -> frozenset[Finding]:
        """The findings that the baseline has, of a file and rule all or none."""
        found = count(report.findings, report, self.folder)
        old = {
            (path, code)
            for path, of_file in found.items()
            for code, number in of_file.items()
            if number <= self.counts.get(path, {}).get(code, 0)
        }
        return frozenset(
            finding
            for finding in report.findings
            if (_path(finding, report, self.folder), finding.code) in old
        )

    def stale(self, report: Report) -> int:
        """How many findings of the checked files the baseline has that are there no more."""
        found = count(report.findings, report, self.folder)
        checked = self._checked(report)
        return sum(
            max(number - found.get(path, {}).get(code, 0), 0)
            for path, of_file in self.counts.items()
            for code, number in of_file.items()
            if path in checked or not Path(self.folder, path).exists()
        )

    def pruned(self, report: Report) -> Counts:
        """The counts without what is there no more; no file gets more than it has."""
        found = count(report.findings, report, self.folder)
        checked = self._checked(report)
        kept: dict[str, dict[str, int]] = {}
        for path, of_file in self.counts.items():
            if path not in checked and Path(self.folder, path).exists():
                kept[path] = dict(of_file)
                continue
            left = {
                code: min(number, found.get(path, {}).get(code, 0))
                for code, number in of_file.items()
            }
            kept[path] = {code: number for code, number in left.items() if number}
        return {path: of_file for path, of_file in kept.items() if of_file}

    def updated(self, report: Report) -> Counts:
        """The counts as they are now; files that were not checked keep theirs."""
        checked = self._checked(report)
        others = {
            path: of_file
            for path, of_file in self.counts.items()
            if path not in checked and Path(self.folder, path).exists()
        }
        return others | count(report.findings, report, self.folder)


def count(findings: Iterable[Finding], report: Report, folder: str) -> dict[str, dict[str, int]]:
    """How many findings there are, by file and rule."""
    counts: dict[str, Counter[str]] = {}
    for finding in findings:
        if finding.code not in _NEVER:
            counts.setdefault(_path(finding, report, folder), Counter())[finding.code] += 1
    return {path: dict(of_file) for path, of_file in counts.items()}


def _path(finding: Finding, report: Report, folder: str) -> str:
    return report.path_from(folder, finding.span.path)


def read(file: str, *, must_exist: bool = True) -> Baseline:
    """The baseline in a file; raises CannotRun where that is none."""
    folder = str(Path(file).resolve().parent)
    try:
        document = json.loads(contents(Path(file)))
    except FileNotFoundError:
        if must_exist:
            raise CannotRun(f"{file}: no such file: make it with varsync baseline update") from None
        return Baseline(folder, {})
    except OSError as error:
        raise CannotRun(f"{file}: {refusal(error)}") from None
    except (ValueError, RecursionError):
        raise CannotRun(f"{file}: not a baseline: it is not JSON") from None
    return Baseline(folder, _counts(document, file))


def _counts(document: Any, file: str) -> Counts:
    if not isinstance(document, dict) or not isinstance(document.get("findings"), dict):
        raise CannotRun(f"{file}: not a baseline: it has no findings")
    if document.get("version") != VERSION:
        raise CannotRun(f"{file}: a baseline of version {document.get('version')!r}, not {VERSION}")
    for path, of_file in document["findings"].items():
        if not isinstance(of_file, dict) or not all(
            isinstance(number, int) and number >= 0 for number in of_file.values()
        ):
            raise CannotRun(f"{file}: not a baseline: {path!r} has no counts")
    found: Counts = document["findings"]
    return found


def written(counts: Counts) -> str:
    """The text of a baseline: sorted, a line each, so that a merge is easy."""
    ordered = {path: dict(sorted(counts[path].items())) for path in sorted(counts)}
    return json.dumps({"version": VERSION, "findings": ordered}, indent=2) + "\n"
