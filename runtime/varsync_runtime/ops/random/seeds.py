"""Which seeds an op gets: from `tf.random.set_seed`, from the op's own seed, or from nowhere.

tensorflow/python/framework/random_seed.py and tensorflow/python/eager/context.py. An op without a
seed of its own gets the next number of a sequence: of the global seed's when eager, of the graph's
(0, 1, 2...) in a `tf.function`. TensorFlow's replicas run one after the other up to where they meet,
so they take from one sequence: replica 0 its numbers of a segment, then replica 1. Here a replica
that needs such a number waits for its turn, and the sequence is handed on (`handing`).
"""

from __future__ import annotations

import os
import random
from typing import Any

from varsync_runtime.events import Approximated, count, here
from varsync_runtime.ops.random import graphs
from varsync_runtime.ops.random.surroundings import Counter, replica, surroundings
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.exports import export

DEFAULT_GRAPH_SEED = 87654321
MAXINT32 = 2**31 - 1
WITHOUT_SEED = "without a seed TensorFlow draws other numbers in every run"


class Seeds:
    """The global seed, and what depends on it."""

    def __init__(self) -> None:
        self.seed: int | None = None
        self.drawn = Counter(0)
        """How many ops took a seed of the sequence since it began."""
        self.epoch = 0
        """How often the seed was set: TensorFlow then forgets all its kernels."""
        self._numbers = random.Random()
        self._position = 0
        # numbers where TensorFlow has none either; made before the replicas are forked, so that
        # all of them draw the same
        self.chance = random.Random(os.urandom(16))
        self._own: dict[int, random.Random] = {}

    def set(self, seed: int | None) -> None:
        """`tf.random.set_seed`."""
        self.seed = seed
        self.drawn = Counter(0)
        self.epoch += 1
        self._numbers = random.Random(seed)
        self._position = 0

    def of_op(self) -> int:
        """The seed of the next op that has none of its own (`internal_operation_seed`)."""
        at = self.drawn.next()
        if at < self._position:
            # what took the number was taken back
            self._numbers, self._position = random.Random(self.seed), 0
        while self._position < at:
            self._next()
        return self._next()

    def _next(self) -> int:
        self._position += 1
        return self._numbers.randint(0, MAXINT32)

    def by_chance(self) -> random.Random:
        """Numbers that no seed decides: each replica has its own, the host has all ranks' common."""
        at = replica()
        if at is None:
            return self.chance
        if at not in self._own:
            self._own[at] = random.Random(f"{self.chance.getstate()[1][0]} {at}")
        return self._own[at]


seeds = Seeds()


@export("tf.random.set_seed", "tf.compat.v1.set_random_seed", "tf.compat.v1.random.set_random_seed")
def set_seed(seed: Any) -> None:
    """The global seed."""
    seeds.set(None if seed is None else _number(seed))


def _number(seed: Any) -> int:
    if isinstance(seed, (int, float)):
        return int(seed)
    return int(convert(seed)._array)


@export("tf.compat.v1.get_seed", "tf.compat.v1.random.get_seed")
def get_seed(op_seed: Any) -> tuple[int | None, int | None]:
    """The two seeds of an op; None and None if there is neither a global nor an op's seed."""
    if seeds.seed is None:
        if op_seed is None:
            return None, None
        first, second = DEFAULT_GRAPH_SEED, _number(op_seed)
    else:
        first = seeds.seed
        second = _of_sequence() if op_seed is None else _number(op_seed)
    first, second = first % MAXINT32, second % MAXINT32
    return (0, MAXINT32) if (first, second) == (0, 0) else (first, second)


def _of_sequence() -> int:
    frame = graphs.current_frame()
    shared = replica() is not None and frame is graphs.common_frame()
    if shared and surroundings.take_turn is not None:
        surroundings.take_turn()
    found = seeds.of_op() if frame is None else frame.unseeded.next()
    if shared and surroundings.wrote is not None:
        surroundings.wrote()
    return found


def chance_seeds(symbol: str) -> tuple[int, int]:
    """Seeds where TensorFlow would take any; on the host all ranks take the same."""
    count(Approximated, symbol, WITHOUT_SEED, here())
    numbers = seeds.by_chance()
    return numbers.getrandbits(32), numbers.getrandbits(32) | 1
