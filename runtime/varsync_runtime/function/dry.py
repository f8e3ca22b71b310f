"""A dry run of code that the script does not execute: TensorFlow traces it all the same.

Its exceptions are TensorFlow's while tracing. Nothing that it writes stays, and nothing is reported
of it but what TensorFlow rejects.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from varsync_runtime.events import Rejected, recorder
from varsync_runtime.events.budget import Budget
from varsync_runtime.events.kinds import Event
from varsync_runtime.function import flow, undo
from varsync_runtime.function.sources import within
from varsync_runtime.function.user_code import dry_codes
from varsync_runtime.tensors import errors

_depth = 0
_rounds: set[tuple[FrameType, ast.AST]] = set()


def is_dry() -> bool:
    """Whether a dry run is under way."""
    return _depth > 0


def once(frame: FrameType, node: ast.AST) -> bool:
    """True for the first question of a loop in a dry run, False for the next one."""
    key = (frame, node)
    if key in _rounds:
        _rounds.remove(key)
        return False
    _rounds.add(key)
    return True


class _Muted(recorder.Recorder):
    """Passes on nothing but rejections."""

    def __init__(self, outer: recorder.Recorder) -> None:
        super().__init__(outer.send)
        self.budget = Budget(steps=outer.budget.steps)
        self._outer = outer

    def tell(self, event: Event) -> None:
        if isinstance(event, Rejected):
            self._outer.tell(event)

    def count(self, event: tuple[Any, ...], nbytes: int) -> None:
        del event, nbytes


class Kept(_Muted):
    """Rejections of a dry run, in the block `with`, of which it is not known yet if they count."""

    def __init__(self) -> None:
        super().__init__(recorder.current)
        self._rejected: list[Rejected] = []

    def tell(self, event: Event) -> None:
        if isinstance(event, Rejected):
            self._rejected.append(event)

    def pass_on(self) -> None:
        """They count."""
        for event in self._rejected:
            self._outer.tell(event)

    def __enter__(self) -> None:
        recorder.current = self

    def __exit__(self, *_: object) -> None:
        recorder.current = self._outer


class Outcome:
    """What became of a dry run: `failed` if an op rejected its values."""

    failed = False


@contextmanager
def running() -> Iterator[Outcome]:
    """Nothing that is written here stays, and errors of the values do not count."""
    outcome = Outcome()
    global _depth
    outer = recorder.current
    recorder.current = _Muted(outer)
    _depth += 1
    writes = undo.Transaction()
    try:
        with writes:
            try:
                yield outcome
            except errors.OpError:
                # what TensorFlow raises when a graph runs, and this one does not run
                outcome.failed = True
            finally:
                writes.rollback()
    finally:
        _depth -= 1
        recorder.current = outer
        if not _depth:
            _rounds.clear()


FAILED = object()
"""What stands for the results of a dry run in which an op rejected its values."""


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a branch of `tf.cond` or the like returns in a dry run, or FAILED."""
    results = []
    with running(), flow.condition():
        results.append(function(*arguments))
    return results[0] if results else FAILED


def run(
    frame: FrameType,
    statements: list[ast.stmt],
    target: tuple[ast.expr, Any] | None = None,
) -> None:
    """Runs statements of the function that `frame` runs, with a copy of its local names.

    `target` is the target of a `for`, with what it is bound to.
    """
    if within(statements, (ast.Break, ast.Continue)):
        statements = [_loop_around(statements)]
    values = dict(frame.f_locals)
    if target is not None:
        values["_varsync_element"] = target[1]
        element = ast.copy_location(ast.Name("_varsync_element", ast.Load()), target[0])
        assignment = ast.copy_location(ast.Assign([target[0]], element), target[0])
        statements = [assignment, *statements]
    _execute(frame, values, statements)


def evaluate(frame: FrameType, expression: ast.expr) -> None:
    """Evaluates an expression of the function that `frame` runs."""
    statement = ast.copy_location(ast.Expr(expression), expression)
    _execute(frame, dict(frame.f_locals), [statement])


def _loop_around(statements: list[ast.stmt]) -> ast.stmt:
    """A loop of one round, so that `break` and `continue` have one to leave."""
    first = statements[0]
    loop = ast.For(
        ast.Name("_varsync_round", ast.Store()),
        ast.Tuple([ast.Constant(0)], ast.Load()),
        statements,
        [],
        lineno=first.lineno,
    )
    return ast.copy_location(loop, first)


def _execute(frame: FrameType, values: dict[str, Any], statements: list[ast.stmt]) -> None:
    function = _function(frame, tuple(sorted(values)), statements)
    if function is None:
        return
    with running(), flow.condition():
        function(**values)


def _function(
    frame: FrameType, names: tuple[str, ...], statements: list[ast.stmt]
) -> Callable[..., Any] | None:
    """The statements as a function of the local names, at the lines where they stand."""
    names = tuple(name for name in names if name.isidentifier())
    code: CodeType = frame.f_code
    parameters = f"*, {', '.join(names)}" if names else ""
    definition = ast.parse(f"def {_plain(code.co_name)}({parameters}): pass").body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.body = [
        statement
        for statement in copy.deepcopy(statements)
        if not isinstance(statement, (ast.Global, ast.Nonlocal))
    ]
    module = ast.fix_missing_locations(ast.Module([definition], []))
    space: dict[str, Any] = {}
    try:
        exec(compile(module, code.co_filename, "exec"), frame.f_globals, space)
    except (SyntaxError, ValueError):
        # a generator's statements, or `nonlocal` of a name that is a parameter here
        return None
    made: Callable[..., Any] = space[definition.name]
    dry_codes.add(made.__code__)
    return made


def _plain(name: str) -> str:
    return name if name.isidentifier() else "anonymous"
