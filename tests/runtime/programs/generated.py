"""Plays generated programs on TensorFlow and keeps what they print.

Each is played in a fork of its own: TensorFlow numbers the collectives of each strategy from the same
start, so of several strategies in one process one may meet another's ("Collective ops is aborted by").
"""

from __future__ import annotations

import json
import lzma
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from . import simulated, stage, store
from .compare import difference
from .generator import combine, generate, parts
from .table import REPLICAS

# So many are written down at a time
CHUNK = 20

# The programs that are recorded
SEEDS = range(420)
# So many the simulator runs one after the other in one script
GROUP = 15

# What the programs print: by seed, then by the number of devices.
Outputs = dict[int, dict[int, str]]


def file_of(version: str) -> Path:
    return store.RECORDED / version / "generated.json.xz"


def load(version: str) -> Outputs:
    """What was recorded on this version of TensorFlow."""
    text = lzma.decompress(file_of(version).read_bytes()).decode()
    return {
        int(seed): {int(count): output for count, output in outputs.items()}
        for seed, outputs in json.loads(text).items()
    }


def play(seeds: Iterable[int], devices: Sequence[int] = REPLICAS) -> Outputs:
    """What TensorFlow prints for these programs. `stage.prepare` must have been called."""
    return {seed: {count: play_one(seed, count) for count in devices} for seed in seeds}


def play_one(seed: int, devices: int) -> str:
    """What TensorFlow prints for one program."""
    with tempfile.TemporaryDirectory(prefix="varsync-generated-") as folder:
        script = Path(folder, "program.py")
        script.write_text(generate(seed), encoding="utf-8")
        (process,) = stage.play(stage.Job(script, devices))
    if process.status != 0:
        raise RuntimeError(
            f"program {seed} with {devices} devices: status {process.status}, "
            f"{process.error}: {process.message}\n{process.stdout[-2000:]}"
        )
    return process.stdout


def play_apart(seeds: range, devices: int) -> dict[int, str]:
    """What TensorFlow prints for these programs, played by a new process that imports it."""
    command = [sys.executable, "-m", "tests.runtime.programs", "--generated", "--print"]
    done = subprocess.run(
        [*command, "--seeds", f"{seeds.start}:{seeds.stop}", "--replicas", str(devices)],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return {int(seed): text for seed, text in json.loads(done.stdout.splitlines()[-1]).items()}


def groups(seeds: range) -> list[range]:
    """These seeds, so many together as one script of the simulator runs one after the other."""
    return [seeds[at : at + GROUP] for at in range(0, len(seeds), GROUP)]


def simulate(seeds: Iterable[int], replicas: int) -> dict[int, str]:
    """What the simulator prints for these programs, run one after the other in one script.

    Those that come after one that ended the script run in another.
    """
    found = dict.fromkeys(seeds, "")
    left = list(found)
    while left:
        with tempfile.TemporaryDirectory(prefix="varsync-generated-") as folder:
            script = Path(folder, "program.py")
            script.write_text(combine(left), encoding="utf-8")
            run = simulated.simulate(script, replicas)
        seen = parts(run.stdout)
        if run.status not in (simulated.CLEAN, simulated.OBSERVED):
            last = left[max(len(seen) - 1, 0)]
            seen[last] = seen.get(last, "") + run.stderr[:2000]
        found |= seen
        left = left[max(len(seen), 1) :]
    return found


def record(seeds: range) -> int:
    """Records the programs of these seeds; others that are recorded stay."""
    version = stage.version()
    known = load(version) if file_of(version).exists() else {}
    for start in range(seeds.start, seeds.stop, CHUNK):
        known |= play(range(start, min(start + CHUNK, seeds.stop)))
        print(f"programs from {start} are recorded", flush=True)
        text = json.dumps({str(seed): known[seed] for seed in sorted(known)})
        file_of(version).parent.mkdir(parents=True, exist_ok=True)
        file_of(version).write_bytes(lzma.compress(text.encode(), preset=9))
    return 0


def check(seeds: range, devices: Sequence[int] = REPLICAS) -> int:
    """Plays programs, compares with the record, prints what differs and returns how many did.

    One that is not recorded is played twice and compared with itself.
    """
    recorded = load(stage.version())
    wrong = 0
    for seed in seeds:
        for count in devices:
            known = recorded.get(seed)
            before = known[count] if known else play_one(seed, count)
            if apart := difference(before, play_one(seed, count)):
                wrong += 1
                print(f"!! program {seed} with {count} devices: {apart}", flush=True)
    return wrong
