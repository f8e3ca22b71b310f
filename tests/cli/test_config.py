"""Which settings hold where, and what a broken configuration says."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

TWO = "warning_vs201 warning_vs202\n"


def table(text: str) -> str:
    return f"[project]\nname = 'x'\n[tool.varsync]\n{text}\n"


class TestSelection:
    @pytest.mark.parametrize(
        ("words", "codes"),
        [
            ([], {"VS101", "VS201", "VS202"}),
            (["--select", "VS201"], {"VS201"}),
            (["--select", "vs201"], {"VS201"}),
            (["--select", "VS2"], {"VS201", "VS202"}),
            (["--select", "ALL"], {"VS101", "VS201", "VS202"}),
            (["--select", "none-under-strategy"], {"VS101"}),
            (["--select", "VS101,VS202"], {"VS101", "VS202"}),
            (["--select", "VS101", "--select", "VS202"], {"VS101", "VS202"}),
            (["--ignore", "VS2"], {"VS101"}),
            (["--select", "VS2", "--ignore", "VS201"], {"VS202"}),
            (["--select", "VS201", "--ignore", "VS2"], {"VS201"}),
            (["--select", "VS201", "--ignore", "VS201"], set()),
            (["--select", "VS101", "--extend-select", "VS202"], {"VS101", "VS202"}),
            (["--ignore", "VS2", "--extend-select", "VS202"], {"VS101", "VS202"}),
            (["--per-file-ignores", "*.py:VS2"], {"VS101"}),
            (["--per-file-ignores", "a.py:VS201,VS202,b.py:VS101"], {"VS101"}),
            (["--per-file-ignores", "{a,b}.py:VS2"], {"VS101"}),
            (["--per-file-ignores", "!a.py:VS2"], {"VS101", "VS201", "VS202"}),
            (["--per-file-ignores", "!b.py:VS2"], {"VS101"}),
        ],
    )
    def test_of_the_command_line(self, shell: Shell, words: list[str], codes: set[str]) -> None:
        shell.write("a.py", "error_vs101\nwarning_vs201\nwarning_vs202\n")
        assert {line.split()[1] for line in shell.found(*words)} == codes

    @pytest.mark.parametrize(
        ("config", "words", "codes"),
        [
            ("select = ['VS2']", [], {"VS201", "VS202"}),
            ("select = ['VS2']", ["--select", "VS101"], {"VS101"}),
            ("ignore = ['VS2']", ["--select", "VS201"], {"VS201"}),
            ("ignore = ['VS2']", ["--extend-select", "VS201"], {"VS101", "VS201"}),
            ("select = ['VS2']", ["--ignore", "VS201"], {"VS202"}),
            ("select = ['VS101']\nextend-select = ['VS202']", [], {"VS101", "VS202"}),
            ("per-file-ignores = {'a.*' = ['VS2']}", [], {"VS101"}),
            ("per-file-ignores = {'b.*' = ['VS2']}", [], {"VS101", "VS201", "VS202"}),
            (
                "per-file-ignores = {'a.*' = ['VS2']}",
                ["--per-file-ignores", "b.py:VS1"],
                {"VS101", "VS201", "VS202"},
            ),
        ],
    )
    def test_of_a_file_below_the_command_line(
        self, shell: Shell, config: str, words: list[str], codes: set[str]
    ) -> None:
        shell.write("pyproject.toml", table(config))
        shell.write("a.py", "error_vs101\nwarning_vs201\nwarning_vs202\n")
        assert {line.split()[1] for line in shell.found(*words)} == codes
        everything = {"VS101", "VS201", "VS202"}
        assert {line.split()[1] for line in shell.found("--isolated")} == everything


class TestWhichFile:
    def test_the_nearest_one_holds(self, shell: Shell) -> None:
        shell.write("pyproject.toml", table("select = ['VS201']"))
        shell.write("a.py", TWO)
        shell.write("deep/pyproject.toml", table("select = ['VS202']"))
        shell.write("deep/er/a.py", TWO)
        assert shell.found() == ["a.py:1 VS201", "deep/er/a.py:1 VS202"]
        assert shell.found("deep/er/a.py") == ["deep/er/a.py:1 VS202"]
        os.chdir("deep")
        assert shell.found() == ["er/a.py:1 VS202"]
        assert shell.found("../a.py") == [f"{shell.folder}/a.py:1 VS201"]

    def test_one_without_a_table_is_passed_over(self, shell: Shell) -> None:
        shell.write("pyproject.toml", table("select = ['VS201']"))
        shell.write("deep/pyproject.toml", "[project]\nname = 'varsync-user'\n")
        shell.write("deep/a.py", TWO)
        assert shell.found() == shell.found("deep") == ["deep/a.py:1 VS201"]

    def test_patterns_are_relative_to_it(self, shell: Shell) -> None:
        shell.write("deep/pyproject.toml", table("per-file-ignores = {'tests/*' = ['ALL']}"))
        shell.write("deep/tests/a.py")
        shell.write("deep/other/tests/a.py")
        shell.write("tests/a.py")
        assert shell.found() == ["deep/other/tests/a.py:1 VS201", "tests/a.py:1 VS201"]

    @pytest.mark.parametrize("name", ["pyproject.toml", "varsync.toml", "other.toml"])
    def test_config_holds_for_all(self, shell: Shell, name: str, tmp_path: Path) -> None:
        config = tmp_path / "elsewhere" / name
        config.parent.mkdir()
        config.write_text(table("select = ['VS201']\nper-file-ignores = {'src/*' = ['VS2']}"))
        shell.write("pyproject.toml", table("select = ['VS202']"))
        shell.write("a.py", TWO)
        shell.write("src/a.py", TWO)
        assert shell.found("--config", str(config)) == ["a.py:1 VS201"]

    def test_config_may_hold_the_keys_at_its_top(self, shell: Shell) -> None:
        shell.write("varsync.toml", "select = ['VS202']\n")
        shell.write("a.py", TWO)
        assert shell.found("--config", "varsync.toml") == ["a.py:1 VS202"]

    def test_output_format(self, shell: Shell) -> None:
        shell.write("pyproject.toml", table("output-format = 'json'"))
        shell.write("a.py", "")
        assert shell("lint").out == "[]\n"
        assert "All checks passed" in shell("lint", "--output-format", "full").out


class TestMistakes:
    @pytest.mark.parametrize(
        ("config", "message"),
        [
            ("select = ['VS999']", "select: there is no rule 'VS999'"),
            ("ignore = ['E501']", "ignore: there is no rule 'E501'"),
            ("extend-select = ['x']", "extend-select: there is no rule 'x'"),
            ("per-file-ignores = {'a' = ['x']}", "per-file-ignores: there is no rule 'x'"),
            ("per-file-ignores = ['a']", "per-file-ignores must be a table"),
            ("per-file-ignores = {'a' = 'VS2'}", "per-file-ignores: 'a' must be a list of strings"),
            ("select = ['']", "select: '' is no rule"),
            ("ignore = ['VS2', ' ']", "ignore: ' ' is no rule"),
            ("extend-select = ['']", "extend-select: '' is no rule"),
            ("per-file-ignores = {'a' = ['']}", "per-file-ignores: '' is no rule"),
            ("exclude = ['']", "exclude: '' is no pattern: it names nothing"),
            ("extend-exclude = ['a', './']", "extend-exclude: './' is no pattern"),
            ("exclude = ['a[']", "exclude: 'a[' is no pattern: '[' without ']'"),
            ("per-file-ignores = {'{a' = ['VS2']}", "per-file-ignores: '{a' is no pattern"),
            ("select = 'VS2'", "select must be a list of strings"),
            ("exclude = [1]", "exclude must be a list of strings"),
            ("force-exclude = 1", "force-exclude must be true or false"),
            (
                "output-format = 'xml'",
                "output-format must be one of full, concise, grouped, json, ",
            ),
            (
                "output-format = ['full']",
                "output-format must be one of full, concise, grouped, json, ",
            ),
            ("selct = ['VS2']", "has no key 'selct' (did you mean select?)"),
            ("extend_select = []", "has no key 'extend_select' (did you mean extend-select?)"),
            ("zzz = 1", "has no key 'zzz' (it has extend, select, "),
        ],
    )
    def test_in_the_table(self, shell: Shell, config: str, message: str) -> None:
        shell.write("pyproject.toml", table(config))
        shell.write("a.py")
        ran = shell("lint")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("varsync: pyproject.toml: [tool.varsync] ")
        assert message in ran.err
        assert ran.err.count("\n") == 1

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"[tool.varsync\nselect = []\n", "not TOML: "),
            (b"this is no TOML", "not TOML: "),
            (b"[tool]\nvarsync = 1\n", "tool.varsync must be a table"),
            (b"tool = 3\n", "tool must be a table"),
            (b"tool = []\n", "tool must be a table"),
            (b"[[tool.varsync]]\n", "tool.varsync must be a table"),
            (b"# \xff\n[tool.varsync]\n", "not UTF-8"),
            (b"x = " + b"[" * 100_000, "not TOML: "),
        ],
    )
    @pytest.mark.parametrize("path", [".", "a.py"])
    def test_in_the_file(self, shell: Shell, data: bytes, message: str, path: str) -> None:
        shell.write("pyproject.toml", data)
        shell.write("a.py")
        ran = shell("lint", path)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("varsync: pyproject.toml: ")
        assert message in ran.err
        assert ran.err.count("\n") == 1
        assert shell("lint", path, "--isolated").code == 1

    @pytest.mark.parametrize("path", [".", "a.py", "src"])
    def test_in_what_is_no_file(self, shell: Shell, path: str) -> None:
        shell.write("a.py")
        shell.write("src/a.py")
        pyproject = shell.folder / "pyproject.toml"
        pyproject.mkdir()
        assert shell("lint", path).err == "varsync: pyproject.toml: is a directory\n"
        pyproject.rmdir()
        pyproject.symlink_to("nosuch.toml")
        assert shell("lint", path).err == "varsync: pyproject.toml: no such file or directory\n"
        pyproject.unlink()
        os.mkfifo(pyproject)
        ran = shell("lint", path)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == "varsync: pyproject.toml: it is a pipe, not a file\n"
        assert shell("lint", path, "--isolated").code == 1

    def test_a_list_without_rules_is_none_of_them(self, shell: Shell) -> None:
        shell.write("pyproject.toml", table("select = []"))
        shell.write("a.py", TWO)
        shell.write("b.py", b"\0")
        assert shell.found() == ["b.py:1 VS903"]
        assert shell.found("--extend-select", "VS202") == ["a.py:1 VS202", "b.py:1 VS903"]

    def test_a_broken_file_of_others_below_is_not_ours(self, shell: Shell) -> None:
        shell.write("template/pyproject.toml", "name = {{ name }}\n")
        shell.write("template/a.py")
        assert shell.found() == ["template/a.py:1 VS201"]

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["--select", "VS999"], "--select: there is no rule 'VS999'"),
            (["--select", "VS21x"], "--select: there is no rule"),
            (["--ignore", "zz-9"], "--ignore: there is no rule 'zz-9'"),
            (["--select", ""], "--select: '' is no rule"),
            (["--select", "VS201,"], "--select: '' is no rule"),
            (["--ignore", ","], "--ignore: '' is no rule"),
            (["--extend-select", " "], "--extend-select: '' is no rule"),
            (["--per-file-ignores", ""], "--per-file-ignores: '' is not PATTERN:RULE"),
            (["--per-file-ignores", "a.py:VS2,"], "--per-file-ignores: '' is not PATTERN:RULE"),
            (["--per-file-ignores", "b[:VS2"], "--per-file-ignores: 'b[' is no pattern"),
            (["--exclude", ""], "--exclude: '' is no pattern: it names nothing"),
            (["--exclude", "a,,b"], "--exclude: '' is no pattern"),
            (["--extend-exclude", "src/{a"], "--extend-exclude: 'src/{a' is no pattern: '{'"),
            (["--exclude", "src/[z-a]"], "--exclude: 'src/[z-a]' is no pattern: '[z-a]' is no"),
            (["--extend-select", "F401"], "--extend-select: there is no rule 'F401'"),
            (["--per-file-ignores", "a.py"], "--per-file-ignores: 'a.py' is not PATTERN:RULE"),
            (["--per-file-ignores", "a.py:VS999"], "--per-file-ignores: there is no rule 'VS999'"),
            (["--config", "nosuch.toml"], "nosuch.toml: no such file or directory"),
            (["--config", "empty.toml"], "empty.toml"),
            (["--config", "folder"], "folder: is a directory"),
            (["--config", "/dev/zero"], "/dev/zero: it is a device, not a file"),
            (["--output-format", "xml"], "xml"),
            (["--nosuch"], "--nosuch"),
        ],
    )
    def test_on_the_command_line(self, shell: Shell, words: list[str], message: str) -> None:
        shell.write("a.py")
        shell.write("empty.toml", "[tool.other]\n")
        (shell.folder / "folder").mkdir()
        ran = shell("lint", *words)
        assert (ran.code, ran.out) == (2, "")
        assert message in ran.err
        assert ran.err.count("\n") == 1
        assert ran.err.startswith("varsync: ")

    def test_a_near_name_is_suggested(self, shell: Shell) -> None:
        ran = shell("lint", "--select", "none-under-stratgy")
        assert "did you mean none-under-strategy?" in ran.err


class TestWhatHolds:
    def test_the_settings_are_a_configuration(self, shell: Shell) -> None:
        shell.write(
            "pyproject.toml",
            table("select = ['VS1']\nper-file-ignores = {'a/*' = ['VS101']}\nfail-on = 'error'"),
        )
        shell.write("a/b.py")
        ran = shell("lint", "--show-settings")
        assert ran.code == 0
        shell.write("pyproject.toml", f"[tool.varsync]\n{ran.out}")
        again = shell("lint", "--show-settings").out
        assert [line.split("  # ")[0] for line in again.splitlines()] == [
            line.split("  # ")[0] for line in ran.out.splitlines()
        ]
        assert set(re.findall("  # (.*)", again)) == {"pyproject.toml"}
        assert 'per-file-ignores = {"a/*" = ["VS101"]}' in ran.out
        assert 'fail-on = "error"' in ran.out

    def test_the_files(self, shell: Shell) -> None:
        shell.write("b.py")
        shell.write("a/c.ipynb", "{}")
        shell.write("build/d.py")
        ran = shell("lint", "--show-files")
        assert (ran.code, sorted(ran.out.splitlines())) == (0, ["a/c.ipynb", "b.py"])


@pytest.mark.parametrize(
    ("text", "fail_on", "code"),
    [
        ("note_vs202", "note", 1),
        ("note_vs202", "warning", 0),
        ("warning_vs201", "warning", 1),
        ("warning_vs201", "error", 0),
        ("error_vs101", "error", 1),
        ("error_vs101", "never", 0),
    ],
)
def test_fail_on(shell: Shell, text: str, fail_on: str, code: int) -> None:
    shell.write("a.py", text)
    assert shell("lint", "--fail-on", fail_on).code == code
    shell.write("pyproject.toml", table(f"fail-on = '{fail_on}'"))
    assert shell("lint").code == code
