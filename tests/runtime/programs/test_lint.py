"""Lint on the whole programs: it finds the planted misuse on its line, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import varsync

from .table import Program, programs

PROGRAMS = programs()


@pytest.mark.parametrize("program", PROGRAMS, ids=[program.name for program in PROGRAMS])
def test_lint_agrees(program: Program) -> None:
    findings = varsync.lint(list(program.sources), context=False)
    places = {
        finding: (finding.code, Path(finding.span.path).name, finding.span.line)
        for finding in findings
    }
    expected = {(each.code, each.file.name, each.line) for each in program.lint}
    unseen = {(each.code, each.file.name, each.line) for each in program.unseen}
    assert {place for finding, place in places.items() if finding.severity.fails} <= expected
    assert expected <= set(places.values())
    # what lint has learnt to see belongs into the other list
    assert not unseen & set(places.values())


def test_a_program_without_misuse_has_nothing_to_report() -> None:
    assert not [program.name for program in PROGRAMS if not program.misuse and program.lint]
