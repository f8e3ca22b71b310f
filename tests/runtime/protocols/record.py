"""Records on TensorFlow what the script of probes prints.

python -m tests.runtime.protocols.record
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

SCRIPT = Path(__file__).with_name("script.py")
FILE = Path(__file__).with_name("recorded-2.21.json")


def on_tensorflow(probes: Sequence[str] = ()) -> dict[str, object]:
    """What the probes give on TensorFlow with two replicas; all probes, if none is named."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *probes],
        env={
            **os.environ,
            "VARSYNC_DEVICES": "2",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    FILE.write_text(json.dumps(on_tensorflow(), indent=0, sort_keys=True) + "\n", encoding="utf-8")
