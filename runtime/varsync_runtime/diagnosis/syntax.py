"""What a source file has on a line: of a long file, only what spans the line is looked at."""

from __future__ import annotations

import ast
import functools
import linecache
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator


class File:
    """The syntax of a file; empty where it can't be read or is not Python."""

    def __init__(self, filename: str) -> None:
        try:
            tree = ast.parse("".join(linecache.getlines(filename)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            tree = ast.Module(body=[], type_ignores=[])
        self._tree = tree
        self._starts = [_first(statement) for statement in tree.body]

    def at(self, line: int) -> Iterator[ast.AST]:
        """The nodes that span a line, the outer ones first, and those without lines in them."""
        number = bisect_right(self._starts, line)
        statements: list[ast.AST] = []
        while number and (self._tree.body[number - 1].end_lineno or 0) >= line:
            number -= 1
            statements.append(self._tree.body[number])
        return _spanning(statements[::-1], line)

    @functools.cached_property
    def given(self) -> dict[str, list[ast.expr]]:
        """What is assigned to each name that is bound by nothing but plain assignments."""
        values: dict[str, list[ast.expr]] = {}
        bound: dict[str, int] = {}
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Assign):
                for name in {one.id for one in node.targets if isinstance(one, ast.Name)}:
                    values.setdefault(name, []).append(node.value)
            elif isinstance(node, ast.arg):
                bound[node.arg] = bound.get(node.arg, 0) + 1
            elif isinstance(node, ast.alias):
                name = node.asname or node.name
                bound[name] = bound.get(name, 0) + 1
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                bound[node.id] = bound.get(node.id, 0) + 1
        return {name: those for name, those in values.items() if len(those) == bound[name]}


@functools.cache
def file(filename: str) -> File:
    """The syntax of a file, read once."""
    return File(filename)


def within(node: ast.AST, line: int) -> Iterator[ast.AST]:
    """Those of `File.at` that are in a node, the node itself first."""
    return _spanning([node], line)


def _spanning(nodes: list[ast.AST], line: int) -> Iterator[ast.AST]:
    left = deque(nodes)
    while left:
        node = left.popleft()
        yield node
        left.extend(child for child in ast.iter_child_nodes(node) if _spans(child, line))


def _spans(node: ast.AST, line: int) -> bool:
    last = getattr(node, "end_lineno", None)
    return last is None or _first(node) <= line <= last


def _first(node: ast.AST) -> int:
    """The first line of a node, that of its first decorator if it has one."""
    decorators = getattr(node, "decorator_list", ())
    return min(int(one.lineno) for one in (*decorators, node))
