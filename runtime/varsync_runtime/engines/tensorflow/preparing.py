"""What is done in a process that runs a script on TensorFlow, before the script's first line."""

from __future__ import annotations

import atexit
import os
import sys
import time
from collections.abc import Sequence

from varsync_runtime import events
from varsync_runtime.engines.tensorflow import (
    INSTALL,
    checkpoints,
    devices,
    exchanges,
    functions,
    gradients,
    library,
    modes_asked,
    naming,
    numbers,
    obtained,
    places,
    reads,
    steps,
    telling,
    variables,
    wrapping,
    writes,
)
from varsync_runtime.events.asked import ModeAsked
from varsync_runtime.replicas.world import current

QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


class NoTensorFlow(Exception):
    """TensorFlow can't be imported."""


def prepare(
    *,
    replicas: int | None,
    seed: int | None,
    source: str,
    modes: Sequence[ModeAsked] = (),
    elements: bool = False,
) -> None:
    """Sets TensorFlow up with so many devices, and wraps what is to be told.

    `replicas` are those of this process, None if the script decides; `source` is the script's text.
    `modes` are those of some variables in place of the script's. With `elements`, those of the
    variables are told when they are made, and at the end. Raises NoTensorFlow.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    version = _import()
    telling.begin()
    telling.tell(events.Began(version))
    devices.install(replicas, source)
    for part in (
        wrapping, places, library, naming, telling, variables, gradients, functions, exchanges,
        steps, writes, reads, numbers, checkpoints, obtained,
    ):  # fmt: skip
        part.install()
    modes_asked.ask(modes)
    if elements:
        variables.keep_elements()
    begun = time.monotonic()
    # the first to be registered is the last to be called
    atexit.register(lambda: _tell_end(time.monotonic() - begun))
    if seed is not None:
        _seed(seed)


def _import() -> str:
    """The version of TensorFlow, which is there from now on."""
    try:
        import tensorflow as tf

        return str(tf.__version__)
    except Exception as error:  # a library that does not fit raises what it will
        why = " ".join(f"{type(error).__name__}: {error}".split())
        raise NoTensorFlow(
            f"TensorFlow could not be imported by {sys.executable} ({why}): {INSTALL}"
        ) from None


def _tell_end(seconds: float) -> None:
    naming.look(at_end=True)
    variables.tell_values()
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
