"""Scripts that fail, hang or misbehave under `varsync simulate`: one clear account, the right exit
code, the script's own traceback as Python shows it, and nothing left behind."""

from __future__ import annotations

import errno
import functools
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.cli.simulations import MIRRORED, Done, line_of, simulate

# replica code between two collectives; what is wrong happens on replica 1 only
STEP = """
def step():
    v.assign_add(one())  # before
    if replica() == 1:
        {fault}  # fault
    v.assign_add(one())  # after
strategy.run(step)
"""


def fault(folder: Path, code: str, *options: str, first: str = "", **more: object) -> Done:
    """Runs a script in which one replica of three does this."""
    script = MIRRORED + first + STEP.format(fault=code)
    return simulate(folder, script, "--replicas", "3", *options, **more)


def row(code: str, text: str, first: str = "") -> int:
    return line_of(MIRRORED + first + STEP.format(fault=code), text)


def clean(done: Done) -> None:
    """No frames of ours, and nothing that a terminal would take for a command."""
    assert "varsync_runtime" not in done.stderr and "varsync/commands" not in done.stderr
    assert "this is a bug in varsync" not in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("raise ValueError('mine')", "ValueError"),
        pytest.param("raise MemoryError", "MemoryError", marks=pytest.mark.slow),
        pytest.param("deep()", "RecursionError", marks=pytest.mark.slow),
        ("__import__('numpy').ones(1 << 46)", "MemoryError"),
    ],
)
def test_one_replica_raises(tmp_path: Path, code: str, name: str) -> None:
    first = "def deep(): deep()\n"
    done = fault(tmp_path, code, first=first)
    clean(done)
    assert done.code == 3
    assert done.outcome["status"] == "script failed"
    assert done.outcome["exception"]["class"] == name
    # the replica's own frames are there, although it is not the first one
    lines = done.stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].endswith(f"line {row(code, 'strategy.run', first)}, in <module>")
    assert lines[3].endswith(f"line {row(code, '# fault', first)}, in step")
    assert done.outcome["exception"]["traceback"] in done.stderr


def test_a_traceback_is_python_s(tmp_path: Path) -> None:
    """The same text as of Python where each replica's frames are called directly."""
    body = """
    def inner(values):
        return (values[0] +
                values[7])
    def step():
        return inner([1, 2])
    """
    body = textwrap.dedent(body)
    done = simulate(
        tmp_path,
        f"{MIRRORED}{body}def alone():\n    if replica() == 1:\n        step()\nstrategy.run(alone)\n",
        "--replicas",
        "2",
    )
    (tmp_path / "plain.py").write_text(f"{body}step()\n")
    plain = subprocess.run(
        [sys.executable, "plain.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    # from the frame `step` on, but for the lines' numbers
    theirs = plain.stderr.split(", in step\n")[1]
    ours = done.stderr.split(", in step\n")[1]
    shift = MIRRORED.count("\n")
    number = int(theirs.split("line ")[1].split(",")[0])
    theirs = theirs.replace(f"line {number}", f"line {number + shift}")
    assert ours.startswith(theirs.replace("plain.py", "train.py"))


def test_a_replica_runs_out_of_memory(tmp_path: Path) -> None:
    limit = "import resource, numpy; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)); "
    done = fault(tmp_path, f"{limit}numpy.ones(1 << 28)")
    clean(done)
    assert done.code == 3
    assert done.outcome["exception"]["class"] == "MemoryError"
    assert "Unable to allocate 2.00 GiB" in done.stderr


@pytest.mark.parametrize("status", [0, 5])
def test_one_replica_leaves_with_os_exit(tmp_path: Path, status: int) -> None:
    code = f"os._exit({status})"
    done = fault(tmp_path, code)
    clean(done)
    assert done.code == 3
    assert done.outcome["status"] == "replica lost"
    before = row(code, "# before")
    words = " ".join(done.stderr.split())
    assert f"replica 1 was lost, left with os._exit({status}); last collective: assign_add" in words
    assert f"train.py:{before}. In TensorFlow all replicas of a worker are one process" in words
    states = [place["state"] for place in done.outcome["replicas"]]
    assert states == ["waits", "is lost", "waits"]
    assert done.codes() == []


def test_one_replica_calls_sys_exit(tmp_path: Path) -> None:
    done = fault(tmp_path, "sys.exit(4)")
    clean(done)
    assert done.code == 3
    assert done.outcome["exception"] == {
        "class": "",
        "message": "",
        "traceback": "",
        "exit_status": 4,
    }
    assert "it exited with 4" in done.stderr


@pytest.mark.parametrize(
    ("code", "name"),
    [("os.abort()", "SIGABRT"), ("__import__('ctypes').string_at(0)", "SIGSEGV")],
)
def test_one_replica_crashes(tmp_path: Path, code: str, name: str) -> None:
    done = fault(tmp_path, code)
    clean(done)
    assert done.code == 3
    words = " ".join(done.stderr.split())
    assert f"replica 1 was lost, killed by {name}; last collective: assign_add of `v`" in words
    assert f"train.py:{row(code, '# before')}" in words and "PYTHONFAULTHANDLER=1" in words


@pytest.mark.slow
def test_where_a_replica_crashed(tmp_path: Path) -> None:
    """Python's own means to find a crash work in every replica."""
    code = "__import__('ctypes').string_at(0)"
    done = fault(tmp_path, code, environment={"PYTHONFAULTHANDLER": "1"})
    assert "Fatal Python error: Segmentation fault" in done.stderr
    assert f'train.py", line {row(code, "# fault")} in step' in done.stderr


@pytest.mark.slow
def test_one_replica_loops_for_ever(tmp_path: Path) -> None:
    """--timeout names the line that runs, and where the others wait."""
    code = "exec(compile('while True: pass', 'loop.py', 'exec'))"
    done = fault(tmp_path, code, "--timeout", "4")
    clean(done)
    assert done.code == 3
    assert done.outcome["status"] == "out of time"
    first, looping, last = done.outcome["replicas"]
    for place in (first, last):
        assert (place["state"], place["now"]) == ("waits", None)
        assert place["location"]["row"] == row(code, "# after")
    assert looping["state"] == "runs"
    assert looping["location"]["row"] == row(code, "# before")
    assert (Path(looping["now"]["filename"]).name, looping["now"]["row"]) == ("loop.py", 1)
    assert "loop.py:1" in done.stderr


@pytest.mark.slow
def test_a_script_that_sleeps(tmp_path: Path) -> None:
    for limit in ("2", "20"):  # on a busy machine the script may not have begun
        done = simulate(tmp_path, "import time\ntime.sleep(60)\n", "--timeout", limit)
        clean(done)
        assert done.code == 3
        if done.outcome["replicas"][0]["now"]:
            break
    assert done.outcome["replicas"][0]["now"]["row"] == 2


def test_host_code_that_goes_different_ways(tmp_path: Path) -> None:
    script = f"""{MIRRORED}
kept = []
strategy.run(lambda: kept.append(replica()))
if kept[0] == 1:
    open("one", "w")
else:
    os.mkdir("two")
"""
    done = simulate(tmp_path, script, "--replicas", "2")
    clean(done)
    assert done.code == 2
    assert done.outcome["status"] == "host code drifted apart"
    lines = {place["location"]["row"] for place in done.outcome["replicas"]}
    assert lines == {line_of(script, "os.mkdir"), line_of(script, 'open("one"')}


BYSTANDERS = f"""{MIRRORED}
import atexit, multiprocessing, signal, subprocess, threading
from concurrent.futures import ThreadPoolExecutor

threading.Thread(target=lambda: [time.sleep(0.001) for _ in iter(int, 1)], daemon=True).start()
atexit.register(lambda: print("at exit", v.numpy()))
signal.signal(signal.SIGUSR1, lambda *_: print("a signal"))

pid = os.fork()
if pid == 0:
    print("child", flush=True)
    os._exit(3)
print("its code", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(subprocess.run(["echo", "a program"], capture_output=True, text=True).stdout.strip())
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map(abs, [-1, -2]))
with ThreadPoolExecutor(4) as pool:
    print(sorted(pool.map(lambda number: float(v.numpy()) + number, range(4))))
thread = threading.Thread(target=lambda: print("thread", v.numpy()))
thread.start()
thread.join()
signal.raise_signal(signal.SIGUSR1)


def step():
    v.assign_add(one())
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    v.assign_add(one())


strategy.run(step)
print("end", input(), sys.stdin.read().split())
"""


@pytest.mark.slow
def test_forks_threads_programs_signals_and_input(tmp_path: Path) -> None:
    done = simulate(tmp_path, BYSTANDERS, "--replicas", "3", "--quiet", input="a line\nand more\n")
    assert done.stderr == ""
    assert done.code == 0
    assert done.stdout.splitlines() == [
        "child",
        "its code 3",
        "a program",
        "[1, 2]",
        "[0.0, 1.0, 2.0, 3.0]",
        "thread 0.0",
        "a signal",
        "end a line ['and', 'more']",
        "at exit 6.0",
    ]


@pytest.mark.slow
def test_a_child_that_the_script_forked_has_no_replicas(tmp_path: Path) -> None:
    script = f"""{MIRRORED}
with strategy.scope():
    total = tf.Variable(
        1.0,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )
for work in (lambda: strategy.run(lambda: v.assign_add(one())), lambda: total.numpy()):
    pid = os.fork()
    if pid == 0:
        print("child", v.numpy(), flush=True)
        work()
        print("must not come here", flush=True)
    print("its code", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
strategy.run(lambda: v.assign_add(one()))
print("end", v.numpy())
"""
    done = simulate(tmp_path, script, "--replicas", "3", "--quiet", "--exit-zero")
    assert done.stdout.splitlines() == ["child 0.0", "its code 1"] * 2 + ["end 3.0"]
    assert done.stderr.splitlines() == [
        "varsync: varsync simulate does not model strategy.run in a process that the script forked "
        f"(train.py:{line_of(script, 'for work')})",
        "varsync: varsync simulate does not model read of all replicas' values in a process that "
        f"the script forked (train.py:{line_of(script, 'for work')})",
    ]
    assert done.code == 0


def test_what_a_script_leaves_running_is_ended(tmp_path: Path) -> None:
    script = f"""{MIRRORED}
import subprocess
subprocess.Popen(["sleep", "61"], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    time.sleep(61)
strategy.run(lambda: v.assign_add(one()))
"""
    done = simulate(tmp_path, script, "--replicas", "2")
    assert done.code == 0


@pytest.mark.slow
def test_a_daemon_thread_says_nothing_when_python_ends(tmp_path: Path) -> None:
    script = """
import threading, time
stop = threading.Event()
def run():
    while not stop.is_set():
        time.sleep(0.0005)
threading.Thread(target=run, daemon=True).start()
class Slow:
    def __del__(self, sleep=time.sleep):
        sleep(0.05)
slow = Slow()
"""
    done = simulate(tmp_path, script, "--quiet")
    assert (done.code, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize(
    "closing", ["sys.stdout.close(); sys.stderr.close()", "os.close(1); os.close(2)"]
)
def test_a_script_that_closes_its_output(tmp_path: Path, closing: str) -> None:
    script = f"{MIRRORED}\n{closing}\nstrategy.run(lambda: v.assign_add(one()))\n"
    done = simulate(tmp_path, script, "--replicas", "2")
    assert done.code == 0
    assert done.outcome["status"] == "finished" and "synchronisation" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_no_room_for_the_output(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = simulate(tmp_path, "print('lost')\n", stdout=full)
    clean(done)
    assert done.code == 3
    assert done.stderr.startswith("OSError: [Errno 28] No space left on device\n")


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_stream_that_was_closed_before(tmp_path: Path, number: int) -> None:
    """Nothing of ours gets its number: what the script writes there goes nowhere."""
    script = f"""{MIRRORED}
strategy.run(lambda: v.assign_add(one()))
print("out", v.numpy())
os.write({number or 1}, b"raw\\n")
"""
    done = simulate(tmp_path, script, before=functools.partial(os.close, number))
    assert done.outcome["status"] == "finished" and done.code == 0
    assert done.stdout == ("" if number == 1 else "out 2.0\n" + "raw\n" * (number != 2))


def test_no_input(tmp_path: Path) -> None:
    done = simulate(tmp_path, f"{MIRRORED}\ninput()\n", "--replicas", "2")
    clean(done)
    assert done.code == 3 and done.outcome["exception"]["class"] == "EOFError"


CODES = "\x1b[31m\x07\x9b2J\u202e[bold]no markup[/bold]"


def test_control_codes_are_shown_as_text(tmp_path: Path) -> None:
    """In names of variables, messages and file names; what a script prints itself is its own."""
    script = f"""{MIRRORED}
class Odd(Exception):
    pass
with strategy.scope():
    odd = tf.Variable(0.0, name={CODES!r}, aggregation=tf.VariableAggregation.SUM)
sys.excepthook = lambda *_: None
def step():
    odd.assign_add(one())
    raise Odd({CODES!r})
strategy.run(step)
"""
    done = simulate(tmp_path, script, "--replicas", "2")
    assert done.code == 3
    assert done.outcome["exception"]["message"] == CODES
    for character in ("\x1b", "\x07", "\x9b", "\u202e"):
        assert character not in done.stderr
    assert "\\x1b[31m" in done.stderr and "[bold]no markup[/bold]" in done.stderr


# What the system does not give -------------------------------------------------------------------

INJECT = """
import {module} as module
original = module.{name}
calls = [0]
def failing(*args, **kwargs):
    calls[0] += 1
    if calls[0] > {after}:
        raise OSError({number}, "injected")
    return original(*args, **kwargs)
module.{name} = failing
"""


def injected(folder: Path, module: str, name: str, number: int, after: int = 0) -> dict[str, str]:
    """An environment in which a function of the standard library fails in varsync's process."""
    site = folder / "tmp_site"
    site.mkdir()
    text = INJECT.format(module=module, name=name, number=number, after=after)
    (site / "usercustomize.py").write_text("")
    (site / "sitecustomize.py").write_text(text)
    path = os.pathsep.join([str(site), *map(os.path.abspath, filter(None, sys.path))])
    return {"PYTHONPATH": path}


@pytest.mark.parametrize("number", [errno.ENOMEM, errno.ENOSPC])
def test_no_room_for_shared_memory(tmp_path: Path, number: int) -> None:
    environment = injected(tmp_path, "mmap", "mmap", number)
    done = simulate(tmp_path, "print('must not run')", environment=environment, files=["tmp_site"])
    assert (done.code, done.stdout, done.report) == (2, "", {})
    assert done.stderr.startswith("varsync: no room for ") and done.stderr.count("\n") == 1
    assert "shared memory" in done.stderr


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_no_room_for_processes(tmp_path: Path, after: int) -> None:
    """One fork makes the first replica; one of its makes the process that makes the others."""
    environment = injected(tmp_path, "os", "fork", errno.EAGAIN, after)
    script = f"{MIRRORED}\nprint('must not run')\n"
    done = simulate(
        tmp_path, script, "--replicas", "4", environment=environment, files=["tmp_site"]
    )
    clean(done)
    assert done.code == 2, done.stderr
    assert "must not run" not in done.stdout and "Traceback" not in done.stderr
    assert "cannot start" in done.stderr
    if after:
        assert done.outcome["status"] == "no room"


def test_more_replicas_than_there_may_be(tmp_path: Path) -> None:
    script = (
        "import tensorflow as tf\ntf.distribute.MirroredStrategy([f'GPU:{i}' for i in range(65)])"
    )
    done = simulate(tmp_path, script)
    clean(done)
    assert done.code == 2 and "Traceback" not in done.stderr
    assert "65 replicas" in done.stderr and "64" in done.stderr
