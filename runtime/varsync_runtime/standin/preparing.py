"""What is done in a process of the simulation before the script's first line."""

from __future__ import annotations

import atexit
import time

from varsync_runtime import events
from varsync_runtime.standin.hook import install


def prepare(*, replicas: int | None, max_steps: int | None, seed: int | None) -> None:
    """Puts the stand-in in TensorFlow's place and sets what the user asked for.

    `seed` seeds `random`, NumPy and TensorFlow.
    """
    install()
    begun = time.monotonic()
    atexit.register(
        lambda: events.tell(events.Ended(events.step(), time.monotonic() - begun)),
    )
    if seed is not None:
        _seed(seed)


def _seed(seed: int) -> None:
    import random

    import numpy as np

    random.seed(seed)
    np.random.seed(seed % 2**32)
