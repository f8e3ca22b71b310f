"""What is done in a process that runs a script on TensorFlow, before the script's first line."""

from __future__ import annotations

import atexit
import os
import time

from varsync_runtime import events
from varsync_runtime.engines.tensorflow import (
    checkpoints,
    devices,
    exchanges,
    functions,
    gradients,
    library,
    naming,
    places,
    reads,
    steps,
    telling,
    variables,
    writes,
)
from varsync_runtime.replicas.world import current

QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


def prepare(*, replicas: int | None, seed: int | None, source: str) -> None:
    """Sets TensorFlow up with so many devices, and wraps what is to be told.

    `replicas` are those of this process, None if the script decides; `source` is the script's text.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    telling.begin()
    devices.install(replicas, source)
    for part in (
        places, library, naming, variables, gradients, functions, exchanges, steps, writes, reads,
        checkpoints,
    ):  # fmt: skip
        part.install()
    begun = time.monotonic()
    # the first to be registered is the last to be called
    atexit.register(lambda: _tell_end(time.monotonic() - begun))
    if seed is not None:
        _seed(seed)


def _tell_end(seconds: float) -> None:
    naming.look(at_end=True)
    telling.tell(events.Ended(events.step(), seconds))
    telling.flush()
    current().part()


def _seed(seed: int) -> None:
    import random

    import numpy as np
    import tensorflow as tf

    random.seed(seed)
    np.random.seed(seed % 2**32)
    tf.random.set_seed(seed)
