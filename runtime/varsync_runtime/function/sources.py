"""The syntax of the code that a frame runs: which statement asks, and what depends on it."""

from __future__ import annotations

import ast
import functools
import linecache
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any


@dataclass(frozen=True)
class Span:
    """A piece of a file: from `start` up to `end`, each (line, column in bytes).

    A column below 0 says that only the line is known.
    """

    start: tuple[int, int]
    end: tuple[int, int]

    def __contains__(self, other: Span) -> bool:
        if other.start[1] < 0:
            return self.start[0] <= other.start[0] <= self.end[0]
        return self.start <= other.start and other.end <= self.end


def span(node: ast.AST) -> Span:
    """Where a node stands."""
    return Span(
        (node.lineno, node.col_offset),  # type: ignore[attr-defined]
        (node.end_lineno, node.end_col_offset),  # type: ignore[attr-defined]
    )


def position(frame: FrameType) -> Span:
    """Where the instruction stands that a frame runs; before Python 3.11 its whole line."""
    if sys.version_info >= (3, 11):
        where = _positions(frame.f_code)[frame.f_lasti // 2]
        if None not in where:
            line, end_line, column, end_column = where
            return Span((line, column), (end_line, end_column))  # type: ignore[arg-type]
    return Span((frame.f_lineno, -1), (frame.f_lineno, -1))


@functools.lru_cache(maxsize=256)
def _positions(code: CodeType) -> list[tuple[int | None, int | None, int | None, int | None]]:
    positions: Any = getattr(code, "co_positions", tuple)
    return list(positions())


class Source:
    """The syntax tree of a file, with each node's parent."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.parents: dict[ast.AST, ast.AST] = {}
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node

    def at(self, where: Span) -> ast.AST | None:
        """The innermost node that holds this place."""
        found: ast.AST | None = None
        node: ast.AST | None = self.tree
        while node is not None:
            inner = None
            for child in ast.iter_child_nodes(node):
                if hasattr(child, "lineno"):
                    if where in span(child):
                        inner = child
                elif isinstance(child, _PLACELESS) and any(
                    where in span(part) for part in _placed(child)
                ):
                    inner = child
                if inner is not None:
                    break
            if inner is None:
                break
            found = node = inner
        return found

    def up(self, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        """The pairs (child, parent) from a node upwards."""
        while node in self.parents:
            parent = self.parents[node]
            yield node, parent
            node = parent

    def function_of(self, node: ast.AST) -> ast.AST | None:
        """The function or lambda in which a node stands."""
        for _, parent in self.up(node):
            if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                return parent
        return None


# nodes without a place of their own
_PLACELESS = (ast.comprehension, ast.arguments, ast.withitem)


def _placed(node: ast.AST) -> Iterator[ast.AST]:
    return (child for child in ast.walk(node) if hasattr(child, "lineno"))


def read(filename: str) -> Source | None:
    """The syntax of a file as Python sees it; None if there is no source."""
    lines = linecache.getlines(filename)
    return _parse("".join(lines)) if lines else None


@functools.lru_cache(maxsize=64)
def _parse(text: str) -> Source | None:
    try:
        return Source(ast.parse(text))
    except (SyntaxError, ValueError):
        return None


def within(statements: list[ast.stmt], kinds: tuple[type[ast.AST], ...]) -> bool:
    """Whether one of these nodes stands in the statements, not counting inner functions.

    `break` and `continue` count if they leave the statements.
    """
    for statement in statements:
        if isinstance(statement, kinds):
            return True
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        inner = kinds
        if isinstance(statement, (ast.For, ast.While, ast.AsyncFor)):
            inner = tuple(kind for kind in kinds if kind not in (ast.Break, ast.Continue))
        if any(within(block, inner) for block in blocks(statement)):
            return True
    return False


def blocks(statement: ast.AST) -> Iterator[list[ast.stmt]]:
    """The lists of statements in a statement."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(statement, name, None)
        if isinstance(block, list) and block:
            yield block
    for handler in getattr(statement, "handlers", ()):
        yield handler.body
    for case in getattr(statement, "cases", ()):
        yield case.body
