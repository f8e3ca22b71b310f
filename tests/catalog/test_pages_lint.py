"""Every program of every page through lint: the findings that the page marks, and no others."""

from __future__ import annotations

from collections.abc import Iterator
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

PAGES = [page for page in map(load, sorted(CATALOG.glob("*.md"))) if page.code not in OF_FILES]


def words(finding: Finding) -> list[str]:
    """What a finding says in words of its own: an explanation is TensorFlow's."""
    return [finding.message, finding.remedy, *(related.message for related in finding.related)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.code)
def test_lint_says_what_the_page_marks(page: Page) -> None:
    wrong = {program.line: list(wrongly_linted(page, program)) for program in page.programs}
    assert {line: found for line, found in wrong.items() if found} == {}


def wrongly_linted(page: Page, program: Program) -> Iterator[object]:
    """What lint should not say of a program, or should and does not."""
    source = Source("program.py", Path("/program.py"), program.text.encode())
    outcome = check([source], codes=CODES)
    if outcome.program.abandoned:
        yield "it is abandoned"
    yield from (text for finding in outcome.findings for text in words(finding) if "``" in text)
    yield from of_findings(program, page.code, outcome.findings)
