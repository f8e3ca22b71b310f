"""`varsync lint --watch`: what makes it check again, what does not, and how it ends."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import varsync.files.replacing
from varsync.app import main
from varsync.linting.watching import difference

from tests.cli.conftest import Shell
from tests.cli.test_fix import NONE
from tests.rules.test_target import BATCH_NORMALIZATION


class Over(BaseException):
    """Ends a watch that has nothing more to see, as Ctrl-C would."""


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What happens one after another; each when what was before is told and nothing moves."""
    pending: list[Callable[[], object]] = []
    idle = 0

    def sleep(seconds: float) -> None:
        nonlocal idle
        idle += 1
        # each change is waited for, and what does not show after this many looks never will
        if idle % 4:
            return
        if not pending:
            raise Over
        pending.pop(0)()

    monkeypatch.setattr("time.sleep", sleep)
    return pending


def watch(shell: Shell, *words: str) -> tuple[str, list[str]]:
    """What a watch writes: the standard output, and what the standard error has before each wait.

    The time is taken out.
    """
    with pytest.raises(Over):
        main(["lint", "--watch", "--output-format", "concise", *words])
    out, err = shell.capture.readouterr()
    lines = [line.split("] ", 1)[-1] for line in err.splitlines()]
    return out, [line for line in lines if line != "Watching for changes; Ctrl-C ends it."]


class TestChanges:
    def test_files_that_change_come_and_go(
        self, shell: Shell, events: list[Callable[[], object]]
    ) -> None:
        file = shell.write("src/a.py", "x = 1\n")
        events += [
            lambda: shell.write("src/a.py", "warning_vs201\n"),
            lambda: shell.write("b.py", "error_vs101\n"),
            file.unlink,
            lambda: [shell.write(f"c{number}.py", "") for number in range(5)],
            lambda: shell.write("words.txt", "no Python\n"),
        ]
        out, said = watch(shell)
        assert said == [
            "checking",
            "src/a.py changed",
            "b.py added",
            "src/a.py removed",
            "c0.py, c1.py, c2.py and 2 more added",
        ]
        assert [line for line in out.splitlines() if not line.startswith("b.py")] == [
            "All checks passed in 1 file.",
            "src/a.py:1:1: warning VS201 warning_vs201 is misused",
            "Found 1 warning in 1 file.",
            "src/a.py:1:1: warning VS201 warning_vs201 is misused",
            "Found 1 error and 1 warning in 2 files.",
            "Found 1 error in 1 file.",
            "Found 1 error in 6 files.",
        ]

    def test_what_is_read_with_a_file(
        self, shell: Shell, events: list[Callable[[], object]]
    ) -> None:
        shell.write("a.py")
        shell.write("model.py", "x = 1\n")
        events.append(lambda: shell.write("model.py", "created_here\n"))
        _, said = watch(shell, "a.py", "--output-format", "full")
        assert said == ["checking", "model.py changed"]

    def test_configuration(self, shell: Shell, events: list[Callable[[], object]]) -> None:
        shell.write("a.py")
        events += [
            lambda: shell.write("pyproject.toml", "[tool.varsync]\nignore = ['VS2']\n"),
            lambda: shell.write("pyproject.toml", "[tool.varsync]\nignore = ['VS']\nbroken\n"),
            lambda: shell.write("a.py", "error_vs101\n"),
            lambda: shell.write("pyproject.toml", "[tool.varsync]\n"),
            lambda: shell.write(".gitignore", "a.py\n"),
        ]
        out, said = watch(shell)
        broken = [line for line in said if line.startswith("varsync: pyproject.toml: not TOML")]
        assert len(broken) == 2
        assert [line for line in said if line not in broken] == [
            "checking",
            "pyproject.toml added",
            "pyproject.toml changed",
            "a.py changed",
            "pyproject.toml changed",
            "a.py removed",
        ]
        assert out.splitlines() == [
            "a.py:1:1: warning VS201 warning_vs201 is misused",
            "Found 1 warning in 1 file.",
            "All checks passed in 1 file.",
            "a.py:1:1: error VS101 error_vs101 is misused",
            "Found 1 error in 1 file.",
            "Nothing to check: no Python files found.",
        ]

    def test_requirements(self, real: Shell, events: list[Callable[[], object]]) -> None:
        real.write("a.py", BATCH_NORMALIZATION)
        events += [
            lambda: real.write("requirements.txt", "keras<3\n"),
            lambda: real.write("requirements.txt", "keras>=3\n"),
        ]
        out, said = watch(real)
        assert [line for line in said if "requirements" in line or line == "checking"] == [
            "checking",
            "requirements.txt added",
            "requirements.txt changed",
        ]
        assert out.count("VS213") == 2
        assert out.count("All checks passed") == 1

    def test_a_file_that_goes_and_comes_back(
        self, shell: Shell, events: list[Callable[[], object]]
    ) -> None:
        file = shell.write("a.py")
        events += [file.unlink, lambda: shell.write("a.py", "x = 1\n")]
        out, said = watch(shell, "a.py")
        assert said == [
            "checking",
            "a.py changed",
            "varsync: a.py: no such file or directory",
            "a.py changed",
        ]
        assert out.endswith("Found 1 warning in 1 file.\nAll checks passed in 1 file.\n")

    def test_while_something_changes_it_waits(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A checkout writes files for a while, and a build writes one again and again."""
        shell.write("a.py", "")
        left = 30

        def sleep(seconds: float) -> None:
            nonlocal left
            left -= 1
            if left > 10:
                shell.write("a.py", "x\n" * left)
            elif not left:
                raise Over

        monkeypatch.setattr("time.sleep", sleep)
        assert watch(shell)[1] == ["checking", "a.py changed"]

    def test_a_file_that_does_not_parse(
        self, real: Shell, events: list[Callable[[], object]]
    ) -> None:
        real.write("a.py", "x = 1\n")
        events += [lambda: real.write("a.py", "x = (\n"), lambda: real.write("a.py", b"\0")]
        out, _ = watch(real)
        assert [line[:26] for line in out.splitlines()[1::2]] == [
            "a.py:1:5: error VS901 not ",
            "a.py:1:1: error VS903 this",
        ]

    def test_the_current_folder_is_removed(
        self, shell: Shell, events: list[Callable[[], object]]
    ) -> None:
        file = shell.write("below/a.py", "x = 1\n")
        os.chdir(file.parent)
        events.append(lambda: shutil.rmtree(file.parent))
        ran = shell("lint", "--watch", "-q")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == "varsync: the current folder does not exist any more\n"


class TestFix:
    def test_its_own_writes_are_no_changes(
        self, real: Shell, events: list[Callable[[], object]]
    ) -> None:
        file = real.write("train.py", NONE)
        other = real.write("pyproject.toml", "[tool.varsync]\nfix = true\n")
        events += [lambda: file.write_text(NONE + "\n"), lambda: other.write_text("[tool.varsync]")]
        out, said = watch(real)
        assert said == ["checking", "train.py changed", "pyproject.toml changed"]
        assert out == (
            "Fixed 1 finding.\nAll checks passed in 1 file.\n" * 2
            + "All checks passed in 1 file.\n"
        )

    def test_what_is_written_by_others_meanwhile_is(
        self, real: Shell, events: list[Callable[[], object]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = real.write("train.py", NONE)
        replace = varsync.files.replacing.replace

        def replace_and_edit(path: str, old: bytes, new: bytes) -> None:
            replace(path, old, new)
            file.write_text("x = 1\n")

        monkeypatch.setattr("varsync.files.replacing.replace", replace_and_edit)
        out, said = watch(real, "--fix")
        assert said == ["checking", "train.py changed"]
        assert out.endswith("All checks passed in 1 file.\n" * 2)

    def test_a_difference_again_and_again(
        self, real: Shell, events: list[Callable[[], object]]
    ) -> None:
        real.write("train.py", NONE)
        events.append(lambda: real.write("train.py", "x = 1\n"))
        out, said = watch(real, "--diff")
        assert said == ["checking", "Would fix 1 finding.", "train.py changed", "Nothing to fix."]
        assert out.count("+++ train.py") == 1


class TestOutput:
    def test_quiet(self, shell: Shell, events: list[Callable[[], object]]) -> None:
        shell.write("a.py")
        assert watch(shell, "-q") == ("a.py:1:1: warning VS201 warning_vs201 is misused\n", [])

    def test_names_are_text(self) -> None:
        here = Path.cwd() / "a\x1b[31m.py"
        assert difference({}, {str(here): (1, 1, 1)}) == "a\\x1b[31m.py added"

    def test_nothing_that_is_new_to_say(self) -> None:
        assert difference({}, {"a reason": None}) == "checking"


class TestMistakes:
    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["-"], "--watch does not go with -"),
            (["--add-noqa"], "--watch does not go with --add-noqa"),
            (["--show-files"], "--watch does not go with --show-files"),
            (["--show-settings"], "--watch does not go with --show-settings"),
            (["nosuch.py"], "nosuch.py: no such file or directory"),
            (["--select", "VS9x"], "--select: there is no rule 'VS9x'"),
        ],
    )
    def test_end_it_at_once(self, shell: Shell, words: list[str], message: str) -> None:
        shell.write("a.py")
        ran = shell("lint", "--watch", *words)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f"varsync: {message}")
        assert ran.err.count("\n") == 1


class Process:
    """A watch in a process of its own."""

    def __init__(self, folder: Path, **streams: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "varsync", "lint", "--watch", "--output-format=concise"],
            cwd=folder,
            stdout=streams.get("stdout", subprocess.PIPE),
            stderr=streams.get("stderr", subprocess.PIPE),
            text=True,
        )

    def told(self) -> list[str]:
        """What it writes to the standard error until it waits: reading waits for it."""
        assert self.process.stderr is not None
        lines = []
        while not (line := self.process.stderr.readline()).startswith("Watching"):
            assert line, "it ended"
            lines.append(line)
        return lines


@pytest.mark.slow
def test_from_the_first_check_to_ctrl_c(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    watched = Process(tmp_path)
    (line,) = watched.told()
    assert line.endswith("] checking\n")
    (tmp_path / "a.py").write_text("x = (\n")
    (line,) = watched.told()
    assert line.endswith("] a.py changed\n")
    watched.process.send_signal(signal.SIGINT)
    out, err = watched.process.communicate()
    assert watched.process.returncode == 130
    assert err == "varsync: interrupted\n"
    assert out.startswith("All checks passed in 1 file.\na.py:1:5: error VS901 ")


@pytest.mark.slow
def test_it_ends_with_its_reader(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    watched = Process(tmp_path)
    watched.told()
    assert watched.process.stdout is not None
    watched.process.stdout.close()
    (tmp_path / "a.py").write_text("x = 12\n")
    assert watched.process.wait() == 0


@pytest.mark.slow
def test_a_terminal_is_cleared_before_each_check(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    master, slave = pty.openpty()
    watched = Process(tmp_path, stdout=slave, stderr=slave)
    os.close(slave)
    text = ""
    while "Watching" not in text:
        text += os.read(master, 4096).decode()
    watched.process.send_signal(signal.SIGINT)
    assert watched.process.wait() == 130
    os.close(master)
    assert text.startswith("\x1b[H\x1b[2J\x1b[3J[")
    assert "All checks passed" in text
