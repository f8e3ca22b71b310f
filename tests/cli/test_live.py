"""The view of a simulated run while it goes on: what it shows, and that it harms nothing."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from fcntl import ioctl
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from varsync.console.live.picture import Shown, draw
from varsync.console.live.screen import Screen
from varsync.console.style import Style
from varsync_runtime.course import Doing, Moment, Replica
from varsync_runtime.events.sites import Site

from tests.cli.simulations import MIRRORED, PATH
from tests.cli.terminals import Seen, Terminal

HERE = Site("/home/me/train.py", 41)


def moment(count: int, steps: int = 7) -> Moment:
    replicas = [
        Replica(rank, Doing.COMPUTES)
        if rank % 2
        else Replica(rank, Doing.WAITS, f"assign_add of `v{rank % 16}` float32[]", HERE)
        for rank in range(count)
    ]
    return Moment(steps, tuple(replicas))


def drawn(shown: Shown, columns: int = 80, lines: int = 24) -> list[str]:
    return draw(shown, columns, lines, Style())


def test_it_shows_who_does_what() -> None:
    replicas = (
        *(Replica(rank, Doing.COMPUTES) for rank in (0, 1, 2, 5)),
        Replica(3, Doing.WAITS, "assign_add of `total` float32[]", HERE),
        Replica(4, Doing.ENDED),
    )
    assert drawn(Shown("varsync", Moment(7, replicas), None, 61.9, 1)) == [
        "varsync 1:01  step 7  1 observation  6 replicas",
        "  computes     0-2, 5",
        "  waits        3  in assign_add of total float32[] at train.py:41",
        "  has ended    4",
    ]


def test_it_shows_how_far_it_is_where_that_is_known() -> None:
    shown = Shown("varsync", Moment(30, ()), 60, 5, None)
    assert drawn(shown) == ["varsync 0:05", f"step [{'#' * 20}{'.' * 20}] 30/60"]
    # steps that go on after the limit
    assert drawn(Shown("varsync", Moment(70, ()), 60, 5, None))[1].endswith(" 60/60")


def test_of_one_process_it_says_no_more_than_its_steps() -> None:
    one = Moment(3, (Replica(0, Doing.COMPUTES),))
    assert drawn(Shown("TensorFlow", one, None, 5, 0)) == [
        "TensorFlow 0:05  step 3  0 observations"
    ]


@pytest.mark.parametrize("count", [1, 2, 8, 64])
@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (40, 24), (40, 6), (10, 3), (1, 1)])
@pytest.mark.parametrize("most", [None, 1000])
def test_it_fits_each_terminal(count: int, columns: int, lines: int, most: int | None) -> None:
    shown = drawn(Shown("varsync", moment(count), most, 1, 3), columns, lines)
    assert 1 <= len(shown) <= max(lines // 2, 1)
    assert all(cell_len(line) < columns or not line for line in shown)
    if (count, columns, lines) == (64, 80, 24):
        assert sum(map(count_of, shown)) == 64


def count_of(row: str) -> int:
    """How many replicas a line tells of."""
    if more := re.match(r"  and (\d+) more", row):
        return int(more[1])
    if more := re.match(r"  computes +(\d+) of them", row):
        return int(more[1])
    found = re.match(r"  (?:computes|waits) +([\d, -]+?)(?:  |$)", row)
    spans = [part.split("-") for part in found[1].split(", ")] if found else []
    return sum(int(span[-1]) - int(span[0]) + 1 for span in spans)


def test_names_are_text() -> None:
    name = "assign of `\x1b[2J\u202e漢字漢字漢字`"
    replicas = tuple(Replica(rank, Doing.WAITS, name, HERE) for rank in range(2))
    for columns in range(1, 60):
        for line in drawn(Shown("varsync", Moment(0, replicas), None, 0, 0), columns):
            assert line.isprintable() and (cell_len(line) < columns or not line)


def test_colours_are_there_where_they_are_wanted() -> None:
    shown = Shown("varsync", moment(4), None, 0, 0)
    plain, coloured = (draw(shown, 80, 24, Style(color)) for color in (False, True))
    assert "\x1b" not in "".join(plain)
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in coloured] == plain != coloured


# The terminal -------------------------------------------------------------------------------------


@pytest.fixture
def screen() -> Iterator[tuple[Screen, int, int]]:
    """A screen, the terminal's side of it, and what the script writes to."""
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 6, 20, 0, 0))
    mode = termios.tcgetattr(slave)
    mode[1] &= ~termios.OPOST
    termios.tcsetattr(slave, termios.TCSANOW, mode)
    made = Screen(slave, ())
    yield made, master, slave
    made.close()
    os.close(master)
    os.close(slave)


def taken(master: int, slave: int) -> bytes:
    """What was written up to here."""
    os.write(slave, b"\0")
    read = b""
    while not read.endswith(b"\0"):
        read += os.read(master, 1 << 16)
    return read[:-1]


PIECES = st.sampled_from(
    [
        "a",
        "step 1\r\n",
        "\r",
        "x" * 20,
        "y" * 19,
        "é漢",
        "\x1b[31mred\x1b[0m",
        "\b\b",
        "\r\n",
        "z\r",
    ]
)
# a wide character at the edge, which the terminal of the tests does not know
NARROW = PIECES.filter(lambda piece: "漢" not in piece)


@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(NARROW, max_size=25),
    cuts=st.lists(st.integers(1, 30), min_size=1),
    lines=st.integers(0, 3),
)
def test_what_the_script_writes_is_as_if_there_was_no_view(
    pieces: list[str], cuts: list[int], lines: int
) -> None:
    """However it is cut: what is left on the terminal is what the script alone would leave."""
    whole = "".join(pieces).encode()
    writes = Recorded()
    at = number = 0
    while at < len(whole):
        size = cuts[number % len(cuts)]
        writes.screen.show(whole[at : at + size], [f"line {number}"] * lines)
        at, number = at + size, number + 1
    writes.screen.finish()
    alone, beside = Seen(20, 6), Seen(20, 6)
    alone.feed(whole.decode())
    beside.feed(b"".join(writes.data).decode())
    assert beside.text == alone.text
    assert beside.column == alone.column
    # and no byte of it is lost, changed or torn
    assert b"".join(writes.own) == whole


class Recorded:
    """A screen of 20 columns, and all that it writes."""

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.own: list[bytes] = []
        self.screen = _Screen(self)


class _Screen(Screen):
    def __init__(self, recorded: Recorded) -> None:
        self.recorded = recorded
        self._drawn, self._column, self._held = False, 0, b""

    def size(self) -> os.terminal_size:
        return os.terminal_size((20, 6))

    def _write(self, data: bytes) -> None:
        self.recorded.data.append(data)
        own = re.sub(rb"\x1b7\x1b\[m\x1b\[B\r\x1b\[J\x1b8", b"", data)
        self.recorded.own.append(
            re.sub(rb"(\x1bD)+\x1b\[\d+A\x1b7.*\x1b8$", b"", own, flags=re.DOTALL)
        )


def test_a_sequence_is_not_torn(screen: tuple[Screen, int, int]) -> None:
    made, *ends = screen
    for text in ("\x1b[38;5;1m", "é", "漢", "\x1b]8;;http://x\x1b\\", "\x1b(B"):
        for at in range(1, len(text.encode())):
            first, second = text.encode()[:at], text.encode()[at:]
            made.show(first, ["view"])
            made.show(second, ["view"])
            made.finish()
            assert text.encode() in taken(*ends)


def test_the_scripts_terminal_is_as_large_as_the_users(screen: tuple[Screen, int, int]) -> None:
    made, _, slave = screen
    pid = os.fork()
    if pid == 0:
        made._replaced = (7,)
        made.enter()
        size = os.get_terminal_size(7)
        os._exit(0 if os.isatty(7) and (size.columns, size.lines) == (20, 6) else 1)
    assert os.waitpid(pid, 0)[1] == 0
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 9, 33, 0, 0))
    assert made.size() == (33, 9)
    assert os.get_terminal_size(made.master) == (33, 9)


# Whole runs ---------------------------------------------------------------------------------------

COMMAND = """
import sys
from varsync import app
from varsync.console.live import view
view.DELAY = 0
sys.exit(app.main())
"""
WAITS = f"""{MIRRORED}
assert sys.stdout.isatty()  # on each replica, as what follows
columns = os.get_terminal_size().columns
assert os.get_terminal_size(2).columns == columns
assert os.ttyname(1) == os.ttyname(2)
print("pid", os.getpid(), [os.isatty(n) for n in range(3)], columns)
def step():
    v.assign_add(one())
for number in range(3):
    strategy.run(step)
    print("step", number)
os.write(1, b"raw\\n")
print("name? ", end="", flush=True)
name = sys.stdin.readline()
print("hello", name, end="")
"""
HELLO = ["step 0", "step 1", "step 2", "raw", "name? bob", "hello bob"]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    # pytest-xdist sets COLUMNS, which hides the terminal's own width
    hidden = ("CI", "NO_COLOR", "COLUMNS", "LINES")
    own = {key: value for key, value in os.environ.items() if key not in hidden}
    return {**own, "PYTHONPATH": PATH, "TERM": "xterm", **(more or {})}


def started(
    folder: Path,
    script: str,
    *options: str,
    columns: int = 80,
    more: Mapping[str, str] | None = None,
) -> Terminal:
    (folder / "train.py").write_text(script, encoding="utf-8")
    command = [sys.executable, "-c", COMMAND, "simulate", "train.py", "--report-file=report.json"]
    return Terminal([*command, *options], folder, environment(more), columns)


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 40])
def test_of_a_run(tmp_path: Path, columns: int) -> None:
    run = started(tmp_path, WAITS, "-n", "4", "--max-steps=9", columns=columns)
    run.shows(r"waits +1-3  in stdin.readline at train.py:" if columns == 80 else r"waits +1-3")
    seen = run.shows(r"step \[#+\.+\] 3/9")
    place = next(at for at, line in enumerate(seen.screen) if line.startswith("name?"))
    assert (seen.row, seen.column) == (place, len("name? "))  # the cursor is the script's
    assert seen.screen[place + 1].strip() == ""
    run.type("bob\n")
    assert run.end() == 0
    text = run.seen.text
    assert re.fullmatch(rf"pid \d+ \[True, True, True\] {columns}", text[0])
    assert [line for line in text if line in HELLO] == HELLO
    assert not [line for line in text if line.startswith(("varsync 0:", "step ["))]
    assert not [line for line in text if "waits" in line]
    assert run.seen.cursor and b"\x1b[?25l" not in run.written


@pytest.mark.slow
def test_64_replicas(tmp_path: Path) -> None:
    run = started(tmp_path, WAITS, "-n", "64")
    run.shows(r"waits +1-63")
    run.shows("64 replicas")
    run.type("bob\n")
    assert run.end() == 0
    assert [line for line in run.seen.text if line in HELLO] == HELLO


@pytest.mark.slow
@pytest.mark.parametrize("how", ["interrupt", "kill", "crash"])
def test_it_is_gone_however_the_run_ends(tmp_path: Path, how: str) -> None:
    script = f"{WAITS}\nraise ValueError('no')\n" if how == "crash" else WAITS
    run = started(tmp_path, script, "-n", "3")
    seen = run.shows(r"waits +1-2")
    if how == "interrupt":
        run.type("\x03")
    elif how == "kill":
        (line,) = [line for line in seen.text if line.startswith("pid")]
        os.kill(int(line.split()[1]), signal.SIGKILL)
    else:
        run.type("bob\n")
    code = run.end()
    text = run.seen.text
    assert code == (130 if how == "interrupt" else 3)
    assert not [line for line in text if line.startswith("varsync 0:")]
    assert not [line for line in text if re.search(r"^  (waits|computes) ", line)]
    status = json.loads((tmp_path / "report.json").read_text())["outcome"]["status"]
    assert status == {"interrupt": "interrupted", "kill": "replica lost"}.get(how, "script failed")
    assert run.seen.cursor


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "more"),
    [
        (["-q"], {}),
        (["--format=json"], {}),
        ([], {"TERM": "dumb"}),
        ([], {"CI": "true"}),
    ],
)
def test_where_nobody_looks_there_is_none(
    tmp_path: Path, options: list[str], more: dict[str, str]
) -> None:
    run = started(tmp_path, WAITS, "-n", "2", *options, more=more)
    run.shows("name?")
    run.type("bob\n")
    run.end()
    assert b"\x1bD" not in run.written
    assert not [line for line in run.seen.text if line.startswith("varsync 0:")]


@pytest.mark.slow
def test_without_colours(tmp_path: Path) -> None:
    run = started(tmp_path, WAITS, "-n", "2", more={"NO_COLOR": "1"})
    run.shows(r"waits +1 ")
    run.type("bob\n")
    run.end()
    assert not re.search(rb"\x1b\[[0-9;]+m", run.written)


@pytest.mark.slow
def test_a_stopped_run_leaves_the_terminal_to_the_shell(tmp_path: Path) -> None:
    run = started(tmp_path, WAITS, "-n", "2")
    run.shows(r"waits +1 ")
    run.type("\x1a")
    seen = run.until(lambda seen: not [line for line in seen.text if "waits" in line])
    assert os.WIFSTOPPED(os.waitpid(run.pid, os.WUNTRACED)[1])
    os.kill(run.pid, signal.SIGCONT)
    for pid in _group(run.pid):
        os.kill(pid, signal.SIGCONT)
    run.shows(r"waits +1 ")
    run.type("bob\n")
    assert run.end() == 0
    # the terminal shows ^Z where the name comes
    assert [line for line in seen.text if line in HELLO] == [*HELLO[:4], HELLO[5]]


def _group(leader: int) -> list[int]:
    """The processes of a group that we have started."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208
        try:
            if os.getpgid(int(entry)) == leader:
                found.append(int(entry))
        except OSError:
            continue
    return found


@pytest.mark.slow
def test_what_goes_through_a_pipe_is_the_same_to_the_byte(tmp_path: Path) -> None:
    """The standard output, where the standard error is a terminal, and where it is none."""
    script = f"{MIRRORED}\nprint('a\\tb', flush=True)\nos.write(1, b'\\x00\\xff\\r\\n\\x1b')\n"
    (tmp_path / "train.py").write_text(script, encoding="utf-8")
    command = [sys.executable, "-c", COMMAND, "simulate", "train.py", "-n", "2"]
    ours, theirs = pty.openpty()
    printed = []
    with (tmp_path / "out").open("wb") as file:
        for out, errors in ((file, theirs), (subprocess.PIPE, theirs), (subprocess.PIPE, None)):
            stream = subprocess.PIPE if errors is None else errors
            done = subprocess.run(
                command, cwd=tmp_path, stdout=out, stderr=stream, env=environment()
            )
            printed.append(done.stdout or (tmp_path / "out").read_bytes())
    os.close(ours)
    os.close(theirs)
    assert printed == [b"a\tb\n\x00\xff\r\n\x1b"] * 3
