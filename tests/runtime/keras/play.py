"""Plays the cases of Keras on the `tensorflow` that is there, and writes what they gave.

python -m tests.runtime.keras.play OUT.npz [NAME...]          # on TensorFlow: records
varsync simulate tests/runtime/keras/play.py -- OUT.npz       # on the stand-in
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
sys.path.insert(0, str(Path(__file__).parents[3]))

import numpy as np

from tests.runtime.keras.cases import cases


def arrays(name: str, case: Any) -> dict[str, np.ndarray]:
    """What a case gave, by number; what it raised instead is a text."""
    import keras

    keras.utils.set_random_seed(1)
    keras.backend.clear_session()
    try:
        found = [np.asarray(keras.ops.convert_to_numpy(one)) for one in case()]
        found = [one.astype(str) if one.dtype == object else one for one in found]
    except Exception as error:
        return {f"{name}/error": np.array(f"{type(error).__name__}: {error}"[:500])}
    return {f"{name}/{number}": array for number, array in enumerate(found)}


def main(out: str, names: list[str]) -> None:
    """Plays all cases, or those that are named."""
    found: dict[str, np.ndarray] = {}
    for name, case in cases():
        if not names or name in names:
            found.update(arrays(name, case))
    np.savez_compressed(out, **found)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
