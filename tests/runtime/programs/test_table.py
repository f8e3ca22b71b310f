"""The table of programs and the programs agree, and there are enough of each kind."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from . import store
from .table import FOLDER, Program, programs

PROGRAMS = programs()
IDS = [program.name for program in PROGRAMS]


def test_every_script_is_in_the_table() -> None:
    files = {path for path in FOLDER.rglob("*.py") if "recorded" not in path.parts}
    assert {source for program in PROGRAMS for source in program.sources} == files


def test_there_are_many_and_half_have_a_misuse() -> None:
    without = [program for program in PROGRAMS if not program.keras]
    assert len(without) >= 30
    assert 2 * sum(bool(program.misuse) for program in without) >= len(without)


@pytest.mark.parametrize("program", PROGRAMS, ids=IDS)
def test_a_program_says_what_it_shows_and_whether_it_needs_keras(program: Program) -> None:
    tree = ast.parse(program.path.read_text(encoding="utf-8"))
    first_line = (ast.get_docstring(tree) or "").splitlines()
    assert len(first_line) == 1
    names = {name for source in program.sources for name in _names(source)}
    assert program.keras == any("keras" in name for name in names)


def _names(source: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(source.read_text(encoding="utf-8"))))
    return {node.attr for node in nodes if isinstance(node, ast.Attribute)} | {
        alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
    }


@pytest.mark.parametrize("version", store.versions())
@pytest.mark.parametrize("program", PROGRAMS, ids=IDS)
def test_every_program_is_recorded_for_all_its_replicas(program: Program, version: str) -> None:
    outcomes = store.load(program, version)
    assert set(outcomes) == set(program.replicas)
    for count, outcome in outcomes.items():
        assert len(outcome) == program.processes(count)
        assert all(process.stdout for process in outcome)
        hung = [process for process in outcome if process.status is None]
        assert bool(hung) == program.hangs_with(count)


def test_nothing_else_is_recorded() -> None:
    for version in store.versions():
        files = {store.file_of(program, version) for program in PROGRAMS}
        assert {
            path for path in (store.RECORDED / version).iterdir() if path.suffix == ".json"
        } == files
