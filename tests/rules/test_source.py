"""Bytes to text and spans: encodings, line ends, notebooks, and what can't be read."""

from __future__ import annotations

import ast
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from varsync_rules.findings import Span
from varsync_rules.notebook import SKIPPED, python_of
from varsync_rules.source import Source, UnreadableSource, read


def source(data: bytes | str, name: str = "train.py") -> Source:
    return Source(name, Path("/nowhere") / name, data.encode() if isinstance(data, str) else data)


def notebook(*cells: str | list[str], **more: Any) -> Source:
    document = {
        "nbformat": 4,
        "cells": [{"cell_type": "code", "source": cell} for cell in cells],
        **more,
    }
    return source(json.dumps(document), "train.ipynb")


def span_of(node: ast.AST, of: Source) -> Span:
    assert isinstance(node, (ast.expr, ast.stmt))
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return of.span(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def name_span(of: Source, name: str) -> Span:
    for node in ast.walk(ast.parse(of.text)):
        if isinstance(node, ast.Name) and node.id == name:
            return span_of(node, of)
    raise AssertionError(name)


class TestText:
    @pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
    def test_all_line_ends_are_one(self, ends: str) -> None:
        text = source(ends.join(["a = 1", "b = '''x", "y'''", ""])).text
        assert text == "a = 1\nb = '''x\ny'''\n"

    def test_characters_that_are_no_line_ends_for_python_end_no_line(self) -> None:
        of = source("a = '\x0b\x1c\x85\u2028'\n\x0cb = 1\nc = 2\n")
        assert of.lines()[2] == "c = 2"
        assert name_span(of, "c").line == 3

    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (b"\xef\xbb\xbfa = 1\n", "a = 1\n"),
            ("# -*- coding: latin-1 -*-\na = 'é'\n".encode("latin-1"), None),
            (
                "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\na = '€'\n".encode("cp1252"),
                None,
            ),
            ("a = 'é'\n".encode(), None),
            (b"\xef\xbb\xbf# coding: utf-8\na = 1\n", "# coding: utf-8\na = 1\n"),
        ],
    )
    def test_encoding(self, data: bytes, text: str | None) -> None:
        seen = source(data).text
        if text is not None:
            assert seen == text
        else:
            assert "'é'" in seen or "'€'" in seen
        ast.parse(seen)

    def test_a_cookie_in_the_third_line_counts_for_nothing(self) -> None:
        assert "é" in source("a = 1\n\n# coding: latin-1\nb = 'é'\n").text


class TestSpans:
    def test_columns_are_characters(self) -> None:
        of = source("s = 'ünïcödé €'; value = 1\n")
        assert name_span(of, "value") == Span("train.py", 1, 18, 1, 23)

    def test_wide_characters_and_pairs_count_as_one(self) -> None:
        of = source("s = '漢字😀'; value = 1\r\n")
        assert name_span(of, "value").column == 12

    def test_over_several_lines(self) -> None:
        of = source("value = call(\n    'é', x,\n)\n")
        call = next(node for node in ast.walk(ast.parse(of.text)) if isinstance(node, ast.Call))
        assert span_of(call, of) == Span("train.py", 1, 9, 3, 2)

    def test_position_outside_of_the_text(self) -> None:
        assert source("").span(1, 0, 1, 0) == Span("train.py", 1, 1, 1, 1)
        assert source("a\n").span(9, 3, 9, 4).line == 9


class TestUnreadable:
    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"a = 1\0\n", "NUL"),
            (b"a = 1\nb = '\xe9'\n", "line 2 is not utf-8"),
            ("a = 1\n".encode("utf-16"), "UTF-16"),
            (b"# coding: klingon\na = 1\n", "unknown encoding: klingon"),
            (b"# coding: rot13\nn = 1\n", "not an encoding of text"),
            (b"# coding: ascii\na = '\xc3\xa9'\n", "line 2 is not ascii"),
        ],
    )
    def test_data(self, data: bytes, reason: str) -> None:
        with pytest.raises(UnreadableSource) as raised:
            source(data)
        assert reason in raised.value.reason

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"", "not a notebook's JSON"),
            (b"import tensorflow as tf\n", "not a notebook's JSON"),
            (b"[]", "no object"),
            (b"{}", "no cells"),
            (b"\xff\xff{}", "not a notebook's JSON"),
            (b"[" * 100_000, "nested too deeply"),
        ],
    )
    def test_notebooks(self, data: bytes, reason: str) -> None:
        with pytest.raises(UnreadableSource) as raised:
            source(data, "train.ipynb")
        assert reason in raised.value.reason

    @pytest.mark.parametrize("of_code", [None, 3, {"a": 1}, ["a = 1\n", None], [["a"]], True])
    @pytest.mark.parametrize("key", ["source", "input"])
    def test_a_cell_whose_code_is_no_text(self, of_code: object, key: str) -> None:
        cells = [{"cell_type": "markdown", "source": 1}, {"cell_type": "code", key: of_code}]
        for document in ({"cells": cells}, {"worksheets": [{"cells": cells}]}):
            with pytest.raises(UnreadableSource) as raised:
                source(json.dumps(document), "train.ipynb")
            assert raised.value.reason == f"not a notebook's JSON: the {key} of cell 2 is no text"

    @pytest.mark.parametrize(
        ("document", "reason"),
        [
            ({"cells": None}, "its cells are no list"),
            ({"cells": {"0": {}}}, "its cells are no list"),
            ({"cells": ["a = 1"]}, "cell 1 is no object"),
            ({"cells": [{"cell_type": "code"}]}, "the source of cell 1 is no text"),
            ({"cells": [{"source": "a = 1"}]}, "the cell_type of cell 1 is no text"),
            ({"cells": [{"cell_type": 3, "source": ""}]}, "the cell_type of cell 1 is no text"),
            ({"worksheets": {}}, "its worksheets are no list"),
            ({"worksheets": [{"cells": []}, 3]}, "worksheet 2 is no object"),
            ({"worksheets": [{"cells": 3}]}, "worksheet 1's cells are no list"),
            (
                {"worksheets": [{"cells": [{"cell_type": "raw"}]}, {"cells": [None]}]},
                "cell 2 is no object",
            ),
        ],
    )
    def test_cells_that_are_none(self, document: object, reason: str) -> None:
        with pytest.raises(UnreadableSource) as raised:
            source(json.dumps(document), "train.ipynb")
        assert raised.value.reason == f"not a notebook's JSON: {reason}"

    def test_missing_folder_and_loop(self, tmp_path: Path) -> None:
        loop = tmp_path / "loop.py"
        loop.symlink_to(loop)
        for path, reason in (
            (tmp_path / "nosuch.py", "no such file"),
            (tmp_path, "directory"),
            (loop, "symbolic links"),
        ):
            with pytest.raises(UnreadableSource) as raised:
                read(path)
            assert reason in raised.value.reason

    def test_what_is_no_ordinary_file(self, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe.py"
        os.mkfifo(pipe)
        link = tmp_path / "zero.py"
        link.symlink_to("/dev/zero")
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(str(tmp_path / "s.py"))
            for path, reason in (
                (pipe, "it is a pipe, not a file"),
                (link, "it is a device, not a file"),
                (tmp_path / "s.py", "it is a socket, not a file"),
            ):
                with pytest.raises(UnreadableSource) as raised:
                    read(path)
                assert raised.value.reason == reason

    def test_a_file_of_gigabytes(self, tmp_path: Path) -> None:
        path = tmp_path / "huge.py"
        with path.open("wb") as file:
            file.truncate(50 * 10**9)
        with pytest.raises(UnreadableSource, match="too large to be read"):
            read(path)

    def test_no_permission(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "secret.py"
        path.write_text("a = 1\n")
        path.chmod(0)
        if os.access(path, os.R_OK):  # root may read everything

            def refuse(*_: object, **__: object) -> None:
                raise PermissionError(13, "Permission denied")

            monkeypatch.setattr(os, "open", refuse)
        with pytest.raises(UnreadableSource, match="permission denied"):
            read(path)

    def test_read_gives_what_is_there(self, tmp_path: Path) -> None:
        path = tmp_path / "a.py"
        path.write_bytes(b"a = 1\r\n")
        of = read(path, "shown.py")
        assert (of.path, of.absolute, of.data) == ("shown.py", path, b"a = 1\r\n")


class TestNotebooks:
    def test_cells_are_joined_and_found_again(self) -> None:
        of = notebook("a = 1", ["b = 2\n", "value = 3"], "c = 4\n")
        assert of.text == "a = 1\nb = 2\nvalue = 3\nc = 4\n\n"
        assert name_span(of, "value") == Span("train.ipynb", 2, 1, 2, 6, cell=2)
        assert of.lines(2) == ["b = 2", "value = 3"]
        assert name_span(of, "c").cell == 3

    def test_cells_that_are_no_code_count(self) -> None:
        cells = [
            {"cell_type": "markdown", "source": "# Title"},
            {"cell_type": "code", "source": "value = 1"},
            {"cell_type": "raw", "source": "x"},
            {"cell_type": "code", "source": "other = 1"},
        ]
        of = source(json.dumps({"cells": cells}), "train.ipynb")
        assert name_span(of, "value").cell == 2
        assert name_span(of, "other").cell == 4

    def test_the_old_format(self) -> None:
        sheet = {"cells": [{"cell_type": "code", "input": ["a = 1\n", "value = 2"]}]}
        of = source(json.dumps({"nbformat": 3, "worksheets": [sheet]}), "old.ipynb")
        assert name_span(of, "value").line == 2

    @pytest.mark.parametrize(
        "metadata",
        [{"language_info": {"name": "julia"}}, {"kernelspec": {"language": "R"}}],
    )
    def test_another_language_has_no_python(self, metadata: dict[str, Any]) -> None:
        assert notebook("a = 1", metadata=metadata).text == ""

    @pytest.mark.parametrize(
        ("cell", "python"),
        [
            ("%matplotlib inline\na = 1", f"{SKIPPED}('%matplotlib inline')\na = 1"),
            ("!pip install \\\n  tf\na = 1", f"{SKIPPED}('!pip install')\n\na = 1"),
            ("for x in y:\n  !ls {x}\n  a", f"for x in y:\n  {SKIPPED}('!ls {{x}}')\n  a"),
            ("a.b?\nc = 1", f"{SKIPPED}('a.b?')\nc = 1"),
            ("?a.b\nc = 1", f"{SKIPPED}('?a.b')\nc = 1"),
            ("np.array??", f"{SKIPPED}('np.array??')"),
            ("files = !ls -a\na = 1", f"files = {SKIPPED}('!ls -a') or []\na = 1"),
            ("t = %timeit -o f()\na = 1", f"t = {SKIPPED}('%timeit -o f()') or []\na = 1"),
            ("%time f()\na = 1", "pass; f()\na = 1"),
            ("if x:\n  y = %time  f(\n1)", "if x:\n  y =        f(\n1)"),
            ("%time !ls\na = 1", f"{SKIPPED}('%time !ls')\na = 1"),
            ("%time\na = 1", f"{SKIPPED}('%time')\na = 1"),
            ("%%bash -s\necho it's\nls", f"{SKIPPED}('%%bash -s')\n\n"),
            ("%%time\na = 1", f"{SKIPPED}('%%time')\na = 1"),
            ("\n%%capture\n%cd x\na = 1", f"\n{SKIPPED}('%%capture')\n{SKIPPED}('%cd x')\na = 1"),
            ("x = (a\n  % b)\nc = 1", "x = (a\n  % b)\nc = 1"),
            ("x = a \\\n  % b\nc = 1", "x = a \\\n  % b\nc = 1"),
            ("s = '''\n%time\n!ls\n?'''", "s = '''\n%time\n!ls\n?'''"),
            ("s = 'is it so?'  # why?\nb = 1", "s = 'is it so?'  # why?\nb = 1"),
            ("a = 1  # %time\nb != !c", "a = 1  # %time\nb != !c"),
            ("f(a,\n  b)?\nc = 1", f"{SKIPPED}('f(a,')\n\nc = 1"),
        ],
    )
    def test_what_only_ipython_understands(self, cell: str, python: str) -> None:
        assert python_of(cell) == python
        assert python_of(cell).count("\n") == cell.count("\n")

    def test_a_broken_cell_is_blank_and_told(self) -> None:
        of = notebook("a = 1", "b = 2\nprint 'python 2'\n", "value = 3")
        assert of.text == "a = 1\n\n\n\nvalue = 3\n"
        (broken,) = of.broken_cells
        assert (broken.line, broken.column) == (3, 1)
        assert "print" in broken.reason
        assert of.position(broken.line, broken.column) == Span("train.ipynb", 2, 1, 2, 2, cell=2)
        assert name_span(of, "value").cell == 3
        assert of.lines(2)[1] == "print 'python 2'"

    @pytest.mark.parametrize("cell", ["(" * 300, "-" * 100_000 + "1", "x = '\ud800'", "x = '\0'"])
    def test_a_cell_that_breaks_the_parser(self, cell: str) -> None:
        of = notebook(cell, "value = 1")
        assert len(of.broken_cells) == 1
        assert name_span(of, "value") == Span("train.ipynb", 1, 1, 1, 6, cell=2)

    def test_without_cells(self) -> None:
        of = notebook()
        assert of.text == ""
        assert of.span(1, 0, 1, 0).line == 1
        assert of.lines(1) == []
