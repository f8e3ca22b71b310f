"""`tf.data.Dataset`: sources, transformations, iterators, options."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

Say = Callable[[Any], None]


def case_range(tf: Any, say: Say) -> None:
    make = tf.data.Dataset.range
    for dataset in (
        make(3),
        make(1, 10, 3),
        make(5, 1, -2),
        make(0),
        make(2, output_type=tf.int32),
    ):
        say(dataset)
        say(
            [
                dataset.element_spec,
                len(dataset),
                dataset.cardinality(),
                repr(dataset),
                bool(dataset),
            ]
        )


def case_tensors(tf: Any, say: Say) -> None:
    say(tf.data.Dataset.from_tensors(([1, 2], 3)))
    say(tf.data.Dataset.from_tensors([1, 2]).element_spec)


def case_slices(tf: Any, say: Say) -> None:
    make = tf.data.Dataset.from_tensor_slices
    both = make(([1, 2], {"b": [1.0, 2.0], "a": ["x", "y"]}))
    say(both)
    say(both.element_spec)
    say(make(np.arange(6).reshape(3, 2)))
    say(make((np.arange(3), np.arange(3.0))))
    say(lambda: make(([1, 2], [1, 2, 3])))
    say(lambda: make(5))


def case_generators(tf: Any, say: Say) -> None:
    def numbers(start: int = 1) -> Iterator[Any]:
        for at in range(3):
            yield at, [at + start] * at

    signature = (tf.TensorSpec((), tf.int32), tf.TensorSpec((None,), tf.float32))
    make = tf.data.Dataset.from_generator
    say(make(numbers, output_signature=signature))
    say(make(numbers, output_signature=signature, args=(5,)))
    say(make(numbers, output_types=(tf.int64, tf.float64), output_shapes=((), (None,))))
    say([make(numbers, output_signature=signature).cardinality()])
    say(lambda: len(make(numbers, output_signature=signature)))
    say(make(lambda: iter([1, 2]), output_types=tf.int64))
    say(lambda: make(5, output_types=tf.int32))


def case_generators_that_give_something_else(tf: Any, say: Say) -> None:
    make = tf.data.Dataset.from_generator
    say(lambda: list(make(lambda: iter([1, "a"]), output_types=tf.int64)))
    spec = tf.TensorSpec((2,), tf.int32)
    say(lambda: list(make(lambda: iter([[1, 2], [1]]), output_signature=spec)))


def case_zip_and_enumerate(tf: Any, say: Say) -> None:
    make = tf.data.Dataset
    say(make.zip((make.range(3), make.range(5))))
    say(make.zip(make.range(3), make.range(5)))
    say(make.zip({"a": make.range(2), "b": (make.range(2), make.range(2))}))
    say(len(make.zip((make.range(3), make.range(5).repeat()))))
    say(make.range(3).enumerate(5))
    say(lambda: make.zip(make.range(3), 1))


def case_batch(tf: Any, say: Say) -> None:
    source = tf.data.Dataset.range(7)
    for dataset in (source.batch(3), source.batch(3, drop_remainder=True), source.batch(10)):
        say(dataset)
        say([dataset.element_spec, len(dataset)])
    pairs = tf.data.Dataset.zip((source, source.map(tf.square)))
    say(pairs.batch(4))
    say(pairs.batch(2).take(2).batch(2))
    say(lambda: source.batch(0))
    say(source.batch(3).unbatch())
    say([source.batch(3).unbatch().cardinality(), source.batch(3, True).unbatch().cardinality()])
    say(source.batch(4).rebatch(2))
    say(source.batch(4).rebatch([1, 2]))
    say(lambda: source.rebatch(2))


def case_rows_of_other_shapes(tf: Any, say: Say) -> None:
    def growing() -> Iterator[list[int]]:
        yield from ([1], [1, 2], [1, 2, 3])

    spec = tf.TensorSpec((None,), tf.int32)
    source = tf.data.Dataset.from_generator(growing, output_signature=spec)
    say(lambda: list(source.batch(2)))
    say(source.padded_batch(2))
    say(source.padded_batch(2, padded_shapes=[4], padding_values=-1))
    say(source.padded_batch(2, drop_remainder=True).element_spec)


def case_map(tf: Any, say: Say) -> None:
    source = tf.data.Dataset.range(4)

    def told(x: Any) -> Any:
        print("traced", x)
        return x * 2

    def paired(x: Any) -> Any:
        return x, {"f": tf.cast(x, tf.float32)}

    def of_pair(x: Any, other: Any) -> Any:
        return {"sum": tf.cast(x, tf.float32) + other["f"]}

    def listed(x: Any) -> Any:
        return [x, x + 1]

    def branching(x: Any) -> Any:
        if x > 1:
            return x
        return -x

    def python(x: Any) -> Any:
        return tf.py_function(lambda y: y.numpy() * 3, [x], tf.int64)

    def wrong(x: Any) -> Any:
        return x.numpy()

    say(lambda: source.map(told))
    for function in (paired, listed, branching, python):
        say(source.map(function))
    say(source.map(paired).map(of_pair))
    say(source.map(paired).map(of_pair).element_spec)
    say(source.map(told, num_parallel_calls=2).element_spec)
    say(lambda: source.map(wrong))
    say(source.batch(2).map(lambda x: tf.reduce_sum(x)).element_spec)
    say(source.batch(2).map(lambda x: tf.expand_dims(x, 1)).element_spec)


def case_filter(tf: Any, say: Say) -> None:
    source = tf.data.Dataset.range(7)
    even = source.filter(lambda x: x % 2 == 0)
    say(even)
    say([even.cardinality(), even.element_spec])
    say(lambda: len(even))
    say(lambda: source.filter(lambda x: x + 1))
    say(source.take_while(lambda x: x < 3))
    say(tf.data.Dataset.from_tensor_slices([1, 2, 1, 3, 2]).unique())


def case_take_skip_repeat(tf: Any, say: Say) -> None:
    source = tf.data.Dataset.range(3)
    for dataset in (
        source.take(2), source.take(-1), source.take(9), source.skip(1), source.skip(-1),
        source.skip(9), source.repeat(2), source.repeat(0), source.concatenate(source.take(1)),
        source.shard(2, 1), source.shard(2, 0), source.prefetch(1), source.cache(),
    ):  # fmt: skip
        say(dataset)
        say([len(dataset), repr(dataset)])
    say(source.repeat().take(7))
    say([source.repeat().cardinality(), source.repeat().take(4).cardinality()])
    say(lambda: len(source.repeat()))
    say(lambda: source.shard(3, 5))
    say(lambda: source.concatenate(tf.data.Dataset.from_tensors(1.0)))


class Named(NamedTuple):
    """An element with names."""

    path: Any
    count: Any


def case_named_tuples(tf: Any, say: Say) -> None:
    dataset = tf.data.Dataset.from_tensor_slices(Named(["a", "b"], [1, 2]))
    say(dataset.map(lambda one: Named(one.path + "!", one.count + 1)))
    say(dataset.interleave(lambda one: tf.data.Dataset.range(tf.cast(one.count, tf.int64))))
    say(dataset.batch(2).map(lambda one: one))


def case_what_v1_says_of_elements(tf: Any, say: Say) -> None:
    dataset = tf.data.Dataset.from_tensor_slices({"a": [[1.0], [2.0]], "b": (["x", "y"],)})
    for function in ("get_output_shapes", "get_output_types", "get_output_classes"):
        say(repr(getattr(tf.compat.v1.data, function)(dataset.batch(2))))
        say(repr(getattr(tf.compat.v1.data, function)(iter(dataset))))


def case_iterators_that_wait(tf: Any, say: Say) -> None:
    """What is drawn when an iterator is made, and what when it is used."""
    numbers = tf.data.Dataset.range(6)
    shuffled = numbers.shuffle(6, seed=1)
    for dataset in (
        shuffled,
        shuffled.map(lambda x: x * 2).batch(4).prefetch(1),
        shuffled.shuffle(6, seed=2),
        shuffled.repeat(2),
        shuffled.take(5).cache(),
        tf.data.Dataset.zip((shuffled, shuffled)),
        shuffled.concatenate(numbers.shuffle(6, seed=3)),
        numbers.take(2).flat_map(lambda _: shuffled),
        tf.data.Dataset.random(seed=4, rerandomize_each_iteration=True).take(3),
    ):
        first, second = iter(dataset), iter(dataset)
        say([next(second), next(first), next(second)])
        iter(dataset)
        say(dataset)
        dataset.as_numpy_iterator()
        say(dataset)


def case_shuffle(tf: Any, say: Say) -> None:
    source = tf.data.Dataset.range(12)
    for size in (1, 4, 12, 100):
        for seed in (1, 7):
            dataset = source.shuffle(size, seed=seed)
            say(dataset)
            say(dataset)
            say(source.shuffle(size, seed=seed, reshuffle_each_iteration=False).repeat(2))
    say(source.shuffle(4, seed=3).repeat(3))
    say(source.shuffle(5).batch(3).repeat(2))
    say(source.shuffle(5).repeat(2).batch(5))
    tf.random.set_seed(9)
    say(source.shuffle(5, seed=2))


def case_random(tf: Any, say: Say) -> None:
    say(tf.data.Dataset.random(seed=4).take(5))
    say(tf.data.Dataset.counter(3, 2).take(3))


def case_datasets_of_datasets(tf: Any, say: Say) -> None:
    make = tf.data.Dataset
    source = make.range(5)
    say(source.flat_map(lambda x: make.range(x)))
    say(source.interleave(lambda x: make.from_tensors(x).repeat(3), cycle_length=2))
    say(source.interleave(lambda x: make.range(x * 10, x * 10 + 3), cycle_length=3, block_length=2))
    say(source.interleave(lambda x: make.range(x), cycle_length=2, num_parallel_calls=2))
    say(source.window(3, shift=2, drop_remainder=True).flat_map(lambda x: x.batch(3)))
    say([list(one) for one in source.window(2)])
    choices = make.from_tensor_slices(np.array([0, 1, 0, 1], np.int64))
    say(make.choose_from_datasets([make.range(3), make.range(10, 13)], choices))
    say(source.group_by_window(lambda x: x % 2, lambda key, rows: rows.batch(2), window_size=2))


def case_reduce_and_scan(tf: Any, say: Say) -> None:
    source = tf.data.Dataset.range(7)
    say(source.reduce(np.int64(0), lambda total, x: total + x))
    say(source.reduce((np.int64(0), 1.0), lambda state, x: (state[0] + x, state[1] * 2)))
    say(source.scan(np.int64(0), lambda total, x: (total + x, total)))
    say(lambda: source.take(1).get_single_element())
    say(lambda: source.get_single_element())


def case_iterators(tf: Any, say: Say) -> None:
    source = tf.data.Dataset.range(3)
    iterator = iter(source)
    say([next(iterator), iterator.get_next(), iterator.element_spec])
    optional = iterator.get_next_as_optional()
    say([optional.has_value(), optional.get_value(), optional.element_spec])
    empty = iterator.get_next_as_optional()
    say(empty.has_value())
    say(lambda: empty.get_value())
    say(lambda: iterator.get_next())
    say(lambda: next(iterator))
    say(list(tf.data.Dataset.from_tensors({"a": [1, 2], "b": (1.0, "x")}).as_numpy_iterator()))
    say(list(source.as_numpy_iterator()))


def case_in_a_function(tf: Any, say: Say) -> None:
    source = tf.data.Dataset.range(4)

    @tf.function
    def total(dataset: Any) -> Any:
        print("traced")
        s = tf.constant(0, tf.int64)
        for x in dataset:
            s += x
        return s

    @tf.function
    def advance(iterator: Any) -> Any:
        return next(iterator)

    say(lambda: total(source))
    say(lambda: total(tf.data.Dataset.range(6)))
    iterator = iter(tf.data.Dataset.range(2))
    for _ in range(3):
        say(lambda: advance(iterator))


def case_options(tf: Any, say: Say) -> None:
    source = tf.data.Dataset.range(3)
    options = tf.data.Options()
    say(options.experimental_distribute.auto_shard_policy)
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    options.deterministic = False
    made = source.with_options(options).map(lambda x: x).options()
    say([made.experimental_distribute.auto_shard_policy, made.deterministic])
    say([source.options().deterministic, source.options().threading.private_threadpool_size])
    say(lambda: setattr(options, "nope", 1))
    say([tf.data.AUTOTUNE, tf.data.INFINITE_CARDINALITY, tf.data.UNKNOWN_CARDINALITY])
    say(source.apply(tf.data.experimental.assert_cardinality(3)).cardinality())
    say(lambda: list(source.apply(tf.data.experimental.assert_cardinality(2))))
    say(source.apply(lambda dataset: dataset.take(1)))
    say(lambda: source[0])
