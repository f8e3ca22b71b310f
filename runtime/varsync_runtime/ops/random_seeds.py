"""Which seeds an op gets: from `tf.random.set_seed`, from the op's own seed, or from nowhere.

tensorflow/python/framework/random_seed.py and tensorflow/python/eager/context.py.
"""

from __future__ import annotations

import os
import random
from typing import Any

from varsync_runtime.events import Approximated, count, here
from varsync_runtime.ops.random_philox import Philox
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.state import state

DEFAULT_GRAPH_SEED = 87654321
MAXINT32 = 2**31 - 1
IN_FUNCTION = (
    "TensorFlow takes the seed of a random op in a tf.function from the op's number in the graph, "
    "so that the numbers differ from TensorFlow's"
)
WITHOUT_SEED = "without a seed TensorFlow draws other numbers in every run"


class Seeds:
    """The global seed, and what depends on it."""

    def __init__(self) -> None:
        self.seed: int | None = None
        self._numbers = random.Random()
        # numbers where TensorFlow has none either; made before the replicas are forked, so that
        # all of them draw the same
        self.chance = random.Random(os.urandom(16))
        # the generators of the ops that ran, as TensorFlow caches its kernels
        self.kernels: dict[Any, Philox] = {}

    def set(self, seed: int) -> None:
        """`tf.random.set_seed`."""
        self.seed = seed
        self._numbers = random.Random(seed)
        self.kernels.clear()

    def of_op(self) -> int:
        """The seed of the next op that has none of its own (`internal_operation_seed`)."""
        return self._numbers.randint(0, MAXINT32)


seeds = Seeds()


@export("tf.random.set_seed", "tf.compat.v1.set_random_seed", "tf.compat.v1.random.set_random_seed")
def set_seed(seed: Any) -> None:
    """The global seed."""
    value = seed if isinstance(seed, int) else int(convert(seed)._array)
    seeds.set(value)


@export("tf.compat.v1.get_seed", "tf.compat.v1.random.get_seed")
def get_seed(op_seed: Any) -> tuple[int | None, int | None]:
    """The two seeds of an op; None and None if there is neither a global nor an op's seed."""
    if op_seed is not None and not isinstance(op_seed, int):
        op_seed = int(convert(op_seed)._array)
    if seeds.seed is None:
        if op_seed is None:
            return None, None
        first, second = DEFAULT_GRAPH_SEED, op_seed
    elif op_seed is not None:
        first, second = seeds.seed, op_seed
    else:
        if state.graph is not None:
            count(Approximated("tf.random", IN_FUNCTION, here()))
        first, second = seeds.seed, seeds.of_op()
    first, second = first % MAXINT32, second % MAXINT32
    return (0, MAXINT32) if (first, second) == (0, 0) else (first, second)


def chance_seeds(symbol: str) -> tuple[int, int]:
    """Seeds where TensorFlow would take any; all replicas take the same."""
    count(Approximated(symbol, WITHOUT_SEED, here()))
    return seeds.chance.getrandbits(32), seeds.chance.getrandbits(32)
