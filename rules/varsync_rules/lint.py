"""From sources to findings: the program they make is evaluated, and every chosen rule asks it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from varsync_rules.facts import Problem, finding_of
from varsync_rules.files import NO_TARGETS, Module, Modules
from varsync_rules.findings import Finding
from varsync_rules.naming import Names
from varsync_rules.program import Program, unique
from varsync_rules.registry import Rule, Rules, UnusableRules, rules
from varsync_rules.source import Source
from varsync_rules.statistics import Statistics
from varsync_rules.syntax import problems_of
from varsync_rules.target import Target

# Python's own default of 1000 is less than the evaluation of a long chain of calls needs.
_RECURSION = 8_000


@dataclass(slots=True)
class Outcome:
    """Findings in the order of their places, before suppression, and what was seen.

    `problems` are by path: those of each file that was looked into.
    """

    findings: list[Finding]
    statistics: Statistics
    program: Program = field(default_factory=Program)
    problems: dict[str, tuple[Problem, ...]] = field(default_factory=dict)


def check(
    sources: Sequence[Source],
    *,
    codes: frozenset[str],
    known: Rules | None = None,
    roots: Sequence[Path] = (),
    targets: Mapping[str, Target] = NO_TARGETS,
) -> Outcome:
    """Check a whole program at once.

    `codes` are the rules to run, of those `known` (None: ours); `roots` the folders from which its
    modules are imported; `targets` what the files run on, by absolute paths. Raises UnusableRules
    when a rule of a plugin fails.
    """
    files = [str(source.absolute) for source in sources]
    modules = Modules(sources, Names(files, [str(root.resolve()) for root in roots]), targets)
    entries = frozenset(
        str(module.source.absolute) for module in modules.all if module.is_candidate
    )
    outcome = evaluate(modules, entries, codes, known)
    if "VS901" in codes:
        for module in modules.all:
            found = problems_of(module)
            outcome.findings += [finding_of(each, module.source.path) for each in found]
        outcome.findings.sort(key=lambda finding: finding.sort_key)
    return outcome


def evaluate(
    modules: Modules,
    entries: Collection[str],
    codes: frozenset[str],
    known: Rules | None = None,
    told: Callable[[float], None] = lambda done: None,
) -> Outcome:
    """Check a program from the files on that are `entries`: absolute paths.

    What these import is evaluated where they use it. The rule VS901 is not among those that are run.
    `told` is called with the part of the work that is done, from 0 to 1. Raises UnusableRules.
    """
    candidates = [module for module in modules.all if str(module.source.absolute) in entries]
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _RECURSION))
    collects = gc.isenabled()
    # trees and events live until the end: looking for garbage among them takes a third of the time
    gc.disable()
    try:
        program = _evaluate(modules, candidates, told)
        files = frozenset(module.source.path for module in modules.all)
        findings = [
            finding
            for rule in (known or rules() if candidates else ())
            if rule.code in codes
            for finding in _findings(rule, program, files)
        ]
    finally:
        sys.setrecursionlimit(limit)
        if collects:
            gc.enable()
    statistics = Statistics(files=len(modules.all))
    _count(program, statistics)
    statistics.parsed = sum(module.is_parsed for module in modules.all)
    problems = {m.source.path: problems_of(m) for m in modules.all if m.was_tried}
    findings.sort(key=lambda finding: finding.sort_key)
    return Outcome(findings, statistics, program, problems)


def _findings(rule: Rule, program: Program, files: frozenset[str]) -> Iterator[Finding]:
    """What a rule finds; raises UnusableRules where that is somewhere else than in the program."""
    for finding in unique(rule.check(program)):
        spans = [finding.span, *(related.span for related in finding.related)]
        spans += [finding.fix.change.span] if finding.fix is not None else []
        for span in spans:
            if span.path not in files:
                raise UnusableRules(
                    f"{rule.origin}: a finding of {rule.code} is in {span.path!r}, which is no file"
                    " of the program"
                )
        yield finding


def _evaluate(
    modules: Modules, candidates: Sequence[Module], told: Callable[[float], None]
) -> Program:
    if not candidates:
        return Program()
    # much of the time of a run that has nothing to evaluate would be this import
    from varsync_rules.evaluate.entries import evaluate_program

    return evaluate_program(modules, candidates, told)


def _count(program: Program, statistics: Statistics) -> None:
    places: dict[tuple[str, object], tuple[bool, bool]] = {}
    for creation in program.creations:
        key = (creation.module.source.path, creation.node)
        held = places.get(key)
        variable = creation.variable
        resolved = bool(variable.synchronizations and variable.aggregations)
        places[key] = (
            resolved and (held is None or held[0]),
            variable.spells_a_mode or (held is not None and held[1]),
        )
    statistics.creations = len(places)
    statistics.creations_resolved = sum(resolved for resolved, _ in places.values())
    statistics.spelled = sum(spelled for _, spelled in places.values())
    statistics.spelled_resolved = sum(r for r, spelled in places.values() if spelled)
    resolved_updates = {(u.module.source.path, u.node) for u in program.updates}
    unresolved = {(u.module.source.path, u.node) for u in program.unresolved} - resolved_updates
    statistics.updates = len(resolved_updates) + len(unresolved)
    statistics.updates_unresolved = len(unresolved)
    statistics.abandoned = len(program.abandoned)
    statistics.cut = len(program.cut)
