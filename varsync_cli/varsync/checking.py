"""One run: files are read, checked as one program, and what is left of the findings comes out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from typing import Any

from varsync_rules import suppressions
from varsync_rules.findings import Finding, Severity, Span
from varsync_rules.registry import Rules, UnusableRules, rules
from varsync_rules.source import Source, UnreadableSource, read

from varsync.discovery import Discovery, Found
from varsync.errors import CannotRun
from varsync.repository import path_within
from varsync.settings import Settings

NOTHING: Mapping[str, bytes] = {}


@dataclass(slots=True)
class Report:
    """What came of a run.

    `paths` are the files that were checked, as findings call them; `sources` and `absolute` are by
    these paths, also for what was read for context. `silenced` are the findings that comments
    suppress, `baselined` those that a baseline has, which has `stale` ones besides. `counters` is
    what the analyser counted, `seconds` what each step took, `rules` all that are known somewhere.
    """

    findings: list[Finding] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    absolute: dict[str, str] = field(default_factory=dict)
    context: int = 0
    silenced: list[Finding] = field(default_factory=list)
    baselined: list[Finding] = field(default_factory=list)
    stale: int = 0
    counters: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    rules: Rules = field(default_factory=rules)

    @property
    def checked(self) -> int:
        """How many files were checked."""
        return len(self.paths)

    def path_from(self, root: str, path: str) -> str:
        """A path that findings have, as seen from the root of a repository, with slashes."""
        return path_within(root, self.absolute.get(path, path))

    def set_aside(self, known: frozenset[Finding], stale: int) -> None:
        """Takes what a baseline has out of the findings; `stale` of it are there no more."""
        self.baselined = [finding for finding in self.findings if finding in known]
        self.findings = [finding for finding in self.findings if finding not in known]
        self.stale = stale

    def fails(self, fail_on: str = "warning") -> bool:
        """Whether there is a finding of this severity or a worse one; "never" is none."""
        order = [severity.value for severity in Severity]
        enough = frozenset(order[: order.index(fail_on) + 1]) if fail_on in order else ()
        return any(finding.severity.value in enough for finding in self.findings)

    def by_severity(self) -> Counter[Severity]:
        """How many findings there are of each severity."""
        return Counter(finding.severity for finding in self.findings)


def check(discovery: Discovery, contents: Mapping[str, bytes] = NOTHING) -> Report:
    """Checks the files of a discovery.

    `contents` are the bytes of files, by absolute path, that do not come from the disk: those of the
    standard input, or of a file as it will be.
    """
    from varsync_rules import lint

    report = Report()
    started = time.perf_counter()
    settings: dict[str, Settings] = {}
    unreadable: list[Finding] = []
    for found, reason in discovery.unreadable.values():
        settings[found.display] = found.settings
        report.absolute[found.display] = found.absolute
        unreadable.append(_unreadable(found.display, reason, "folder"))
    for found in discovery.files.values():
        report.paths.append(found.display)
        settings[found.display] = found.settings
        report.absolute[found.display] = found.absolute
        try:
            source = _read(found, contents)
        except UnreadableSource as error:
            unreadable.append(_unreadable(found.display, error.reason, "file"))
        else:
            report.sources[found.display] = source
    reported = frozenset(report.sources)
    context = list(_read_context(discovery.context.values(), contents))
    report.context = len(context)
    report.seconds["read"] = time.perf_counter() - started

    started = time.perf_counter()
    wanted = {id(each): each for each in settings.values()}
    codes = frozenset[str]().union(*(each.codes for each in wanted.values()))
    try:
        report.rules = rules().joined(one for each in wanted.values() for one in each.rules)
        outcome = lint.check(
            [*report.sources.values(), *context],
            codes=codes,
            known=report.rules,
            roots=[Path(root) for root in discovery.roots],
            reported=reported,
        )
    except UnusableRules as error:
        raise CannotRun(str(error)) from None
    if is_dataclass(outcome.statistics):
        report.counters = asdict(outcome.statistics)
    report.seconds["analyse"] = time.perf_counter() - started

    started = time.perf_counter()
    ran = {path: each.codes_for(report.absolute[path]) for path, each in settings.items()}
    found_there = [
        finding
        for finding in [*unreadable, *outcome.findings]
        if finding.code in ran.get(finding.span.path, ())
    ]
    report.findings, report.silenced = suppressions.apply(
        found_there, report.sources, ran.__getitem__, lambda path: settings[path].rules
    )
    for source in context:
        report.sources.setdefault(source.path, source)
        report.absolute.setdefault(source.path, str(source.absolute))
    report.seconds["suppress"] = time.perf_counter() - started
    return report


def _read(found: Found, contents: Mapping[str, bytes]) -> Source:
    """The source of a file; raises UnreadableSource."""
    data = contents.get(found.absolute)
    if data is None:
        return read(Path(found.absolute), found.display)
    return Source(found.display, Path(found.absolute), data)


def _read_context(files: Iterable[Found], contents: Mapping[str, bytes]) -> Iterator[Source]:
    """The sources that are only known to the program; those that can't be read are not."""
    for found in files:
        try:
            yield _read(found, contents)
        except UnreadableSource:
            continue


def _unreadable(path: str, reason: str, what: str) -> Finding:
    return Finding(
        "VS903",
        "unreadable-file",
        Severity.ERROR,
        f"this {what} is not checked: {reason}",
        Span(path, 1, 1, 1, 1),
    )
