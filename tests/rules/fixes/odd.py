"""Ways to write a program oddly: what it means stays, the way it is spelled and stored does not."""

from __future__ import annotations

import ast
import json
import random
import re
from collections.abc import Callable

TextChange = Callable[[str, random.Random], str]

_LETTERS = "é漢😀"


def sound(text: str, change: TextChange, rng: random.Random) -> str:
    """The text with a change, or as it is where that would be no Python any more."""
    changed = change(text, rng)
    try:
        ast.parse(changed)
    except (SyntaxError, ValueError):
        return text
    return changed


def _simple(text: str) -> list[ast.stmt]:
    """The statements without a block, which have their lines to themselves."""
    kinds = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return)
    lines = text.split("\n")
    return [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, kinds)
        and not lines[node.lineno - 1].encode()[: node.col_offset].strip()
        and not isinstance(getattr(node, "value", None), ast.Constant)
    ]


def offset(text: str, line: int, column: int) -> int:
    """Where a position of `ast` is in the text."""
    lines = text.split("\n")
    before = sum(len(one) + 1 for one in lines[: line - 1])
    return before + len(lines[line - 1].encode()[:column].decode())


def insert(text: str, places: list[tuple[int, str]]) -> str:
    """The text with others put into it."""
    for at, new in sorted(places, reverse=True):
        text = text[:at] + new + text[at:]
    return text


def _some(things: list[ast.stmt], rng: random.Random) -> list[ast.stmt]:
    return [one for one in things if rng.random() < 0.7]


def text_before(text: str, rng: random.Random) -> str:
    """`x = 1` becomes `"é"; x = 1`."""
    places = [
        (offset(text, one.lineno, one.col_offset), f'"{_LETTERS}"; ')
        for one in _some(_simple(text), rng)
        if rng.random() < 0.6
    ]
    return insert(text, places)


def statement_behind(text: str, rng: random.Random) -> str:
    """`x = 1` becomes `x = 1; pass`."""
    places = [
        (offset(text, one.end_lineno or 1, one.end_col_offset or 0), "; pass")
        for one in _some(_simple(text), rng)
        if rng.random() < 0.6
    ]
    return insert(text, places)


def parentheses(text: str, rng: random.Random) -> str:
    """`x = f(y)` becomes `x = ((f((y))))`."""
    places = []
    for one in _some(_simple(text), rng):
        held = [getattr(one, "value", None)]
        if isinstance(held[0], ast.Call):
            held += held[0].args
        for node in held:
            if isinstance(node, ast.expr) and not isinstance(node, (ast.Starred, ast.GeneratorExp)):
                places.append((offset(text, node.lineno, node.col_offset), "("))
                end = offset(text, node.end_lineno or 1, node.end_col_offset or 0)
                places.append((end, ")"))
    return insert(text, places)


def comments(text: str, rng: random.Random) -> str:
    """`f(x, y)` becomes `f(  # é` and `x, y)` on a line of its own."""
    places = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and node.args and rng.random() < 0.6:
            first = node.args[0]
            if not isinstance(first, (ast.Starred, ast.GeneratorExp)):
                at = offset(text, first.lineno, first.col_offset)
                if text[at - 1 : at] == "(":
                    places.append((at, f"  # {_LETTERS}\n        "))
    return insert(text, places)


def arguments_on_lines(text: str, rng: random.Random) -> str:
    """`f(x, y)` becomes a call with a line for each argument, with a comma at the end or none."""
    places = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or rng.random() < 0.4:
            continue
        held: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        if len(held) > 1:
            for one in held:
                places.append((offset(text, one.lineno, one.col_offset), "\n            "))
            if rng.random() < 0.5:
                end = offset(text, node.end_lineno or 1, node.end_col_offset or 0)
                places.append((end - 1, ",  # é\n        "))
    return insert(text, places)


def backslashes(text: str, rng: random.Random) -> str:
    """`x = f(y)` becomes `x = \\` and the rest on the next line."""
    lines = text.split("\n")
    for one in _some(_simple(text), rng):
        value = getattr(one, "value", None)
        if isinstance(value, ast.expr) and value.lineno == one.lineno and one.lineno <= len(lines):
            line = lines[one.lineno - 1]
            lines[one.lineno - 1] = re.sub(r" (\+?-?=) ", r" \1 \\\n            ", line, count=1)
    return "\n".join(lines)


def tabs(text: str, rng: random.Random) -> str:
    """Indented with tabs."""
    return re.sub(r"^(?: {4})+", lambda found: "\t" * (len(found[0]) // 4), text, flags=re.M)


def two_spaces(text: str, rng: random.Random) -> str:
    """Indented by two."""
    return re.sub(r"^(?: {4})+", lambda found: "  " * (len(found[0]) // 4), text, flags=re.M)


def decorators(text: str, rng: random.Random) -> str:
    """Functions with a decorator that does nothing."""
    mark = "def _same(function):\n    return function\n\n\n"
    body = re.sub(
        r"^([ \t]*)(def (?!__))",
        lambda found: f"{found[1]}@_same\n{found[0]}" if rng.random() < 0.4 else found[0],
        text,
        flags=re.M,
    )
    head = re.match(r"(?:from __future__ .*\n|#.*\n|\n)*", body)
    at = head.end() if head else 0
    return body[:at] + mark + body[at:]


def other_alias(text: str, rng: random.Random) -> str:
    """TensorFlow under another name."""
    name = rng.choice(["tensorflow", "tf2", "_tf"])
    if not re.search(r"^import tensorflow as tf$", text, re.M):
        return text
    imported = "import tensorflow" + ("" if name == "tensorflow" else f" as {name}")
    text = re.sub(r"^import tensorflow as tf$", imported, text, flags=re.M)
    return re.sub(r"(?<![\w.])tf\.", f"{name}.", text)


def names_imported(text: str, rng: random.Random) -> str:
    """`from tensorflow import Variable as V`, beside the module."""
    if not re.search(r"^import tensorflow as tf$", text, re.M):
        return text
    text = re.sub(
        r"^import tensorflow as tf$",
        "import tensorflow as tf\nfrom tensorflow import Variable as V",
        text,
        count=1,
        flags=re.M,
    )
    return re.sub(r"\btf\.Variable\(", "V(", text)


TEXTS: tuple[TextChange, ...] = (
    *(text_before, statement_behind, parentheses, comments, arguments_on_lines, backslashes),
    *(tabs, two_spaces, decorators, other_alias, names_imported),
)


def stored(text: str, rng: random.Random) -> tuple[str, bytes]:
    """A file's name and bytes: its line ends, its encoding, or a notebook's cells."""
    way = rng.randrange(6)
    if way == 0:
        return "train.py", text.replace("\n", "\r\n").encode()
    if way == 1:
        return "train.py", b"\xef\xbb\xbf" + text.encode()
    if way == 2:
        latin = text.encode("latin-1", errors="replace")
        return "train.py", b"# -*- coding: latin-1 -*-\n" + latin
    if way == 3:
        return "train.ipynb", notebook(text, rng)
    if way == 4:
        return "train.py", text.rstrip("\n").encode()
    return "train.py", text.encode()


def notebook(text: str, rng: random.Random) -> bytes:
    """A notebook whose cells are pieces of a program, with other cells and lines of IPython."""
    lines = text.split("\n")
    cells: list[list[str]] = [[]]
    at = 0
    for statement in ast.parse(text).body:
        first = min(
            [statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))]
        )
        if rng.random() < 0.4 and first > at + 1 and ";" not in lines[first - 2]:
            cells[-1] += lines[at : first - 1]
            cells.append([])
            at = first - 1
    cells[-1] += lines[at:]
    made: list[dict[str, object]] = []
    for cell in cells:
        made.append(
            {"cell_type": "markdown", "metadata": {}, "source": [f"# {_LETTERS}\n", "x += 1"]}
        )
        if rng.random() < 0.3:
            cell = ["%matplotlib inline", "!pip install tensorflow", *cell]
        source = "\n".join(cell)
        held: object = source.splitlines(keepends=True) if rng.random() < 0.5 else source
        made.append(
            {
                "cell_type": "code",
                "execution_count": None,
                "metadata": {},
                "outputs": [],
                "source": held,
            }
        )
    document = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    indent = rng.choice([None, 1])
    return json.dumps(document, indent=indent, ensure_ascii=rng.random() < 0.5).encode()


def oddly(text: str, rng: random.Random) -> tuple[str, bytes]:
    """A program written in odd ways, as a file."""
    for change in rng.sample(TEXTS, rng.randint(1, 5)):
        text = sound(text, change, rng)
    return stored(text, rng)
