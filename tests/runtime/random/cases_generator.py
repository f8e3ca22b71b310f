"""`tf.random.Generator`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Say = Callable[[Any], None]


def case_numbers_and_states(tf: Any, say: Say) -> None:
    generator = tf.random.Generator.from_seed(7)
    say((generator.state, generator.algorithm, generator.key))
    for n in (1, 3, 5, 300):
        say(generator.normal([n]))
        say(generator.uniform([n]))
        say(generator.uniform([n], 0, 10, tf.int32))
        say(generator.uniform_full_int([n], tf.int32))
        say(generator.truncated_normal([n]))
        say(generator.normal([n], 1, 2, tf.float64))
        say(generator.state)
    say([one.state for one in generator.split(2)])
    say(generator.make_seeds(2))
    say(generator.skip(10))
    say(generator.state)
    generator.reset_from_seed(3)
    say(generator.state)
    generator.reset([1, 2, 3])
    say(generator.normal([2]))
    generator.reset_from_key_counter(1, [2, 3])
    say(generator.state)


def case_made_in_other_ways(tf: Any, say: Say) -> None:
    make = tf.random.Generator
    say(make.from_state([1, 2, 3], "philox").state)
    say(make.from_key_counter(5, [1, 2], alg="philox").state)
    for seed in (2**40 + 3, -1, [1, 2]):
        say(make.from_seed(seed).state)
    say(tf.random.create_rng_state(5, "philox"))
    tf.random.set_global_generator(make.from_seed(2))
    say(tf.random.get_global_generator().normal([2]))
