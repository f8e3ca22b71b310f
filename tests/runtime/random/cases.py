"""`tf.random`: every number to the bit."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Say = Callable[[Any], None]
SIZES = (1, 3, 4, 5, 1000)


def case_uniform(tf: Any, say: Say) -> None:
    for n in SIZES:
        for dtype in (tf.float16, tf.float32, tf.float64):
            say(tf.random.uniform([n], dtype=dtype))
            say(tf.random.uniform([n], -2, 5, dtype, seed=3))
        say(tf.random.uniform([n], 0, 10, tf.int32))
        say(tf.random.uniform([n], -7, 10**12, tf.int64))


def case_normal(tf: Any, say: Say) -> None:
    for n in SIZES:
        for dtype in (tf.float16, tf.float32, tf.float64):
            say(tf.random.normal([n], dtype=dtype))
            say(tf.random.normal([n], 2, 3, dtype, seed=3))


def case_many_normal(tf: Any, say: Say) -> None:
    for seed in range(20):
        say(tf.random.stateless_normal([10000], [seed, 7]))


def case_truncated_normal(tf: Any, say: Say) -> None:
    for n in SIZES:
        for dtype in (tf.float16, tf.float32, tf.float64):
            say(tf.random.truncated_normal([n], dtype=dtype))
            say(tf.random.truncated_normal([n], 1, 2, dtype, seed=5))


def case_shuffle(tf: Any, say: Say) -> None:
    for n in SIZES:
        say(tf.random.shuffle(tf.range(n)))
        say(tf.random.shuffle(tf.reshape(tf.range(2 * n), [n, 2]), seed=2))


def case_categorical(tf: Any, say: Say) -> None:
    for n in SIZES:
        say(tf.random.categorical([[1.0, 2.0, 3.0]], n))
        logits = tf.constant([[0.0, 0.0], [9.0, 1.0]], tf.float64)
        say(tf.random.categorical(logits, n, dtype=tf.int32))
        say(tf.random.stateless_categorical([[1.0, 2.0], [3.0, 1.0]], n, [1, 2]))


def case_stateless(tf: Any, say: Say) -> None:
    for n in SIZES:
        for seed in ([1, 2], [-5, 2**31 - 1]):
            say(tf.random.stateless_uniform([n], seed))
            say(tf.random.stateless_uniform([n], seed, -1, 100, tf.int32))
            say(tf.random.stateless_uniform([n], seed, 0, 10**10, tf.int64))
            say(tf.random.stateless_uniform([n], seed, None, None, tf.int32))
            say(tf.random.stateless_uniform([n], seed, dtype=tf.float64))
            say(tf.random.stateless_normal([n], seed, 1.0, 2.0))
            say(tf.random.stateless_normal([n], seed, dtype=tf.float64))
            say(tf.random.stateless_truncated_normal([n], seed))
    say(tf.random.split([1, 2], 3))
    say(tf.random.fold_in([1, 2], 3))
    say(tf.random.experimental.stateless_split([4, 2], 2))


def case_seeds(tf: Any, say: Say) -> None:
    first = tf.random.uniform([2]), tf.random.uniform([2])
    tf.random.set_seed(1)
    say([bool(tf.reduce_all(tf.random.uniform([2]) == one)) for one in first])
    for _ in range(2):
        say(tf.random.uniform([2], seed=4))
    say(tf.random.uniform([3], seed=4))
    say(tf.random.normal([3], seed=4))
    tf.random.set_seed(0)
    say(tf.random.uniform([2], seed=0))
    say(tf.random.uniform([2]))


def case_seed_of_an_op_in_a_function(tf: Any, say: Say) -> None:
    @tf.function
    def draw() -> Any:
        return tf.random.uniform([2], seed=4)

    say(lambda: draw())
    say(lambda: draw())
    say(tf.random.uniform([2], seed=4))


def case_rejected(tf: Any, say: Say) -> None:
    say(lambda: tf.random.uniform([2], 0, None, tf.int32))
    say(lambda: tf.random.uniform([2], 5, 5, tf.int32))
    say(lambda: tf.random.uniform([2], dtype=tf.string))
    say(lambda: tf.random.uniform([-1]))
    say(lambda: tf.random.normal([2], dtype=tf.int32))


def case_initializers_and_dropout(tf: Any, say: Say) -> None:
    say(tf.random_normal_initializer(seed=1)([3]))
    say(tf.random_uniform_initializer(seed=1)([3]))
    say(tf.random_normal_initializer(1.0, 2.0)([3], tf.float64))
    say(tf.random_uniform_initializer(0, 9)([3], tf.int32))
    say(tf.nn.dropout(tf.ones([10]), 0.5, seed=1))
    say(tf.nn.dropout(tf.ones([1000]), 0.3))
    say(tf.nn.experimental.stateless_dropout(tf.ones([10]), 0.5, [1, 2]))
