"""Whoever is killed, and whenever: one account within moments, and nobody is left.

VARSYNC_KILLS is how many replicas the random test kills (300 in the slow tests, 4 otherwise).
"""

from __future__ import annotations

import contextlib
import os
import pty
import random
import signal
import subprocess
import termios
import time
from pathlib import Path
from typing import IO

import pytest

from tests.cli.simulations import MIRRORED, TRAINING, Done, Simulation, line_of, simulate

FILES = ("checkpoint",)
COLLECTIVES = {
    "all_reduce": "# all_reduce",
    "assign_sub of `w`": "# assign_sub",
    "save of `seen`": "# save",
    "reduce": "# reduce",
}
PROMISED = 2.0  # seconds from a kill to the end of the run
LOADED = 15.0  # the same on a machine that has much else to do


def until_training(simulation: Simulation) -> None:
    """Waits until the script has printed its first line."""
    assert simulation.process.stdout is not None
    assert simulation.process.stdout.readline()


def killed(folder: Path, rng: random.Random, size: int) -> tuple[Done, int]:
    """Kills a random replica at a random moment; how the run ended, and which replica it was."""
    simulation = Simulation(folder, TRAINING, "--replicas", str(size))
    if rng.random() < 0.75:
        until_training(simulation)
        time.sleep(rng.random() * 0.15)
    else:
        time.sleep(rng.random() * 0.9)
    pids: list[int] = []
    while not pids:
        assert simulation.process.poll() is None
        pids = simulation.replicas()
    victim = rng.randrange(len(pids))
    moment = time.monotonic()
    os.kill(pids[victim], signal.SIGKILL)
    done = simulation.wait(since=moment)
    simulation.leaves_nothing(*FILES)
    return done, victim


def check_account(done: Done, victim: int) -> bool:
    """Sees that replica and collective are named; whether there was a collective yet."""
    assert done.code == 3, done.stderr
    assert done.outcome["status"] == "replica lost"
    place = done.outcome["replicas"][victim]
    assert (place["replica"], place["state"]) == (victim, "is lost")
    assert place["detail"] == "killed by SIGKILL"
    words = " ".join(done.stderr.split())
    assert f"replica {victim} was lost, killed by SIGKILL" in words
    assert "Traceback" not in done.stderr and "varsync_runtime" not in done.stderr
    if "last collective" not in words:
        assert done.report["steps"] <= 1
        return False
    operation = place["doing"].partition(" float32[")[0]
    if operation == "start of the replicas":
        return False
    line = line_of(TRAINING, COLLECTIVES[operation])
    assert place["location"]["row"] == line
    assert f"last collective: {operation}" in words and f"train.py:{line}" in words
    return True


def kills(folder: Path, count: int, seed: int) -> list[float]:
    """Kills as many replicas; the seconds from each kill to the end."""
    rng = random.Random(seed)
    seconds = []
    named = 0
    for number in range(count):
        run = folder / str(number)
        run.mkdir()
        done, victim = killed(run, rng, rng.choice([2, 3, 4]))
        named += check_account(done, victim)
        assert done.seconds < LOADED
        seconds.append(done.seconds)
    assert named >= count // 4
    return sorted(seconds)


def test_a_random_replica_is_killed(tmp_path: Path) -> None:
    kills(tmp_path, int(os.environ.get("VARSYNC_KILLS", "4")), seed=7)


@pytest.mark.slow
def test_300_random_replicas_are_killed(tmp_path: Path) -> None:
    seconds = kills(tmp_path, 300, seed=11)
    print(f"median {seconds[150]:.2f} s, 99 % {seconds[297]:.2f} s, most {seconds[-1]:.2f} s")
    assert seconds[297] < PROMISED


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_the_supervisor_is_killed(tmp_path: Path, number: int) -> None:
    simulation = Simulation(tmp_path, TRAINING, "--replicas", "3")
    until_training(simulation)
    moment = time.monotonic()
    simulation.process.send_signal(number)
    done = simulation.wait(since=moment)
    simulation.leaves_nothing(*FILES)
    assert done.seconds < LOADED
    if number == signal.SIGKILL:
        assert done.code == -signal.SIGKILL and done.report == {}
    else:
        assert done.code == 130
        assert done.outcome["status"] == "interrupted" and "interrupted" in done.stderr
        assert len(done.outcome["replicas"]) == 3


def interrupted(folder: Path, pause: float, number: int, again: bool, training: bool) -> Done:
    """Sends a signal to the whole group, as the terminal does."""
    simulation = Simulation(folder, TRAINING, "--replicas", "3")
    if training:
        until_training(simulation)
    time.sleep(pause)
    os.killpg(simulation.process.pid, number)
    if again:
        time.sleep(pause / 4)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(simulation.process.pid, number)
    done = simulation.wait()
    simulation.leaves_nothing(*FILES)
    return done


def check_interrupted(done: Done, again: bool = False) -> None:
    assert done.code == 130, done.stderr
    assert "interrupted" in done.stderr
    # as from Python, a second Ctrl-C may come while the first one is being told, and is chained to it
    assert again or done.stderr.count("Traceback") <= 1
    assert "varsync_runtime" not in done.stderr and "simulate.py" not in done.stderr


@pytest.mark.parametrize("again", [False, True])
def test_ctrl_c_in_training(tmp_path: Path, again: bool) -> None:
    done = interrupted(tmp_path, 0.05, signal.SIGINT, again, training=True)
    check_interrupted(done, again)


def test_a_script_may_catch_ctrl_c(tmp_path: Path) -> None:
    script = f"""{MIRRORED}
try:
    print("ready", flush=True)
    while True:
        strategy.run(lambda: v.assign_add(one()))
except KeyboardInterrupt:
    print("caught", flush=True)
"""
    simulation = Simulation(tmp_path, script, "--replicas", "2")
    until_training(simulation)
    os.killpg(simulation.process.pid, signal.SIGINT)
    done = simulation.wait()
    simulation.leaves_nothing()
    assert (done.code, done.stdout) == (130, "caught\n")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_signals_that_are_ignored_stay_so(tmp_path: Path) -> None:
    """`nohup varsync simulate train.py &`."""
    script = f"""{MIRRORED}
import signal
print("ready", flush=True)
time.sleep(0.3)
print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)
"""

    def ignore() -> None:
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)

    simulation = Simulation(tmp_path, script, "--replicas", "2", before=ignore)
    until_training(simulation)
    for number in (signal.SIGINT, signal.SIGHUP):
        os.killpg(simulation.process.pid, number)
    done = simulation.wait()
    simulation.leaves_nothing()
    assert (done.code, done.stdout) == (0, "True\n")


def before_our_first_line(done: Done) -> bool:
    """Whether the signal came while Python itself was starting, which has its own words for it."""
    ours = ("\ninterrupted", "varsync: interrupted", "varsync/commands", "varsync_runtime")
    return done.code in (1, -signal.SIGINT) and not any(word in done.stderr for word in ours)


def random_interruptions(folder: Path, count: int, seed: int) -> None:
    rng = random.Random(seed)
    for number in range(count):
        run = folder / str(number)
        run.mkdir()
        pause = rng.random() * 1.2
        again = rng.random() < 0.5
        done = interrupted(run, pause, signal.SIGINT, again, training=False)
        if before_our_first_line(done):
            continue
        check_interrupted(done, again)


def test_ctrl_c_at_random_moments(tmp_path: Path) -> None:
    random_interruptions(tmp_path, 4, seed=3)


@pytest.mark.slow
def test_ctrl_c_at_60_random_moments(tmp_path: Path) -> None:
    random_interruptions(tmp_path, 60, seed=5)


@pytest.mark.slow
def test_the_supervisor_is_killed_at_random_moments(tmp_path: Path) -> None:
    rng = random.Random(13)
    for number in range(60):
        run = tmp_path / str(number)
        run.mkdir()
        simulation = Simulation(run, TRAINING, "--replicas", "3")
        time.sleep(rng.random() * 1.2)
        simulation.process.send_signal(rng.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGHUP]))
        simulation.wait()
        simulation.leaves_nothing(*FILES)


@pytest.mark.slow
def test_a_worker_is_killed(tmp_path: Path) -> None:
    script = TRAINING.replace("MirroredStrategy()", "MultiWorkerMirroredStrategy()")
    simulation = Simulation(tmp_path, script, "--workers", "2")
    until_training(simulation)
    moment = time.monotonic()
    os.kill(simulation.replicas()[1], signal.SIGKILL)
    done = simulation.wait(since=moment)
    simulation.leaves_nothing(*FILES)
    assert done.code == 3 and done.seconds < LOADED
    assert done.outcome["replicas"][1]["detail"] == "killed by SIGKILL"
    assert "last collective" in " ".join(done.stderr.split())


def test_the_terminal_is_as_it_was(tmp_path: Path) -> None:
    script = f"""{MIRRORED}
import signal, tty
tty.setraw(0)
print("\\033[?25l", end="", flush=True)
def step():
    v.assign_add(one())
    if replica() == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    v.assign_add(one())
strategy.run(step)
"""
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    done = simulate(tmp_path, script, "--replicas", "2", stdin=theirs)
    assert done.code == 3 and done.outcome["status"] == "replica lost"
    assert termios.tcgetattr(theirs) == before
    os.close(ours)
    os.close(theirs)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["host", "replica"])
def test_nobody_reads_the_output(tmp_path: Path, where: str) -> None:
    """`varsync simulate train.py | head -1`: the script gets the error that Python gives it."""
    loop = "for number in range(100_000): print('line', number, flush=True)"
    body = loop if where == "host" else f"def step():\n    {loop}\nstrategy.run(step)"
    head = subprocess.Popen(
        ["head", "-1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert head.stdin is not None
    sink: IO[str] = head.stdin
    simulation = Simulation(tmp_path, f"{MIRRORED}\n{body}\n", "--replicas", "2", stdout=sink)
    sink.close()
    done = simulation.wait()
    simulation.leaves_nothing()
    assert head.stdout is not None
    with head, head.stdout:
        assert head.stdout.read().count("\n") == 1
    assert done.code == 3
    assert done.outcome["exception"]["class"] == "BrokenPipeError"
    assert "varsync_runtime" not in done.stderr
