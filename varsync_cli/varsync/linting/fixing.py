"""Fixes a program: what can be changed at once is changed, and it is checked again until stable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from varsync_rules.changes import Change
from varsync_rules.findings import Finding
from varsync_rules.fixes import CannotFix, Edit, chosen, edits_of, rewritten
from varsync_rules.source import Source

from varsync.console.progress import Told, silently
from varsync.files.discovery import Discovery
from varsync.linting.checking import NOTHING, Report, check
from varsync.memory.memory import Memory

MOST_PASSES = 100
"""A fix takes away what it is for, so a few passes are enough; one that does not must end, too."""


def wanted(discovery: Discovery, *, unsafe: bool | None = None) -> Callable[[Finding], bool]:
    """Whether a finding is to be fixed, by the settings of its file; `unsafe` overrides them."""
    settings = {found.display: found.settings for found in discovery.files.values()}

    def is_wanted(finding: Finding) -> bool:
        own = settings.get(finding.span.path)
        if own is None or finding.fix is None or finding.code not in own.fixable:
            return False
        return finding.fix.is_safe or (own.unsafe_fixes if unsafe is None else unsafe)

    return is_wanted


@dataclass(slots=True)
class Fixed:
    """What came of fixing.

    `report` is the check of the program as it would be. `before` and `after` are the sources of the
    files that change, by absolute path; `applied` the findings that were fixed, in order; `refused`
    those whose fix could not be written, and why.
    """

    report: Report
    before: dict[str, Source] = field(default_factory=dict)
    after: dict[str, Source] = field(default_factory=dict)
    applied: list[Finding] = field(default_factory=list)
    refused: dict[Finding, str] = field(default_factory=dict)


def fix(
    discovery: Discovery,
    wanted: Callable[[Finding], bool],
    contents: Mapping[str, bytes] = NOTHING,
    *,
    memory: Memory | None = None,
    jobs: int = 1,
    told: Told = silently,
) -> Fixed:
    """Applies the wanted fixes to the files of a discovery, but not on the disk; as for `check`."""
    contents = dict(contents)
    fixed = Fixed(check(discovery, contents, memory=memory, jobs=jobs, told=told))
    for _ in range(MOST_PASSES):
        changed = _pass(fixed, wanted)
        if not changed:
            break
        for source in changed:
            path = fixed.report.absolute[source.path]
            fixed.before.setdefault(path, fixed.report.sources[source.path])
            fixed.after[path] = source
            contents[path] = source.data
        fixed.report = check(discovery, contents, memory=memory, jobs=jobs, told=told)
    return fixed


def _pass(fixed: Fixed, wanted: Callable[[Finding], bool]) -> list[Source]:
    """The files that change in one pass."""
    report = fixed.report
    checked = frozenset(report.paths)
    by_place: dict[tuple[str, int], list[Finding]] = {}
    for finding in report.findings:
        change = finding.fix and finding.fix.change
        if change and wanted(finding) and finding not in fixed.refused:
            place = (change.span.path, change.span.cell)
            if place[0] in checked and place[0] in report.sources:
                by_place.setdefault(place, []).append(finding)
    by_file: dict[str, dict[int, list[tuple[Finding, Edit]]]] = {}
    for (path, cell), findings in by_place.items():
        by_file.setdefault(path, {})[cell] = _writable(fixed, report.sources[path], cell, findings)
    changed = []
    for path, by_cell in by_file.items():
        source = _changed(fixed, report.sources[path], by_cell)
        if source is not None:
            changed.append(source)
    return changed


def _writable(
    fixed: Fixed, source: Source, cell: int, findings: list[Finding]
) -> list[tuple[Finding, Edit]]:
    """The replacements that can be made at once, with their findings."""
    written = []
    for finding, edit in zip(findings, edits_of(source, cell, _changes(findings)), strict=True):
        if isinstance(edit, CannotFix):
            fixed.refused[finding] = str(edit)
        else:
            written.append((finding, edit))
    kept = frozenset(chosen([edit for _, edit in written]))
    return [(finding, edit) for finding, edit in written if edit in kept]


def _changes(findings: Iterable[Finding]) -> list[Change]:
    return [finding.fix.change for finding in findings if finding.fix is not None]


def _changed(
    fixed: Fixed, source: Source, by_cell: dict[int, list[tuple[Finding, Edit]]]
) -> Source | None:
    """The file with its replacements; None where there is none, or it would be broken."""
    made = [pair for pairs in by_cell.values() for pair in pairs]
    if not made:
        return None
    # two findings may ask for the same
    replacements = {
        cell: dict.fromkeys(edit for _, edit in pairs) for cell, pairs in by_cell.items()
    }
    try:
        data = rewritten(source, replacements)
    except CannotFix as problem:
        fixed.refused |= {finding: str(problem) for finding, _ in made}
        return None
    if data == source.data:
        fixed.refused |= {finding: "it is written so already" for finding, _ in made}
        return None
    fixed.applied += [finding for finding, _ in made]
    return Source(source.path, source.absolute, data)


def write_fixed(fixed: Fixed, contents: Mapping[str, bytes]) -> None:
    """Writes the fixed files; the standard input's goes to the standard output."""
    from varsync.console.terminal import write_bytes
    from varsync.files.replacing import replace_all

    for path in contents:
        after = fixed.after.get(path)
        write_bytes(after.data if after is not None else contents[path])
    replace_all(
        {
            path: (fixed.before[path], after)
            for path, after in fixed.after.items()
            if path not in contents
        }
    )
