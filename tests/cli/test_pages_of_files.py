"""The pages about files as such, VS901 to VS903: their programs through the whole command."""

from __future__ import annotations

from pathlib import Path

import pytest
import varsync
from varsync_rules.pages import Page, Program, load
from varsync_rules.registry import rules

CODES = ("VS901", "VS902", "VS903")
PROGRAMS = [
    pytest.param(page, program, id=f"{page.code}-{number}")
    for page in (load(rules().find(code).page) for code in CODES)
    for number, program in enumerate(page.programs)
]


@pytest.mark.parametrize(("page", "program"), PROGRAMS)
def test_the_command_says_what_the_page_marks(page: Page, program: Program, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(program.text, encoding="utf-8")
    found = varsync.lint(tmp_path, isolated=True)
    seen = {(one.span.line, one.severity.value, one.code) for one in found}
    marked = {(one.line, one.severity.value, one.code) for one in program.markers}
    of_files = {item for item in seen if item[2] in CODES}
    assert of_files == {item for item in marked if item[2] in CODES}
    assert {item for item in seen if item[1] != "note"} == {
        item for item in marked if item[1] != "note"
    }
    assert {(one.code, one.name) for one in found} <= {
        (one.code, rules().find(one.code).name) for one in found
    }


@pytest.mark.parametrize("text", ["print 'hello'\n", "x = (\n"])
def test_a_file_passed_by_name_must_be_python(text: str, tmp_path: Path) -> None:
    """Also one that could not matter, because nobody passes it for nothing."""
    (tmp_path / "program.py").write_text(text)
    (found,) = varsync.lint(tmp_path / "program.py", isolated=True)
    assert (found.code, found.span.line) == ("VS901", 1)
