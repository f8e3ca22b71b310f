"""`tf.cond`, `tf.case`, `tf.switch_case`, `tf.while_loop`, `tf.map_fn`, `tf.TensorArray`."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Say = Callable[[Any], None]


def case_cond(tf: Any, say: Say) -> None:
    say(lambda: tf.cond(True, lambda: 1, lambda: 2))
    say(lambda: tf.cond(tf.constant(False), lambda: 1, lambda: (2, 3)))
    say(lambda: tf.cond(tf.constant(True), lambda: [tf.constant(1)], lambda: [tf.constant(2)]))
    say(lambda: tf.cond(True, 1, 2))


def case_cond_in_a_function(tf: Any, say: Say) -> None:
    def yes() -> Any:
        print("yes")
        return tf.constant(1)

    def no() -> Any:
        print("no")
        return tf.constant(2)

    @tf.function
    def f(x: Any) -> Any:
        return tf.cond(x > 0, yes, no)

    @tf.function
    def python_bool(x: Any) -> Any:
        return tf.cond(True, lambda: x, lambda: x)

    @tf.function
    def numbers(x: Any) -> Any:
        return tf.cond(x > 0, lambda: None, lambda: 2)

    say(lambda: f(tf.constant(-1)))
    say(lambda: f(tf.constant(1)))
    say(lambda: python_bool(tf.constant(1)))
    say(lambda: numbers(tf.constant(1)))


def case_case(tf: Any, say: Say) -> None:
    no, yes = tf.constant(False), tf.constant(True)
    say(lambda: tf.case([(no, lambda: 1), (yes, lambda: 2)]))
    say(lambda: tf.case([(no, lambda: 1)], default=lambda: 9))
    say(lambda: tf.case([(no, lambda: 1)]))
    say(lambda: tf.case([]))


def case_switch_case(tf: Any, say: Say) -> None:
    say(lambda: tf.switch_case(tf.constant(1), [lambda: 1, lambda: 2]))
    say(lambda: tf.switch_case(tf.constant(7), [lambda: 1, lambda: 2]))
    say(lambda: tf.switch_case(tf.constant(7), {0: lambda: 1, 1: lambda: 2}, default=lambda: 8))
    say(lambda: tf.switch_case(tf.constant(7), {0: lambda: 1, 3: lambda: 2}))


def case_while_loop(tf: Any, say: Say) -> None:
    say(lambda: tf.while_loop(lambda i: i < 10, lambda i: (i + 1,), (tf.constant(0),)))
    say(
        lambda: tf.while_loop(
            lambda i, j: i < 10,
            lambda i, j: [i + 1, j * 2],
            [tf.constant(0), tf.constant(1)],
            maximum_iterations=3,
        )
    )

    @tf.function
    def f(n: Any) -> Any:
        return tf.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s + i), [0, 0])

    say(lambda: f(tf.constant(5)))


def case_rows(tf: Any, say: Say) -> None:
    x = tf.constant([1, 2, 3])
    say(lambda: tf.map_fn(lambda one: one * 2, x))
    say(
        lambda: tf.map_fn(
            lambda one: (one * 2, tf.cast(one, tf.float32)),
            x,
            fn_output_signature=(tf.int32, tf.float32),
        )
    )
    say(lambda: tf.map_fn(lambda one: tf.cast(one, tf.float32), x))
    say(lambda: tf.map_fn(lambda one: one[0] + one[1], (x, x), fn_output_signature=tf.int32))
    say(lambda: tf.vectorized_map(lambda one: one * 2, x))
    say(lambda: tf.scan(lambda total, one: total + one, x))
    say(lambda: tf.scan(lambda total, one: total + one, x, initializer=10, reverse=True))
    say(lambda: tf.foldl(lambda total, one: total + one, x))
    say(lambda: tf.foldr(lambda total, one: total - one, x, initializer=10))


def case_tensor_arrays(tf: Any, say: Say) -> None:
    array = tf.TensorArray(tf.float32, size=3)
    for at in range(3):
        array = array.write(at, float(at))
    say(array.stack())
    say(array.gather([2, 0]))
    say(array.read(1))
    say(array.size())
    say(lambda: array.write(5, 1.0))
    say(lambda: array.concat())
    grows = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    grows = grows.write(0, 1.0).write(1, 2.0)
    say((grows.stack(), grows.element_shape, grows.dtype, grows.dynamic_size))
    say(lambda: grows.read(7))
    say(tf.TensorArray(tf.int32, 3).unstack([1, 2, 3]).stack())

    @tf.function
    def squares(n: Any) -> Any:
        array = tf.TensorArray(tf.int32, size=0, dynamic_size=True)
        for i in tf.range(n):
            array = array.write(i, i * i)
        return array.stack()

    say(lambda: squares(tf.constant(4)))


def case_tensor_arrays_in_loops_and_branches(tf: Any, say: Say) -> None:
    def doubled(rows: Any) -> Any:
        written = tf.TensorArray(tf.float32, size=3)
        read = tf.TensorArray(tf.float32, size=3).unstack(rows)
        _, written = tf.while_loop(
            lambda at, _: at < 3,
            lambda at, written: (at + 1, written.write(at, read.read(at) * 2.0)),
            (0, written),
        )
        return written.stack()

    def chosen(x: Any) -> Any:
        array = tf.TensorArray(tf.float32, size=1)
        return tf.cond(x > 0, lambda: array.write(0, x), lambda: array.write(0, -x)).stack()

    rows = tf.constant([[1.0], [2.0], [3.0]])
    say(lambda: tf.function(doubled)(rows))
    say(lambda: tf.function(chosen)(tf.constant(-4.0)))

    def gradient(rows: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(rows)
            total = tf.reduce_sum(doubled(rows) ** 2)
        return tape.gradient(total, rows)

    say(lambda: tf.function(gradient)(rows))
