"""Lints real packages whole, and says what was seen, what was resolved, and why the rest was not.

python -m tests.field.report                  every package: counts, then findings not judged
python -m tests.field.report keras tf-agents  these alone
python -m tests.field.report --all            every error and warning, judged or not
python -m tests.field.report --markdown       the counts as the table of the README beside this
"""

from __future__ import annotations

import argparse
import ast
import csv
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from varsync_rules.findings import Finding, Severity
from varsync_rules.lint import Outcome, check
from varsync_rules.program import Event
from varsync_rules.registry import rules
from varsync_rules.source import Source, UnreadableSource, read

from tests.field.packages import PACKAGES, Package, fetch

JUDGEMENTS = Path(__file__).parent / "judgements.csv"
VERDICTS = ("right", "wrong", "taste")


@dataclass(frozen=True)
class Judgement:
    """What a person thinks of one finding, after reading the code."""

    package: str
    path: str
    line: int
    code: str
    severity: str
    verdict: str
    reason: str

    @property
    def key(self) -> tuple[str, str, int, str, str]:
        return (self.package, self.path, self.line, self.code, self.severity)


def judgements() -> dict[tuple[str, str, int, str, str], Judgement]:
    """All judgements by the finding that they are about."""
    with JUDGEMENTS.open(newline="", encoding="utf-8") as file:
        found = [Judgement(**{**row, "line": int(row["line"])}) for row in csv.DictReader(file)]  # type: ignore[arg-type]
    return {judgement.key: judgement for judgement in found}


def key_of(package: Package, finding: Finding) -> tuple[str, str, int, str, str]:
    """How judgements name a finding."""
    span = finding.span
    return (package.name, span.path, span.line, finding.code, finding.severity.value)


@dataclass(repr=False)
class Linted:
    """A package and what lint said of it."""

    package: Package
    outcome: Outcome
    seconds: float
    unreadable: list[str] = field(default_factory=list)

    @property
    def loud(self) -> list[Finding]:
        """Its errors and warnings."""
        return [f for f in self.outcome.findings if f.severity is not Severity.NOTE]


def lint(package: Package) -> Linted:
    """Fetch a package and lint it whole."""
    folder = fetch(package)
    sources: list[Source] = []
    unreadable: list[str] = []
    for path in sorted(folder.rglob("*.py")):
        try:
            sources.append(read(path, path.relative_to(folder).as_posix()))
        except UnreadableSource as problem:
            unreadable.append(f"{path.relative_to(folder)}: {problem.reason}")
    started = time.perf_counter()
    outcome = check(sources, codes=rules().codes, roots=[folder])
    return Linted(package, outcome, time.perf_counter() - started, unreadable)


def contexts(outcome: Outcome) -> Counter[str]:
    """In how many places variables are created under a known strategy, in library code, without."""
    places: dict[tuple[str, int], str] = {}
    rank = {"a known strategy": 0, "any strategy (library code)": 1, "no strategy": 2}
    for creation in outcome.program.creations:
        context = creation.context
        if context.replicates_visibly:
            kind = "a known strategy"
        elif context.portable:
            kind = "any strategy (library code)"
        else:
            kind = "no strategy"
        place = (creation.module.source.path, creation.node.lineno)  # type: ignore[attr-defined]
        if place not in places or rank[kind] < rank[places[place]]:
            places[place] = kind
    return Counter(places.values())


def why_unresolved(outcome: Outcome) -> Counter[str]:
    """Why the variable that an update writes is not known, counted by place."""
    program = outcome.program
    resolved = {_place(update) for update in program.updates}
    reasons = {
        _place(event): _reason(event)
        for event in program.unresolved
        if _place(event) not in resolved
    }
    return Counter(reasons.values())


def why_modes_unresolved(outcome: Outcome) -> Counter[str]:
    """Why a spelled mode of a creation is not known, counted by place."""
    reasons: dict[tuple[str, int], str] = {}
    for creation in outcome.program.creations:
        variable = creation.variable
        if variable.resolved:
            continue
        if variable.arguments.open:
            reasons[_place(creation)] = "arguments through *args or **kwargs of unknown callers"
        else:
            reasons[_place(creation)] = "a parameter that no caller in the package gives"
    return Counter(reasons.values())


def _place(event: Event) -> tuple[str, int]:
    return (event.module.source.path, event.node.lineno)  # type: ignore[attr-defined]


def _reason(event: Event) -> str:
    function = event.frame.function
    node = event.node
    receiver = (
        node.func.value
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        else None
    )
    if isinstance(receiver, ast.Name) and function is not None:
        arguments = function.node.args
        names = {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
        if receiver.id in names:
            return "a parameter that no caller in the package gives"
        return "an element of something that is not known"
    if isinstance(receiver, ast.Attribute):
        return "an attribute that nothing seen in the package sets"
    return "the result of an unknown call or item"


def row(linted: Linted) -> list[str]:
    """A package's line of the table of counts."""
    counts = linted.outcome.statistics
    where = contexts(linted.outcome)
    unknown = why_unresolved(linted.outcome)
    reasons = "; ".join(f"{count} {reason}" for reason, count in unknown.most_common())
    loud = Counter(finding.severity.value for finding in linted.outcome.findings)
    return [
        f"{linted.package.name} {linted.package.version}",
        f"{counts.files} ({counts.parsed})",
        f"{counts.creations_resolved}/{counts.creations}",
        f"{counts.spelled_resolved}/{counts.spelled}",
        f"{where['a known strategy']}/{where['any strategy (library code)']}/{where['no strategy']}",
        f"{counts.updates - counts.updates_unresolved}/{counts.updates}",
        reasons or "–",
        f"{loud['error']}/{loud['warning']}/{loud['note']}",
    ]


HEADER = [
    "package",
    "files (parsed)",
    "creations: modes known",
    "spelled modes known",
    "made under a known strategy / any / none",
    "updates: variable known",
    "why not the others",
    "errors/warnings/notes",
]


def main() -> None:
    """The command line: see the module's docstring."""
    parser = argparse.ArgumentParser(description="Lint real packages.")
    parser.add_argument("packages", nargs="*")
    parser.add_argument("--all", action="store_true", help="print judged findings, too")
    parser.add_argument("--markdown", action="store_true", help="print the table of counts alone")
    given = parser.parse_args()
    chosen = [p for p in PACKAGES if not given.packages or p.name in given.packages]
    judged = judgements()
    rows = []
    for package in chosen:
        linted = lint(package)
        rows.append(row(linted))
        if given.markdown:
            continue
        print(f"== {package.name} {package.version}: {linted.seconds:.1f} s")
        print("   " + "; ".join(f"{k}: {v}" for k, v in zip(HEADER, rows[-1], strict=True)))
        for line in linted.unreadable:
            print(f"   unreadable: {line}")
        for entry in linted.outcome.program.abandoned:
            print(f"   given up: {entry}")
        for finding in linted.loud:
            judgement = judged.get(key_of(package, finding))
            if judgement is None or given.all:
                verdict = judgement.verdict if judgement else "NOT JUDGED"
                span = finding.span
                print(
                    f"   {span.path}:{span.line} {finding.severity.value} {finding.code}"
                    f" {verdict}: {finding.message}"
                )
    if given.markdown:
        print("| " + " | ".join(HEADER) + " |")
        print("|" + "---|" * len(HEADER))
        for cells in rows:
            print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
