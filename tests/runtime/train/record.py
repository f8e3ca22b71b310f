"""Writes what the installed TensorFlow shows into the file that the tests compare with.

python -m tests.runtime.train.record
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from tests.runtime.recording import on_tensorflow
from tests.runtime.train.cases import GROUPS, play

SCRIPT = Path(__file__).with_name("replicas.py")
SAVED_MODELS = Path(__file__).with_name("saved_models.py")
REPLICAS = (1, 2, 3)
FILE = Path(__file__).with_name("recorded-2.21.json")


def main() -> None:
    """Plays all groups on TensorFlow."""
    import tensorflow as tf

    recorded = {}
    for group in GROUPS:
        with tempfile.TemporaryDirectory() as folder:
            recorded[group] = play(tf, group, folder)
    for devices in REPLICAS:
        with tempfile.TemporaryDirectory() as folder:
            printed = on_tensorflow(SCRIPT, devices=devices, folder=folder)
            recorded[f"{devices} replicas"] = printed.splitlines()
            printed = on_tensorflow(SAVED_MODELS, devices=devices, folder=folder)
            recorded[f"saved models, {devices} replicas"] = printed.splitlines()
    FILE.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
