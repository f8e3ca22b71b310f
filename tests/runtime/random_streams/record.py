"""Plays every case on TensorFlow and stores what it drew.

python -m tests.runtime.random_streams.record
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from tests.runtime.random_streams.cases import cases
from tests.runtime.random_streams.replicas import on_tensorflow as replicas_on_tensorflow

RECORDED = Path(__file__).parent / "recorded.npz"


def load() -> dict[str, np.ndarray]:
    """What was recorded: `case/number` to the array."""
    with np.load(RECORDED) as stored:
        return {name: stored[name] for name in stored.files}


def on_tensorflow(seed: int = 7) -> dict[str, np.ndarray]:
    """What TensorFlow draws now."""
    import tensorflow as tf

    return played(tf, tf.function, seed)


def played(tf: Any, function: Any, seed: int = 7) -> dict[str, np.ndarray]:
    """What all cases draw with this module."""
    found = {}
    for name, draw in cases(seed).items():
        for at, tensor in enumerate(draw(tf, function)):
            found[f"{name}/{at}"] = np.asarray(getattr(tensor, "_array", tensor))
    return found


def close(name: str, found: np.ndarray, wanted: np.ndarray) -> None:
    """Integers, float16 and float32 are equal to the bit.

    float64 has NumPy's own functions, and gamma numbers powers of another library.
    """
    assert found.dtype == wanted.dtype
    assert found.shape == wanted.shape
    if name.startswith("gamma"):
        np.testing.assert_allclose(found, wanted, rtol=1e-6)
    elif found.dtype == np.float64:
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)
    else:
        np.testing.assert_array_equal(found, wanted)


def main() -> None:
    replicas = replicas_on_tensorflow()
    found = {**on_tensorflow(), **replicas}
    np.savez_compressed(RECORDED, **found)  # type: ignore[arg-type]
    sys.stdout.write(f"{len(found)} tensors\n")


if __name__ == "__main__":
    main()
