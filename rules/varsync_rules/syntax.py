"""Files that Python can't parse. Those that can't matter are tried beside the evaluation.

A file without a word of interest is never looked into, but its syntax errors are said all the same.
Parsing them takes longer than everything else on a large tree, so another process does it.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from varsync_rules.files import Module
from varsync_rules.findings import Finding, Severity
from varsync_rules.parsing import SyntaxProblem, problem_of

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

# Reason, line and column (1-based) by the number of the module.
Problems: TypeAlias = list[tuple[int, str, int, int]]

# Less than this is parsed here: a process of its own would take longer to start.
_WORTH_A_PROCESS = 1_000_000


def watch(modules: Sequence[Module]) -> Callable[[], list[Finding]]:
    """Start looking for syntax errors; call the result for the findings (VS901)."""
    rest = [m for m in modules if not m.is_candidate and not m.source.is_notebook]
    others = [m for m in modules if m.is_candidate or m.source.is_notebook]
    collect = _start(rest)

    def finish() -> list[Finding]:
        found = [_finding(m, *problem) for m in others for problem in _of_module(m)]
        found.extend(_finding(rest[number], *problem) for number, *problem in collect())  # type: ignore[arg-type]
        return found

    return finish


def _start(modules: list[Module]) -> Callable[[], Problems]:
    size = sum(len(module.source.data) for module in modules)
    if size < _WORTH_A_PROCESS:
        return lambda: _parse_all(modules)
    import multiprocessing

    if "fork" not in multiprocessing.get_all_start_methods():
        return lambda: _parse_all(modules)
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(modules, sender, os.getpid()), daemon=True)
    # an interrupt waits until the parent knows its child, and until the child ignores it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    sender.close()

    def collect() -> Problems:
        try:
            problems: Problems = receiver.recv()
        except EOFError:
            problems = _parse_all(modules)
        process.join()
        return problems

    return collect


def _work(modules: list[Module], sender: Connection, parent: int) -> None:
    """In the other process: it leaves interrupts to its parent, and ends when that has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    problems = _parse_all(modules, lambda: os.getppid() == parent)
    with contextlib.suppress(BrokenPipeError):
        sender.send(problems)
    sender.close()


def _parse_all(modules: list[Module], is_wanted: Callable[[], bool] = lambda: True) -> Problems:
    return [
        (number, *problem)
        for number, module in enumerate(modules)
        if is_wanted()
        for problem in _of_text(module)
    ]


def _of_text(module: Module) -> list[tuple[str, int, int]]:
    """The problem of a file's text, if it has one."""
    problem = None if module.is_parsed else problem_of(module.source.text)
    return [] if problem is None else [(problem.reason, problem.line, problem.column)]


def _of_module(module: Module) -> list[tuple[str, int, int]]:
    """The problems of a file that is looked into, or of a notebook's cells."""
    source = module.source
    problems = []
    if source.is_notebook:
        problems = [(cell.reason, cell.line, cell.column) for cell in source.broken_cells]
    try:
        _ = module.tree
    except SyntaxProblem as problem:
        problems.append((problem.reason, problem.line, problem.column))
    return problems


def _finding(module: Module, reason: str, line: int, column: int) -> Finding:
    return Finding(
        code="VS901",
        name="syntax-error",
        severity=Severity.ERROR,
        message=f"not checked: {reason}",
        span=module.source.position(line, column),
    )
