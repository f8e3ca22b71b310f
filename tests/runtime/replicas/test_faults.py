"""Whatever dies, and whenever: one account within moments, and nobody is left.

VARSYNC_KILLS=300 kills that many ranks in the random test (15 otherwise).
"""

from __future__ import annotations

import os
import pty
import random
import signal
import subprocess
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from varsync_runtime.replicas.account import Account
from varsync_runtime.replicas.endings import ReplicaLost, RunOver, State, Stuck, Verdict
from varsync_runtime.replicas.intents import Intent
from varsync_runtime.replicas.world import World

from tests.runtime.ranks import SOON, Ended, account_of
from tests.runtime.replicas.scripts import PREAMBLE, finish, play, running, start

KILLS = int(os.environ.get("VARSYNC_KILLS", "8"))


def gone(account: Account) -> bool:
    """Whether no rank of a run is a process any more."""
    return not any(Path(f"/proc/{end.pid}").exists() for end in account.ranks if end.pid)


def descriptors() -> set[str]:
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}


def test_a_random_rank_killed_at_a_random_moment() -> None:
    rng = random.Random(7)
    open_before = descriptors()
    verdicts = set()
    for _ in range(KILLS):
        size = rng.choice([2, 3, 4, 6])
        victim, moment = rng.randrange(size), rng.random() * 0.04

        def function(world: World, victim: int = victim, moment: float = moment) -> None:
            if world.rank == victim:
                signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
                signal.setitimer(signal.ITIMER_REAL, max(moment, 1e-6))
            array: NDArray[Any] = np.ones(30_000, np.float32)
            for step in range(1_000_000):
                world.meet(Intent("merge", "assign_add", "total", site=f"train.py:{step}"))
                world.all_reduce(array)

        begun = time.monotonic()
        results, account = account_of(size, function)
        assert time.monotonic() - begun < SOON + moment
        assert account.verdict is Verdict.LOST and account.culprit == victim
        assert account.ranks[victim].signal == signal.SIGKILL
        assert account.table[victim].state is State.LOST
        assert len(account.ranks) == len(account.table) == size
        assert account.ranks[victim].intent is not None
        assert isinstance(results[victim], Ended)
        assert gone(account)
        verdicts |= {type(result) for result in results}
    assert verdicts <= {Ended, ReplicaLost}
    assert descriptors() == open_before


@pytest.mark.slow
def test_a_rank_killed_while_the_world_grows() -> None:
    rng = random.Random(11)
    for _ in range(max(KILLS // 3, 8)):
        moment = rng.random() * 0.012
        victim = rng.randrange(4)

        def main(world: World, moment: float = moment, victim: int = victim) -> None:
            # a process beside the ranks, as the out-of-memory killer is
            block = world.processes.block  # type: ignore[union-attr]
            if world.rank == 0 and os.fork() == 0:
                time.sleep(moment)
                end = time.monotonic() + SOON
                while not block.pid(victim) and time.monotonic() < end:
                    time.sleep(0.0005)
                os.kill(block.pid(victim), signal.SIGKILL)
                os._exit(0)
            for size in (2, 3, 4):
                world.grow(size)
            while True:
                world.meet(Intent("barrier"))

        _, account = account_of(1, main)
        assert account.verdict is Verdict.LOST and account.culprit == victim
        assert account.seconds < SOON
        assert gone(account)


def test_a_rank_that_raises_while_others_wait_for_it() -> None:
    def function(world: World) -> None:
        if world.rank == 1:
            raise MemoryError("no more")
        world.meet(Intent("merge", "assign_add", "total", site="train.py:3"))

    results, account = account_of(3, function)
    assert isinstance(results[1], MemoryError)
    assert isinstance(results[0], Stuck)
    assert account.seconds < SOON
    ending = account.ranks[1].ending
    assert ending is not None and ending.error == "MemoryError: no more"


@pytest.mark.parametrize("victim", [0, 1])
def test_os_exit_of_one_rank(victim: int) -> None:
    def function(world: World) -> None:
        world.meet(Intent("merge", site="train.py:1"))
        if world.rank == victim:
            os._exit(7)
        world.meet(Intent("merge", site="train.py:2"))

    results, account = account_of(3, function)
    assert account.verdict is Verdict.STUCK
    assert account.seconds < SOON
    assert "exited with code 7 without coming to its end" in str(account.ranks[victim])
    assert isinstance(results[1 - victim], Stuck)


def test_a_rank_that_computes_ends_with_the_run() -> None:
    def function(world: World) -> None:
        if world.rank == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        while True:
            pass

    _, account = account_of(2, function)
    assert account.verdict is Verdict.LOST
    assert account.seconds < SOON
    assert account.ranks[1].by_supervisor and gone(account)


def test_a_rank_that_catches_everything_ends_with_the_run() -> None:
    def function(world: World) -> None:
        if world.rank == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            try:
                world.meet(Intent("merge"))
            except BaseException:
                continue

    _, account = account_of(2, function)
    assert account.verdict is Verdict.LOST and account.seconds < SOON and gone(account)


def test_the_time_limit() -> None:
    def function(world: World) -> None:
        if world.rank == 0:
            time.sleep(60)
        world.meet(Intent("merge", site="train.py:9"))

    for limit in (0.3, 10):  # on a busy machine the ranks may not have begun
        results, account = account_of(2, function, timeout=limit)
        assert account.verdict is Verdict.TIMEOUT
        assert account.seconds < limit + SOON
        if isinstance(results[1], RunOver):
            break
    assert isinstance(results[1], RunOver) and results[1].verdict is Verdict.TIMEOUT
    assert "train.py:9" in str(account.table[1])
    assert gone(account)


LOOP = """
import time
from contextlib import suppress
world = strategy(3)
if world.rank == 0:
    open("ready", "w").close()
step = 0
while True:
    step += 1
    world.meet(Intent("merge", "assign_add", "total", site="train.py:9"))
    time.sleep(0.001)
"""


def until_ready(folder: Path) -> None:
    end = time.monotonic() + 10
    while not (folder / "ready").exists():
        assert time.monotonic() < end
        time.sleep(0.005)


def loop_script() -> str:
    """Says that it is ready past the host functions: a test's sign is no output of the script."""
    return LOOP.replace('open("ready", "w").close()', 'import _io; _io.open("ready", "w").close()')


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_supervisor_ends_all(tmp_path: Path, number: int) -> None:
    process = start(tmp_path, loop_script(), VARSYNC_MARK=str(tmp_path))
    until_ready(tmp_path)
    process.send_signal(number)
    played = finish(tmp_path, process)
    assert played.seconds < SOON
    assert played.code == 128 + number
    assert played.told.verdict is Verdict.INTERRUPTED
    assert len(played.told.ranks) == 3
    assert not running(str(tmp_path))


def test_ctrl_c_of_a_terminal_reaches_all_and_shows_one_traceback(tmp_path: Path) -> None:
    process = start(tmp_path, loop_script(), VARSYNC_MARK=str(tmp_path))
    until_ready(tmp_path)
    for pid in running(str(tmp_path)):
        with suppress(ProcessLookupError):  # the first to have it may have ended the others
            os.kill(pid, signal.SIGINT)
    played = finish(tmp_path, process)
    assert played.code == 130 and played.seconds < SOON
    assert played.stderr.count("KeyboardInterrupt") <= 1
    assert "varsync_runtime" not in played.stderr
    assert not running(str(tmp_path))


def test_the_terminal_is_as_it_was(tmp_path: Path) -> None:
    script = """
    import os, signal, termios, tty
    world = strategy(2)
    tty.setraw(0)
    world.meet(Intent("raw"))
    os.kill(os.getpid(), signal.SIGKILL)
    """
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    process = start(tmp_path, script, stdin=theirs)
    played = finish(tmp_path, process)
    assert played.told.verdict is Verdict.LOST
    assert termios.tcgetattr(theirs) == before
    os.close(ours)
    os.close(theirs)


def test_ranks_die_with_their_supervisor(tmp_path: Path) -> None:
    process = start(tmp_path, loop_script(), VARSYNC_MARK=str(tmp_path))
    until_ready(tmp_path)
    assert len(running(str(tmp_path))) == 4
    process.kill()
    process.wait()
    end = time.monotonic() + SOON
    while running(str(tmp_path)) and time.monotonic() < end:
        time.sleep(0.01)
    assert not running(str(tmp_path))


def test_what_a_script_starts_ends_with_it(tmp_path: Path) -> None:
    script = """
    import os, subprocess, time
    world = strategy(2)
    child = subprocess.Popen(["sleep", "47"], start_new_session=True)
    if os.fork() == 0:
        os.setsid()
        time.sleep(47)
    print("done")
    """
    played = play(tmp_path, script, VARSYNC_MARK=str(tmp_path))
    assert played.stdout == "done\n" and played.seconds < SOON
    assert played.told.verdict is Verdict.NONE
    assert "sleep 47" in played.told.left_behind
    assert not running(str(tmp_path))


def test_children_of_a_script_do_not_hide_its_death(tmp_path: Path) -> None:
    script = """
    import os, signal, time
    world = strategy(3)
    if os.fork() == 0:
        time.sleep(30)
        os._exit(0)
    if world.rank == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    world.meet(Intent("merge", site="train.py:20"))
    """
    played = play(tmp_path, script, VARSYNC_MARK=str(tmp_path))
    assert played.told.verdict is Verdict.LOST and played.told.culprit == 2
    assert played.seconds < SOON and not running(str(tmp_path))


def test_a_script_that_closes_all_descriptors(tmp_path: Path) -> None:
    script = """
    import os
    world = strategy(2)
    os.closerange(3, 100)
    file = open("data", "w")
    file.write("x" * 10)
    file.close()
    world.meet(Intent("merge"))
    print("done", os.path.getsize("data"))
    """
    played = play(tmp_path, script)
    assert played.stdout == "done 10\n", played.stderr
    assert (tmp_path / "data").read_text() == "x" * 10
    assert [end.code for end in played.told.ranks] == [0, 0]


def test_a_script_with_threads_and_forks_of_its_own(tmp_path: Path) -> None:
    script = """
    import multiprocessing, threading
    world = strategy(3)
    results = []
    thread = threading.Thread(target=lambda: results.append(1))
    thread.start()
    thread.join()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(abs, [-1, -2, -3]), results)
    world.meet(Intent("merge"))
    """
    played = play(tmp_path, script)
    assert played.stdout == "[1, 2, 3] [1]\n", played.stderr
    assert played.code == 0 and played.told.verdict is Verdict.NONE


def test_memory_that_a_rank_may_not_have(tmp_path: Path) -> None:
    script = """
    import resource
    world = strategy(2)
    if world.rank == 1:
        resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))
        data = bytearray(1 << 29)
    world.meet(Intent("merge", site="train.py:20"))
    """
    played = play(tmp_path, script)
    end = played.told.ranks[1]
    assert end.ending is not None and end.ending.error.startswith("MemoryError")
    assert played.told.verdict is Verdict.STUCK and played.seconds < SOON


def limited(folder: Path, limit: str, script: str) -> subprocess.CompletedProcess[str]:
    """Runs a supervisor under a limit of the system."""
    (folder / "train.py").write_text(PREAMBLE + script)
    code = f"""
import resource
from varsync_runtime.replicas.script import main_of
from varsync_runtime.replicas.supervisor import supervise
{limit}
try:
    print(supervise(main_of("train.py"), capacity=64).exit_code)
except Exception as error:
    print(type(error).__name__, error)
"""
    path = os.pathsep.join(map(os.path.abspath, sys.path))
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_no_room_for_shared_memory(tmp_path: Path) -> None:
    limit = "resource.setrlimit(resource.RLIMIT_AS, (60 << 20, 60 << 20))"
    done = limited(tmp_path, limit, "print('runs')")
    assert done.stdout.startswith("NoRoom no room for "), done.stderr
    assert "shared memory for 64 replicas" in done.stdout


def test_no_room_for_processes(tmp_path: Path) -> None:
    script = """
import os
from varsync_runtime.replicas import births
fork = os.fork
def failing():
    if world.rank == 0 and world.processes.block.seats == 4 and forks.append(1) is None:
        if len(forks) > 2:
            raise BlockingIOError(11, "Resource temporarily unavailable")
    return fork()
world, forks = current(), []
os.fork = failing
try:
    strategy(4)
except Exception as error:
    print(type(error).__name__, error)
"""
    done = limited(tmp_path, "", script)
    assert "NoRoom cannot start 4 replicas: Resource temporarily unavailable" in done.stdout


def test_the_supervisor_needs_no_numpy(tmp_path: Path) -> None:
    done = limited(
        tmp_path,
        "import sys; assert 'numpy' not in sys.modules",
        "import sys; print('numpy' in sys.modules)",
    )
    assert done.stdout == "False\n0\n", done.stderr
