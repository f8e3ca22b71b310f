"""Where a function, or a module, binds its names: statements, what they bind, and who uses it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TypeAlias

Body: TypeAlias = list[ast.stmt]
Owner: TypeAlias = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef
Path: TypeAlias = tuple[tuple[Body, int], ...]
"""From the outermost list of statements inwards: in which list, and at which place in it."""

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_NESTED = (*_SCOPES, ast.Lambda)


def bodies(statement: ast.AST) -> Iterator[Body]:
    """The lists of statements that stand in a statement; those of a definition are not its own."""
    if isinstance(statement, _SCOPES):
        return
    for name in ("body", "orelse", "finalbody"):
        held = getattr(statement, name, None)
        if isinstance(held, list) and held:
            yield held
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield part.body


def path_to(body: Body, node: ast.AST) -> Path | None:
    """The innermost statement that a node stands in, of those that run with this list."""
    for index, statement in enumerate(body):
        if isinstance(statement, _SCOPES):
            continue
        for inner in bodies(statement):
            found = path_to(inner, node)
            if found is not None:
                return ((body, index), *found)
        if any(held is node for held in own_nodes(statement)):
            return ((body, index),)
    return None


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what stands in it, but for what functions and classes in it do."""
    yield node
    if not isinstance(node, _NESTED):
        for child in ast.iter_child_nodes(node):
            yield from own_nodes(child)


def bound_in(node: ast.AST) -> Iterator[str]:
    """The names and attributes that a statement, or one within it, binds: `v`, `self.v`."""
    for held in own_nodes(node):
        if isinstance(held, ast.Name) and not isinstance(held.ctx, ast.Load):
            yield held.id
        elif isinstance(held, ast.Attribute) and not isinstance(held.ctx, ast.Load):
            yield ast.unparse(held)
        elif isinstance(held, ast.alias):
            yield held.asname or held.name.partition(".")[0]
        elif isinstance(held, ast.MatchMapping):
            yield held.rest or ""
        elif isinstance(held, (*_SCOPES, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            yield held.name or ""


def parameters(owner: Owner) -> frozenset[str]:
    """The names that a function's callers bind."""
    if isinstance(owner, ast.Module):
        return frozenset()
    given = owner.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    return frozenset(one.arg for one in every if one is not None)


def binds(statement: ast.stmt, name: str) -> bool:
    """Whether a name is bound for certain once a statement is done."""
    if isinstance(statement, ast.If):
        return all(_any_binds(body, name) for body in (statement.body, statement.orelse))
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return _any_binds(statement.body, name)
    if isinstance(statement, ast.Try):
        tried = [*statement.body, *statement.orelse]
        handled = all(_any_binds(handler.body, name) for handler in statement.handlers)
        return _any_binds(statement.finalbody, name) or (handled and _any_binds(tried, name))
    return name in bound_in(statement) and not any(bodies(statement))


def _any_binds(body: Sequence[ast.stmt], name: str) -> bool:
    return any(binds(statement, name) for statement in body)


def reads(node: ast.AST, name: str) -> list[ast.Name]:
    """Where a name is read in a node, also by the functions in it."""
    return [
        held
        for held in ast.walk(node)
        if isinstance(held, ast.Name) and held.id == name and isinstance(held.ctx, ast.Load)
    ]


def only_source(owner: Owner, use: ast.Name) -> tuple[ast.Assign, Body] | None:
    """The assignment whose value comes to this use of a local name, and to no other one.

    The list of statements that it stands in comes with it. None where that isn't known.
    """
    if isinstance(owner, ast.Module):
        return None  # whoever imports the module may read its names
    path = path_to(owner.body, use)
    if path is None:
        return None
    for body, index in reversed(path):
        for statement in reversed(body[:index]):
            if use.id in bound_in(statement):
                if isinstance(statement, ast.Assign) and _serves_only(owner, statement, use):
                    return statement, body
                return None
    return None


def _serves_only(owner: Owner, source: ast.Assign, use: ast.Name) -> bool:
    name = use.id
    if len(source.targets) != 1 or not isinstance(source.targets[0], ast.Name):
        return False
    for held in ast.walk(owner):
        if isinstance(held, (ast.Global, ast.Nonlocal)) and name in held.names:
            return False
        if isinstance(held, _NESTED) and held is not owner and reads(held, name):
            return False
        # a later turn of a loop may read what an earlier one left
        if isinstance(held, (ast.For, ast.AsyncFor, ast.While)) and source in ast.walk(held):
            early = [one for one in reads(held, name) if _position(one) < _position(source)]
            if early:
                return False
    between = [
        held
        for held in ast.walk(owner)
        if isinstance(held, ast.Name)
        and held.id == name
        and _end(source) <= _position(held)
        and held is not use
    ]
    return not between


def _position(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _end(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0)
