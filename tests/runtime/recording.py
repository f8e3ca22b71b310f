"""What a script prints on the installed TensorFlow, for recorders and for tests of recordings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def on_tensorflow(script: Path, *arguments: str, devices: int, folder: str | Path = ".") -> str:
    """Its standard output, in a process of its own that runs in `folder`.

    The script makes as many logical CPUs as VARSYNC_DEVICES says. Raises CalledProcessError where
    it fails.
    """
    done = subprocess.run(
        [sys.executable, str(script), *arguments],
        cwd=folder,
        env={
            **os.environ,
            "VARSYNC_DEVICES": str(devices),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
