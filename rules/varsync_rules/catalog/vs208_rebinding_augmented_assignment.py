"""VS208: `v += x` binds the name to a tensor; the variable is not written."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from varsync_runtime.semantics import Variable, VariableClass

from varsync_rules.changes import AugmentedToMethod, Fix
from varsync_rules.findings import Finding, Severity
from varsync_rules.predict import created, home
from varsync_rules.program import Program, Rebind, created_here, place

_LACK_THE_CHECK = frozenset(
    {
        VariableClass.MIRRORED,
        VariableClass.SYNC_ON_READ,
        VariableClass.TPU_MIRRORED,
        VariableClass.TPU_SYNC_ON_READ,
    }
)
_METHODS = {"+": "assign_add(x)", "-": "assign_sub(x)"}
# `v //= x` and `v %= x` are not refused by plain variables
_REFUSED = frozenset(["+", "-", "*", "/", "**"])


def check(program: Program) -> Iterator[Finding]:
    """Augmented assignments to what holds a distributed variable or one of Keras's."""
    for rebind in program.rebinds:
        finding = _judge(rebind)
        if finding is not None:
            yield finding


def _judge(rebind: Rebind) -> Finding | None:
    variable = rebind.variable
    made = [
        outcome.cls
        for _, outcome in created(variable, home(variable, rebind.context))
        if isinstance(outcome, Variable)
    ]
    distributed = bool(made) and all(cls in _LACK_THE_CHECK for cls in made)
    plain = bool(made) and not any(cls in _LACK_THE_CHECK for cls in made)
    name, sign = rebind.spelled, rebind.sign
    if rebind.unbound:
        if not distributed:
            return None
        return _finding(
            rebind,
            Severity.ERROR,
            f"`{name} {sign}= …` makes `{name}` a local name, which has no value yet",
            f"UnboundLocalError: cannot access local variable '{name}' where it is not associated"
            " with a value",
        )
    if not rebind.is_own_name and rebind.used_further:
        return None
    lacks = distributed or variable.api.startswith("keras.")
    if lacks and rebind.refused == "?":
        return None
    if lacks and rebind.refused:
        return _finding(
            rebind,
            Severity.ERROR,
            f"`{name} {sign}= …` raises: Python cannot bind `{name}`, and the variable is not"
            " written",
            rebind.refused,
        )
    if lacks:
        return _finding(
            rebind,
            Severity.WARNING,
            f"`{name} {sign}= …` binds `{name}` to a tensor; the variable itself is not written",
            "distributed variables and those of Keras 3 have no augmented assignment of their own,"
            " so Python computes a tensor and binds the name to it",
        )
    if plain and sign in _REFUSED:
        return _finding(
            rebind,
            Severity.ERROR,
            f"`{name} {sign}= …` raises: TensorFlow refuses it for a variable of one copy",
            f"RuntimeError: `{'variable' if sign in _METHODS else 'var'} {sign}= value` with"
            " `tf.Variable`s is not supported.",
        )
    return None


def _finding(rebind: Rebind, severity: Severity, message: str, explanation: str) -> Finding:
    name, sign = rebind.spelled, rebind.sign
    return Finding(
        code="VS208",
        name="rebinding-augmented-assignment",
        severity=severity,
        message=message,
        span=place(rebind),
        related=(created_here(rebind.variable),),
        explanation=explanation,
        remedy="write " + (f"{name}.{_METHODS[sign]}" if sign in _METHODS else f"{name}.assign(…)"),
        fix=_fix(rebind, severity),
    )


def _fix(rebind: Rebind, severity: Severity) -> Fix | None:
    if not isinstance(rebind.node, ast.AugAssign):
        return None
    unsafe = ""
    if severity is not Severity.ERROR or not rebind.context.in_cross_replica:
        unsafe = "the variable was not written here so far, and is from now on"
    if not rebind.context.in_cross_replica:
        unsafe += ", by every replica"
    return Fix(f"write `{rebind.spelled}` with a method", AugmentedToMethod(place(rebind)), unsafe)
