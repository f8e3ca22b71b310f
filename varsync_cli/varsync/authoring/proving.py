"""Holds a rule to its page: its form, what lint finds in its programs, what fixes make of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from varsync_rules.findings import Finding, Severity
from varsync_rules.pages import FixSafety, Page, PageError, Program, parse
from varsync_rules.registry import Rule, Rules, UnusableRules

from varsync.configuration.settings import defaults
from varsync.errors import CannotRun
from varsync.files.discovery import Discovery, Found
from varsync.linting.checking import Report, check
from varsync.linting.fixing import Fixed, fix

_FOLDER = Path("/program")
"""Where programs are, which nobody writes to a disk."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is not as it should be; `line` is the page's."""

    line: int
    text: str


@dataclass(slots=True)
class Trial:
    """One thing that was tried, and what is wrong with it."""

    name: str
    problems: list[Problem] = field(default_factory=list)


def trials(rule: Rule, known: Rules) -> Iterator[Trial]:
    """Holds a rule to its page, one thing after the other; `known` are the rules that are run."""
    try:
        page = parse(rule.text(), rule.page.name)
    except PageError as error:
        yield Trial("form", [Problem(error.line, error.problem)])
        return
    except UnusableRules as error:
        yield Trial("form", [Problem(1, str(error))])
        return
    yield Trial("form", [*of_form(page, rule, known), *of_python(page)])
    fixes: list[Finding] = []
    as_marked = True
    for name, program in named_programs(page):
        trial = Trial(name)
        try:
            fixed = fix_program({"program.py": program.text.encode()}, known, {rule.code})
        except CannotRun as error:
            trial.problems.append(Problem(program.line, str(error)))
        else:
            fixes += [one for one in fixed.first.findings if one.code == rule.code and one.fix]
            trial.problems += of_findings(program, rule.code, fixed.first.findings)
            trial.problems += [Problem(program.line, text) for text in of_fixes(fixed, known)]
        as_marked = as_marked and not trial.problems
        yield trial
    if as_marked:  # else what is wrong there shows here once more
        yield Trial("fix safety", list(of_fix_safety(page, fixes)))


def named_programs(page: Page) -> Iterator[tuple[str, Program]]:
    """The programs of a page, with what messages call them."""
    names = ["Example", "Use instead", *(f"example {n}" for n in range(1, len(page.more) + 1))]
    return zip(names, page.programs, strict=True)


def of_form(page: Page, rule: Rule, known: Rules) -> Iterator[Problem]:
    """What is wrong with a page, whatever lint finds in its programs."""
    if (page.code, page.name) != (rule.code, rule.name):
        yield Problem(1, f"the title is not that of {rule.code}: {rule.name}")
    marked = [
        program for program in page.programs if page.code in {one.code for one in program.markers}
    ]
    if page.example not in marked:
        yield Problem(page.example.line, f"no line of the Example is marked with {page.code}")
    if page.use_instead.markers:
        yield Problem(page.use_instead.line, "a line of Use instead is marked")
    silent = len(page.programs) - len(marked)
    if silent < len(marked):
        yield Problem(
            page.example.line,
            f"{len(marked)} programs are marked with {page.code} and only {silent} are not",
        )
    for program in page.programs:
        for marker in program.markers:
            if marker.code not in known.codes:
                line = program.line + marker.line - 1
                yield Problem(line, f"a line is marked with {marker.code}, which is no rule")


def of_python(page: Page) -> Iterator[Problem]:
    """The programs of a page that are not Python."""
    for program in page.programs:
        try:
            ast.parse(program.text)
        except SyntaxError as error:
            yield Problem(program.line + (error.lineno or 1) - 1, f"not Python: {error.msg}")


def of_findings(program: Program, code: str, findings: list[Finding]) -> Iterator[Problem]:
    """Where findings and a program's markers differ: other rules may give notes without a marker."""
    marked = {(one.line, one.severity, one.code) for one in program.markers}
    found = {(one.span.line, one.severity, one.code): one for one in findings}
    for key in sorted(marked - found.keys(), key=_by_line):
        line, severity, missing = key
        yield Problem(program.line + line - 1, f"no {severity.value} {missing} is found here")
    for key in sorted(found.keys() - marked, key=_by_line):
        line, severity, other = key
        if severity is not Severity.NOTE or other == code:
            text = f"{severity.value} {other} is not marked: {found[key].message}"
            yield Problem(program.line + line - 1, text)


def _by_line(key: tuple[int, Severity, str]) -> tuple[int, str]:
    return key[0], key[2]


@dataclass(slots=True)
class FixedProgram:
    """A program in memory, checked and with all its fixes, the unsafe ones too."""

    files: Mapping[str, bytes]
    codes: frozenset[str]
    first: Report
    fixed: Fixed

    def after(self) -> dict[str, bytes]:
        """Its files with the fixes."""
        made = {name: self.fixed.after.get(str(_FOLDER / name)) for name in self.files}
        return {
            name: self.files[name] if source is None else source.data
            for name, source in made.items()
        }


def fix_program(
    files: Mapping[str, bytes], known: Rules, codes: set[str] | frozenset[str]
) -> FixedProgram:
    """Checks a program with the rules that are `known`, and fixes what these codes find."""
    settings = defaults(str(_FOLDER), known)
    discovery = Discovery(roots=[str(_FOLDER)])
    contents = {}
    for name, data in files.items():
        absolute = str(_FOLDER / name)
        discovery.files[absolute] = Found(absolute, name, settings)
        contents[absolute] = data
    first = check(discovery, contents)
    fixed = Fixed(first)
    if any(one.code in codes and one.fix for one in first.findings):
        fixed = fix(discovery, lambda one: one.code in codes and one.fix is not None, contents)
    return FixedProgram(files, frozenset(codes), first, fixed)


def of_fixes(program: FixedProgram, known: Rules) -> Iterator[str]:
    """What is wrong with how a program is fixed, in words."""
    fixed = program.fixed
    yield from (f"the fix of {one.code} fails: {why}" for one, why in fixed.refused.items())
    if not fixed.applied:
        return
    for finding in fixed.report.findings:
        if finding.fix is not None and finding.code in program.codes:
            yield f"{finding.code} is still found when it is fixed"
    before, after = (errors(report.findings) for report in (program.first, fixed.report))
    if len(after) > len(before) and all(one.fix and one.fix.is_safe for one in fixed.applied):
        yield f"{', '.join(after)} comes with the fixes, which are called safe"
    if fix_program(program.after(), known, program.codes).fixed.applied:
        yield "to fix it a second time changes something"


def errors(findings: list[Finding]) -> list[str]:
    """The codes of the errors among findings."""
    return [one.code for one in findings if one.severity is Severity.ERROR]


def of_fix_safety(page: Page, findings: list[Finding]) -> Iterator[Problem]:
    """Where the fixes of a page's programs are not what the page says of fixes."""
    kinds = {one.fix.is_safe for one in findings if one.fix is not None}
    seen: FixSafety = "none"
    if kinds:
        seen = "sometimes" if len(kinds) == 2 else "safe" if True in kinds else "unsafe"
    if seen != page.fix:
        words = {
            "none": "no fixes",
            "safe": "safe fixes",
            "unsafe": "unsafe fixes",
            "sometimes": "safe and unsafe fixes",
        }
        yield Problem(
            page.section("Fix safety").line,
            f"the page says that there are {words[page.fix]}, its programs show {words[seen]}",
        )
