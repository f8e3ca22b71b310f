"""`tf.keras` is the installed Keras 3."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import importlib
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.layers import Dense
home = importlib.import_module("keras._tf_keras.keras")
assert tf.keras is keras is home and layers is home.layers and Dense is home.layers.Dense
assert tf.optimizers is importlib.import_module("keras._tf_keras.keras.optimizers")
assert home.backend.backend() == "tensorflow"
tf.compat.v1.keras.layers.Dense(1)
"""


def test_keras_is_the_installed_one(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, "-m", "varsync", "simulate", "-q", "script.py"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=100
    )
    words = "tf.compat.v1.keras.layers.Dense, which Keras 3 does not have (script.py:11)"
    assert (done.returncode, done.stderr) == (
        2,
        f"varsync: varsync simulate does not model {words}\n",
    )


def test_what_a_layer_lacks_is_said_in_one_line(tmp_path: Path) -> None:
    script = (
        "import keras\nmade = keras.layers.MelSpectrogram()\nmade(keras.ops.zeros((1, 4000)))\n"
    )
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    command = [sys.executable, "-m", "varsync", "simulate", "-q", "script.py"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=100
    )
    words = "varsync simulate does not model tf.signal.hann_window (script.py:3)"
    assert (done.returncode, done.stderr) == (2, f"varsync: {words}\n")
