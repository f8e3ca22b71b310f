"""The form of every rule's page, and whether its programs are Python at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from varsync.authoring.proving import of_form, of_python
from varsync_rules.pages import Page, load
from varsync_rules.registry import CATALOG, rules

FILES = sorted(CATALOG.glob("*.md"))

# The pages about files that cannot be read as Python show such files.
NOT_PYTHON = {"VS901", "VS903"}


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def file(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def page(file: Path) -> Page:
    return load(file)


def test_there_are_pages() -> None:
    assert FILES


def test_codes_are_unique() -> None:
    codes = [load(file).code for file in FILES]
    assert len(set(codes)) == len(codes)


def test_the_form_is_that_of_the_rule(page: Page) -> None:
    assert list(of_form(page, rules().find(page.code), rules())) == []


def test_programs_are_python(page: Page) -> None:
    if page.code in NOT_PYTHON:
        pytest.skip("shows text that is not Python")
    assert list(of_python(page)) == []


def test_no_line_of_a_program_is_too_long(page: Page) -> None:
    lines = [line for program in page.programs for line in program.text.splitlines()]
    assert [line for line in lines if len(line) > 100] == []


def test_use_instead_prints_unless_nothing_is_run(page: Page) -> None:
    outcomes = [each.outcome for each in page.expected("use-instead")]
    assert outcomes == ([] if page.not_run else ["prints"])
    assert bool(page.expected("example")) != bool(page.not_run)


def test_what_was_seen_is_written_down(page: Page) -> None:
    assert [each.line for each in page.expectations if not each.text.strip()] == []


def test_tensorflow_is_named_with_its_version(page: Page) -> None:
    if page.not_run:
        pytest.skip("nothing was run")
    assert "2.21" in page.section("What TensorFlow says").text
