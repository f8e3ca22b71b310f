"""What cannot be bound to something else: properties, fields of tuples and frozen classes, items."""

from __future__ import annotations

import ast

from varsync_rules.evaluate.frames import Frame, Machine
from varsync_rules.values import Atom, Class, Container, Instance, Partial, Symbol

UNKNOWN = "?"
"""What binding does isn't known: a property with a setter, a class with `__setattr__`."""
_READ_ONLY = frozenset({"builtins.property", "abc.abstractproperty"})
_TUPLES = frozenset({"typing.NamedTuple", "typing_extensions.NamedTuple"})
_FIELD = "AttributeError: can't set attribute"


def refusals(machine: Machine, frame: Frame, target: ast.expr) -> set[str]:
    """What Python raises when the target is bound, for each of the objects that it may belong to.

    "" stands for nothing, UNKNOWN for what cannot be said.
    """
    if isinstance(target, ast.Attribute):
        holders = machine.evaluate(frame, target.value)
        return {_of_attribute(holder, target.attr) for holder in holders}
    if isinstance(target, ast.Subscript):
        holders = machine.evaluate(frame, target.value)
        return {_of_item(holder) for holder in holders}
    return {""}


def _of_attribute(holder: Atom, name: str) -> str:
    if isinstance(holder, Container):
        return _FIELD if holder.kind == "tuple" else ""
    if not isinstance(holder, Instance):
        return ""
    for ancestor in holder.cls.ancestry():
        if isinstance(ancestor, Symbol):
            return _FIELD if ancestor.name in _TUPLES else ""
        if "__setattr__" in ancestor.attributes:
            return UNKNOWN
        if _is_frozen(ancestor):
            return f"dataclasses.FrozenInstanceError: cannot assign to field '{name}'"
        found = ancestor.attributes.get(name)
        if found and all(_is_property(atom) for atom in found):
            if _has_setter(ancestor, name):
                return UNKNOWN
            return f"AttributeError: property '{name}' of '{holder.cls.name}' object has no setter"
    return ""


def _is_property(atom: Atom) -> bool:
    return (
        isinstance(atom, Partial)
        and isinstance(atom.target, Symbol)
        and atom.target.name in _READ_ONLY
    )


def _has_setter(cls: Class, name: str) -> bool:
    return any(
        isinstance(decorator, ast.Attribute) and decorator.attr == "setter"
        for statement in cls.node.body
        if isinstance(statement, ast.FunctionDef) and statement.name == name
        for decorator in statement.decorator_list
    )


def _is_frozen(cls: Class) -> bool:
    return any(
        keyword.arg == "frozen"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is True
        for decorator in cls.node.decorator_list
        if isinstance(decorator, ast.Call)
        for keyword in decorator.keywords
    )


def _of_item(holder: Atom) -> str:
    if isinstance(holder, Container) and holder.kind == "tuple":
        return "TypeError: 'tuple' object does not support item assignment"
    return ""
