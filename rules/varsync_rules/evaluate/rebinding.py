"""`v += x` where v is a variable: what becomes of the name."""

from __future__ import annotations

import ast

from varsync_rules.evaluate import fixed
from varsync_rules.evaluate.frames import Frame, Machine
from varsync_rules.program import Rebind, expression
from varsync_rules.values import Data, Value, variables, without_none

_SIGNS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.MatMult: "@",
}


def rebind(machine: Machine, frame: Frame, node: ast.AugAssign, held: Value) -> None:
    """Record that the target, which held a variable, is bound to a tensor."""
    held = without_none(held)
    found = variables(held)
    if not found or any(not isinstance(atom, Data) for atom in held if atom not in found):
        return
    name = node.target.id if isinstance(node.target, ast.Name) else ""
    refusals = fixed.refusals(machine, frame, node.target)
    refused = refusals.pop() if len(refusals) == 1 else fixed.UNKNOWN
    for variable in found:
        machine.record(
            Rebind,
            frame,
            node,
            variable,
            variable=variable,
            spelled=expression(frame.module, node.target),
            sign=_SIGNS.get(type(node.op), ""),
            unbound=bool(name) and _is_unbound(frame, name),
            is_own_name=not name or _is_own(frame, name) or variable.frame is frame,
            used_further=bool(name) and _is_used_further(frame, name, node),
            refused=refused,
        )


def _is_own(frame: Frame, name: str) -> bool:
    """Whether a name is the program's for the variable, and not a local one that was given it."""
    if frame.function is None:
        return any(variable.name == name for variable in variables(frame.env.get(name, ())))
    return name in frame.global_names or name in frame.nonlocal_names


def _is_unbound(frame: Frame, name: str) -> bool:
    """Whether Python takes the name for a local one that has no value yet."""
    return (
        frame.function is not None
        and name not in frame.env
        and name not in frame.global_names
        and name not in frame.nonlocal_names
    )


def _is_used_further(frame: Frame, name: str, node: ast.AugAssign) -> bool:
    """Whether the name is read behind the statement, or before it in a loop around both."""
    body: ast.AST = frame.module.tree if frame.function is None else frame.function.node
    loops = [
        loop
        for loop in ast.walk(body)
        if isinstance(loop, (ast.For, ast.While)) and _holds(loop, node)
    ]
    for loop in loops:
        target = loop.target if isinstance(loop, ast.For) else None
        if target is not None and any(_names(item, name, ast.Store) for item in ast.walk(target)):
            loops = []
            break
    places = [body, *loops]
    behind = (node.end_lineno or node.lineno, node.end_col_offset or 0)
    for place in places:
        for item in ast.walk(place):
            if _names(item, name, ast.Load) and isinstance(item, ast.Name):
                at = (item.lineno, item.col_offset)
                if at >= behind or (place is not body and not _holds(node, item)):
                    return True
    return False


def _names(item: ast.AST, name: str, context: type[ast.expr_context]) -> bool:
    return isinstance(item, ast.Name) and item.id == name and isinstance(item.ctx, context)


def _holds(outer: ast.stmt, inner: ast.stmt | ast.expr) -> bool:
    start, end = (
        (outer.lineno, outer.col_offset),
        (outer.end_lineno or 0, outer.end_col_offset or 0),
    )
    return start <= (inner.lineno, inner.col_offset) < end
