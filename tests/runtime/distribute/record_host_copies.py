"""Records on TensorFlow what the script `host_copies` prints.

python -m tests.runtime.distribute.record_host_copies
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("host_copies.py")
FILE = Path(__file__).with_name("host_copies-2.21.json")
REPLICAS = (1, 2, 3)


def on_tensorflow(replicas: int) -> list[str]:
    """The lines that TensorFlow prints with so many replicas."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        env={
            **os.environ,
            "VARSYNC_DEVICES": str(replicas),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


if __name__ == "__main__":
    recorded = {str(replicas): on_tensorflow(replicas) for replicas in REPLICAS}
    FILE.write_text(json.dumps(recorded, indent=0) + "\n", encoding="utf-8")
