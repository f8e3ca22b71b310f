"""What is done in a process of the simulation before the script's first line."""

from __future__ import annotations

import atexit
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from varsync_runtime import events
from varsync_runtime.datasets.scratch import scratch as made_up
from varsync_runtime.events.asked import Lines, ModeAsked
from varsync_runtime.events.watched import watch
from varsync_runtime.standin.hook import install
from varsync_runtime.standin.names import load
from varsync_runtime.standin.options import options
from varsync_runtime.tensors.state import state

# how the libraries below NumPy are told how many threads to use
THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def prepare(
    *,
    replicas: int | None,
    max_steps: int | None,
    seed: int | None,
    scratch: Path,
    detailed: bool = False,
    lines: Sequence[Lines] = (),
    modes: Sequence[ModeAsked] = (),
    elements: bool = False,
) -> None:
    """Puts the stand-in in TensorFlow's place and sets what the user asked for.

    `seed` seeds `random`, NumPy and TensorFlow; `scratch` is where this run may have a folder.
    With `detailed`, each step and exchange is told by itself, and `lines` when they are run.
    `modes` are those of some variables in place of the script's. With `elements`, those of the
    variables are told when they are made, and at the end.
    """
    options.replicas = replicas
    made_up.folder = scratch
    events.limit_steps(max_steps)
    if detailed:
        events.detail()
    with nullcontext() if replicas == 1 else _one_thread_each():
        install()
    events.tell(events.Began(load().version))
    begun = time.monotonic()
    # the first to be registered is the last to be called
    atexit.register(lambda: _tell_end(time.monotonic() - begun))
    if seed is not None:
        _seed(seed)
    _ask(modes)
    _listen(elements)
    watch(lines)
    state.begun = False  # the stand-in's own tensors set up no devices


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """NumPy, if it is imported in here, computes in one thread: the replicas have the processors.

    Its library reads these variables when it is loaded; the script shall not see them.
    """
    ours = [name for name in THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(ours, "1"))
    try:
        yield
    finally:
        for name in ours:
            del os.environ[name]


def _ask(modes: Sequence[ModeAsked]) -> None:
    if modes:
        from varsync_runtime.distribute.variables import modes_asked

        modes_asked.ask(modes)


def _listen(elements: bool) -> None:
    from varsync_runtime.distribute import ledger, obtained

    obtained.listen()
    if elements:
        ledger.keep_elements()


def _tell_end(seconds: float) -> None:
    events.finish()
    _tell_values()
    events.tell(events.Ended(events.step(), seconds, events.budget().cut))


def _tell_values() -> None:
    from varsync_runtime.distribute import ledger

    ledger.tell_values()


def _seed(seed: int) -> None:
    import random

    import numpy as np

    from varsync_runtime.ops.random.seeds import set_seed

    random.seed(seed)
    np.random.seed(seed % 2**32)
    set_seed(seed)
