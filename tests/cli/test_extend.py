"""A configuration made of several: `extend`, `--config` with a file and with keys, `--isolated`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.cli.test_config import table

THREE = "error_vs101\nwarning_vs201\nwarning_vs202\n"


def codes(shell: Shell, *words: str) -> set[str]:
    return {line.split()[1] for line in shell.found(*words)}


class TestExtend:
    @pytest.mark.parametrize(
        ("base", "own", "expected"),
        [
            # as ruff: what the base selects and ignores holds until something selects anew
            ("select = ['VS2']", "", {"VS201", "VS202"}),
            ("select = ['VS2']", "ignore = ['VS201']", {"VS202"}),
            ("select = ['VS2']", "extend-select = ['VS101']", {"VS101", "VS201", "VS202"}),
            ("ignore = ['VS201']", "select = ['VS2']", {"VS201", "VS202"}),
            ("select = ['VS1']", "select = ['VS2']", {"VS201", "VS202"}),
            # a list of exclusions takes the other's place, one of further ones is added
            ("extend-exclude = ['a.py']", "exclude = ['b.py']", set()),
            ("exclude = ['a.py']", "exclude = ['b.py']", {"VS101", "VS201", "VS202"}),
            (
                "per-file-ignores = {'a.py' = ['VS1']}",
                "per-file-ignores = {'a.py' = ['VS2']}",
                {"VS101"},
            ),
        ],
    )
    def test_what_is_set_here_comes_over_the_base(
        self, shell: Shell, base: str, own: str, expected: set[str]
    ) -> None:
        shell.write("base.toml", base)
        shell.write("deep/pyproject.toml", table(f"extend = '../base.toml'\n{own}"))
        shell.write("deep/a.py", THREE)
        assert codes(shell) == expected

    def test_a_chain(self, shell: Shell) -> None:
        shell.write("one.toml", "select = ['VS2']")
        shell.write("two/pyproject.toml", table("extend = '../one.toml'\nfail-on = 'never'"))
        shell.write("pyproject.toml", table("extend = 'two/pyproject.toml'\nignore = ['VS202']"))
        shell.write("a.py", THREE)
        assert shell.found() == ["a.py:2 VS201"]
        ran = shell("lint", "-v")
        assert ran.code == 0
        names = [f"{shell.folder}/{name}" for name in ("pyproject.toml", "two/pyproject.toml")]
        assert f"configuration: {', '.join(names)}, {shell.folder}/one.toml\n" in ran.err
        shown = shell("lint", "--show-settings").out
        assert 'select = ["VS201", "VS203"' in shown
        assert "  # one.toml, pyproject.toml\n" in shown
        assert 'fail-on = "never"  # two/pyproject.toml\n' in shown
        assert "force-exclude = false\n" in shown

    def test_patterns_are_relative_to_the_file_that_has_them(self, shell: Shell) -> None:
        shell.write(
            "shared/base.toml",
            "extend-exclude = ['../project/gen/*', 'own/*']\n"
            "per-file-ignores = {'../project/b.py' = ['VS2'], '!../project/c.py' = ['VS1']}",
        )
        shell.write("project/pyproject.toml", table("extend = '../shared/base.toml'"))
        for name in ("project/gen/a.py", "project/own/a.py", "project/b.py", "project/c.py"):
            shell.write(name, "error_vs101 warning_vs201\n")
        found = ["project/c.py:1 VS101", "project/c.py:1 VS201", "project/own/a.py:1 VS201"]
        assert shell.found() == found
        os.chdir("project")
        assert shell.found() == [line.removeprefix("project/") for line in found]

    def test_of_a_config_file_they_are_relative_to_the_current_folder(self, shell: Shell) -> None:
        shell.write("shared/base.toml", "extend-exclude = ['gen/*']")
        shell.write("shared/own.toml", "extend = 'base.toml'")
        shell.write("gen/a.py")
        shell.write("shared/gen/a.py")
        assert shell.found("--config", "shared/own.toml") == ["shared/gen/a.py:1 VS201"]

    def test_a_baseline_is_found_beside_the_file_that_names_it(self, shell: Shell) -> None:
        shell.write("shared/base.toml", "baseline = 'old.json'")
        shell.write("a.py")
        assert shell("baseline", "update", "--baseline", "shared/old.json").code == 0
        shell.write("pyproject.toml", table("extend = 'shared/base.toml'"))
        assert shell.found() == []

    def test_home_and_environment_variables(
        self, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "base.toml").write_text("select = ['VS201']")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("SHARED", str(tmp_path))
        shell.write("a.py", THREE)
        for name in ("~/base.toml", "$SHARED/base.toml", "${SHARED}/base.toml"):
            shell.write("pyproject.toml", table(f"extend = '{name}'"))
            assert codes(shell) == {"VS201"}

    @pytest.mark.parametrize(
        ("files", "message"),
        [
            ({"b.toml": None}, "extend: b.toml: no such file or directory"),
            ({"b.toml": "extend = 'pyproject.toml'"}, "b.toml extends pyproject.toml"),
            ({"b.toml": "extend = './b.toml'"}, "it goes in a circle: b.toml extends b.toml"),
            (
                {"b.toml": "extend = 'c.toml'", "c.toml": "extend = 'b.toml'"},
                "c.toml: [tool.varsync] extend: it goes in a circle: b.toml extends c.toml extends"
                " b.toml",
            ),
            ({"b.toml": "[tool.other]\n"}, "extend: b.toml: it has no [tool.varsync]"),
            ({"b.toml": "not TOML"}, "extend: b.toml: not TOML"),
            ({"b.toml": "selct = []"}, "b.toml: has no key 'selct' (did you mean select?)"),
            ({"b.toml": "extend = 3"}, "b.toml: extend must be the name of a file"),
            ({"b.toml": "select = ['VS9x']"}, "b.toml: [tool.varsync] select: there is no rule"),
            ({"b.toml": "extend-exclude = ['x/[']"}, "extend-exclude: 'x/[' is no pattern"),
        ],
    )
    def test_mistakes_are_one_line(
        self, shell: Shell, files: dict[str, str | None], message: str
    ) -> None:
        shell.write("pyproject.toml", table("extend = 'b.toml'"))
        for name, text in files.items():
            if text is not None:
                shell.write(name, text)
        shell.write("a.py")
        for words in ((), ("a.py",), ("--config", "pyproject.toml")):
            ran = shell("lint", *words)
            assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
            assert message in ran.err
        assert shell("lint", "--isolated").code == 1


class TestInline:
    def test_it_lies_between_the_file_and_the_option(self, shell: Shell) -> None:
        shell.write("pyproject.toml", table("select = ['VS1']\noutput-format = 'json'"))
        shell.write("a.py", THREE)
        inline = ("--config", "select = ['VS201']")
        assert codes(shell, *inline) == {"VS201"}
        assert codes(shell, *inline, "--select", "VS202") == {"VS202"}
        assert codes(shell, *inline, "--ignore", "VS201") == set()
        assert shell("lint", *inline, "--config", "output-format = 'github'").out.startswith("::")

    def test_several_and_a_file(self, shell: Shell) -> None:
        shell.write("other.toml", "select = ['VS2']")
        shell.write("a.py", THREE)
        words = ("--config", "ignore=['VS201']", "--config", "other.toml")
        assert codes(shell, *words) == {"VS202"}
        assert codes(shell, *words, "--config", "select = ['VS1']") == {"VS101"}
        assert codes(shell, "--config", "select=['VS1']", "--config", "select=['VS2']") == {
            "VS201",
            "VS202",
        }

    def test_with_isolated_no_file_is_read(self, shell: Shell) -> None:
        shell.write("pyproject.toml", table("select = ['VS1']"))
        shell.write("a.py", THREE)
        assert codes(shell, "--isolated", "--config", "ignore = ['VS201']") == {"VS101", "VS202"}

    def test_patterns_are_from_the_current_folder(self, shell: Shell) -> None:
        shell.write("pyproject.toml", table(""))
        shell.write("src/gen/a.py")
        shell.write("gen/a.py")
        os.chdir("src")
        words = ("--config", "extend-exclude = ['gen/*']", "..")
        assert shell.found(*words) == [f"{shell.folder}/gen/a.py:1 VS201"]

    def test_a_file_may_have_an_equals_sign(self, shell: Shell) -> None:
        shell.write("a=b.toml", "select = ['VS101']")
        shell.write("a.py", THREE)
        assert codes(shell, "--config", "a=b.toml") == {"VS101"}

    def test_a_baseline_is_written_with_them(self, shell: Shell) -> None:
        shell.write("a.py", THREE)
        assert shell("baseline", "update", "--config", "select = ['VS1']").code == 0
        assert codes(shell, "--baseline", ".varsync-baseline.json") == {"VS201", "VS202"}

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["selct = []"], "--config: has no key 'selct' (did you mean select?)"),
            (["select = 'VS2'"], "--config: select must be a list of strings"),
            (["select = ['VS9x']"], "--config: select: there is no rule 'VS9x'"),
            (["select = ["], "--config: not TOML: "),
            (["fix = yes"], "--config: not TOML: "),
            (["= 3"], "--config: not TOML: "),
            (["extend = 'a.toml'"], "--config: extend stands in a file"),
            (["exclude = ['x[']"], "--config: exclude: 'x[' is no pattern"),
            (["a.toml", "b.toml"], "--config: there are two files, a.toml and b.toml"),
            (["\x1b[31m=1"], "--config: not TOML: "),
        ],
    )
    def test_mistakes_are_one_line(self, shell: Shell, words: list[str], message: str) -> None:
        shell.write("a.toml", "")
        shell.write("b.toml", "")
        ran = shell("lint", *[part for word in words for part in ("--config", word)])
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert message in ran.err
        assert "\x1b" not in ran.err

    def test_isolated_and_a_file_exclude_each_other(self, shell: Shell) -> None:
        shell.write("a.toml", "")
        ran = shell("lint", "--isolated", "--config", "a.toml")
        assert (ran.code, ran.err) == (
            2,
            "varsync: --isolated reads no configuration file, and --config names one: a.toml\n",
        )
