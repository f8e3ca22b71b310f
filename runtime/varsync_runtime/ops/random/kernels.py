"""Which generator a run of a random op takes its numbers from.

TensorFlow keeps an op's kernel, and in it the generator, by the op and its attributes (the seeds
among them) and the device when eager; in a graph each op has its own. `set_seed` forgets them all.
"""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np

from varsync_runtime.events import Approximated, count, here
from varsync_runtime.ops.random import graphs
from varsync_runtime.ops.random.graphs import Kernel
from varsync_runtime.ops.random.philox import Philox
from varsync_runtime.ops.random.seeds import chance_seeds, get_seed, seeds
from varsync_runtime.ops.random.surroundings import replica, surroundings
from varsync_runtime.tensors.state import state

AT_ONCE = "TensorFlow may run the rounds of a loop at once, and then draws in no fixed order"


class Eager:
    """The kernels of eager ops."""

    def __init__(self) -> None:
        self._epoch = 0
        self._kernels: dict[Any, Kernel] = {}
        self._changed: set[Any] = set()

    def kernel(self, key: Any, symbol: str) -> Kernel:
        """The kernel of an op with these attributes."""
        self._forget()
        found = self._kernels.get(key)
        if found is None:
            first, second = key[2]
            pair = chance_seeds(symbol) if first is None else (first, second)
            found = self._kernels[key] = Kernel(*pair)
        return found

    def changed(self, key: Any) -> None:
        """Remembers that a replica drew from a kernel of the first device, which is the host's too."""
        self._changed.add(key)

    def begin(self) -> None:
        """A run of the replicas begins: what earlier ones drew is known to all."""
        self._changed = set()

    def moved(self) -> dict[Any, int]:
        """Where the kernels stand that replicas drew from."""
        self._forget()
        return {key: self._kernels[key].counter for key in self._changed}

    def _forget(self) -> None:
        if self._epoch != seeds.epoch:
            self._epoch, self._kernels, self._changed = seeds.epoch, {}, set()


eager = Eager()


def reserve(symbol: str, op: str, op_seed: Any, attributes: tuple[str, ...], blocks: int) -> Philox:
    """The generator for a run of `op` that takes at most so many blocks of words.

    `symbol` is its public name, `op_seed` what the user gave, `attributes` the names of the dtypes
    that tell one kernel from another.
    """
    graph = state.graph
    if graph is not None:
        return _in_graph(graph, symbol, op_seed).reserve(blocks)
    pair = get_seed(op_seed)
    at = replica()
    # what no seed decides is the replica's own; else the host's device is the first replica's
    key = (at if pair[0] is None else at or 0, op, pair, attributes)
    found = eager.kernel(key, symbol).reserve(blocks)
    if at == 0 and pair[0] is not None:
        eager.changed(key)
        if surroundings.wrote is not None:
            surroundings.wrote()
    return found


def _in_graph(graph: Any, symbol: str, op_seed: Any) -> Kernel:
    frame = graphs.frame(graph)
    if graphs.ROUNDS in frame.path:
        count(Approximated, symbol, AT_ONCE, here())
    memory = frame.memory
    path = frame.next()
    known, place = frame.traced.seeds, path[frame.depth :]
    pair = known.get(place)
    if pair is None:
        pair = known[place] = get_seed(op_seed)
    if memory.epoch != seeds.epoch and not memory.apart:
        memory.epoch, memory.kernels = seeds.epoch, {}
    kernel = memory.kernels.get(path)
    if kernel is None:
        first, second = pair
        if first is None or second is None:
            first, second = chance_seeds(symbol)
        kernel = memory.kernels[path] = Kernel(first, second)
    return kernel


class Handing:
    """What one replica hands on to the next and to the host: an array of bytes, as of a variable.

    The numbers of seeds that were given out, and how far the kernels of the first device are.
    """

    __slots__ = ("__weakref__", "_variable_number")

    _variable_number: int

    @property
    def _array(self) -> np.ndarray:
        frame = graphs.common_frame()
        unseeded = None if frame is None else frame.unseeded.value
        told = (seeds.drawn.value, unseeded, eager.moved())
        return np.frombuffer(pickle.dumps(told), dtype=np.uint8)

    def _hold(self, array: np.ndarray) -> None:
        drawn, unseeded, moved = pickle.loads(array.tobytes())
        seeds.drawn.set(drawn)
        frame = graphs.common_frame()
        if frame is not None and unseeded is not None:
            frame.unseeded.set(unseeded)
        for key, counter in moved.items():
            eager.kernel(key, key[1]).move(counter)


handing = Handing()
