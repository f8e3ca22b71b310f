"""Every program of every page through lint: the findings that the page marks, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest
from varsync.authoring.proving import of_findings
from varsync_rules.findings import Finding
from varsync_rules.lint import check
from varsync_rules.pages import Page, Program, load
from varsync_rules.registry import CATALOG, rules
from varsync_rules.source import Source

CODES = rules().codes
# These are about files as such; the command's tests show them.
OF_FILES = {"VS901", "VS902", "VS903"}

PROGRAMS = [
    pytest.param(page, program, id=f"{page.code}-{number}")
    for page in map(load, sorted(CATALOG.glob("*.md")))
    if page.code not in OF_FILES
    for number, program in enumerate(page.programs)
]


def words(finding: Finding) -> list[str]:
    """What a finding says in words of its own: an explanation is TensorFlow's."""
    return [finding.message, finding.remedy, *(related.message for related in finding.related)]


@pytest.mark.parametrize(("page", "program"), PROGRAMS)
def test_lint_says_what_the_page_marks(page: Page, program: Program, tmp_path: Path) -> None:
    source = Source("program.py", tmp_path / "program.py", program.text.encode())
    outcome = check([source], codes=CODES)
    assert not outcome.program.abandoned
    assert not [text for finding in outcome.findings for text in words(finding) if "``" in text]
    assert list(of_findings(program, page.code, outcome.findings)) == []
