"""Random numbers in the functions of datasets, and datasets in a random order: two iterations of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Say = Callable[[Any], None]
Make = Callable[[], Any]


def iterations(tf: Any, say: Say, *makers: Make) -> None:
    for make in makers:
        tf.random.set_seed(5)
        dataset = make()
        for _ in range(2):
            say([tf.reshape(one, [-1]) for one in dataset])
        say(tf.random.uniform([]))


def case_functions(tf: Any, say: Say) -> None:
    data = tf.data.Dataset

    def drawn(*_: Any) -> Any:
        return tf.random.uniform([])

    def seeded(*_: Any) -> Any:
        return tf.random.uniform([], seed=3)

    def chosen(x: Any) -> Any:
        if x > 1:
            return tf.random.uniform([]) + 1
        return tf.random.uniform([])

    iterations(
        tf, say,
        lambda: data.range(4).map(drawn),
        lambda: data.range(4).map(lambda x: (drawn(), seeded(), seeded())).map(lambda *x: x[2]),
        lambda: data.range(3).map(drawn).repeat(2),
        lambda: data.range(3).map(seeded).repeat(2).map(lambda x: x + seeded()),
        lambda: data.range(9).filter(lambda x: drawn() < 0.5),
        lambda: data.range(4).scan(0.0, lambda state, x: (state + drawn(), state)),
        lambda: data.range(9).take_while(lambda x: drawn() < 0.9),
        lambda: data.range(4).map(chosen),
        lambda: data.range(4).map(drawn).cache().repeat(2),
        lambda: data.range(3).flat_map(lambda x: data.range(2).map(drawn)),
        lambda: data.range(3).interleave(lambda x: data.range(2).map(drawn), cycle_length=2),
    )  # fmt: skip


def case_datasets_used_twice(tf: Any, say: Say) -> None:
    data = tf.data.Dataset

    def three() -> Any:
        return data.range(3).map(lambda x: tf.random.uniform([], seed=3))

    def of_one(make: Callable[[Any], Any]) -> Make:
        return lambda: make(three())

    def alternately(one: Any) -> Any:
        return data.choose_from_datasets([one, one], data.range(6).map(lambda x: x % 2))

    def added(x: Any, y: Any) -> Any:
        return x + 10 * y

    def twice(one: Any) -> Any:
        return data.zip(one, one).map(added)

    def within(one: Any) -> Any:
        return data.range(2).flat_map(lambda x: one)

    iterations(
        tf, say,
        of_one(lambda one: twice(one).repeat(2)),
        of_one(lambda one: twice(one.repeat(2))),
        of_one(lambda one: data.zip(one, twice(one)).map(added)),
        of_one(lambda one: data.zip(one, one.map(lambda x: x + 1)).map(added)),
        of_one(lambda one: one.concatenate(one.skip(1)).repeat(2)),
        of_one(lambda one: one.batch(2).concatenate(one.batch(2))),
        of_one(alternately),
        of_one(lambda one: data.sample_from_datasets([one, one], seed=5)),
        of_one(lambda one: data.range(2).interleave(lambda x: one, cycle_length=2)),
        of_one(lambda one: data.zip(one, data.range(2).flat_map(lambda x: one)).map(added)),
        of_one(lambda one: twice(data.range(2).flat_map(lambda x: one))),
        of_one(lambda one: data.range(2).flat_map(lambda x: twice(one))),
        of_one(lambda one: within(twice(one))),
        lambda: data.range(2).flat_map(lambda x: twice(three())),
        lambda: data.range(2).flat_map(lambda x: data.zip(three(), three()).map(added)),
        lambda: twice(data.range(2).flat_map(lambda x: three())),
        lambda: data.range(2).flat_map(lambda x: within(twice(three()))),
        of_one(lambda one: data.zip(within(one), within(one)).map(added)),
    )  # fmt: skip


def case_functions_in_functions(tf: Any, say: Say) -> None:
    dataset = tf.data.Dataset.range(3).map(lambda x: tf.random.uniform([]))

    @tf.function  # type: ignore[untyped-decorator]
    def total() -> Any:
        found = 0.0
        for one in dataset:
            found = one + tf.random.uniform([])
        return found

    @tf.function  # type: ignore[untyped-decorator]
    def twice() -> Any:
        found = 0.0
        for one, other in tf.data.Dataset.zip(dataset, dataset):
            found += one + 10 * other
        return found

    say([twice() for _ in range(2)])

    @tf.function  # type: ignore[untyped-decorator]
    def step(iterator: Any) -> Any:
        return next(iterator), tf.random.uniform([])

    tf.random.set_seed(5)
    say([total() for _ in range(3)])
    iterator = iter(dataset)
    say(step(iterator))
    tf.random.set_seed(6)
    say(step(iterator))


def case_shuffled_and_repeated(tf: Any, say: Say) -> None:
    """What stands between the two tells whether TensorFlow makes one of them."""

    def five() -> Any:
        return tf.data.Dataset.range(5).shuffle(5)

    iterations(
        tf, say,
        lambda: five().repeat(2).batch(2),
        lambda: five().batch(2).repeat(2),
        lambda: five().batch(2).repeat(1),
        lambda: five().map(lambda x: x + 1).repeat(3),
        lambda: five().map(lambda x: x + 1).repeat(2).take(7),
        lambda: five().map(lambda x: x + 1).repeat(2).map(lambda x: x + 1).repeat(2),
        lambda: five().map(lambda x: x + 1).shuffle(3).batch(1).repeat(2),
        lambda: five().filter(lambda x: x < 9).repeat(2),
        lambda: five().cache().repeat(2),
        lambda: five().concatenate(five()).repeat(2),
        lambda: tf.data.Dataset.zip(five(), five()).map(lambda x, y: x + 10 * y).repeat(2),
        lambda: five().batch(2).repeat().take(5),
    )  # fmt: skip


def case_random(tf: Any, say: Say) -> None:
    data = tf.data.Dataset
    iterations(
        tf, say,
        lambda: data.random(seed=4).take(3),
        lambda: data.random().take(3),
        lambda: data.random(seed=4, rerandomize_each_iteration=True).take(3).repeat(2),
    )  # fmt: skip


def case_sampled(tf: Any, say: Say) -> None:
    data = tf.data.Dataset

    def sampled(*args: Any, **named: Any) -> Make:
        parts = [data.range(4), data.range(10, 19), data.range(20, 25)]
        return lambda: data.sample_from_datasets(parts, *args, **named)

    changing = data.from_tensor_slices([[0.9, 0.05, 0.05], [0.05, 0.9, 0.05]]).repeat()
    iterations(
        tf, say,
        sampled(),
        sampled([0.2, 0.7, 0.1], seed=3),
        sampled([0.5, 0.0, 0.5]),
        sampled(tf.constant([0.2, 0.7, 0.1]), stop_on_empty_dataset=True),
        sampled(seed=1, rerandomize_each_iteration=True),
        sampled(changing, seed=1),
        sampled([0.0, 1.0, 0.0]),
        sampled([0.0, 0.0, 0.0]),
    )  # fmt: skip
    for weights in ([1.0, 2.0], [1, 2, 3], tf.constant([1.0])):
        say(lambda weights=weights: sampled(weights)())
    say(lambda: data.sample_from_datasets([]))
