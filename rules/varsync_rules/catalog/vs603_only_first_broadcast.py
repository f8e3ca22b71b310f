"""VS603: the first replica's value is copied to the others, which have computed the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from varsync_runtime.semantics import Aggregation, Rule, Updated

from varsync_rules.findings import Finding, Severity
from varsync_rules.predict import has, updated
from varsync_rules.program import Program, Update, created_here, place, replica_chain, unique, where
from varsync_rules.values import (
    Atom,
    Const,
    Container,
    Data,
    Form,
    Function,
    Value,
    Variable,
    Varies,
)

_SHAPED = ("zeros", "ones", "fill", "eye", "range", "normal", "uniform", "truncated_normal")


def check(program: Program) -> Iterator[Finding]:
    """Updates under ONLY_FIRST_REPLICA whose value is the same on every replica."""
    yield from unique(
        _finding(update)
        for update in program.updates
        if update.context.in_replica
        and update.way in ("method", "function")
        and has(update.variable, aggregation=[Aggregation.ONLY_FIRST_REPLICA])
        and _is_same(update.data)
        and _is_broadcast(update)
        and _has_many(program, update.variable)
    )


def _is_same(data: Data) -> bool:
    """Whether every replica computes the same, from variables and constants."""
    return data.varies is Varies.SAME and data.form is Form.TENSOR and not data.reduced


def _is_broadcast(update: Update) -> bool:
    outcomes = updated(update)
    return bool(outcomes) and all(
        isinstance(outcome, Updated) and outcome.rule in (Rule.FIRST, Rule.WORKER_FIRST)
        for outcome in outcomes
    )


def _has_many(program: Program, variable: Variable) -> bool:
    """Whether a variable is known to hold more than one number."""
    shape = variable.arguments.value(None, "shape")
    if shape:
        return _is_long(shape)
    initial = variable.arguments.get(0, "initial_value", "initializer", "value")
    if initial is None:
        return False
    nodes = [initial.node, *(body for atom in initial.value for body in _result_of(atom))]
    made = next(
        (
            call
            for call in program.calls
            # the very value, where it came through `*args`
            if any(call.node is node for node in nodes) or call.result is initial.value
        ),
        None,
    )
    if made is None or made.method not in _SHAPED:
        return any(isinstance(atom, Container) and _holds_several(atom) for atom in initial.value)
    return _is_long(made.arguments.value(0, "shape", "dims"))


def _result_of(initial: Atom) -> Iterator[ast.AST]:
    """What a lambda that is given as the initial value gives."""
    if isinstance(initial, Function) and isinstance(initial.node, ast.Lambda):
        yield initial.node.body


def _is_long(shape: Value) -> bool:
    """Whether a shape has a dimension other than 1."""
    for atom in shape:
        if isinstance(atom, Container):
            if not any(held != (Const(1),) for held in atom.items.values()):
                return False
        elif not isinstance(atom, Const) or not isinstance(atom.value, int) or atom.value < 2:
            return False
    return bool(shape)


def _holds_several(atom: Container) -> bool:
    return len(atom.items) > 1


def _finding(update: Update) -> Finding:
    return Finding(
        code="VS603",
        name="only-first-broadcast",
        severity=Severity.NOTE,
        message=(
            f"`{update.spelled}` gets the first replica's value, copied to the others:"
            f" {where(update.context)} each of them has computed the same"
        ),
        span=place(update),
        related=(created_here(update.variable), *replica_chain(update)),
        explanation="ONLY_FIRST_REPLICA lets the replicas meet and copies the first one's value",
        remedy="leave aggregation out, as long as the value is the same on every replica",
    )
