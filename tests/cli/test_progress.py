"""The line that says how far a run has come, on a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pytest
from varsync.console.progress import DELAY, INTERVAL, Progress, line

WHAT = "reading files"


@dataclass
class Terminal:
    """A terminal: `stream` is the program's side of it."""

    master: int
    stream: TextIO

    def resize(self, columns: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def written(self) -> str:
        """What was written since the last time: what is read up to a mark, which comes last."""
        os.write(self.stream.fileno(), b"\0")
        read = b""
        while not read.endswith(b"\0"):
            read += os.read(self.master, 100_000)
        return read[:-1].decode()


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as stream:
        made = Terminal(master, stream)
        made.resize(60)
        yield made
    os.close(master)


@pytest.fixture(autouse=True)
def _not_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """There nothing moves."""
    monkeypatch.delenv("CI", raising=False)


class Clock:
    """Time that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def screen(written: str) -> list[str]:
    """The lines that a terminal shows after this."""
    shown = [""]
    for piece in re.split(r"(\r\n|\r|\n|\x1b\[K)", written):
        if piece in ("\r\n", "\n"):
            shown.append("")
        elif piece == "\x1b[K":
            shown[-1] = ""
        elif piece != "\r":
            shown[-1] += piece
    return [text for text in shown if text]


def test_a_short_run_shows_nothing(terminal: Terminal) -> None:
    clock = Clock()
    progress = Progress(terminal.stream, clock=clock)
    for done in range(100):
        progress(done, 100, WHAT)
        clock.now += DELAY / 101
    progress.clear()
    assert terminal.written() == ""


def test_a_long_run_shows_how_far_it_has_come(terminal: Terminal) -> None:
    clock = Clock()
    progress = Progress(terminal.stream, clock=clock)
    clock.now += DELAY
    progress(1, 4, WHAT)
    assert screen(terminal.written()) == [f"{WHAT} [#########{'.' * 30}] 1/4"]
    progress(2, 4, WHAT)
    assert terminal.written() == "", "not more often than anybody can see"
    clock.now += INTERVAL
    progress(4, 4, "checking")
    text = terminal.written()
    assert screen(text) == [f"checking [{'#' * 40}] 4/4"]
    progress.clear()
    assert screen(text + terminal.written()) == []
    progress.clear()
    assert terminal.written() == ""


def test_where_each_part_takes_its_time_it_shows_at_once(terminal: Terminal) -> None:
    progress = Progress(terminal.stream, delay=0.0, clock=Clock())
    progress(0, 4, "running train.py")
    assert screen(terminal.written()) == [f"running train.py [{'.' * 36}] 0/4"]


@pytest.mark.parametrize("columns", [1, 2, 10, 20, 30, 40, 80, 500])
def test_it_is_never_wider_than_the_terminal(terminal: Terminal, columns: int) -> None:
    terminal.resize(columns)
    clock = Clock()
    progress = Progress(terminal.stream, clock=clock)
    clock.now += DELAY
    progress(123_456, 1_234_567, WHAT)
    (shown,) = screen(terminal.written()) or [""]
    assert len(shown) < columns


@pytest.mark.parametrize(("done", "total"), [(0, 0), (5, 3), (0, 7)])
def test_odd_numbers(done: int, total: int) -> None:
    text = line(done, total, WHAT, 79)
    assert text.startswith(WHAT) and text.endswith(f" {done}/{total}")
    assert len(text) < 79


def test_a_terminal_that_is_gone(terminal: Terminal) -> None:
    clock = Clock()
    master, slave = pty.openpty()
    stream = os.fdopen(slave, "w")
    progress = Progress(stream, clock=clock)
    os.close(master)
    clock.now += DELAY
    progress(1, 2, WHAT)
    progress.clear()


PROGRAM = """
import os, signal, sys
from varsync.console import interrupt
from varsync.console import progress
interrupt.end_when_interrupted()
progress.DELAY = 0
with progress.on_terminal() as shown:
    if shown is progress.silently:
        sys.exit(3)
    shown(1, 2, "reading files")
    os.kill(os.getpid(), signal.SIGINT)
"""


def test_an_interrupt_takes_it_away(terminal: Terminal) -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], stderr=terminal.stream, check=False)
    assert ran.returncode == 128 + signal.SIGINT
    text = terminal.written()
    assert "reading files" in text
    assert screen(text) == ["varsync: interrupted"]


LINT = """
import sys
from varsync import app
from varsync.console import progress
progress.DELAY = progress.INTERVAL = 0
sys.exit(app.main())
"""


@pytest.mark.slow
@pytest.mark.parametrize("words", [[], ["--fix"], ["--output-format=json"], ["-q"]])
def test_of_a_lint(terminal: Terminal, tmp_path: Path, words: list[str]) -> None:
    text = "import tensorflow as tf\n\nv = tf.Variable(0)\n\n\ndef step(x):\n    v.assign(x)\n"
    for number in range(4):
        (tmp_path / f"a{number}.py").write_text(text)
    (tmp_path / "b.py").write_text("x = 1\n")
    ran = subprocess.run(
        [sys.executable, "-c", LINT, "lint", "--no-cache", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=terminal.stream,
        text=True,
    )
    assert ran.returncode == 0
    assert "files" not in ran.stdout or ran.stdout == "All checks passed in 5 files.\n"
    written = terminal.written()
    assert screen(written) == []
    if "-q" in words:
        assert written == ""
        return
    for what, total in (("reading files", 5), ("checking files", 4)):
        seen = [int(found) for found in re.findall(rf"{what} \[.*?\] (\d+)/{total}", written)]
        assert seen == sorted(seen)
        assert set(range(total)) <= set(seen)


@pytest.mark.parametrize("more", [{"TERM": "dumb"}, {"CI": "true"}, {}])
def test_without_a_terminal_there_is_none(terminal: Terminal, more: dict[str, str]) -> None:
    stream = terminal.stream if more else subprocess.PIPE
    environment = {**os.environ, "TERM": "xterm", **more}
    ran = subprocess.run([sys.executable, "-c", PROGRAM], stderr=stream, env=environment)
    assert (ran.returncode, ran.stderr or b"", terminal.written()) == (3, b"", "")
