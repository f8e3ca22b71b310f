"""Notebooks of the programs that are divided into cells, as tutorials are.

In a script a cell begins with a line `# %%`, a cell of text with `# %% [markdown]`; what stands before
the first one is text. Magics are comments in the script and lines of their own in the notebook:
`# %pip install x`, `# %%time`, `# !ls`, `# x?`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .table import Program

_CELL = re.compile(r"^# %%(?P<text> \[markdown\])?\n", re.MULTILINE)
_MAGIC = re.compile(r"^# (?=[%!]|\S+\?$)", re.MULTILINE)
_COMMENT = re.compile(r"^# ?", re.MULTILINE)


def has_cells(program: Program) -> bool:
    """Whether a program is divided into cells."""
    return _CELL.search(program.path.read_text(encoding="utf-8")) is not None


def write(program: Program, folder: Path) -> Path:
    """Writes a program as a notebook into a folder; the notebook."""
    notebook = {
        "cells": list(_cells(program.path.read_text(encoding="utf-8"))),
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    file = folder / f"{program.name}.ipynb"
    file.write_text(json.dumps(notebook, indent=1), encoding="utf-8")
    return file


def _cells(source: str) -> Iterator[dict[str, Any]]:
    marks = list(_CELL.finditer(source))
    yield _cell("markdown", source[: marks[0].start()])
    for at, mark in enumerate(marks, 1):
        text = source[mark.end() : marks[at].start() if at < len(marks) else None]
        if mark["text"]:
            yield _cell("markdown", _COMMENT.sub("", text))
        else:
            yield _cell("code", _MAGIC.sub("", text))


def _cell(kind: str, text: str) -> dict[str, Any]:
    of_code: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    source = text.strip("\n").splitlines(keepends=True)
    return {"cell_type": kind, "metadata": {}, "source": source, **of_code}
