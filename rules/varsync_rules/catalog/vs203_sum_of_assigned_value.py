"""VS203: a whole value is assigned where the replicas' values are added up."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from varsync_runtime.semantics import Aggregation, Rule, Synchronization, Updated

from varsync_rules.changes import AssignToIncrement, Fix
from varsync_rules.findings import Finding, Severity
from varsync_rules.predict import assigns_sums, generation, has, updated
from varsync_rules.program import Program, Update, created_here, place, replica_chain, where
from varsync_rules.repairs import INCREMENTS
from varsync_rules.values import Data, Form, Varies

_SUMMED = frozenset({Rule.SUM, Rule.WORKER_SUM})
# What a sum is made of: a mean of it alone is no whole value
_PARTS = frozenset({"sum", "count", "gradient", "keras_loss", "per_example", "num_replicas"})
_WHOLE = {"max": "a maximum or minimum", "mean": "a mean", "index": "an index"}


def check(program: Program) -> Iterator[Finding]:
    """Assignments in replica context to a variable with SUM of what does not add up."""
    for update in program.updates:
        if not update.context.in_replica or update.way not in ("method", "function"):
            continue
        if not has(update.variable, aggregation=[Aggregation.SUM]):
            continue
        finding = _increment(update) if update.op in INCREMENTS else _assigned(update)
        if finding is not None:
            yield finding


def _rules(update: Update) -> frozenset[Rule]:
    """What becomes of the copies under the strategies in force; empty where it raises under one."""
    outcomes = updated(update)
    rules = [outcome.rule for outcome in outcomes if isinstance(outcome, Updated)]
    return frozenset(rules if len(rules) == len(outcomes) else ())


def _increment(update: Update) -> Finding | None:
    """Keras 3 makes `assign(v + x)` of `assign_add(x)`."""
    if not assigns_sums(update.variable):
        return None
    rules = _rules(update)
    if not rules or not rules <= _SUMMED:
        return None
    return _finding(
        update,
        f"in Keras 3 `{update.op}` assigns the whole new value: {where(update.context)}"
        f" `{update.spelled}` becomes the sum of all replicas' new values",
        "keras.Variable.assign_add(x) is assign(v + x); aggregation SUM adds up what the replicas"
        " assign, so with N replicas it becomes N times its old value plus the sum of all x",
    )


def _assigned(update: Update) -> Finding | None:
    if update.op != "assign":
        return None
    rules = _rules(update)
    local = rules == {Rule.OWN} and has(update.variable, [Synchronization.ON_READ])
    if not local and not (rules and rules <= _SUMMED):
        return None
    what = _whole(update, local)
    if not what:
        return None
    if local:
        message = f"`{update.spelled}` is assigned {what}, but a read gives the sum of all copies"
        explanation = "an ON_READ variable with aggregation SUM is read as the sum of all copies"
    else:
        message = (
            f"`{update.spelled}` is assigned {what}, and {where(update.context)} it becomes the sum"
            " of what all replicas assign"
        )
        explanation = (
            "aggregation SUM adds up the values that the replicas assign; with N replicas"
            " assign(v + x) gives N times the old value plus the sum of all x"
        )
    return replace(_finding(update, message, explanation), fix=_fix(update))


def _fix(update: Update) -> Fix | None:
    """`v.assign(v + x)` of a variable of TensorFlow as an increment.

    What is the same on every replica would still be counted for each; numbers can't be summed.
    """
    call = update.node
    if update.data.varies is Varies.SAME:
        return None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or not call.args:
        return None
    value = call.args[0]
    if call.func.attr != "assign" or generation(update.variable) == 3:
        return None
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, (ast.Add, ast.Sub)):
        return None
    if ast.dump(value.left) != ast.dump(call.func.value) or _is_number(value.right):
        return None
    method = "assign_add" if isinstance(value.op, ast.Add) else "assign_sub"
    return Fix(
        f"add with {method} what this replica adds",
        AssignToIncrement(place(update)),
        "the variable gets another value: its old one is counted once, not once for each replica",
    )


def _is_number(node: ast.expr) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(node, ast.Constant) or getattr(called, "id", "") in ("float", "int", "len")


def _whole(update: Update, local: bool) -> str:
    """What the value is, in words, if the sum over the replicas of it is not meant; else ""."""
    data = update.data
    if data.form is Form.UNKNOWN or data.reduced or data.op == "zeros" or _is_share(data):
        return ""
    if not local and update.variable in data.reads:
        return "a value that contains its old one"
    if data.varies is Varies.SAME:
        return "" if _is_zero(update) else "a value that is the same on every replica"
    if data.varies is Varies.UNKNOWN:
        return ""
    if data.op in _WHOLE:
        return _WHOLE[data.op]
    if data.op == "div" and "ratio" in data.tags:
        return "a ratio"
    if data.op in ("add", "sub", "mul") and "mean" in data.tags and not data.tags & _PARTS:
        # a replica's own sum of its means adds up; its moving average does not
        sums = update.variable in data.reads and "weighted" not in data.tags
        return "" if sums else "an average"
    return ""


def _is_share(data: Data) -> bool:
    """Whether it was divided by the number of replicas or by the global batch."""
    return "scaled" in data.tags or ("num_replicas" in data.tags and "div" in data.tags)


def _is_zero(update: Update) -> bool:
    return bool(update.value) and all(getattr(atom, "value", None) == 0 for atom in update.value)


def _finding(update: Update, message: str, explanation: str) -> Finding:
    return Finding(
        code="VS203",
        name="sum-of-assigned-value",
        severity=Severity.WARNING,
        message=message,
        span=place(update),
        related=(created_here(update.variable), *replica_chain(update)),
        explanation=explanation,
        remedy=(
            "give assign_add what this replica adds; use MEAN for an average, ONLY_FIRST_REPLICA"
            " for a value that is the same everywhere"
        ),
    )
