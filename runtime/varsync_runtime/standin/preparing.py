"""What is done in a process of the simulation before the script's first line."""

from __future__ import annotations

import atexit
import time

from varsync_runtime import events
from varsync_runtime.standin.hook import install
from varsync_runtime.standin.options import options


def prepare(*, replicas: int | None, max_steps: int | None, seed: int | None) -> None:
    """Puts the stand-in in TensorFlow's place and sets what the user asked for.

    `seed` seeds `random`, NumPy and TensorFlow.
    """
    options.replicas = replicas
    events.limit_steps(max_steps)
    install()
    begun = time.monotonic()
    # the first to be registered is the last to be called
    atexit.register(lambda: _tell_end(time.monotonic() - begun))
    if seed is not None:
        _seed(seed)


def _tell_end(seconds: float) -> None:
    events.tell(events.Ended(events.step(), seconds, events.limit_reached()))


def _seed(seed: int) -> None:
    import random

    import numpy as np

    from varsync_runtime.ops.random.seeds import set_seed

    random.seed(seed)
    np.random.seed(seed % 2**32)
    set_seed(seed)
