"""Does the analyser's jobs: the open files of a project are checked with the rest of it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from varsync_rules.findings import Finding, Span
from varsync_rules.source import Source

from varsync.configuration.config import Configuration
from varsync.configuration.settings import Options
from varsync.errors import CannotRun
from varsync.files.discovery import Discovery, Found, add_context, shown
from varsync.linting.baseline import read as read_baseline
from varsync.linting.checking import Report, check
from varsync.linting.fixing import fix, wanted
from varsync.memory.memory import Memory
from varsync.reports.replacements import replacements
from varsync.server.jobs import Checked, CheckOpen, FixFile, Place, Problem, Replacement
from varsync.server.positions import units


class Checker:
    """Remembers, by project, what it found out."""

    def __init__(self) -> None:
        self._memories: dict[str, Memory] = {}

    def _memory(self, project: str) -> Memory:
        return self._memories.setdefault(project, Memory())

    def check_open(self, job: CheckOpen) -> Checked:
        """Checks the projects of the wanted files."""
        checked = Checked()
        configuration = Configuration(Options())
        for root, paths in _projects(job.contents, configuration).items():
            if job.wanted.isdisjoint(paths):
                continue
            checked.problems.update((path, []) for path in paths)
            checked.refusals[root] = None
            try:
                found = _discovery(paths, (), configuration)
                report = check(found, job.contents, memory=self._memory(root))
                _set_aside(report, configuration.of(root).baseline)
            except CannotRun as refusal:
                checked.refusals[root] = str(refusal)
                continue
            checked.rules.update((path, report.rules) for path in paths)
            for problem in _problems(report, found, job):
                checked.problems[problem.place.path].append(problem)
        return checked

    def fix_file(self, job: FixFile) -> list[Replacement]:
        """The replacements that mend a file; raises CannotRun."""
        configuration = Configuration(Options())
        root, paths = next(
            (root, paths)
            for root, paths in _projects(job.contents, configuration).items()
            if job.path in paths
        )
        found = _discovery([job.path], paths, configuration)
        fixed = fix(found, wanted(found), job.contents, memory=self._memory(root))
        if job.path not in fixed.after:
            return []
        before, after = fixed.before[job.path], fixed.after[job.path]
        end = _line_end(before)
        return [
            replacement
            for block in before.blocks
            for replacement in _differences(job, block.cell, before, after, end)
        ]


def _projects(files: Iterable[str], configuration: Configuration) -> dict[str, list[str]]:
    """The files by the root of their project; a file without one belongs to its folder."""
    projects: dict[str, list[str]] = {}
    for path in files:
        folder = str(Path(path).parent)
        projects.setdefault(configuration.project_root(folder) or folder, []).append(path)
    return projects


def _discovery(
    paths: Iterable[str], others: Iterable[str], configuration: Configuration
) -> Discovery:
    """The files to check, without those that are excluded, with the other open ones as context."""
    found = Discovery()
    for files, names in ((found.files, paths), (found.context, others)):
        for path in names:
            settings = configuration.of(str(Path(path).parent))
            if path not in found.files and not settings.excludes(path):
                files[path] = Found(path, shown(path), settings)
    for folder in dict.fromkeys(str(Path(path).parent) for path in found.files):
        add_context(folder, configuration, found)
    return found


def _set_aside(report: Report, baseline: str | None) -> None:
    """Takes out what a baseline has; raises CannotRun."""
    if baseline is not None:
        known = read_baseline(baseline)
        report.set_aside(known.known(report), known.stale(report))


def _problems(report: Report, found: Discovery, job: CheckOpen) -> Iterator[Problem]:
    is_offered, is_mended = wanted(found, unsafe=True), wanted(found)
    offered = [finding for finding in report.findings if is_offered(finding)]
    written = replacements(offered, report)

    def fix_of(finding: Finding) -> Replacement | None:
        own = written.get(finding)
        if own is None:
            return None
        end = _line_end(report.sources[own.span.path])
        return Replacement(_place(own.span, report, job.encoding), own.text.replace("\n", end))

    for finding in report.findings:
        yield Problem(
            finding,
            _place(finding.span, report, job.encoding),
            tuple(
                (_place(related.span, report, job.encoding), related.message)
                for related in finding.related
            ),
            fix_of(finding),
            is_mended(finding) and finding in written,
        )


def _place(span: Span, report: Report, encoding: str) -> Place:
    source = report.sources.get(span.path)
    lines = source.lines(span.cell) if source is not None else []

    def position(line: int, column: int) -> tuple[int, int]:
        text = lines[line - 1] if line <= len(lines) else ""
        return line - 1, units(text[: column - 1], encoding) + max(column - 1 - len(text), 0)

    return Place(
        report.absolute[span.path],
        span.cell,
        position(span.line, span.column),
        position(span.end_line, span.end_column),
    )


def _line_end(source: Source) -> str:
    """How the lines of a file end."""
    if source.is_notebook:
        return "\n"
    found = re.search(b"\r\n?|\n", source.data)
    return found[0].decode() if found else "\n"


def _differences(
    job: FixFile, cell: int, before: Source, after: Source, end: str
) -> Iterator[Replacement]:
    """The lines that change, each with its end but for the last one."""
    old = before.text_of(cell).split("\n")
    new = after.text_of(cell).split("\n")
    if old == new:
        return
    old[:-1] = [f"{line}\n" for line in old[:-1]]
    new[:-1] = [f"{line}\n" for line in new[:-1]]
    for tag, first, last, start, stop in difflib.SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            continue
        until = (last, 0) if last < len(old) else (last - 1, units(old[-1], job.encoding))
        place = Place(job.path, cell, (first, 0), until)
        yield Replacement(place, "".join(new[start:stop]).replace("\n", end))
