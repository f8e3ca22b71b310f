"""Comments that silence findings: what they cover, what they don't, which are unused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from varsync_rules.findings import Finding, Severity, Span
from varsync_rules.registry import rules
from varsync_rules.source import Source
from varsync_rules.suppressions import apply

ALL = rules().codes | {"VS901", "VS902", "VS903"}


def finding(line: int, code: str = "VS201", *, end: int | None = None, cell: int = 0) -> Finding:
    span = Span("train.py", line, 1, end or line, 5, cell)
    return Finding(code, "some-rule", Severity.WARNING, "message", span)


def run(text: str, *findings: Finding, ran: frozenset[str] = ALL) -> list[tuple[str, int]]:
    """The codes and lines that are left."""
    source = Source("train.py", Path("/nowhere/train.py"), text.encode())
    kept, silenced = apply(
        findings, {"train.py": source}, lambda _: ran - {"VS902"}, lambda _: rules()
    )
    assert {*kept, *silenced} == {*findings} and not {*kept} & {*silenced}
    kept, _ = apply(findings, {"train.py": source}, lambda _: ran, lambda _: rules())
    return [(one.code, one.span.line) for one in kept]


def messages(text: str, *findings: Finding, ran: frozenset[str] = ALL) -> list[str]:
    source = Source("train.py", Path("/nowhere/train.py"), text.encode())
    kept, _ = apply(findings, {"train.py": source}, lambda _: ran, lambda _: rules())
    return [one.message for one in kept if one.code == "VS902"]


@pytest.mark.parametrize(
    "comment",
    [
        "# varsync: ignore",
        "#varsync:ignore",
        "# varsync: ignore[VS201]",
        "# varsync: ignore[vs201] it is the same on every replica",
        "# varsync: ignore[VS202,VS201]",
        "# varsync: ignore[VS202, VS201]",
        "# varsync: ignore[ VS202 ,VS201 ]",
        "# varsync: ignore[VS2]",
        "# varsync: ignore[replica-update-without-aggregation]",
        "# varsync: ignore[E501, VS201]",
        "# type: ignore  # varsync: ignore[VS201]",
        "# why not  # noqa: VS201",
        "# noqa",
        "# NoQA : a reason in words",
        "#noqa:VS201",
        "# noqa: E501,VS201",
        "# noqa: E501 VS201",
        "# noqa: vs2",
        "# noqa: VS201 because it is so",
        "# noqa: replica-update-without-aggregation",
    ],
)
def test_covers_its_line(comment: str) -> None:
    left = run(f"a = 1\nv.assign(x)  {comment}\nb = 1\n", finding(2))
    assert ("VS201", 2) not in left


@pytest.mark.parametrize(
    "comment",
    [
        "# varsync: ignore[VS202]",
        "# varsync: ignore[]",
        "# varsync: ignore[VS201",
        "# varsync: ignored",
        "# varsync: ignoring VS201",
        "# varsync ignore[VS201]",
        "# noqa: E501",
        "# noqa: E501, VS202",
        "# noqa-file",
        "# noqas",
        "# noqa: sum-of-identical-updates",
        "# a sentence with noqa in it",
    ],
)
def test_does_not_cover(comment: str) -> None:
    assert ("VS201", 2) in run(f"a = 1\nv.assign(x)  {comment}\nb = 1\n", finding(2))


@pytest.mark.parametrize("line", [1, 3])
def test_other_lines_are_not_covered(line: int) -> None:
    text = "v.assign(1)\nv.assign(2)  # varsync: ignore\nv.assign(3)\n"
    assert ("VS201", line) in run(text, finding(line))


LONG = """\
before = 1
v.assign(  {first}
    some(
        x,  {middle}
        y,
    )
)  {last}
after = 1
"""


def long(**comments: str) -> str:
    return LONG.format(**{"first": "", "middle": "", "last": "", **comments})


@pytest.mark.parametrize("line", [2, 3, 5, 7])
@pytest.mark.parametrize("place", ["first", "last"])
def test_the_first_and_last_line_of_a_statement_cover_all_of_it(place: str, line: int) -> None:
    text = long(**{place: "# varsync: ignore[VS201]"})
    assert run(text, finding(line)) == []


def test_a_line_in_the_middle_covers_itself() -> None:
    text = long(middle="# varsync: ignore[VS201]")
    assert run(text, finding(4)) == []
    assert ("VS201", 5) in run(text, finding(5))


@pytest.mark.parametrize("line", [1, 8])
def test_the_statements_around_are_not_covered(line: int) -> None:
    text = long(first="# noqa: VS201", last="# noqa: VS201")
    assert ("VS201", line) in run(text, finding(line))


def test_a_compound_statement_ends_with_its_header() -> None:
    text = "with scope():  # varsync: ignore[VS201]\n    v.assign(1)\n"
    assert run(text, finding(1, end=2)) == []
    assert ("VS201", 2) in run(text, finding(2))


def test_the_end_of_a_finding_covers_too() -> None:
    text = "v = '''\n'''.assign(\n    1)  # noqa: VS201\n"
    assert run(text, finding(1, end=3)) == []


@pytest.mark.parametrize(
    "text",
    [
        "s = '# varsync: ignore[VS201]'; v.assign(1)\n",
        'v.assign("""\n# noqa: VS201 """)\n',
        "v.assign(1) or '# varsync: ignore-file'\n",
    ],
)
def test_words_in_strings_are_no_comments(text: str) -> None:
    assert run(text, finding(1)) == [("VS201", 1)]


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        ("# varsync: ignore-file", []),
        ("# varsync: ignore-file[VS201]", [("VS202", 3)]),
        ("# varsync: ignore-file[VS2] old code", []),
        ("# varsync: ignore-files", [("VS201", 2), ("VS202", 3)]),
    ],
)
@pytest.mark.parametrize("at_end", [False, True])
def test_of_a_file(comment: str, left: list[tuple[str, int]], at_end: bool) -> None:
    body = "v.assign(1)\nv.assign(2)\n"
    text = f"\n{body}{comment}\n" if at_end else f"{comment}\n{body}"
    assert run(text, finding(2), finding(3, "VS202")) == left


def test_in_notebooks_a_comment_counts_in_its_cell() -> None:
    cells = [
        "v.assign(1)  # varsync: ignore[VS201]",
        "(",
        "v.assign(1)",
        "%cd x\nv.assign(1)  # noqa",
    ]
    document = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    source = Source("train.py", Path("/nowhere/train.ipynb"), json.dumps(document).encode())
    found = [
        finding(1, cell=1),
        finding(1, "VS901", cell=2),
        finding(1, cell=3),
        finding(2, cell=4),
    ]
    kept, silenced = apply(found, {"train.py": source}, lambda _: ALL, lambda _: rules())
    assert [(one.code, one.span.cell) for one in kept] == [("VS901", 2), ("VS201", 3)]
    assert [(one.code, one.span.cell) for one in silenced] == [("VS201", 1), ("VS201", 4)]


class TestUnused:
    @pytest.mark.parametrize(
        ("comment", "message"),
        [
            ("# varsync: ignore", "unused suppression: varsync finds nothing here"),
            ("# varsync: ignore[VS201]", "unused suppression: VS201 finds nothing here"),
            (
                "# varsync: ignore[VS202, VS201]",
                "unused suppression: VS202, VS201 finds nothing here",
            ),
            ("# noqa: E501, VS201", "unused suppression: VS201 finds nothing here"),
            ("# varsync: ignore-file[VS2]", "unused suppression: VS2 finds nothing in this file"),
            ("# varsync: ignore[]", "this suppression names no rule"),
            (
                "# varsync: ignore[VS201",
                "this suppression names no rule: its bracket is not closed",
            ),
            (
                "# varsync: ignore[VS299]",
                "this suppression names a rule that does not exist: VS299",
            ),
        ],
    )
    def test_is_told(self, comment: str, message: str) -> None:
        assert messages(f"a = 1  {comment}\n") == [message]

    @pytest.mark.parametrize(
        "comment", ["# noqa", "# noqa: E501", "# noqa: words", "s = '# noqa: VS201'"]
    )
    def test_what_may_be_meant_for_others_is_not(self, comment: str) -> None:
        assert messages(f"{comment}\n") == []

    def test_the_part_that_is_unused(self) -> None:
        text = "v.assign(1)  # varsync: ignore[VS201, VS202]\n"
        assert messages(text, finding(1)) == ["unused suppression: VS202 finds nothing here"]

    def test_used_ones_are_not(self) -> None:
        for comment in ("# varsync: ignore", "# varsync: ignore[VS2]", "# noqa: VS201"):
            assert messages(f"v.assign(1)  {comment}\n", finding(1)) == []

    @pytest.mark.parametrize("comment", ["ignore", "ignore[VS201]", "ignore[VS2]", "ignore-file"])
    def test_only_for_rules_that_ran(self, comment: str) -> None:
        text = f"a = 1  # varsync: {comment}\n"
        assert messages(text, ran=frozenset(("VS202", "VS902"))) == []
        assert len(messages(text)) == 1

    def test_not_where_the_rule_itself_did_not_run(self) -> None:
        assert messages("a = 1  # varsync: ignore[VS201]\n", ran=ALL - {"VS902"}) == []

    def test_not_in_a_file_that_was_not_checked_whole(self) -> None:
        text = "a = 1  # varsync: ignore[VS201]\nb = (\n"
        assert run(text, finding(2, "VS901")) == [("VS901", 2)]

    @pytest.mark.parametrize(
        "text",
        [
            "a = 1  # varsync: ignore[VS201, VS902]\n",
            "# varsync: ignore-file[VS902]\na = 1  # varsync: ignore\n",
        ],
    )
    def test_can_be_silenced_itself(self, text: str) -> None:
        assert run(text) == []

    def test_the_span_is_the_comment(self) -> None:
        source = Source("train.py", Path("/x"), "é = 1  # a  # varsync: ignore[VS201] b\n".encode())
        (one,), _ = apply([], {"train.py": source}, lambda _: ALL, lambda _: rules())
        assert one.span == Span("train.py", 1, 13, 1, 37)
        assert one.severity is Severity.NOTE


@pytest.mark.parametrize(
    "text",
    [
        "v.assign(1)  # noqa: VS201\nx = (\n",
        "v.assign(1)  # noqa: VS201\n'''\n",
        "v.assign(1)  # noqa\n  x\n y",
    ],
)
def test_what_the_tokenizer_refuses_does_not_crash(text: str) -> None:
    assert run(text, finding(1)) == []


def test_a_finding_of_a_file_without_source_stays() -> None:
    kept, silenced = apply([finding(1, "VS903")], {}, lambda _: ALL, lambda _: rules())
    assert (len(kept), silenced) == (1, [])


def test_findings_come_out_in_order() -> None:
    source = Source("train.py", Path("/x"), b"a = 1  # varsync: ignore[VS202]\n")
    kept, _ = apply(
        [finding(3), finding(2)], {"train.py": source}, lambda _: ALL, lambda _: rules()
    )
    assert [one.span.line for one in kept] == [1, 2, 3]
