"""Findings held to a run: each is confirmed, not reached, or refuted."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from varsync_rules.findings import Finding, Severity, Span
from varsync_rules.imports import Imports
from varsync_rules.naming import Names
from varsync_rules.source import UnreadableSource, read
from varsync_runtime.diagnosis.observations import CODES

from varsync.configuration.config import Configuration
from varsync.configuration.settings import Options
from varsync.console.progress import Told, on_terminal, silently
from varsync.console.terminal import complain, escape
from varsync.errors import CannotRun
from varsync.files.discovery import Discovery, discover
from varsync.files.sources import Sources
from varsync.linting.checking import Report, check
from varsync.memory.memory import Memory
from varsync.proof.verdicts import Proof, Verdict
from varsync.simulation import Failure, Location, Observation, Simulation, of_report, simulate

MOST_STEPS = 20
MOST_SECONDS = 120


def proofs(
    report: Report,
    found: Discovery,
    paths: list[str],
    arguments: list[str],
    replicas: int,
    workers: int | None,
    *,
    quiet: bool,
) -> dict[Finding, Proof]:
    """Holds the findings to runs of the scripts: the files passed by name, or those with a guard.

    On a terminal a line says which script is run, unless it shall be `quiet`.
    """
    named = [path for path in paths if Path(path).is_file()]
    files = []
    for file in found.files.values() if not named else ():
        with suppress(UnreadableSource):
            files.append((file.display, read(Path(file.absolute)).data))
    scripts = named or list(runnable(files))
    if not report.findings:
        return {}
    if not scripts:
        raise CannotRun("--prove: no file has `if __name__ == '__main__'`; name the script to run")

    unfinished = []

    def run(script: str, lines: Iterable[str]) -> Simulation:
        run = simulate(
            script,
            arguments,
            replicas=replicas,
            workers=workers,
            max_steps=MOST_STEPS,
            timeout=MOST_SECONDS,
            lines=lines,
        )
        if not run.finished:
            why = run.message or run.errors.strip().rpartition("\n")[2]
            unfinished.append(f"{script}: {run.status}: {why}")
        return run

    with on_terminal(quiet=quiet, delay=0.0) as told:  # a script takes its time
        held = prove(report, scripts, run, told)
    for each in unfinished:
        complain(each)
    return held


def program(script: str) -> Report:
    """The findings in a script and in what it imports of its project. Raises CannotRun."""
    configuration = Configuration(Options())
    found = discover([script], configuration)
    memory = Memory()
    sources = Sources({}, memory)
    for each in [*found.files.values(), *found.context.values()]:
        with suppress(UnreadableSource):
            sources.add(each)
    names = Names(sources.facts, found.roots)
    imports = Imports(names, {file: known.imports for file, known in sources.facts.items()})
    for file in imports.reached_from(found.files):
        if file in found.context:
            found.files[file] = found.context.pop(file)
    return check(found, memory=memory)


def lines_of(report: Report) -> list[str]:
    """The lines of the findings, as a run is asked whether it came to them."""
    return [_lines(finding.span, report) for finding in report.findings]


def foreseen(report: Report, script: str, document: dict[str, Any]) -> None:
    """Adds lint's findings to the report of a run, with a verdict; marks what they say beforehand."""
    simulation = of_report(document)
    document["lint"] = [
        {
            "code": finding.code,
            "severity": finding.severity.value,
            "message": finding.message,
            "location": {
                "filename": report.absolute[finding.span.path],
                "cell": finding.span.cell or None,
                "row": finding.span.line,
            },
            "verdict": _proof(finding, report, script, simulation).verdict.value,
        }
        for finding in report.findings
    ]
    for seen, row in zip(simulation.observations, document["observations"], strict=True):
        row["foreseen"] = any(
            _shows(seen, finding, report, simulation) for finding in report.findings
        )


def prove(
    report: Report,
    scripts: Sequence[str],
    run: Callable[[str, Iterable[str]], Simulation],
    told: Told = silently,
) -> dict[Finding, Proof]:
    """The verdict on each finding of a report that some of the scripts is about.

    `run` simulates a script: its path, and the lines of which it shall say whether they were run.
    `told` hears which one is run.
    """
    proofs: dict[Finding, Proof] = {}
    lines = lines_of(report)
    for number, script in enumerate(scripts):
        told(number, len(scripts), f"running {escape(script)}")
        simulation = run(script, lines)
        for finding in report.findings:
            proof = _proof(finding, report, script, simulation)
            held = proofs.get(finding)
            if held is None or _rank(proof, finding) < _rank(held, finding):
                proofs[finding] = proof
    return proofs


def runnable(files: Iterable[tuple[str, bytes]]) -> Iterator[str]:
    """Those of the files, by name and bytes, that are meant to be run as scripts."""
    for name, data in files:
        if b"__main__" in data and _has_guard(data):
            yield name


def _has_guard(data: bytes) -> bool:
    try:
        body = ast.parse(data).body
    except (SyntaxError, ValueError, RecursionError):
        return False
    tests = [ast.unparse(node.test) for node in body if isinstance(node, ast.If)]
    return "__name__ == '__main__'" in tests


def _rank(proof: Proof, finding: Finding) -> tuple[int, bool]:
    """The first verdict counts, and of two alike that of the script in which the finding is."""
    is_elsewhere = os.path.normpath(proof.script) != os.path.normpath(finding.span.path)
    return list(Verdict).index(proof.verdict), is_elsewhere


def _lines(span: Span, report: Report) -> str:
    cell = f":cell {span.cell}" if span.cell else ""
    return f"{report.absolute[span.path]}{cell}:{span.line}-{span.end_line}"


def _proof(finding: Finding, report: Report, script: str, simulation: Simulation) -> Proof:
    spans = [finding.span, *(related.span for related in finding.related)]
    for seen in simulation.observations:
        if _shows(seen, finding, report, simulation):
            return Proof(Verdict.CONFIRMED, script, seen)
    here = [o for o in simulation.observations if _is_in(o.location, finding.span, report)]
    failure = simulation.failure
    is_of_another = any(seen.code == finding.code for seen in here)
    if failure is not None and finding.severity is Severity.ERROR and not is_of_another:
        ended = _own_line(failure, report)
        if any(_is_in(ended, span, report) for span in spans):
            return Proof(Verdict.CONFIRMED, script, failure=failure)
    if not any(_is_in(location, finding.span, report) for location in simulation.reached):
        return Proof(Verdict.NOT_REACHED, script)
    other = next(iter(here), None)
    # what raises does so whenever its line is run; the rest may rest on other data, or more steps
    raises = finding.severity is Severity.ERROR and finding.code in CODES
    # and where it was caught, it may have been seen at another line, which the finding leads to
    seen_elsewhere = any(seen.code == finding.code for seen in simulation.observations)
    shows = raises and simulation.finished and other is None and not seen_elsewhere
    return Proof(Verdict.REFUTED if shows else Verdict.NOT_SHOWN, script, other)


def _shows(seen: Observation, finding: Finding, report: Report, simulation: Simulation) -> bool:
    """Whether what was seen is what the finding is about: rule, variable and line."""
    if seen.code != finding.code:
        return False
    related = [related.span for related in finding.related]

    def is_in(where: Location | None, spans: Sequence[Span]) -> bool:
        return any(_is_in(where, span, report) for span in spans)

    made = {each.label: each.location for each in simulation.variables}
    its_own = made.get(seen.variable) if seen.variable else None
    # a finding that leads to where variables are made is about these alone
    names = any(is_in(where, related) for where in made.values())
    if names and its_own and not is_in(its_own, [finding.span, *related]):
        return False
    # and one about a library's layer stands where that is made, not where it is called and writes
    return is_in(seen.location, [finding.span, *related]) or is_in(its_own, [finding.span])


def _own_line(failure: Failure, report: Report) -> Location | None:
    """The innermost line of the program at which the script ended."""
    files = {os.path.realpath(file) for file in report.absolute.values()}
    own = [frame for frame in failure.frames if os.path.realpath(frame.filename) in files]
    return own[-1] if own else None


def _is_in(location: Location | None, span: Span, report: Report) -> bool:
    if location is None or (location.cell or 0) != span.cell:
        return False
    if not span.line <= location.row <= span.end_line:
        return False
    return os.path.realpath(location.filename) == os.path.realpath(report.absolute[span.path])
