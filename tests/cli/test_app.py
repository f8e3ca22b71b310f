"""The command itself: how it starts, and how it ends when something goes wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import varsync
import varsync_rules.lint
from varsync.app import command_names, main

from tests.cli.conftest import Shell

VARSYNC = [sys.executable, "-m", "varsync"]


def imported(*words: str) -> set[str]:
    """The modules that a run of Python imports."""
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", *words], capture_output=True, text=True, check=True
    )
    lines = [line for line in ran.stderr.splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[1].strip() for line in lines}


HEAVY = {
    "typer",
    "rich",
    "pathspec",
    "click",
    "numpy",
    "autograd",
    "libcst",
    "tomllib",
    "multiprocessing",
    "importlib.metadata",
    "asyncio",
}


class TestStart:
    @pytest.mark.parametrize("words", [["-m", "varsync", "--version"], ["-c", "import varsync"]])
    def test_nothing_heavy_is_imported(self, words: list[str]) -> None:
        bare = imported("-c", "pass")
        seen = imported(*words)
        assert "varsync" in seen
        assert not (seen - bare) & (HEAVY | {"varsync_rules", "ast", "dataclasses"})

    def test_lint_imports_what_it_needs(self, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_text("import tensorflow as tf\n")
        seen = imported("-m", "varsync", "lint", "--isolated", str(tmp_path))
        assert "varsync.linting.analysis" in seen
        # nothing in the file has to be evaluated
        unwanted = {
            "varsync_rules.lint",
            "rich",
            "rich.console",
            "pathspec",
            "tomllib",
            "libcst",
            "tensorflow",
        }
        assert not seen & (unwanted | {"numpy", "autograd"})

    def test_the_functions_of_the_package(self) -> None:
        from varsync.api import lint

        assert varsync.lint is lint
        classes = {"CannotRun", "Finding", "Simulation"}
        assert set(dir(varsync)) == {"__version__", "lint", "simulate"} | classes
        with pytest.raises(AttributeError, match="nosuch"):
            _ = varsync.nosuch

    @pytest.mark.parametrize("word", ["--version", "-V"])
    def test_version(self, word: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([word]) == 0
        assert capsys.readouterr().out == f"varsync {varsync.__version__}\n"


class TestHelp:
    def test_without_a_command_help_is_shown(self, shell: Shell) -> None:
        ran = shell()
        assert ran.code == 2
        assert "Usage: varsync" in ran.out
        assert shell("--help").out == shell("-h").out == ran.out
        assert shell("--help").code == 0

    def test_every_command_is_listed_and_has_help(self, shell: Shell) -> None:
        text = shell("--help").out
        assert {"lint", "rule"} <= set(command_names())
        for name in command_names():
            assert f"\n  {name} " in text
            ran = shell(name, "--help")
            assert ran.code == 0
            assert ran.out.startswith(f"Usage: varsync {name} ")


def test_a_command_with_options_of_its_own(shell: Shell) -> None:
    ran = shell("table", "--strategy", "mirrored", "--output-format", "plain")
    assert (ran.code, ran.err) == (0, "")
    assert "SyncOnReadVariable" in ran.out
    assert "MirroredStrategy, 2 replicas" in shell("table").out
    for words in (["--strategy", "horovod"], ["--output-format", "xml"]):
        ran = shell("table", *words)
        assert ran.code == 2
        assert ran.err.count("\n") == 1


class TestBugs:
    @pytest.fixture
    def broken(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
        def fail(*_: object, **__: object) -> None:
            raise ZeroDivisionError("a\nmessage\x1b")

        monkeypatch.setattr(varsync_rules.lint, "evaluate", fail)
        shell.write("a.py", "")
        return shell

    def test_one_plain_line_and_two(self, broken: Shell) -> None:
        ran = broken("lint")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == (
            f"varsync: this is a bug in varsync {varsync.__version__}: ZeroDivisionError: "
            "a message\\x1b (please report it; add --traceback to see where)\n"
        )

    def test_a_traceback_where_it_is_asked_for(
        self, broken: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for words in (["--traceback", "lint"], ["lint", "--traceback"]):
            ran = broken(*words)
            assert ran.code == 2
            assert "Traceback (most recent call last)" in ran.err
        monkeypatch.setenv("VARSYNC_TRACEBACK", "1")
        assert "Traceback" in broken("lint").err
        monkeypatch.setenv("VARSYNC_TRACEBACK", "0")
        assert "Traceback" not in broken("lint").err

    def test_exit_zero_does_not_hide_it(self, broken: Shell) -> None:
        assert broken("lint", "--exit-zero").code == 2


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of which some are evaluated and the others are parsed by a child, for seconds."""
    folder = tmp_path_factory.mktemp("tree")
    for number in range(120):
        (folder / f"plain{number}.py").write_text("x = [1, 2, (3, 4)]\n" * 4_000)
        head = "import tensorflow as tf\nv = tf.Variable(0)\n"
        (folder / f"tf{number}.py").write_text(head + "v.assign_add(1)\n" * 1_000)
    return folder


class TestEnd:
    @pytest.mark.parametrize(
        ("words", "code"),
        [
            (["rule", "--all"], 0),
            (["table"], 0),
            (["table", "--output-format=json"], 0),
            (["lint", "--output-format=json"], 1),
            (["--help"], 1),
        ],
    )
    def test_a_pipe_that_nobody_reads(self, words: list[str], code: int, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_bytes(b"\0")
        for name in range(400):
            (tmp_path / f"a{name}.py").write_bytes(b"\0")
        process = subprocess.Popen(
            [*VARSYNC, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
        )
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait(30) == code

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has /dev/full")
    def test_a_disk_that_is_full(self, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_bytes(b"\0")
        with Path("/dev/full").open("w") as full:
            ran = subprocess.run(
                [*VARSYNC, "lint"], stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path
            )
        assert ran.returncode == 2
        assert ran.stderr == "varsync: the output can't be written: no space left on device\n"

    def test_a_current_folder_that_is_gone(self, tmp_path: Path) -> None:
        (tmp_path / "gone").mkdir()
        script = f"cd gone && rmdir ../gone && {sys.executable} -m varsync lint {tmp_path}"
        ran = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True)
        assert ran.returncode == 2
        assert ran.stderr == "varsync: the current folder does not exist any more\n"

    def test_closed_streams(self, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_bytes(b"\0")
        script = f"{sys.executable} -m varsync lint >&- 2>&-"
        assert subprocess.run(["sh", "-c", script], cwd=tmp_path).returncode == 1

    def test_an_encoding_that_cannot_say_it(self, tmp_path: Path) -> None:
        (tmp_path / "é漢.py").write_bytes(b"\0")
        environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
        ran = subprocess.run(
            [*VARSYNC, "lint"], capture_output=True, text=True, cwd=tmp_path, env=environment
        )
        assert ran.returncode == 1
        assert ran.stdout.startswith("\\xe9\\u6f22.py:1:1  error VS903")

    def test_interrupted(self, tmp_path: Path) -> None:
        process = subprocess.Popen(
            [*VARSYNC, "lint", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
        )
        time.sleep(0.2)
        deadline = time.monotonic() + 20
        while not _waits_for_input(process.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out) == (130, b"")
        assert err == b"varsync: interrupted\n"

    @pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
    @pytest.mark.parametrize("group", [True, False], ids=["terminal", "kill"])
    @pytest.mark.parametrize("moment", ["0", "0.05", "0.15", "0.4", "child", "later"])
    def test_interrupted_at_any_moment(self, tree: Path, moment: str, group: bool) -> None:
        # what a console script does, and a word when it begins
        script = (
            "import sys; from varsync import app; from varsync.console import interrupt\n"
            "begin = interrupt.end_when_interrupted\n"
            "def told(): begin(); print('begins', flush=True)\n"
            "interrupt.end_when_interrupted = told; sys.exit(app.main())"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", script, "lint", "-q", "."],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tree,
            start_new_session=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"begins\n"
        if moment in ("child", "later"):
            deadline = time.monotonic() + 30
            while not (children := _children(process.pid)) and time.monotonic() < deadline:
                time.sleep(0.005)
            assert children
            time.sleep(0.3 if moment == "later" else 0)
        else:
            time.sleep(float(moment))
        children = _children(process.pid)
        (os.killpg if group else os.kill)(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (130, b"", b"varsync: interrupted\n")
        deadline = time.monotonic() + 5
        while any(_is_running(child) for child in children) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not any(_is_running(child) for child in children)

    @pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
    def test_killed_without_a_word_leaves_no_child(self, tree: Path) -> None:
        process = subprocess.Popen(
            [*VARSYNC, "lint", "-q", "."], stderr=subprocess.PIPE, cwd=tree, start_new_session=True
        )
        deadline = time.monotonic() + 30
        while not (children := _children(process.pid)) and time.monotonic() < deadline:
            time.sleep(0.005)
        assert children
        process.kill()
        _, err = process.communicate(timeout=30)
        assert err == b""
        deadline = time.monotonic() + 5
        while any(_is_running(child) for child in children) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not any(_is_running(child) for child in children)


def _stat(pid: str) -> list[str]:
    """The state of a process, and its parent; nothing where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return []


def _children(pid: int) -> list[str]:
    """The processes that a process started."""
    every = [entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [entry for entry in every if _stat(entry)[1:] == [str(pid)]]


def _is_running(pid: str) -> bool:
    """Whether a process is there and not only waits to be buried."""
    return _stat(pid)[:1] not in ([], ["Z"])


def _waits_for_input(pid: int) -> bool:
    """Whether a process has imported everything and blocks; on systems that don't tell, yes."""
    try:
        return (
            "pipe" in Path(f"/proc/{pid}/wchan").read_text()
            or "S (sleeping)" in Path(f"/proc/{pid}/status").read_text()
        )
    except OSError:
        return True
