"""What is drawn, by the same code on TensorFlow and on the stand-in.

A draw is a function of the module `tf` that gives a list of tensors.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

Draw = Callable[[Any], list[Any]]
SHAPES: tuple[list[int], ...] = ([], [1], [3], [2, 3], [9], [0], [5, 1, 7])
FLOATS = ("float16", "float32", "float64")


def draws(seed: int = 7, number: int = 60) -> dict[str, Draw]:
    """All draws: those that are written out, and `number` programs made from a seed."""
    found = {**_stateful(), **_sequences(), **_stateless(), **_generators(), **_functions()}
    for at in range(number):
        found[f"program {seed}.{at}"] = _program(random.Random(f"{seed} {at}"))
    return found


def _stateful() -> dict[str, Draw]:
    found: dict[str, Draw] = {}
    ops = ("uniform", "normal", "truncated_normal")
    for op, dtype, shape in itertools.product(ops, FLOATS, SHAPES):

        def draw(tf: Any, op: str = op, dtype: str = dtype, shape: Any = shape) -> Any:
            tf.random.set_seed(11)
            one = getattr(tf.random, op)
            return [one(shape, dtype=dtype, seed=3), one(shape, 2, 3, dtype=dtype), one(shape)]

        found[f"{op} {dtype} {shape}"] = draw
    for dtype, limits in itertools.product(
        ("int32", "int64"), ((0, 10), (-5, 5), (-(2**31), 2**31 - 1), (3, 4), (0, 1000003))
    ):

        def integers(tf: Any, dtype: str = dtype, limits: Any = limits) -> Any:
            tf.random.set_seed(11)
            return [tf.random.uniform([n], *limits, dtype, seed=n) for n in (1, 4, 13)]

        found[f"uniform {dtype} {limits}"] = integers
    for size in (0, 1, 2, 5, 8, 33):

        def shuffle(tf: Any, size: int = size) -> Any:
            tf.random.set_seed(4)
            rows = tf.reshape(tf.range(2 * size), [size, 2])
            return [tf.random.shuffle(tf.range(size), seed=1), tf.random.shuffle(rows)]

        found[f"shuffle {size}"] = shuffle
    found["categorical"] = _categorical
    found["gamma"] = _gamma
    found["poisson"] = _poisson
    return found


def _categorical(tf: Any) -> list[Any]:
    tf.random.set_seed(4)
    logits = tf.constant([[0.1, 2.0, -1.0, 0.5], [1.0, float("-inf"), 1.0, 0.0]])
    return [
        tf.random.categorical(logits, 9, seed=2),
        tf.random.categorical(logits, 6, dtype=tf.int32),
        tf.random.categorical(tf.cast(logits, tf.float64), 7, seed=2),
        tf.random.categorical(logits, 5, seed=2),
        tf.random.stateless_categorical(logits, 11, [3, 4]),
        tf.random.stateless_categorical(logits, 3, [3, 4], dtype=tf.int32),
    ]


def _gamma(tf: Any) -> list[Any]:
    tf.random.set_seed(4)
    return [
        tf.random.gamma([7], [0.1, 0.5, 1.0, 2.0, 30.0], seed=1),
        tf.random.gamma([3, 2], 0.7, 2.0, seed=1),
        tf.random.gamma([5], [[0.5], [4.0]], [1.0, 2.0], dtype=tf.float64),
    ]


def _poisson(tf: Any) -> list[Any]:
    tf.random.set_seed(4)
    return [
        tf.random.poisson([9], [0.2, 3.0, 9.9, 10.0, 57.0], seed=1),
        tf.random.poisson([5], tf.constant([1.5, 22.0]), dtype=tf.int32),
        tf.random.poisson([2, 2], tf.constant(4.0, tf.float16), dtype=tf.float64),
    ]


def _sequences() -> dict[str, Draw]:
    def unseeded(tf: Any) -> list[Any]:
        tf.random.set_seed(5)
        draws = [
            tf.random.uniform([]),
            tf.random.normal([2]),
            tf.random.uniform([], 0, 9, tf.int32),
        ]
        tf.random.set_seed(5)
        return [*draws, tf.random.uniform([]), tf.random.uniform([])]

    def kernels(tf: Any) -> list[Any]:
        tf.random.set_seed(5)
        draw = tf.random.uniform
        return [
            draw([], seed=1), draw([2], seed=1), draw([], seed=1), draw([], 1, 2, seed=1),
            draw(tf.constant([2], tf.int64), seed=1), draw([], seed=2), draw([], seed=1),
            draw([], seed=1, dtype=tf.float64), tf.random.normal([], seed=1),
            draw([3], 0, 100, tf.int32, seed=1), draw([3], 0, 50, tf.int32, seed=1),
        ]  # fmt: skip

    def seeds(tf: Any) -> list[Any]:
        found = []
        for seed in (0, 1, -3, 2**31 - 1, 2**40, 7.0):
            tf.random.set_seed(seed)
            found += [tf.random.uniform([]), tf.random.uniform([], seed=0)]
            found += [tf.random.uniform([], seed=-1), tf.random.uniform([], seed=2**35)]
        return found

    return {"unseeded": unseeded, "kernels": kernels, "seeds": seeds}


def _stateless() -> dict[str, Draw]:
    found: dict[str, Draw] = {}
    names = ("stateless_uniform", "stateless_normal", "stateless_truncated_normal")
    for name, dtype, seed in itertools.product(names, FLOATS, ([1, 2], [-7, 2**31 - 1], [0, 0])):

        def draw(tf: Any, name: str = name, dtype: str = dtype, seed: Any = seed) -> Any:
            one = getattr(tf.random, name)
            wide = tf.constant(seed, tf.int64)
            return [
                one([7], seed, dtype=dtype), one([2, 3], wide, -1, 3, dtype, alg="philox"),
                one([], [2**33, -5] if seed == [0, 0] else seed, dtype=dtype),
            ]  # fmt: skip

        found[f"{name} {dtype} {seed}"] = draw

    def others(tf: Any) -> list[Any]:
        r = tf.random
        return [
            r.stateless_uniform([9], [1, 2], None, None, tf.int32),
            r.stateless_uniform([9], [1, 2], None, None, tf.int64),
            r.stateless_uniform([9], [1, 2], None, None, tf.uint32),
            r.stateless_uniform([9], [1, 2], -4, 12, tf.int32),
            r.stateless_uniform([9], [1, 2], -4, 2**40, tf.int64),
            r.split([1, 2], 3), r.split(tf.constant([5, 6], tf.int64), 2), r.fold_in([1, 2], 3),
            r.fold_in(tf.constant([5, 6], tf.int64), tf.constant(9, tf.int64)),
            r.experimental.stateless_shuffle(tf.range(13), [3, 4]),
            r.experimental.stateless_shuffle(tf.reshape(tf.range(12), [6, 2]), [3, 4], "philox"),
        ]  # fmt: skip

    return {**found, "stateless others": others}


def _generators() -> dict[str, Draw]:
    def draws(tf: Any) -> list[Any]:
        one = tf.random.Generator.from_seed(1234)
        found = [one.normal([2, 3]), one.uniform([5]), one.truncated_normal([9], 1.0, 2.0)]
        found += [one.uniform([4], -3, 9, tf.int32), one.uniform_full_int([3])]
        found += [one.uniform([2], None, None, tf.int64), one.make_seeds(3), one.skip(5), one.key]
        found += [part.normal([2], dtype=tf.float64) for part in one.split(2)]
        found += [tf.convert_to_tensor(one.state)]
        one.reset_from_seed(5)
        other = tf.random.Generator(copy_from=one)
        found += [one.uniform([2]), other.uniform([2]), one.uniform([0]), one.uniform([2])]
        one.reset([1, 2, 3])
        return [*found, one.normal([3]), tf.convert_to_tensor(one.state)]

    def made(tf: Any) -> list[Any]:
        one = tf.random.Generator
        return [
            tf.random.create_rng_state(2**70 + 3, "philox"),
            tf.random.create_rng_state(-1, "philox"),
            tf.random.create_rng_state([1, 2, 3, 4], "philox"),
            one.from_seed([7, 8]).uniform([3]), one.from_seed(2**64 - 1).normal([3]),
            one.from_state([-1, -1, 3], "philox").uniform([9]),
            one.from_key_counter(7, [1, 2], "philox").uniform([3]),
        ]  # fmt: skip

    return {"generator draws": draws, "generator made": made}


def _functions() -> dict[str, Draw]:
    def calls(body: Callable[[Any], Any], reset: bool = False) -> Draw:
        def draw(tf: Any) -> list[Any]:
            tf.random.set_seed(5)
            compiled = tf.function(lambda: body(tf))
            found = [*compiled(), *compiled(), *compiled()]
            if reset:
                tf.random.set_seed(5)
                found += [*compiled(), tf.random.uniform([], seed=1), *compiled()]
            return found

        return draw

    def seeded(tf: Any) -> Any:
        return [tf.random.uniform([], seed=1), tf.random.uniform([2], seed=1)]

    def unseeded(tf: Any) -> Any:
        r = tf.random
        return [r.normal([2]), r.uniform([]), r.uniform([], seed=9), r.uniform([3], 0, 9, tf.int32)]

    def shuffled(tf: Any) -> Any:
        return [tf.random.shuffle(tf.range(6)), tf.random.truncated_normal([5])]

    return {
        "function seeded": calls(seeded),
        "function seeded, set again": calls(seeded, reset=True),
        "function unseeded": calls(unseeded),
        "function unseeded, set again": calls(unseeded, reset=True),
        "function shuffled": calls(shuffled),
    }


def _program(chance: random.Random) -> Draw:
    """A program of random draws."""
    steps: list[tuple[str, list[int], str, int | None, int]] = []
    for _ in range(chance.randint(3, 9)):
        op = chance.choice(("uniform", "normal", "truncated_normal", "integers", "shuffle", "set"))
        shape = [chance.randint(0, 5) for _ in range(chance.randint(0, 2))]
        seed = chance.choice((None, None, 1, 2, chance.randint(-(2**33), 2**33)))
        steps.append((op, shape, chance.choice(FLOATS), seed, chance.randint(0, 2**32)))

    def draw(tf: Any) -> list[Any]:
        tf.random.set_seed(steps[0][4])
        found = []
        for op, shape, dtype, seed, number in steps:
            if op == "set":
                tf.random.set_seed(number % 3)
            elif op == "integers":
                kind = "int32" if number % 2 else "int64"
                found.append(tf.random.uniform(shape, -3, number % 1000, kind, seed=seed))
            elif op == "shuffle":
                found.append(tf.random.shuffle(tf.range(number % 12), seed=seed))
            else:
                found.append(getattr(tf.random, op)(shape, dtype=dtype, seed=seed))
        return found

    return draw
