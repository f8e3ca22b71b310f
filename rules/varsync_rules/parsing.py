"""Python's parser, whatever it is given: a tree, or one reason why there is none."""

from __future__ import annotations

import ast
import symtable
import warnings

# The parser takes 250 times a text's size; no one writes this much in one file.
LARGEST = 4_000_000


class SyntaxProblem(Exception):
    """Text that Python can't parse: `line` and `column` (in characters) are 1-based."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column


def parse(text: str) -> ast.Module:
    """The tree of a text; raises SyntaxProblem, whatever is wrong with it."""
    if len(text) > LARGEST:
        size = len(text) / 1e6
        raise SyntaxProblem(f"too large to be parsed ({size:.0f} MB of {LARGEST / 1e6:.0f})")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        line, column = max(error.lineno or 1, 1), max(error.offset or 1, 1)
        raise SyntaxProblem(error.msg, line, column) from None
    except (RecursionError, MemoryError):
        raise SyntaxProblem("nested too deeply to be parsed") from None
    except ValueError as error:
        raise SyntaxProblem(str(error)) from None


def problem_of(text: str) -> SyntaxProblem | None:
    """What keeps Python from parsing a text; no tree is made, which takes a third less time."""
    if len(text) <= LARGEST:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                symtable.symtable(text, "<unknown>", "exec")
        except (SyntaxError, RecursionError, MemoryError, ValueError):
            # some of what it refuses can be parsed: `nonlocal` in a module's body
            pass
        else:
            return None
    try:
        parse(text)
    except SyntaxProblem as problem:
        return problem
    return None
