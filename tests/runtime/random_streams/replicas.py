"""What the replicas of a MirroredStrategy draw, on TensorFlow and in processes of this machine.

`draw(tf, meet)` is a replica's code; `meet` is where replicas wait for each other.
"""

from __future__ import annotations

import os
import pickle
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

STEPS = 2
SEED = 5


def unseeded(tf: Any, meet: Callable[[], None]) -> list[Any]:
    return [tf.random.uniform([]), tf.random.uniform([])]


def meeting(tf: Any, meet: Callable[[], None]) -> list[Any]:
    first = tf.random.uniform([])
    meet()
    return [first, tf.random.normal([])]


def seeded(tf: Any, meet: Callable[[], None]) -> list[Any]:
    return [tf.random.uniform([], seed=1), tf.random.uniform([], seed=1)]


DRAWS = {"unseeded": unseeded, "meeting": meeting, "seeded": seeded}


def on_tensorflow() -> dict[str, np.ndarray]:
    """`replicas N eager|function name`: (steps, replicas + 1, 2), the host's draws at the end."""
    import tensorflow as tf

    device = tf.config.list_physical_devices("CPU")[0]
    logical = [tf.config.LogicalDeviceConfiguration() for _ in range(4)]
    tf.config.set_logical_device_configuration(device, logical)
    found = {}
    for number in (2, 4):
        strategy = tf.distribute.MirroredStrategy([f"CPU:{at}" for at in range(number)])
        for name, draw in DRAWS.items():
            for mode in ("eager", "function"):
                found[f"replicas {number} {mode} {name}"] = _mirrored(tf, strategy, draw, mode)
    return found


def _mirrored(tf: Any, strategy: Any, draw: Any, mode: str) -> np.ndarray:
    def meet() -> None:
        tf.distribute.get_replica_context().merge_call(lambda strategy: None)

    def run() -> Any:
        return strategy.run(lambda: tf.stack(draw(tf, meet)))

    tf.random.set_seed(SEED)
    called = tf.function(run) if mode == "function" else run
    steps = []
    for _ in range(STEPS):
        drawn = [one.numpy() for one in strategy.experimental_local_results(called())]
        host = [tf.random.uniform([]), tf.random.uniform([], seed=1)]
        steps.append([*drawn, np.array(host)])
    found: np.ndarray = np.array(steps)
    return found


# ------------------------------------------------------------------- processes


class Turns:
    """Hands the state of random ops from one process to the others, as `distribute` does."""

    def __init__(self, rank: int, pipes: list[list[tuple[int, int]]]) -> None:
        self.rank, self.pipes = rank, pipes
        self.inside = False
        self.heard = 0
        self.graph: Any = None

    def take(self) -> None:
        """Waits until the replicas before this one have ended their segments."""
        while self.heard < self.rank:
            self._hold()

    def meet(self) -> None:
        """The end of a segment: each knows afterwards what the others had."""
        from varsync_runtime.ops.random.kernels import handing

        self.take()
        data = handing._array.tobytes()
        for other, (_, end) in enumerate(self.pipes[self.rank]):
            if other != self.rank:
                _write(end, data)
        self.heard += 1
        while self.heard < len(self.pipes):
            self._hold()
        self.heard = 0

    def _hold(self) -> None:
        from varsync_runtime.ops.random.kernels import handing

        data = _read(self.pipes[self.heard][self.rank][0])
        handing._hold(np.frombuffer(data, dtype=np.uint8))
        self.heard += 1


def _write(end: int, data: bytes) -> None:
    os.write(end, struct.pack("i", len(data)) + data)


def _read(end: int) -> bytes:
    size = struct.unpack("i", os.read(end, 4))[0]
    return os.read(end, size)


def in_processes(number: int, play: Callable[[Turns], Any]) -> list[Any]:
    """What `play` gives in each of `number` processes."""
    pipes = [[os.pipe() for _ in range(number)] for _ in range(number)]
    results = []
    for rank in range(number):
        receive, send = os.pipe()
        if os.fork() == 0:
            status = 1
            try:
                _write(send, pickle.dumps(play(Turns(rank, pipes))))
                status = 0
            finally:
                os._exit(status)
        os.close(send)
        results.append(receive)
    found = [pickle.loads(_read(end)) for end in results]
    for _ in range(number):
        os.wait()
    for end in (*results, *(end for row in pipes for pipe in row for end in pipe)):
        os.close(end)
    return found
