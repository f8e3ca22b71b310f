"""Commands that run scripts in processes of their own are ended: nothing of those is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.simulations import MIRRORED, PATH, PATIENCE

SCRIPT = f"""{MIRRORED}
if __name__ == "__main__":
    strategy.run(lambda: v.assign(tf.cast(replica(), tf.float32)))
    open("pid", "w").write(str(os.getpid()))
    os.rename("pid", "runs")
    while True:
        strategy.run(lambda: v.assign_add(one()))
"""
COMMANDS = (("compare", "train.py"), ("lint", "--prove", "--no-cache", "train.py"))


def is_there(pid: int) -> bool:
    """Whether a process is, and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_a_signal_ends_the_run_and_leaves_nothing(
    tmp_path: Path, command: tuple[str, ...], name: str
) -> None:
    """Also where it comes to the command alone, and not to all of a terminal's group."""
    (tmp_path / "train.py").write_text(SCRIPT)
    (tmp_path / "tmp").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "varsync", *command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": PATH, "TMPDIR": str(tmp_path / "tmp")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    end = time.monotonic() + PATIENCE
    while not (tmp_path / "runs").exists() and time.monotonic() < end:
        time.sleep(0.01)
    process.send_signal(getattr(signal, name))
    out, err = process.communicate(timeout=PATIENCE)
    replica = int((tmp_path / "runs").read_text())
    while is_there(replica) and time.monotonic() < end:
        time.sleep(0.01)
    assert not is_there(replica)
    if name == "SIGKILL":
        return
    assert (process.returncode, out) == ({"SIGINT": 130, "SIGTERM": 143}[name], "")
    assert err == "varsync: interrupted\n"
    assert list((tmp_path / "tmp").iterdir()) == []
