"""Files, and cells of notebooks, that Python can't parse."""

from __future__ import annotations

from varsync_rules.facts import Problem
from varsync_rules.files import Module
from varsync_rules.parsing import SyntaxProblem, problem_of
from varsync_rules.source import Source


def problems_of(module: Module) -> tuple[Problem, ...]:
    """What keeps Python from parsing a module; its tree is made if it was not yet."""
    source = module.source
    try:
        _ = module.tree
    except SyntaxProblem as problem:
        return (*_of_cells(source), _placed(source, problem))
    return _of_cells(source)


def problems_in(source: Source) -> tuple[Problem, ...]:
    """The same of a source that nobody else looks into, which takes less time."""
    found = _of_cells(source)
    problem = problem_of(source.text)
    return found if problem is None else (*found, _placed(source, problem))


def _of_cells(source: Source) -> tuple[Problem, ...]:
    if not source.is_notebook:
        return ()
    return tuple(
        _problem(source, cell.reason, cell.line, cell.column) for cell in source.broken_cells
    )


def _placed(source: Source, problem: SyntaxProblem) -> Problem:
    return _problem(source, problem.reason, problem.line, problem.column)


def _problem(source: Source, reason: str, line: int, column: int) -> Problem:
    at = source.position(line, column)
    return Problem(reason, at.line, at.column, at.cell)
