"""What each change writes, and what it leaves alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from varsync_rules.changes import (
    AssignToIncrement,
    AugmentedToMethod,
    CallToArgument,
    Change,
    DropKeyword,
    DropStatement,
    DropSuppression,
    EnterScope,
    IncrementToAssign,
    Respell,
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
        ("v.assign_add(value=x, name='n')", "v.assign(v + x, name='n')"),
        ("v.assign_add(-x)", "v.assign(v + (-x))"),
        ("v.assign_add((x))", "v.assign(v + (x))"),
        ("v.assign_add(value=(x))", "v.assign(v + (x))"),
        ("v.assign_sub(name='n', value=x)", "v.assign(name='n', value=v - x)"),
    ],
)
def test_increment_to_assign(before: str, after: str) -> None:
    assert changed(before, IncrementToAssign(at(before, before))) == after


@pytest.mark.parametrize("call", ["v.assign_add(*x)", "v.assign_add(name='n')"])
def test_increment_of_what_is_not_given(call: str) -> None:
    with pytest.raises(CannotFix):
        changed(call, IncrementToAssign(at(call, call)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("c.all_reduce(SUM, x)", "x"),
        ("c.all_reduce(SUM, (a + b))", "(a + b)"),
        ("c.all_reduce(value=f(x)[0], reduce_op=SUM)", "f(x)[0]"),
        ("c.all_reduce(SUM, x, options=None)", "x"),
        ("c.all_reduce(\n    SUM,\n    f(\n        x\n    ),\n)", "f(\n        x\n    )"),
        ("c.all_reduce(SUM, a +\n  b)", "(a +\n  b)"),
        ("c.all_reduce(SUM, a if b else d)", "(a if b else d)"),
    ],
)
def test_call_to_argument(before: str, after: str) -> None:
    for line in ("t = {}\n", "g({}, y)  # é\n"):
        text = line.format(before)
        change = CallToArgument(at(text, before), 1, "value")
        assert changed(text, change) == line.format(after)


@pytest.mark.parametrize("call", ["f(*a, x)", "f(SUM, *x)", "f(SUM)", "f(SUM, x  # why\n)"])
def test_call_to_argument_where_it_is_not_seen(call: str) -> None:
    with pytest.raises(CannotFix):
        changed(call, CallToArgument(at(call, call), 1, "value"))


def test_drop_statement() -> None:
    text = "def f():\n    x = 1\n    x = g(\n        x)\n    return x\n"
    after = "def f():\n    x = 1\n    return x\n"
    assert changed(text, DropStatement(at(text, "x = g(\n        x)"))) == after
    for line in ("a = 1; b = 2\n", "if x: b = 2\n", "b = 2; a = 1\n", "b = 2  # why\n"):
        with pytest.raises(CannotFix):
            changed(line, DropStatement(at(line, "b = 2")))


def test_respell() -> None:
    text = "x = f((Op.SUM), 1)\n"
    assert changed(text, Respell(at(text, "Op.SUM"), "Op.MEAN")) == "x = f((Op.MEAN), 1)\n"


SCOPE = "with s.scope():\n"
# «what is made», in front of it the ‹scope before›, behind it “its scope” and the ⟨strategy⟩
PLACES = {
    "span": ("«", "»"),
    "before": ("‹", "›"),
    "behind": ("“", "”"),
    "made_at": ("⟨", "⟩"),
}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("«v = 1»\n", SCOPE + "    v = 1\n", id="alone"),
        pytest.param("«v = 1»", SCOPE + "    v = 1\n", id="without an end"),
        pytest.param("«v = 1»  # é\n\nx = 2\n", SCOPE + "    v = 1  # é\n\nx = 2\n", id="comment"),
        pytest.param("# why\n«v = 1»\n", "# why\n" + SCOPE + "    v = 1\n", id="comment above"),
        pytest.param(
            "def f():\n\t«v = g(\n\t\tx,\n\n\t)»\n",
            "def f():\n\twith s.scope():\n\t\tv = g(\n\t\t\tx,\n\n\t\t)\n",
            id="tabs",
        ),
        pytest.param(
            "if x:\n  «v = \\\n    g('''\na\n  b\n''')»\n",
            "if x:\n  with s.scope():\n    v = \\\n      g('''\na\n  b\n''')\n",
            id="strings stay",
        ),
        pytest.param(
            SCOPE + "  ‹w = 0›\n\n# why\n«v = 1»\nx = 2\n",
            SCOPE + "  w = 0\n\n  # why\n  v = 1\nx = 2\n",
            id="joins the scope before",
        ),
        pytest.param(
            SCOPE + "  ‹w = 0›\n# %% cell\n«v = 1»\n",
            SCOPE + "  w = 0\n# %% cell\n" + SCOPE + "  v = 1\n",
            id="but not that of another cell",
        ),
        pytest.param(
            "«v = 1»\n\n" + SCOPE + "    “w = 0\n    z = 1”\n",
            SCOPE + "    v = 1\n    w = 0\n    z = 1\n",
            id="joins the scope behind",
        ),
        pytest.param(
            "«v = 1»\n# why\n" + SCOPE + "    “w = 0”\n",
            SCOPE + "    v = 1\n# why\n" + SCOPE + "    w = 0\n",
            id="a comment stays where it is",
        ),
        pytest.param(
            SCOPE + "    ‹w = 0›\n«v = 1»\n\n" + SCOPE + "    “z = 0”\n",
            SCOPE + "    w = 0\n    v = 1\n\n    z = 0\n",
            id="makes one of two scopes",
        ),
        pytest.param(
            "«v = 1»\nw = 2\n⟨s = S()⟩\nx = 3\n",
            "s = S()\n" + SCOPE + "    v = 1\nw = 2\nx = 3\n",
            id="the strategy comes first",
        ),
        pytest.param(
            "«v = 1»\n⟨s = S()⟩\n" + SCOPE + "    “w = 0”\n",
            "s = S()\n" + SCOPE + "    v = 1\n    w = 0\n",
            id="the strategy comes first, and its scope",
        ),
    ],
)
def test_enter_scope(before: str, after: str) -> None:
    places = {}
    for name, (begin, end) in PLACES.items():
        if begin in before:
            plain = re.sub("[«»‹›“”⟨⟩]", "", before)
            part = before.partition(begin)[2].partition(end)[0]
            places[name] = at(plain, part)
    assert changed(plain, EnterScope(strategy="s", **places)) == after


@pytest.mark.parametrize("line", ["x = 0; v = 1\n", "if x: v = 1\n", "v = 1; x = 2\n"])
def test_what_shares_its_line_does_not_move(line: str) -> None:
    with pytest.raises(CannotFix, match="shares its lines"):
        changed(line, EnterScope(at(line, "v = 1"), "s"))


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
