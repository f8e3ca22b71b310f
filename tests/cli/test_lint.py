"""What `varsync lint` exits with and where it writes."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Shell


class Pipe(io.TextIOWrapper):
    """A standard input with these bytes."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))


class TestExitCode:
    @pytest.mark.parametrize(
        ("text", "code"),
        [("", 0), ("note_vs202", 0), ("warning_vs201", 1), ("error_vs101", 1)],
    )
    def test_by_the_worst_finding(self, shell: Shell, text: str, code: int) -> None:
        shell.write("a.py", f"note_vs202\n{text}\n" if text else "")
        assert shell("lint").code == code
        assert shell("lint", "--output-format", "json").code == code
        assert shell("lint", "--exit-zero").code == shell("lint", "-e").code == 0

    def test_a_file_that_cannot_be_read_fails(self, shell: Shell) -> None:
        shell.write("a.py", b"x = 1\0")
        shell.write("b.py")
        ran = shell("lint", "--output-format", "concise")
        assert ran.code == 1
        assert ran.out.splitlines()[0] == (
            "a.py:1:1: error VS903 this file is not checked: "
            "it holds a NUL byte, so it is not Python source"
        )
        assert ran.out.splitlines()[1].startswith("b.py:1:1: warning VS201")

    def test_what_was_not_checked_is_said_whatever_is_selected(self, shell: Shell) -> None:
        shell.write("a.py", b"\xff")
        assert shell.found("--select", "VS201") == ["a.py:1 VS903"]

    def test_usage_is_two(self, shell: Shell) -> None:
        assert shell("lint", "--nosuch").code == 2
        assert shell("nosuch").code == 2

    def test_suppressed_findings_do_not_fail(self, shell: Shell) -> None:
        shell.write("a.py", "warning_vs201  # varsync: ignore[VS201] it is fine\n")
        ran = shell("lint")
        assert (ran.code, ran.out) == (0, "All checks passed in 1 file, 1 finding suppressed.\n")


class TestOutput:
    def test_quiet_has_findings_alone(self, shell: Shell) -> None:
        shell.write("a.py")
        assert "Found" in shell("lint").out
        assert "Found" not in shell("lint", "-q").out
        assert "VS201" in shell("lint", "-q").out
        shell.write("a.py", "")
        ran = shell("lint", "--quiet")
        assert (ran.out, ran.err) == ("", "")

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("", "All checks passed in 2 files."),
            ("error_vs101", "Found 1 error in 2 files."),
            ("error_vs101 note_vs202", "Found 1 error and 1 note in 2 files."),
            (
                "error_vs101 warning_vs201 warning_vs201 note_vs202",
                "Found 1 error, 2 warnings and 1 note in 2 files.",
            ),
        ],
    )
    def test_the_summary(self, shell: Shell, text: str, line: str) -> None:
        shell.write("a.py", text)
        shell.write("b.py", "")
        assert shell("lint").out.splitlines()[-1] == line

    def test_to_a_file(self, shell: Shell) -> None:
        shell.write("a.py")
        for option in ("-o", "--output-file"):
            ran = shell("lint", "--output-format", "concise", option, "out.txt", "--color=always")
            assert ran.code == 1
            assert "VS201" not in ran.out
            text = (shell.folder / "out.txt").read_text()
            assert text == "a.py:1:1: warning VS201 warning_vs201 is misused\n"

    def test_to_what_stands_for_the_standard_output(self, shell: Shell) -> None:
        shell.write("a.py")
        assert shell("lint", "-o", "-", "--color=always") == shell("lint", "--color=always")
        assert not (shell.folder / "-").exists()

    def test_to_a_file_that_cannot_be_written(self, shell: Shell) -> None:
        ran = shell("lint", "-o", "nosuch/out.txt")
        assert ran.code == 2
        assert ran.err == "varsync: nosuch/out.txt: no such file or directory\n"

    @pytest.mark.parametrize("words", [["a.py"], [], ["src/b.py"]])
    @pytest.mark.parametrize("name", ["a.py", "link.txt"])
    def test_never_over_what_is_read(self, shell: Shell, words: list[str], name: str) -> None:
        source = shell.write("a.py")
        shell.write("src/b.py")
        (shell.folder / "link.txt").symlink_to("a.py")
        ran = shell("lint", *words, "-o", name)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == f"varsync: --output-file: {name} is one of the files to read\n"
        assert source.read_text() == "warning_vs201\n"

    def test_statistics(self, shell: Shell) -> None:
        shell.write("a.py", "warning_vs201\nwarning_vs202\n")
        shell.write("b.py", "warning_vs202\n" * 9)
        ran = shell("lint", "--statistics", "-q")
        assert ran.code == 1
        assert ran.out == (
            "10  VS202  sum-of-identical-updates\n 1  VS201  replica-update-without-aggregation\n"
        )
        ran = shell("lint", "--statistics", "--output-format", "json")
        assert [(entry["code"], entry["count"]) for entry in json.loads(ran.out)] == [
            ("VS202", 10),
            ("VS201", 1),
        ]

    def test_verbose_tells_on_the_standard_error(self, shell: Shell) -> None:
        shell.write("pyproject.toml", "[tool.varsync]\n")
        shell.write("a.py", "")
        shell.write("b.py", "")
        ran = shell("lint", "-v", "a.py")
        assert ran.out == "All checks passed in 1 file.\n"
        assert f"configuration: {shell.folder}/pyproject.toml\n" in ran.err
        assert "files: 1 checked, 1 read for context\n" in ran.err
        assert "varsync: remembered: 0\n" in ran.err
        assert "varsync: remembered: 1\n" in shell("lint", "-v", "a.py").err
        assert "time to analyse: 0." in ran.err

    @pytest.mark.parametrize(
        ("words", "environment", "colored"),
        [
            ([], {}, False),
            (["--color", "always"], {}, True),
            (["--color", "never"], {"FORCE_COLOR": "1"}, False),
            ([], {"FORCE_COLOR": "1"}, True),
            ([], {"FORCE_COLOR": "0"}, False),
            ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
            (["--color", "always"], {"NO_COLOR": "1"}, True),
        ],
    )
    @pytest.mark.parametrize("shape", ["full", "concise", "json"])
    def test_colours(
        self,
        shell: Shell,
        words: list[str],
        environment: dict[str, str],
        colored: bool,
        shape: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        shell.write("a.py")
        out = shell("lint", "--output-format", shape, *words).out
        assert ("\x1b[" in out) is (colored and shape != "json")


class TestStandardInput:
    @pytest.fixture(autouse=True)
    def standard_input(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", Pipe(b"\nwarning_vs201\n"))

    def test_without_a_name(self, shell: Shell) -> None:
        shell.write("other.py")
        assert shell.found("-") == ["-:2 VS201"]

    def test_in_the_place_of_a_file(self, shell: Shell) -> None:
        shell.write("src/a.py", "warning_vs202\n")
        shell.write("model.py", "created_here\n")
        ran = shell("lint", "--stdin-filename", "src/a.py", "-")
        assert ran.out.startswith("src/a.py:2:1  warning VS201")
        assert "--> model.py:1:1  created here" in ran.out
        assert "VS202" not in ran.out

    def test_with_the_settings_of_its_place(self, shell: Shell) -> None:
        shell.write("src/pyproject.toml", "[tool.varsync]\nignore = ['VS2']\n")
        assert shell.found("--stdin-filename", "src/new.py", "-") == []

    def test_that_is_excluded(self, shell: Shell) -> None:
        words = ["--stdin-filename", "build/a.py", "-"]
        assert shell.found(*words) == ["build/a.py:2 VS201"]

    def test_that_is_excluded_by_force(self, shell: Shell) -> None:
        assert shell.found("--force-exclude", "--stdin-filename", "build/a.py", "-") == []

    def test_a_notebook(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        cell = {"cell_type": "code", "source": "\n\nerror_vs101"}
        monkeypatch.setattr(sys, "stdin", Pipe(json.dumps({"cells": [cell]}).encode()))
        ran = shell("lint", "--output-format", "concise", "--stdin-filename", "n.ipynb", "-")
        assert ran.out.startswith("n.ipynb:cell 1:3:1: error VS101 ")

    @pytest.mark.parametrize(
        "words",
        [
            ["-", "a.py"],
            ["--stdin-filename", "a.py"],
            ["--stdin-filename", "", "-"],
            ["--stdin-filename", ".", "-"],
        ],
    )
    def test_that_makes_no_sense(self, shell: Shell, words: list[str]) -> None:
        shell.write("a.py")
        ran = shell("lint", *words)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.count("\n") == 1


def test_a_name_that_is_no_text(shell: Shell) -> None:
    name = os.fsdecode(b"caf\xe9\x1b[31m.py")
    shell.write(name)
    ran = shell("lint", "--output-format", "concise")
    assert ran.out.startswith("caf\\udce9\\x1b[31m.py:1:1: warning VS201")
    (entry,) = json.loads(shell("lint", "--output-format", "json").out)
    assert Path(entry["filename"]).name == name
    assert shell("lint", "-o", "out.txt").code == 1


class TestIgnoreNoqa:
    def test_no_comment_silences(self, shell: Shell) -> None:
        shell.write(
            "a.py", "warning_vs201  # noqa: VS201\nwarning_vs202  # varsync: ignore[VS202]\n"
        )
        shell.write("b.py", "# varsync: ignore-file\nwarning_vs201\n")
        assert shell.found() == []
        assert shell.found("--ignore-noqa") == ["a.py:1 VS201", "a.py:2 VS202", "b.py:2 VS201"]

    def test_it_is_not_for_what_writes_comments(self, shell: Shell) -> None:
        shell.write("a.py")
        ran = shell("lint", "--ignore-noqa", "--add-noqa")
        assert (ran.code, ran.err) == (2, "varsync: --add-noqa does not go with --ignore-noqa\n")
