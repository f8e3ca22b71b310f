"""Runs the code cells of a notebook as one script, as Jupyter runs them one after the other.

All cells share a namespace, and the value of an expression that ends a cell is shown. Magics are not
run: in the text of the cells they are calls, which count what they skip.
"""

from __future__ import annotations
import __future__

import ast
import io
import linecache
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

from varsync_runtime.events import Ignored, count, here
from varsync_runtime.events.sites import name_of_cell


@dataclass(frozen=True)
class Cell:
    """A code cell: its number, and its text as Python."""

    number: int
    text: str


@dataclass(frozen=True)
class Notebook:
    """The code cells of the notebook at an absolute path; they call `skipped` in place of magics."""

    path: str
    cells: Sequence[Cell]
    skipped: str

    @property
    def text(self) -> str:
        """The text of all cells."""
        return "".join(cell.text for cell in self.cells)

    def publish(self) -> None:
        """Makes the lines of the cells known to whoever looks for them, under the cells' names."""
        for cell in self.cells:
            name, lines = self._name(cell), cell.text.splitlines(keepends=True)
            # without a time of change an entry stays
            linecache.cache[name] = (len(cell.text), None, lines, name)

    def run(self, names: dict[str, Any]) -> None:
        """Runs the cells in a namespace."""
        names |= {"display": _display, "get_ipython": lambda: _SHELL, self.skipped: _skip}
        flags = 0
        for cell in self.cells:
            codes = list(_compiled(cell.text, self._name(cell), flags))
            for code in codes:
                flags |= code.co_flags & _FUTURES
                exec(code, names)

    def _name(self, cell: Cell) -> str:
        return name_of_cell(self.path, cell.number)


_FUTURES = 0
for _name in __future__.all_feature_names:
    _FUTURES |= getattr(__future__, _name).compiler_flag


def _compiled(text: str, name: str, flags: int) -> Iterator[CodeType]:
    """The statements of a cell, each for itself: after a magic there may be a `__future__` import."""
    tree = compile(text, name, "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
    for at, node in enumerate(tree.body, 1):
        shown = at == len(tree.body) and isinstance(node, ast.Expr) and not _is_quiet(text)
        part = ast.Interactive([node]) if shown else ast.Module([node], [])
        try:
            code = compile(part, name, "single" if shown else "exec", flags, dont_inherit=True)
        except SyntaxError as error:
            error.text = linecache.getline(name, error.lineno or 0)
            raise
        flags |= code.co_flags & _FUTURES
        yield code


def _is_quiet(text: str) -> bool:
    """Whether a cell ends with a semicolon, which asks for its value not to be shown."""
    last = ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.string.strip() and token.type != tokenize.COMMENT:
            last = token.string
    return last == ";"


def _display(*objects: object, **_: object) -> None:
    """IPython's `display`, where there is nothing but text."""
    for one in objects:
        print(repr(one))


def _skip(magic: str) -> None:
    """Counts a magic that is not run."""
    count(Ignored, magic, here())


class InteractiveShell:
    """What `get_ipython()` gives: its magics and commands are skipped, too."""

    def run_line_magic(self, name: str, line: str, *_: object) -> None:
        """`%name line`."""
        _skip(f"%{name} {line}".rstrip())

    def run_cell_magic(self, name: str, line: str, *_: object) -> None:
        """`%%name line`."""
        _skip(f"%%{name} {line}".rstrip())

    def magic(self, line: str) -> None:
        """`%line`."""
        _skip(f"%{line}")

    def system(self, command: str) -> None:
        """`!command`."""
        _skip(f"!{command}")

    def getoutput(self, command: str, *_: object, **__: object) -> list[str]:
        """`!command` for the lines that it prints."""
        _skip(f"!{command}")
        return []


_SHELL = InteractiveShell()
