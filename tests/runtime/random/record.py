"""Records what is drawn on the installed TensorFlow: the words of the cases, and the draws.

python -m tests.runtime.random.record
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from tests.runtime import referee
from tests.runtime.random import replicas
from tests.runtime.random.draws import draws

RECORDED = Path(__file__).parent / f"recorded-{referee.VERSION}.npz"


def load() -> dict[str, np.ndarray]:
    """What was recorded: `draw/number`, or `replicas N mode draw`, to the array."""
    with np.load(RECORDED) as stored:
        return {name: stored[name] for name in stored.files}


def drawn(tf: Any, seed: int = 7) -> dict[str, np.ndarray]:
    """What all draws but the replicas' give with this module."""
    found = {}
    for name, draw in draws(seed).items():
        for at, tensor in enumerate(draw(tf)):
            found[f"{name}/{at}"] = tensor.numpy()
    return found


def close(name: str, found: np.ndarray, wanted: np.ndarray) -> None:
    """Integers, float16 and float32 are equal to the bit.

    float64 has functions of a C library that another processor rounds otherwise, and gamma numbers
    powers of another library.
    """
    found = np.asarray(found)
    assert found.dtype == wanted.dtype
    assert found.shape == wanted.shape
    if name.startswith("gamma"):
        np.testing.assert_allclose(found, wanted, rtol=1e-6)
    elif found.dtype == np.float64:
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)
    else:
        np.testing.assert_array_equal(found, wanted)


def main() -> None:
    import tensorflow as tf

    # it sets the devices, which is possible before the first op only
    of_replicas = replicas.drawn(tf)
    found = {**drawn(tf), **of_replicas}
    np.savez_compressed(RECORDED, **found)  # type: ignore[arg-type]
    referee.record("random")
    sys.stdout.write(f"{len(found)} tensors\n")


if __name__ == "__main__":
    main()
