"""What each change writes, and what it leaves alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from varsync_rules.changes import (
    AssignToIncrement,
    AugmentedToMethod,
    Change,
    DropKeyword,
    DropSuppression,
    IncrementToAssign,
    SetKeyword,
)
from varsync_rules.findings import Span
from varsync_rules.fixes import CannotFix, Edit, chosen, edits_of, rewritten
from varsync_rules.source import Source


def at(text: str, part: str) -> Span:
    """Where a part stands in a text."""
    start = text.index(part)
    end = start + len(part)
    before, through = text[:start], text[:end]
    return Span(
        "train.py",
        before.count("\n") + 1,
        start - (before.rfind("\n") + 1) + 1,
        through.count("\n") + 1,
        end - (through.rfind("\n") + 1) + 1,
    )


def changed(text: str, change: Change) -> str:
    """A file with one change; raises CannotFix."""
    source = Source("train.py", Path("/nowhere/train.py"), text.encode())
    (edit,) = edits_of(source, 0, [change])
    if isinstance(edit, CannotFix):
        raise edit
    return rewritten(source, {0: [edit]}).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f()", "f(mode=X.Y)"),
        ("f(a)", "f(a, mode=X.Y)"),
        ("f(a,)", "f(a, mode=X.Y,)"),
        ("f(a, b=1)", "f(a, b=1, mode=X.Y)"),
        ("f(a, *b)", "f(a, *b, mode=X.Y)"),
        ("f(mode=old, b=1)", "f(mode=X.Y, b=1)"),
        ("f(mode = (old), b=1)", "f(mode = (X.Y), b=1)"),
        ("f(\n    a,\n    b=1,  # one\n)", "f(\n    a,\n    b=1,\n    mode=X.Y,  # one\n)"),
        ("f(\n    a,\n    b=1\n)", "f(\n    a,\n    b=1,\n    mode=X.Y\n)"),
        ("f(\n    a\n)", "f(\n    a, mode=X.Y\n)"),
        ("f(a, g(b),\n  c)", "f(a, g(b),\n  c,\n  mode=X.Y)"),
    ],
)
def test_set_keyword(before: str, after: str) -> None:
    for line in ("v = {}\n", "if True:\n    x = [{}, 1]  # é\n"):
        text = line.format(before)
        assert changed(text, SetKeyword(at(text, before), "mode", "X.Y")) == line.format(after)


@pytest.mark.parametrize("call", ["f(**k)", "f(a for a in b)", "f(a, **k)"])
def test_set_keyword_where_nothing_can_follow(call: str) -> None:
    with pytest.raises(CannotFix):
        changed(call, SetKeyword(at(call, call), "mode", "X.Y"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(mode=1)", "f()"),
        ("f(a, mode=1)", "f(a)"),
        ("f(a, mode=1,)", "f(a,)"),
        ("f(mode=1, b=2)", "f(b=2)"),
        ("f(\n    a,\n    mode=1,\n    b=2,\n)", "f(\n    a,\n    b=2,\n)"),
        ("f(\n    a,\n    mode=1,\n)", "f(\n    a,\n)"),
    ],
)
def test_drop_keyword(before: str, after: str) -> None:
    assert changed(before, DropKeyword(at(before, before), "mode")) == after


@pytest.mark.parametrize(
    "call", ["f(\n    mode=1,  # why\n    b=2)", "f(\n    a,  # why\n    mode=1)"]
)
def test_a_comment_is_not_lost(call: str) -> None:
    with pytest.raises(CannotFix, match="comment"):
        changed(call, DropKeyword(at(call, call), "mode"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("v += 1", "v.assign_add(1)"),
        ("self.v[0]  -=  x * 2", "self.v[0].assign_sub(x * 2)"),
        ("v += (a +\n      b)", "v.assign_add(a +\n      b)"),
        ("v += (1, 2)", "v.assign_add((1, 2))"),
        ("v += 1, 2", "v.assign_add((1, 2))"),
        ("v *= x", "v.assign(v * x)"),
        ("v /= a + b", "v.assign(v / (a + b))"),
        ("v **= (a + b)", "v.assign(v ** (a + b))"),
        ("v @= f(x)[0]", "v.assign(v @ f(x)[0])"),
        ("v += \\\n    x", "v.assign_add(x)"),
    ],
)
def test_augmented_to_method(before: str, after: str) -> None:
    for line in ("{}\n", "def f():\n    {}; y = 1  # {{}}\n"):
        text = line.format(before)
        assert changed(text, AugmentedToMethod(at(text, before))) == line.format(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("v.assign(v + x)", "v.assign_add(x)"),
        ("w.v.assign(w.v - (a + b), name=None)", "w.v.assign_sub(a + b, name=None)"),
        ("v.assign(  v + 2 * x )", "v.assign_add(  2 * x )"),
        ("v.assign((v + x))", "v.assign_add(x)"),
    ],
)  # fmt: skip
def test_assign_to_increment(before: str, after: str) -> None:
    assert changed(before, AssignToIncrement(at(before, before))) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("v.assign_add(x)", "v.assign(v + x)"),
        ("self.v.assign_sub(a - b)", "self.v.assign(self.v - (a - b))"),
        ("v.assign_add(delta=x, name='n')", "v.assign(v + x, name='n')"),
        ("v.assign_add(-x)", "v.assign(v + (-x))"),
    ],
)
def test_increment_to_assign(before: str, after: str) -> None:
    assert changed(before, IncrementToAssign(at(before, before))) == after


@pytest.mark.parametrize(
    ("line", "comment", "rules", "after"),
    [
        ("x = 1  # varsync: ignore[VS201] why", "# varsync: ignore[VS201]", ("VS201",), "x = 1"),
        ("x = 1  # varsync: ignore[VS1, VS2]", "# varsync: ignore[VS1, VS2]", ("VS1",),
         "x = 1  # varsync: ignore[VS2]"),
        ("x = 1  # noqa: E501,VS201", "# noqa: E501,VS201", ("VS201",), "x = 1  # noqa: E501"),
        ("x = 1  # noqa: VS201  # type: ignore", "# noqa: VS201", ("VS201",), "x = 1  # type: ignore"),
        ("x = 1  # varsync: ignore", "# varsync: ignore", (), "x = 1"),
        ("# varsync: ignore-file[VS2]\nx = 1", "# varsync: ignore-file[VS2]", ("VS2",), "x = 1"),
        ("x = 1\n  # varsync: ignore[VS2]", "# varsync: ignore[VS2]", ("VS2",), "x = 1\n"),
    ],
)  # fmt: skip
def test_drop_suppression(line: str, comment: str, rules: tuple[str, ...], after: str) -> None:
    assert changed(line, DropSuppression(at(line, comment), rules)) == after


def test_what_is_not_there_any_more() -> None:
    with pytest.raises(CannotFix):
        changed("x = 1\n", AugmentedToMethod(Span("train.py", 1, 1, 1, 6)))
    with pytest.raises(CannotFix, match="LibCST can't parse"):
        changed("x = (\n", AugmentedToMethod(Span("train.py", 1, 1, 1, 6)))


def test_of_two_that_overlap_or_touch_the_first_is_made() -> None:
    first, inside, touching, apart = Edit(0, 5, ""), Edit(2, 3, ""), Edit(5, 6, ""), Edit(7, 8, "")
    assert chosen([apart, touching, inside, first, first]) == [first, apart]


@given(
    st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=3, max_size=3),
    st.sampled_from(["utf-8", "utf-8-sig", "latin-1"]),
)
def test_encoding_and_line_ends_stay(ends: list[str], encoding: str) -> None:
    lines = [f"# -*- coding: {encoding.removesuffix('-sig')} -*-", "v += 1", "w = 'é'"]
    text = "".join(line + end for line, end in zip(lines, ends, strict=True))
    source = Source("train.py", Path("/nowhere/train.py"), text.encode(encoding))
    (edit,) = edits_of(source, 0, [AugmentedToMethod(Span("train.py", 2, 1, 2, 7))])
    assert isinstance(edit, Edit)
    assert rewritten(source, {0: [edit]}) == text.replace("v += 1", "v.assign_add(1)").encode(
        encoding
    )


CELLS = ["%time\nv += 1", "# text", "import os\nv += 2  # é\n"]


def notebook(indent: int | str | None, escaped: bool, as_list: bool, three: bool) -> bytes:
    """A notebook in one of the forms that JSON can have."""
    kinds = ("code", "markdown", "code")
    key = "input" if three else "source"
    cells: list[dict[str, object]] = [
        {
            "cell_type": kind,
            "metadata": {"input": [1, {"a": "]}"}]},
            key: text.splitlines(keepends=True) if as_list else text,
        }
        for kind, text in zip(kinds, CELLS, strict=True)
    ]
    document = {"worksheets": [{"cells": cells}]} if three else {"metadata": {}, "cells": cells}
    return json.dumps(document, indent=indent, ensure_ascii=escaped).encode() + b"\n"


@pytest.mark.parametrize("indent", [None, 1, "\t"])
@pytest.mark.parametrize("escaped", [True, False])
@pytest.mark.parametrize("as_list", [True, False])
@pytest.mark.parametrize("three", [True, False])
def test_of_a_notebook_only_the_cell_changes(
    indent: int | str | None, escaped: bool, as_list: bool, three: bool
) -> None:
    data = notebook(indent, escaped, as_list, three)
    source = Source("n.ipynb", Path("/nowhere/n.ipynb"), data)
    replacements = {}
    for cell, line in ((1, 2), (3, 2)):
        (edit,) = edits_of(
            source, cell, [AugmentedToMethod(Span("n.ipynb", line, 1, line, 7, cell))]
        )
        assert isinstance(edit, Edit)
        replacements[cell] = [edit]
    expected = data.replace(b"v += 1", b"v.assign_add(1)").replace(b"v += 2", b"v.assign_add(2)")
    assert rewritten(source, replacements) == expected


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("v" + ".read()" * 500, id="calls"),
        pytest.param("[" * 90 + "]" * 90, id="lists"),
        pytest.param("1+" * 1_900 + "1", id="sum", marks=pytest.mark.slow),
        pytest.param("-" * 3_900 + "1", id="minus", marks=pytest.mark.slow),
        pytest.param("x" * 5_000, id="long"),
    ],
)
def test_deep_and_long_code_is_fixed_or_left(value: str) -> None:
    before = f"v += {value}\n"
    try:
        after = changed(before, AugmentedToMethod(at(before, before.rstrip())))
    except CannotFix as problem:
        assert "nested too deeply" in str(problem) or "more than" in str(problem)
    else:
        assert after == f"v.assign_add({value})\n"
