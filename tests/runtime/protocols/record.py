"""Records on TensorFlow what the script of probes prints.

python -m tests.runtime.protocols.record
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tests.runtime import recording

SCRIPT = Path(__file__).with_name("script.py")
FILE = Path(__file__).with_name("recorded-2.21.json")


def on_tensorflow(probes: Sequence[str] = ()) -> dict[str, object]:
    """What the probes give on TensorFlow with two replicas; all probes, if none is named."""
    printed = recording.on_tensorflow(SCRIPT, *probes, devices=2)
    found: dict[str, object] = json.loads(printed.splitlines()[-1])
    return found


if __name__ == "__main__":
    FILE.write_text(json.dumps(on_tensorflow(), indent=0, sort_keys=True) + "\n", encoding="utf-8")
