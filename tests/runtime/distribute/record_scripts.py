"""Records on TensorFlow what the scripts of this folder print.

python -m tests.runtime.distribute.record_scripts               records all
python -m tests.runtime.distribute.record_scripts taken_back    records this one
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.runtime import recording

SCRIPTS = (
    "copies_of_others",
    "cross_device_sums",
    "host_copies",
    "meetings",
    "reduced_structures",
    "replica_values",
    "sharded_variables",
    "taken_back",
    "python_numbers",
)
REPLICAS = (1, 2, 3)
_FOLDER = Path(__file__).parent


def script(name: str) -> Path:
    """The script of this name."""
    return _FOLDER / f"{name}.py"


def file_of(name: str) -> Path:
    """Where it is recorded what the script prints."""
    return _FOLDER / f"{name}-2.21.json"


def recorded(name: str, replicas: int) -> list[str]:
    """The lines that were recorded."""
    lines: list[str] = json.loads(file_of(name).read_text(encoding="utf-8"))[str(replicas)]
    return lines


def on_tensorflow(name: str, replicas: int) -> list[str]:
    """The lines that TensorFlow prints with so many replicas."""
    return recording.on_tensorflow(script(name), devices=replicas).splitlines()


if __name__ == "__main__":
    for each in sys.argv[1:] or SCRIPTS:
        printed = {str(replicas): on_tensorflow(each, replicas) for replicas in REPLICAS}
        file_of(each).write_text(json.dumps(printed, indent=0) + "\n", encoding="utf-8")
