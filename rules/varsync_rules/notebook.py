"""Jupyter notebooks: the code cells of the JSON, and the Python that is in a cell.

What IPython adds to Python (`%magic`, `!command`, `name?`, `%%cell` magics) is replaced line for
line, so that positions in the Python text are positions in the cell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


class NotANotebookError(ValueError):
    """The data is not a notebook's JSON; `str()` of it says why."""


class NotPythonError(ValueError):
    """The notebook's code is in another language; `str()` of it says so."""


@dataclass(frozen=True, slots=True)
class CodeCell:
    """A code cell: its number as the notebook shows it (all cells count, from 1) and its text."""

    number: int
    text: str


def code_cells(data: bytes) -> tuple[CodeCell, ...]:
    """The Python cells of a notebook (nbformat 3 or 4).

    Raises NotANotebookError, and NotPythonError when its language is another one.
    """
    try:
        notebook = json.loads(data)
    except RecursionError:
        raise NotANotebookError("its JSON is nested too deeply") from None
    except ValueError as error:
        reason = str(error).partition(":")[0].lower()
        raise NotANotebookError(f"not a notebook's JSON: {reason}") from None
    if not isinstance(notebook, dict):
        raise NotANotebookError("not a notebook's JSON: the top level is no object")
    language = _language(notebook.get("metadata"))
    if language.lower() not in ("python", "ipython"):
        raise NotPythonError(f"its language is {language}, not Python")
    found = []
    for number, cell in enumerate(_cells(notebook), start=1):
        if not isinstance(cell, dict):
            raise NotANotebookError(f"not a notebook's JSON: cell {number} is no object")
        kind = cell.get("cell_type")
        if not isinstance(kind, str):
            raise NotANotebookError(
                f"not a notebook's JSON: the cell_type of cell {number} is no text"
            )
        if kind == "code":
            found.append(CodeCell(number, _text(cell, number)))
    return tuple(found)


def _language(metadata: Any) -> str:
    """The language that a notebook's metadata names, Python where it names none."""
    if isinstance(metadata, dict):
        for key, attribute in (("language_info", "name"), ("kernelspec", "language")):
            entry = metadata.get(key)
            if isinstance(entry, dict) and isinstance(entry.get(attribute), str):
                return str(entry[attribute])
    return "Python"


def _cells(notebook: dict[str, Any]) -> list[Any]:
    """The cells, of all worksheets where there are any (nbformat 3)."""
    if "cells" in notebook:
        return _list_of(notebook, "cells", "its")
    if "worksheets" not in notebook:
        raise NotANotebookError("not a notebook's JSON: it has no cells")
    found = []
    for number, sheet in enumerate(_list_of(notebook, "worksheets", "its"), start=1):
        if not isinstance(sheet, dict):
            raise NotANotebookError(f"not a notebook's JSON: worksheet {number} is no object")
        found.extend(_list_of(sheet, "cells", f"worksheet {number}'s"))
    return found


def _list_of(holder: dict[str, Any], key: str, whose: str) -> list[Any]:
    value = holder.get(key)
    if not isinstance(value, list):
        raise NotANotebookError(f"not a notebook's JSON: {whose} {key} are no list")
    return value


def _text(cell: dict[str, Any], number: int) -> str:
    """The text of a code cell, which may be written as a list of lines."""
    key = "source" if "source" in cell or "input" not in cell else "input"
    source = cell.get(key)
    given = source if isinstance(source, list) else [source]
    lines = [line for line in given if isinstance(line, str)]
    if len(lines) < len(given):
        raise NotANotebookError(f"not a notebook's JSON: the {key} of cell {number} is no text")
    return "".join(lines).replace("\r\n", "\n").replace("\r", "\n")


SKIPPED = "__ipython__"
"""The function that Python text calls, with a magic's first line, where IPython has the magic."""

_ANY = re.compile(r"^[ \t]*[%!?,;/]|\?[ \t]*$|=[ \t]*[%!]", re.MULTILINE)
_RUNS_PYTHON = frozenset(("capture", "debug", "prun", "time", "timeit"))
_CELL_MAGIC = re.compile(r"\s*%%[ \t]*(\w*)")
_LINE_MAGIC = re.compile(r"([ \t]*)[%!?,;/](?:\\\n|[^\n])*")
_ASSIGNED_MAGIC = re.compile(r"([ \t]*[^\W\d][\w., \t\[\]]*=[ \t]*)([%!](?:\\\n|[^\n])*)")
_TIMED = re.compile(
    r"(?:(?P<target>[ \t]*[^\W\d][\w., \t\[\]]*=[ \t]*)|(?P<indent>[ \t]*))"
    r"%time[ \t]+(?=[^\s\\%!])"
)
_LEXEME = re.compile(
    r'"""(?:\\.|[^\\])*?"""'
    r"|'''(?:\\.|[^\\])*?'''"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])*'"
    r"|#[^\n]*|\\\n|[^\W\d]\w*|[ \t]+|.",
    re.DOTALL,
)


def python_of(text: str) -> str:
    """A cell's text with what only IPython understands replaced; the lines stay the same.

    A magic becomes a call of SKIPPED, and what it gives an empty list. What `%time`, and magics of
    whole cells like it, are given to run stays where it stands.
    """
    if not _ANY.search(text):
        return text
    magic = _CELL_MAGIC.match(text)
    if magic is not None:
        end = text.find("\n", magic.end())
        head, rest = (text, "") if end < 0 else (text[:end], text[end:])
        body = python_of(rest) if magic[1] in _RUNS_PYTHON else "\n" * rest.count("\n")
        return "\n" * head.count("\n") + _skipped(head) + body
    return "".join(_statements(text))


def _skipped(magic: str) -> str:
    """What stands for a magic, without the ends of its lines."""
    line = magic.strip().partition("\n")[0].rstrip("\\ ")
    return f"{SKIPPED}({line!r})"


def _statements(text: str) -> Iterator[str]:
    """The logical lines of a cell, those of IPython as calls of SKIPPED."""
    position = 0
    while position < len(text):
        timed = _TIMED.match(text, position)
        magic = assigned = None
        if timed is not None:
            # as many columns as before
            before = timed["target"] or f"{timed['indent']}pass;"
            yield before + " " * (timed.end() - position - len(before))
            position = timed.end()
        else:
            magic = _LINE_MAGIC.match(text, position)
            assigned = None if magic else _ASSIGNED_MAGIC.match(text, position)
        if magic is not None:
            end = magic.end()
            yield magic[1] + _skipped(magic[0]) + "\n" * magic[0].count("\n")
        elif assigned is not None:
            end = assigned.end()
            yield f"{assigned[1]}{_skipped(assigned[2])} or []" + "\n" * assigned[0].count("\n")
        else:
            end, last = _logical_line(text, position)
            line = text[position:end]
            if last == "?":
                indent = line[: len(line) - len(line.lstrip(" \t"))]
                line = indent + _skipped(line) + "\n" * line.count("\n")
            yield line
        if end < len(text):
            yield "\n"
        position = end + 1


def _logical_line(text: str, position: int) -> tuple[int, str]:
    """Where the logical line that starts at a position ends, and its last significant lexeme."""
    depth = 0
    last = ""
    for match in _LEXEME.finditer(text, position):
        lexeme = match[0]
        if lexeme == "\n":
            if depth <= 0:
                return match.start(), last
        elif lexeme in "([{":
            depth += 1
        elif lexeme in ")]}":
            depth -= 1
        if not lexeme.isspace() and lexeme[0] not in "#\\":
            last = lexeme
    return len(text), last
