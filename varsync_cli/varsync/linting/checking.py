"""One run: files are read, checked as one program, and what is left of the findings comes out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from varsync_rules import suppressions
from varsync_rules.findings import Finding, Severity, Span
from varsync_rules.registry import Rules, rules
from varsync_rules.source import Source, UnreadableSource

from varsync.configuration.settings import Settings
from varsync.console.progress import Told, silently
from varsync.errors import rules_in_use
from varsync.files.discovery import Discovery
from varsync.files.repository import path_within
from varsync.files.sources import Moved, Sources
from varsync.linting.analysis import Analysis
from varsync.memory.memory import Memory

if TYPE_CHECKING:
    from varsync.proof.verdicts import Proof

NOTHING: Mapping[str, bytes] = {}


@dataclass(slots=True)
class Report:
    """What came of a run.

    `paths` are the files that were checked, as findings call them; `absolute` is by these paths, also
    for what was read for context, and so are the `sources` of files that findings are about.
    `silenced` are the findings that comments suppress, `baselined` those that a baseline has, which
    has `stale` ones besides. `ran` are the codes of the rules that were run on any file, `rules` all
    that are known somewhere. `counters` is what the analyser counted, `seconds` what each step took.
    `proofs` are what runs of scripts say of findings.
    """

    findings: list[Finding] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    absolute: dict[str, str] = field(default_factory=dict)
    context: int = 0
    silenced: list[Finding] = field(default_factory=list)
    baselined: list[Finding] = field(default_factory=list)
    stale: int = 0
    ran: frozenset[str] = frozenset()
    counters: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    rules: Rules = field(default_factory=rules)
    proofs: dict[Finding, Proof] = field(default_factory=dict)

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


def check(
    discovery: Discovery,
    contents: Mapping[str, bytes] = NOTHING,
    *,
    memory: Memory | None = None,
    jobs: int = 1,
    told: Told = silently,
) -> Report:
    """Checks the files of a discovery.

    `contents` are the bytes of files, by absolute path, that do not come from the disk: those of the
    standard input, or of a file as it will be. What the `memory` knows is not found out again. More
    than one of `jobs` are as many processes, which a process that has threads may not ask for. `told`
    hears how far it is.
    """
    if memory is not None:
        try:
            return _check(discovery, contents, memory, jobs, told)
        except Moved:
            pass  # then everything is read first, and stays as it was read
    return _check(discovery, contents, Memory(), jobs, told)


def _check(
    discovery: Discovery, contents: Mapping[str, bytes], memory: Memory, jobs: int, told: Told
) -> Report:
    report = Report()
    started = time.perf_counter()
    settings: dict[str, Settings] = {}
    unreadable: list[Finding] = []
    for found, reason in discovery.unreadable.values():
        settings[found.display] = found.settings
        report.absolute[found.display] = found.absolute
        unreadable.append(_unreadable(found.display, reason, "folder"))
    sources = Sources(contents, memory)
    total = len(discovery.files) + len(discovery.context)
    for number, found in enumerate(discovery.files.values()):
        told(number, total, "reading files")
        report.paths.append(found.display)
        settings[found.display] = found.settings
        report.absolute[found.display] = found.absolute
        try:
            sources.add(found)
        except UnreadableSource as error:
            unreadable.append(_unreadable(found.display, error.reason, "file"))
    reported = frozenset(sources.facts)
    for number, found in enumerate(discovery.context.values(), start=len(discovery.files)):
        told(number, total, "reading files")
        try:
            sources.add(found)
        except UnreadableSource:
            continue  # it is only known to the program
        report.absolute.setdefault(found.display, found.absolute)
    report.context = len(sources.facts) - len(reported)
    report.seconds["read"] = time.perf_counter() - started

    started = time.perf_counter()
    wanted = {id(each): each for each in settings.values()}
    with rules_in_use():
        report.rules = rules().joined(one for each in wanted.values() for one in each.rules)
        analysis = Analysis(
            sources,
            reported,
            rules=report.rules,
            codes=frozenset[str]().union(*(each.codes for each in wanted.values())),
            roots=discovery.roots,
            memory=memory,
            jobs=jobs,
            told=told,
        )
        findings = analysis.findings()
    report.counters = analysis.counters
    report.seconds["analyse"] = time.perf_counter() - started

    started = time.perf_counter()
    ran = {path: each.codes_for(report.absolute[path]) for path, each in settings.items()}
    report.ran = frozenset[str]().union(*ran.values())
    found_there = [
        finding
        for finding in [*unreadable, *findings]
        if finding.code in ran.get(finding.span.path, ())
    ]
    silencing = [
        file for file in reported if report.rules.are_meant_by(sources.facts[file].silencers)
    ]
    report.sources = _sources(sources, report, found_there, silencing)
    own = {
        path: source
        for path, source in report.sources.items()
        if path in settings and not settings[path].ignore_noqa
    }
    report.findings, report.silenced = suppressions.apply(
        found_there, own, ran.__getitem__, lambda path: settings[path].rules
    )
    memory.save()
    report.seconds["suppress"] = time.perf_counter() - started
    return report


def _sources(
    sources: Sources, report: Report, findings: list[Finding], others: list[str]
) -> dict[str, Source]:
    """The sources of files that findings are about, and of others, as findings call them."""
    spans = [finding.span for finding in findings]
    spans += [related.span for finding in findings for related in finding.related]
    spans += [finding.fix.change.span for finding in findings if finding.fix is not None]
    files = dict.fromkeys(report.absolute[span.path] for span in spans)
    files.update(dict.fromkeys(others))
    read = [sources.source(file) for file in files if file in sources]
    return {source.path: source for source in read}


def _unreadable(path: str, reason: str, what: str) -> Finding:
    return Finding(
        "VS903",
        "unreadable-file",
        Severity.ERROR,
        f"this {what} is not checked: {reason}",
        Span(path, 1, 1, 1, 1),
    )
