"""How each change is written: one function a change, found by its type."""

from __future__ import annotations

import re
from functools import singledispatch

import libcst as cst

from varsync_rules.changes import (
    AssignToIncrement,
    AugmentedToMethod,
    CallToArgument,
    Change,
    DropKeyword,
    DropStatement,
    EnterScope,
    IncrementToAssign,
    Respell,
    SetKeyword,
)
from varsync_rules.fixes.edits import CannotFix, Edit
from varsync_rules.fixes.statements import dropped, entered
from varsync_rules.fixes.tree import Tree

_INCREMENTS: dict[type[cst.CSTNode], str] = {
    cst.AddAssign: "assign_add",
    cst.SubtractAssign: "assign_sub",
    cst.Add: "assign_add",
    cst.Subtract: "assign_sub",
}
_SIGNS = {"assign_add": "+", "assign_sub": "-"}
# what an operator binds looser than
_ATOMS = (
    cst.Name,
    cst.Attribute,
    cst.Call,
    cst.Subscript,
    cst.BaseNumber,
    cst.List,
    cst.Dict,
)
# what stands between an operator and its operand
_LEADING = re.compile(r"^(?:\s|\\\n)+")
# what is one argument only in parentheses
_BARE = (cst.Tuple, cst.Yield, cst.GeneratorExp, cst.NamedExpr)


@singledispatch
def write(change: Change, tree: Tree) -> Edit:
    """The replacement that a change asks for; raises CannotFix."""
    raise NotImplementedError(type(change).__name__)


@write.register
def _(change: SetKeyword, tree: Tree) -> Edit:
    call = tree.root(cst.Call)
    argument = _keyword(call, change.keyword)
    if argument is not None:
        value = argument.value
        return tree.replace(tree.start(value), tree.end(value), change.value)
    new = f"{change.keyword}={change.value}"
    if not call.args:
        end = tree.end(call) - 1
        return tree.replace(end, end, new)
    last = call.args[-1]
    if last.star == "**" or isinstance(last.value, cst.GeneratorExp):
        raise CannotFix("the call's last argument is not one to follow")
    at = tree.end(last)
    line = tree.text[tree.text.rfind("\n", 0, tree.start(last)) + 1 : tree.start(last)]
    apart = f",\n{line}" if not line.strip() and len(call.args) > 1 else ", "
    return tree.replace(at, at, apart + new)


@write.register
def _(change: DropKeyword, tree: Tree) -> Edit:
    call = tree.root(cst.Call)
    argument = _keyword(call, change.keyword)
    if argument is None:
        raise CannotFix(f"the call has no argument {change.keyword}")
    index = call.args.index(argument)
    if index + 1 < len(call.args):
        return tree.replace(tree.start(argument), tree.start(call.args[index + 1]), "")
    start = tree.end(call.args[index - 1]) if index else tree.start(argument)
    return tree.replace(start, tree.end(argument), "")


@write.register
def _(change: AugmentedToMethod, tree: Tree) -> Edit:
    statement = tree.root(cst.AugAssign)
    target = tree.text_of(statement.target)
    value = _LEADING.sub("", tree.text[tree.end(statement.operator) : tree.end(statement)])
    method = _INCREMENTS.get(type(statement.operator))
    if method is None:
        sign = tree.text_of(statement.operator).removesuffix("=")
        value = f"{target} {sign} {_operand(statement.value, value)}"
        method = "assign"
    elif isinstance(statement.value, _BARE):
        value = value if statement.value.lpar else f"({value})"
    elif len(statement.value.lpar) == 1:
        value = value[1:-1].strip()
    return tree.replace(tree.start(statement), tree.end(statement), f"{target}.{method}({value})")


@write.register
def _(change: AssignToIncrement, tree: Tree) -> Edit:
    call = tree.root(cst.Call)
    name = _method(call)
    value = call.args[0].value
    if not isinstance(value, cst.BinaryOperation):
        raise CannotFix("what is assigned is no sum")
    method = _INCREMENTS.get(type(value.operator))
    if method is None:
        raise CannotFix("what is assigned is no sum")
    given = _LEADING.sub("", tree.text[tree.end(value.operator) : tree.end(value)])
    if len(value.right.lpar) == 1 and not isinstance(value.right, _BARE):
        given = given[1:-1].strip()
    between = tree.text[tree.end(name) : tree.start(call.args[0])]
    end = tree.end(call.args[0])
    return tree.replace(tree.start(name), end, f"{method}{between}{given}")


@write.register
def _(change: IncrementToAssign, tree: Tree) -> Edit:
    call = tree.root(cst.Call)
    name = _method(call)
    sign = _SIGNS.get(name.value)
    if sign is None or not isinstance(call.func, cst.Attribute):
        raise CannotFix("this is no increment")
    given = _given(call, 0, "value")
    variable = tree.text[tree.start(call) : tree.end(call.func.value)]
    value = f"{variable} {sign} {_operand(given.value, tree.whole(given.value))}"
    if given is not call.args[0]:
        value = f"value={value}"
    between = tree.text[tree.end(name) : tree.start(given)]
    return tree.replace(tree.start(name), tree.end(given), f"assign{between}{value}")


@write.register
def _(change: CallToArgument, tree: Tree) -> Edit:
    call = tree.root(cst.Call)
    argument = _given(call, change.position, change.keyword)
    value = _operand(argument.value, tree.whole(argument.value))
    return tree.replace(tree.start(call), tree.end(call), value)


@write.register
def _(change: DropStatement, tree: Tree) -> Edit:
    return dropped(tree, change.span)


@write.register
def _(change: Respell, tree: Tree) -> Edit:
    value = tree.root(cst.BaseExpression)  # type: ignore[type-abstract]
    return tree.replace(tree.start(value), tree.end(value), change.value)


@write.register
def _(change: EnterScope, tree: Tree) -> Edit:
    return entered(change, tree)


def _given(call: cst.Call, position: int, keyword: str) -> cst.Arg:
    """The argument at a position or under a name; raises CannotFix."""
    argument = _keyword(call, keyword)
    before = call.args[: position + 1]
    if argument is not None:
        return argument
    # a star before it may stand for any number of arguments
    if len(before) <= position or any(one.keyword is not None or one.star for one in before):
        raise CannotFix(f"the call has no argument {keyword}")
    return before[position]


def _keyword(call: cst.Call, keyword: str) -> cst.Arg | None:
    for argument in call.args:
        if argument.keyword is not None and argument.keyword.value == keyword:
            return argument
    return None


def _method(call: cst.Call) -> cst.Name:
    """The name of the method that is called, with an argument at least."""
    if not isinstance(call.func, cst.Attribute) or not call.args:
        raise CannotFix("this is no method of a variable")
    return call.func.attr


def _operand(node: cst.BaseExpression, text: str) -> str:
    """The text of an expression as an operand."""
    return text if isinstance(node, _ATOMS) or node.lpar else f"({text})"
