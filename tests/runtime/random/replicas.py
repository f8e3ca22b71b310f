"""What the replicas of a MirroredStrategy draw, and the host between their steps.

A draw `draw(tf, thing)` is a replica's code; `thing` is what the host made for it, in the scope or
outside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

STEPS = 2
SEED = 5
NUMBERS = (2, 4)
MODES = ("eager", "function")


def meet(tf: Any) -> None:
    tf.distribute.get_replica_context().merge_call(lambda strategy: None)


def unseeded(tf: Any, thing: Any) -> list[Any]:
    return [tf.random.uniform([]), tf.random.uniform([])]


def meeting(tf: Any, thing: Any) -> list[Any]:
    first = tf.random.uniform([])
    meet(tf)
    return [first, tf.random.normal([])]


def seeded(tf: Any, thing: Any) -> list[Any]:
    return [tf.random.uniform([], seed=1), tf.random.uniform([], seed=1)]


def merging(tf: Any, thing: Any) -> list[Any]:
    """The code of a merge function is the host's."""

    def merge(strategy: Any) -> Any:
        return tf.random.uniform([])

    first = tf.random.uniform([])
    second = tf.distribute.get_replica_context().merge_call(merge)
    return [first, second, tf.random.uniform([]), tf.random.uniform([], seed=1)]


def uneven(tf: Any, thing: Any) -> list[Any]:
    """Replica 1 draws more."""
    number = int(tf.get_static_value(tf.distribute.get_replica_context().replica_id_in_sync_group))
    more = [tf.random.uniform([]) for _ in range(2 * (number == 1))]
    return [sum(more, tf.random.normal([]))]


def layers(tf: Any, thing: Any) -> list[Any]:
    rows = tf.random.shuffle(tf.range(5))
    return [tf.nn.dropout(tf.ones([6]), 0.5), tf.cast(rows, tf.float32)]


def nested(tf: Any, thing: Any) -> list[Any]:
    """A compiled function has numbers of its own, in each replica."""
    inner = tf.function(lambda: tf.random.uniform([2]))
    return [tf.random.uniform([]), inner(), tf.random.uniform([])]


def branches(tf: Any, thing: Any) -> list[Any]:
    """So does a branch."""
    first = tf.random.uniform([])
    chosen = tf.cond(first > -1, lambda: tf.random.uniform([2]), lambda: tf.zeros([2]))
    return [first, chosen, tf.random.uniform([])]


def generator(tf: Any, thing: Any) -> list[Any]:
    return [thing.normal([2]), thing.uniform([])]


@dataclass(frozen=True)
class Draw:
    """A replica's code, and what the host makes for it."""

    code: Callable[[Any, Any], list[Any]]
    make: Callable[[Any], Any] = lambda tf: None
    in_scope: bool = False


def make_generator(tf: Any) -> Any:
    return tf.random.Generator.from_seed(3)


DRAWS = {
    "unseeded": Draw(unseeded),
    "meeting": Draw(meeting),
    "seeded": Draw(seeded),
    "merging": Draw(merging),
    "uneven": Draw(uneven),
    "layers": Draw(layers),
    "nested": Draw(nested),
    "branches": Draw(branches),
    "generator of each": Draw(generator, make_generator, in_scope=True),
    "generator of all": Draw(generator, make_generator),
}


def drawn(tf: Any, names: Any = DRAWS, numbers: Any = NUMBERS) -> dict[str, np.ndarray]:
    """`replicas N mode name`: what the replicas and the host draw in all steps.

    The strategies with fewer replicas come last, when there are devices that they do not use.
    """
    device = tf.config.list_physical_devices("CPU")[0]
    logical = [tf.config.LogicalDeviceConfiguration() for _ in range(max(numbers))]
    tf.config.set_logical_device_configuration(device, logical)
    found = {}
    for number in sorted(numbers, reverse=True):
        strategy = tf.distribute.MirroredStrategy([f"CPU:{at}" for at in range(number)])
        for name in names:
            for mode in MODES:
                found[f"replicas {number} {mode} {name}"] = _steps(tf, strategy, DRAWS[name], mode)
    return found


def _steps(tf: Any, strategy: Any, draw: Draw, mode: str) -> np.ndarray:
    if draw.in_scope:
        with strategy.scope():
            thing = draw.make(tf)
    else:
        thing = draw.make(tf)

    def replica() -> Any:
        return tf.concat([tf.reshape(one, [-1]) for one in draw.code(tf, thing)], 0)

    def run() -> Any:
        return strategy.run(replica)

    tf.random.set_seed(SEED)
    called = tf.function(run) if mode == "function" else run
    steps = []
    for _ in range(STEPS):
        parts = [one.numpy() for one in strategy.experimental_local_results(called())]
        host = [tf.random.uniform([]).numpy(), tf.random.uniform([], seed=1).numpy()]
        steps.append(np.concatenate([*parts, host]))
    found: np.ndarray = np.array(steps)
    return found
