"""Whatever a file holds, positions stay what they are and nothing crashes."""

from __future__ import annotations

import ast
import json
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st
from varsync_rules.notebook import python_of
from varsync_rules.registry import rules
from varsync_rules.source import Source, UnreadableSource
from varsync_rules.suppressions import apply

PIECES = [
    *("%time x", "%%bash", "%%time", "!ls", "x?", "?x", "x = !ls", "a = 1", "f(", ")", "'''", '"'),
    *(
        "\\",
        "# varsync: ignore",
        "# noqa: VS201",
        "[",
        "]",
        "\n",
        "\r\n",
        "\t",
        " ",
        "é",
        "漢",
        "if x:",
    ),
    *("    ", "s = 'a", "'", "\x0c", "\u2028", "%", "!", "?", "= %", "x % y", ":", "lambda: 0"),
]
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=40)
CODES = rules().codes


@settings(deadline=None)
@given(texts)
def test_what_replaces_magics_has_as_many_lines(text: str) -> None:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    assert python_of(text).count("\n") == text.count("\n")


@settings(deadline=None)
@given(texts)
@example("x = (a\n  % b)\nif x:\n    y = 'it is %'\n")
def test_python_is_left_alone(text: str) -> None:
    """A cell that is Python already means the same after what is IPython's was replaced."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        before = ast.dump(ast.parse(text), include_attributes=True)
    except (SyntaxError, ValueError):
        return
    assert ast.dump(ast.parse(python_of(text)), include_attributes=True) == before


@settings(deadline=None)
@given(st.lists(texts, max_size=4))
def test_a_notebook_always_parses(cells: list[str]) -> None:
    document = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    source = Source("n.ipynb", Path("/n.ipynb"), json.dumps(document).encode())
    tree = ast.parse(source.text)
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            assert node.end_lineno is not None
            assert node.end_col_offset is not None
            span = source.span(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
            lines = source.lines(span.cell)
            assert 1 <= span.line <= span.end_line <= len(lines)
            assert 1 <= span.column <= len(lines[span.line - 1]) + 1
    apply([], {"n.ipynb": source}, lambda _: CODES, lambda _: rules())


@settings(deadline=None)
@given(st.binary(max_size=60) | texts.map(str.encode))
@example(b"# coding: utf-7\n+AGE = 1")
@example(b"# coding: raw_unicode_escape\n\\ud800 = 1")
def test_any_bytes_are_a_source_or_not(data: bytes) -> None:
    try:
        source = Source("a.py", Path("/a.py"), data)
    except UnreadableSource as error:
        assert error.reason
        return
    assert "\r" not in source.text
    assert "\n".join(source.lines()) == source.text
    apply([], {"a.py": source}, lambda _: CODES, lambda _: rules())
