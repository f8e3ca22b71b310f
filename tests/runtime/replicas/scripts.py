"""Runs a script under the supervisor in a process of its own, for tests."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from varsync_runtime.replicas.account import Account

# what a script of these tests needs of the runtime
PREAMBLE = """
from varsync_runtime.replicas import host
from varsync_runtime.replicas.intents import Intent
from varsync_runtime.replicas.world import current
def strategy(size):
    current().grow(size)
    return current()
inside = [False]
host.set_replica_context(lambda: inside[0])
"""
RUNNER = """
import pickle, sys
from varsync_runtime.replicas.script import main_of
from varsync_runtime.replicas.supervisor import supervise
path, account_file, workers, timeout, *arguments = sys.argv[1:]
account = supervise(
    main_of(path, arguments), workers=int(workers), timeout=float(timeout) or None, capacity=64
)
pickle.dump(account, open(account_file, "wb"))
sys.exit(account.exit_code)
"""


@dataclass(frozen=True)
class Played:
    """What a run left: output as text, the exit code, and the account (None: there was none)."""

    stdout: str
    stderr: str
    code: int
    account: Account | None
    seconds: float

    @property
    def told(self) -> Account:
        """The account of a run that has one."""
        assert self.account is not None, self.stderr
        return self.account


def start(
    folder: Path,
    script: str,
    arguments: Sequence[str] = (),
    *,
    workers: int = 1,
    timeout: float = 0,
    preamble: str = PREAMBLE,
    stdin: int | None = None,
    **environment: str,
) -> subprocess.Popen[str]:
    """Starts it: the script is written to train.py in the folder, which is the working directory."""
    (folder / "train.py").write_text(preamble + textwrap.dedent(script))
    command = [sys.executable, "-c", RUNNER, "train.py", "account", str(workers), str(timeout)]
    return subprocess.Popen(
        [*command, *arguments],
        cwd=folder,
        text=True,
        errors="surrogateescape",
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path)),
            **environment,
        },
    )


def finish(folder: Path, process: subprocess.Popen[str], input: str | None = None) -> Played:
    """Waits for it."""
    begun = time.monotonic()
    stdout, stderr = process.communicate(input, timeout=30)
    seconds = time.monotonic() - begun
    file = folder / "account"
    account = pickle.loads(file.read_bytes()) if file.exists() else None
    return Played(stdout, stderr, process.returncode, account, seconds)


def play(folder: Path, script: str, arguments: Sequence[str] = (), **options: object) -> Played:
    """Runs it to its end."""
    return finish(folder, start(folder, script, arguments, **options))  # type: ignore[arg-type]


def running(marker: str) -> list[int]:
    """The processes whose environment or command holds the marker, but for this one."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                text = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if marker.encode() in text and state != "Z":
                found.append(int(entry.name))
    return found
