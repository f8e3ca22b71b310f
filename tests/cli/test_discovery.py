"""Which files are checked, and which are only read."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Shell


def files(found: list[str]) -> list[str]:
    return [line.split(":")[0] for line in found]


class TestFolders:
    def test_python_files_of_all_kinds(self, shell: Shell) -> None:
        notebook = '{"cells": [{"cell_type": "code", "source": "warning_vs201"}]}'
        for name in ("a.py", "b.pyi", "c.txt", "deep/er/d.py", "e.pyc", "py", "A.PY"):
            shell.write(name)
        shell.write("n.ipynb", notebook)
        assert files(shell.found()) == ["a.py", "b.pyi", "deep/er/d.py", "n.ipynb"]

    def test_without_a_path_it_is_the_current_folder(self, shell: Shell) -> None:
        shell.write("a.py")
        assert shell.found() == shell.found(".") == shell.found(str(shell.folder))

    def test_a_file_that_is_named_twice_is_checked_once(self, shell: Shell) -> None:
        shell.write("src/a.py")
        assert shell.found("src", "src/a.py", ".", "./src/../src") == ["src/a.py:1 VS201"]

    @pytest.mark.parametrize("name", [".venv", "node_modules", "build", "dist", "site-packages"])
    def test_what_is_nobodys_source_is_left_out(self, shell: Shell, name: str) -> None:
        shell.write(f"{name}/a.py")
        shell.write(f"src/{name}/deep/a.py")
        shell.write("a.py")
        assert files(shell.found()) == ["a.py"]

    @pytest.mark.parametrize("name", ["build", "site-packages", ".venv"])
    def test_but_only_below_the_folder_that_was_asked_for(self, shell: Shell, name: str) -> None:
        shell.write(f"{name}/pkg/a.py")
        assert files(shell.found(name)) == [f"{name}/pkg/a.py"]
        os.chdir(name)
        assert files(shell.found()) == ["pkg/a.py"]
        assert files(shell.found("pkg")) == ["pkg/a.py"]

    @pytest.mark.parametrize(
        ("words", "left"),
        [
            (["--exclude", "gen"], ["a.py", "build/a.py", "src/a.py"]),
            (["--extend-exclude", "gen"], ["a.py", "src/a.py"]),
            (["--extend-exclude", "src/gen,a.py"], ["gen/b.py"]),
            (["--extend-exclude", "src/*"], ["a.py", "gen/b.py"]),
            (["--extend-exclude", "gen", "--extend-exclude", "src"], ["a.py"]),
        ],
    )
    def test_exclude(self, shell: Shell, words: list[str], left: list[str]) -> None:
        for name in ("a.py", "src/a.py", "src/gen/a.py", "gen/b.py", "build/a.py"):
            shell.write(name)
        assert files(shell.found(*words)) == left

    def test_exclude_of_the_command_line_counts_from_the_current_folder(self, shell: Shell) -> None:
        shell.write("src/gen/a.py")
        shell.write("src/b.py")
        os.chdir("src")
        assert files(shell.found("--extend-exclude", "gen/*")) == ["b.py"]
        assert files(shell.found("--extend-exclude", "src/gen/*")) == ["b.py", "gen/a.py"]

    def test_exclude_of_the_configuration_counts_from_its_folder(self, shell: Shell) -> None:
        shell.write("pyproject.toml", "[tool.varsync]\nextend-exclude = ['src/gen']\n")
        shell.write("src/gen/a.py")
        shell.write("other/src/gen/a.py")
        assert files(shell.found()) == ["other/src/gen/a.py"]
        os.chdir("src")
        assert files(shell.found()) == []

    def test_links(self, shell: Shell) -> None:
        shell.write("src/a.py")
        (shell.folder / "link.py").symlink_to("src/a.py")
        (shell.folder / "gone.py").symlink_to("nosuch.py")
        (shell.folder / "linked").symlink_to("src")
        (shell.folder / "src" / "up").symlink_to("..")
        assert files(shell.found()) == ["src/a.py"]
        assert files(shell.found("linked")) == ["src/a.py"]

    def test_a_link_to_itself_is_a_finding(self, shell: Shell) -> None:
        (shell.folder / "loop.py").symlink_to("loop.py")
        shell.write("a.py")
        assert shell.found() == ["a.py:1 VS201", "loop.py:1 VS903"]
        assert shell.found("loop.py") == ["loop.py:1 VS903"]

    def test_what_is_no_file_is_left_alone(self, shell: Shell) -> None:
        os.mkfifo(shell.folder / "pipe.py")
        (shell.folder / "folder.py").mkdir()
        shell.write("folder.py/a.py")
        assert files(shell.found()) == ["folder.py/a.py"]

    def test_a_folder_that_cannot_be_listed_is_a_finding(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shell.write("secret/a.py")
        shell.write("a.py")
        scandir = os.scandir

        def refuse(path: str) -> object:
            if str(path).endswith("secret"):
                raise PermissionError(13, "Permission denied")
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refuse)
        assert shell.found() == ["a.py:1 VS201", "secret:1 VS903"]

    def test_deeper_than_the_stack(self, shell: Shell) -> None:
        deep = "/".join(["d"] * 1200)
        top = shell.folder / "d"
        for _ in range(1200):
            Path("d").mkdir()
            os.chdir("d")
        Path("a.py").write_text("warning_vs201\n")
        os.chdir(shell.folder)
        try:
            assert files(shell.found()) == [f"{deep}/a.py"]
        finally:
            subprocess.run(["rm", "-rf", str(top)], check=True)


class TestNothing:
    def test_zero_files_is_no_error_and_says_so(self, shell: Shell) -> None:
        ran = shell("lint")
        assert ran.code == 0
        assert ran.out == "Nothing to check: no Python files found.\n"

    @pytest.mark.parametrize("words", [["-q"], ["--output-format", "json"]])
    def test_also_where_there_is_no_summary(self, shell: Shell, words: list[str]) -> None:
        ran = shell("lint", *words)
        assert ran.code == 0
        assert ran.err == "varsync: nothing to check: no Python files found\n"

    @pytest.mark.parametrize("path", ["nosuch.py", "nosuch/", ""])
    def test_a_missing_path_is_an_error(self, shell: Shell, path: str) -> None:
        shell.write("a.py")
        ran = shell("lint", "a.py", path)
        assert (ran.code, ran.out) == (2, "")
        assert "no such file or directory" in ran.err
        assert ran.err.count("\n") == 1


class TestFilesByName:
    def test_are_checked_whatever_they_are_called(self, shell: Shell) -> None:
        shell.write("script")
        shell.write("build/a.py")
        assert files(shell.found("script", "build/a.py")) == ["build/a.py", "script"]

    def test_force_exclude(self, shell: Shell) -> None:
        for name in ("build/a.py", "src/gen/a.py", "src/a.py"):
            shell.write(name)
        words = ["--force-exclude", "--extend-exclude", "src/gen", "build/a.py", "src/gen/a.py"]
        assert shell.found(*words) == []
        assert shell.found(*words, "src/a.py") == ["src/a.py:1 VS201"]
        assert shell.found("--force-exclude", "build") == []

    def test_force_exclude_looks_only_below_the_project(self, shell: Shell, tmp_path: Path) -> None:
        folder = tmp_path / "build" / "project"
        (folder / ".git").mkdir(parents=True)
        (folder / "a.py").write_text("warning_vs201\n")
        os.chdir(folder)
        assert shell.found("--force-exclude", "a.py") == ["a.py:1 VS201"]
        assert shell.found("--force-exclude", str(folder / "a.py")) == ["a.py:1 VS201"]
        assert shell.found("--force-exclude", ".") == ["a.py:1 VS201"]

    def test_two_thousand_of_them(self, shell: Shell) -> None:
        names = [f"src/a{number:04}.py" for number in range(2000)]
        for name in names:
            shell.write(name, "x = 1\n")
        shell.write(names[1234])
        assert shell.found(*names) == [f"{names[1234]}:1 VS201"]


class TestContext:
    def context(self, shell: Shell, *words: str) -> list[str]:
        """The files with a place that the finding is related to."""
        ran = shell("lint", "-q", *words)
        return [line.split()[1] for line in ran.out.splitlines() if line.strip().startswith("-->")]

    @pytest.fixture
    def project(self, shell: Shell) -> Shell:
        shell.write("src/a.py")
        shell.write("src/model.py", "created_here\nwarning_vs202\n")
        shell.write("other.py", "created_here\nwarning_vs202\n")
        shell.write("build/gen.py", "created_here\n")
        return shell

    def test_the_rest_of_the_project_is_read_and_not_reported(self, project: Shell) -> None:
        assert project.found("src/a.py") == ["src/a.py:1 VS201"]
        assert self.context(project, "src/a.py") == ["other.py:1:1", "src/model.py:1:1"]

    def test_from_anywhere(self, project: Shell) -> None:
        os.chdir("src")
        assert self.context(project, "a.py") == [f"{project.folder}/other.py:1:1", "model.py:1:1"]
        os.chdir("/")
        assert len(self.context(project, str(project.folder / "src/a.py"))) == 2

    def test_can_be_left_out(self, project: Shell) -> None:
        assert self.context(project, "--no-context", "src/a.py") == []

    def test_of_a_folder_is_its_project_too(self, project: Shell) -> None:
        select = ("--select", "VS201")
        assert self.context(project, *select, "src") == ["other.py:1:1", "src/model.py:1:1"]
        assert self.context(project, *select, "--no-context", "src") == ["src/model.py:1:1"]
        assert project.found("src") == ["src/a.py:1 VS201", "src/model.py:2 VS202"]

    def test_of_the_nearest_project(self, project: Shell) -> None:
        project.write("src/pyproject.toml", "")
        assert self.context(project, "src/a.py") == ["src/model.py:1:1"]

    def test_without_a_project_it_is_what_lies_beside_it(self, shell: Shell) -> None:
        (shell.folder / ".git").rmdir()
        shell.write("a.py")
        shell.write("model.py", "created_here\n")
        shell.write("package/__init__.py", "created_here\n")
        shell.write("package/sub/__init__.py", "created_here\n")
        shell.write("other/code.py", "created_here\n")
        seen = self.context(shell, "a.py")
        assert seen == ["model.py:1:1", "package/__init__.py:1:1", "package/sub/__init__.py:1:1"]

    def test_that_cannot_be_read_is_nobodys_concern(self, project: Shell) -> None:
        project.write("broken.py", b"\0")
        assert project.found("src/a.py") == ["src/a.py:1 VS201"]


class TestGit:
    def test_what_git_ignores_is_left_out(self, shell: Shell) -> None:
        shell.write(".gitignore", "# made by a tool\n/gen/\n*_pb2.py\n!keep_pb2.py\nsrc/**/tmp/\n")
        for name in (
            "gen/a.py",
            "src/gen/a.py",
            "src/a_pb2.py",
            "src/keep_pb2.py",
            "src/x/tmp/a.py",
            "a.py",
        ):
            shell.write(name)
        left = ["a.py", "src/gen/a.py", "src/keep_pb2.py"]
        assert files(shell.found()) == left
        os.chdir("src")
        assert files(shell.found()) == ["gen/a.py", "keep_pb2.py"]
        assert len(shell.found("--no-respect-gitignore")) == 4

    def test_a_nested_file_comes_first(self, shell: Shell) -> None:
        shell.write(".gitignore", "*_gen.py\n")
        shell.write("src/.gitignore", "!b_gen.py\n/x.py\n")
        for name in ("a_gen.py", "src/a_gen.py", "src/b_gen.py", "src/x.py", "src/y/x.py"):
            shell.write(name)
        assert files(shell.found()) == ["src/b_gen.py", "src/y/x.py"]
        assert files(shell.found("src")) == ["src/b_gen.py", "src/y/x.py"]

    def test_the_private_file_of_the_repository_counts(self, shell: Shell) -> None:
        shell.write(".git/info/exclude", "mine.py\n")
        shell.write("mine.py")
        shell.write("a.py")
        assert files(shell.found()) == ["a.py"]

    def test_what_is_asked_for_is_checked_all_the_same(self, shell: Shell) -> None:
        shell.write(".gitignore", "/gen/\nb.py\n")
        shell.write("gen/a.py")
        shell.write("gen/b.py")
        assert files(shell.found("gen")) == ["gen/a.py", "gen/b.py"]
        assert files(shell.found("gen/b.py")) == ["gen/b.py"]

    def test_without_a_repository_the_folders_own_files_count(self, shell: Shell) -> None:
        (shell.folder / ".git").rmdir()
        shell.write(".gitignore", "b.py\n")
        shell.write("src/b.py")
        shell.write("src/a.py")
        assert files(shell.found()) == ["src/a.py"]

    @pytest.mark.parametrize("line", [b"!\n", b"\\\n", b"[\n", b"\xff.py\n", b"**\n", b"/\n"])
    def test_an_odd_line_is_no_error(self, shell: Shell, line: bytes) -> None:
        shell.write(".gitignore", line + b"b.py\n")
        shell.write("b.py")
        shell.write("a.py")
        assert "b.py" not in files(shell.found())

    def test_the_same_as_git(self, shell: Shell) -> None:
        """Git itself says what is ignored."""
        (shell.folder / ".git").rmdir()
        subprocess.run(["git", "init", "-q", "."], check=True)
        shell.write(
            ".gitignore",
            "build*/\n/only_top.py\ndoc/*.py\n**/deep.py\nx/**/y.py\n!x/keep/y.py\n*.tmp.py\n"
            "sub/\\#odd.py\n[ab]?.py\nwith space.py\ntrailing.py   \n",
        )
        names = [
            *("build_1/a.py", "only_top.py", "s/only_top.py", "doc/a.py", "doc/d/a.py"),
            *("deep.py", "s/deep.py", "x/y.py", "x/keep/y.py", "x/1/2/y.py", "z.tmp.py"),
            *("sub/#odd.py", "a1.py", "c1.py", "s/b2.py", "trailing.py", "with space.py"),
        ]
        for name in names:
            shell.write(name)
        listed = subprocess.run(
            ["git", "ls-files", "--others", "--exclude-standard", "-z", "*.py"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split("\0")
        assert files(shell.found()) == sorted(name for name in listed if name)


def test_a_link_to_a_file_of_the_project_is_not_another_file(shell: Shell) -> None:
    shell.write("a/x.py")
    shell.write("elsewhere.txt")
    (shell.folder / "a" / "link.py").symlink_to("x.py")
    (shell.folder / "a" / "other.py").symlink_to("../elsewhere.txt")
    assert shell.found() == ["a/other.py:1 VS201", "a/x.py:1 VS201"]
    assert shell.found("a/link.py") == ["a/link.py:1 VS201"]


def test_callers_are_found_through_files_that_say_nothing_themselves(real: Shell) -> None:
    real.write("pk/__init__.py", "from pk.a import Counter\n")
    real.write(
        "pk/a.py",
        "import tensorflow as tf\n\n\nclass Counter(tf.Module):\n"
        "    def __init__(self):\n        self.seen = tf.Variable(0.0, trainable=False)\n\n"
        "    def step(self, x):\n        self.seen.assign_add(tf.reduce_sum(x))\n",
    )
    real.write(
        "train.py",
        "import tensorflow as tf\nimport pk\n\nstrategy = tf.distribute.MirroredStrategy()\n"
        "with strategy.scope():\n    c = pk.Counter()\n"
        "for x in strategy.experimental_distribute_dataset(tf.data.Dataset.range(4.0)):\n"
        "    strategy.run(c.step, args=(x,))\n",
    )
    assert real.found() == real.found("pk/a.py") == ["pk/a.py:9 VS201"]
