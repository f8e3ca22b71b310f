"""What the cases gave with Keras on TensorFlow: whole for the newest Keras, differences for others.

python -m tests.runtime.keras.recorded    # records them with the Keras and TensorFlow that are there
"""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

NEWEST, OLDEST = "3.15", "3.0"
FOLDER = Path(__file__).with_name("recorded")
PLAY = Path(__file__).with_name("play.py")
CLOSE = 5e-6  # of 1 + |value|

Arrays = dict[str, dict[str, np.ndarray]]


def installed() -> str:
    """Major and minor version of the installed Keras."""
    return ".".join(importlib.metadata.version("keras").split(".")[:2])


def file_of(version: str) -> Path:
    return FOLDER / f"keras-{version}.npz"


def by_case(file: Path) -> Arrays:
    """The arrays of a file, by case and number."""
    found: Arrays = defaultdict(dict)
    with np.load(file) as arrays:
        for key in arrays.files:
            name, _, number = key.rpartition("/")
            found[name][number] = arrays[key]
    return found


def of_version(version: str) -> Arrays:
    """What all cases give with a version of Keras."""
    newest = by_case(file_of(NEWEST))
    return newest if version == NEWEST else newest | by_case(file_of(version))


def played(folder: Path, *names: str) -> Arrays:
    """What all cases, or those that are named, give on the stand-in."""
    out = folder / "played.npz"
    command = [sys.executable, "-m", "varsync", "simulate", "-q", str(PLAY), "--", str(out), *names]
    subprocess.run(command, check=True, timeout=900)
    return by_case(out)


def difference(recorded: Mapping[str, np.ndarray], seen: Mapping[str, np.ndarray]) -> str:
    """What is wrong with a case; empty if nothing is."""
    if "error" in recorded or "error" in seen:
        wanted, said = (str(one.get("error", "no error")) for one in (recorded, seen))
        # its class; the words are Keras's, with this and that of TensorFlow's
        return "" if said.split(":")[0] == wanted.split(":")[0] else f"{said}, not {wanted}"
    if recorded.keys() != seen.keys():
        return f"{len(seen)} arrays instead of {len(recorded)}"
    for number, expected in recorded.items():
        got = seen[number]
        if (expected.dtype, expected.shape) != (got.dtype, got.shape):
            return f"{number}: {got.dtype}{got.shape}, not {expected.dtype}{expected.shape}"
        if expected.dtype.kind in "fc":
            same = (expected == got) | (np.isnan(expected) & np.isnan(got))
            apart = np.abs(np.where(same, 0, expected - got)) / (1 + np.abs(expected))
            if not (same | (apart <= CLOSE)).all():
                return f"{number}: {float(np.max(apart)):.2g} apart"
        elif not np.array_equal(expected, got):
            return f"{number}: {got}, not {expected}"
    return ""


def record() -> None:
    """Plays all cases on TensorFlow; of another Keras than the newest it keeps what differs."""
    version = installed()
    with tempfile.TemporaryDirectory() as folder:
        played = Path(folder, "played.npz")
        command = [sys.executable, "-m", "tests.runtime.keras.play", str(played)]
        subprocess.run(command, check=True)
        found = by_case(played)
    if version != NEWEST:
        newest = by_case(file_of(NEWEST))
        found = {name: one for name, one in found.items() if difference(newest[name], one)}
    arrays = {f"{name}/{number}": a for name, one in found.items() for number, a in one.items()}
    np.savez_compressed(file_of(version), **arrays)  # type: ignore[arg-type]
    errors = [name for name, one in found.items() if "error" in one]
    sys.stdout.write(f"Keras {version}: {len(found)} cases, raised: {' '.join(errors) or 'none'}\n")


if __name__ == "__main__":
    record()
