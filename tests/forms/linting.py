"""What lint says of the two programs of a pair, and what is wrong about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from varsync_rules.findings import Finding
from varsync_rules.lint import check
from varsync_rules.registry import rules
from varsync_rules.source import Source

from tests.forms.model import Form, Kernel, Program
from tests.forms.pairs import severity
from tests.forms.render import program

# No file is there: the program is in memory alone
ROOT = Path("/program")
CODES = rules().codes


def lint(made: Program) -> list[Finding]:
    """All findings of a program."""
    sources = [Source(path, ROOT / path, text.encode()) for path, text in made.files.items()]
    outcome = check(sources, codes=CODES, roots=[ROOT])
    assert not outcome.program.abandoned
    return outcome.findings


def problems(form: Form, kernel: Kernel) -> Iterator[str]:
    """Where lint does not say of a pair what it should, in words."""
    yield from (f"{form.key}, misuse: {what}" for what in _of_misuse(form, kernel))
    found = lint(program(form, kernel, kernel.right))
    reported = [finding for finding in found if finding.severity.fails or _is_of(finding, kernel)]
    yield from (f"{form.key}, twin: {_place(finding)} is reported" for finding in reported)


def _of_misuse(form: Form, kernel: Kernel) -> Iterator[str]:
    made = program(form, kernel, kernel.wrong)
    wanted = severity(form, kernel)
    expected = {f"{path}:{line} {wanted} {kernel.code}" for path, line in made.marks}
    if not expected:
        yield "no line of it is marked"
    findings = lint(made)
    own = {_place(finding) for finding in findings if _is_of(finding, kernel)}
    if form.hides:
        yield from (f"{place} is reported" for place in sorted(own))
    elif form.key in kernel.not_seen:
        if own == expected:
            yield "is seen now: take it out of the kernel's not_seen"
    else:
        yield from (f"{place} is missing" for place in sorted(expected - own))
        yield from (f"{place} is reported" for place in sorted(own - expected))
    for finding in findings:
        if finding.severity.fails and not _is_of(finding, kernel):
            yield f"{_place(finding)} is reported"


def _is_of(finding: Finding, kernel: Kernel) -> bool:
    return finding.code == kernel.code


def _place(finding: Finding) -> str:
    return f"{finding.span.path}:{finding.span.line} {finding.severity.value} {finding.code}"
