"""Variables in a `tf.function`: what a rejected trace has written, and where they are made."""

# mypy: disable-error-code="untyped-decorator, misc, name-defined"

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Say = Callable[[Any], None]


def case_a_rejected_trace_writes_nothing(tf: Any, say: Say) -> None:
    v = tf.Variable(1.0, name="v")

    @tf.function
    def refused(x: Any) -> None:
        v.assign_add(1.0)
        raise ValueError("no")

    @tf.function
    def fails(x: Any) -> None:
        v.assign_add(1.0)
        tf.debugging.assert_equal(x, 1)

    say(lambda: refused(tf.constant(1)))
    say(v)
    say([fails(tf.constant(1)), v])
    try:
        fails(tf.constant(2))
    except tf.errors.InvalidArgumentError:
        say("refused while it runs")
    say(v)


def case_a_branch_that_is_not_taken_writes_nothing(tf: Any, say: Say) -> None:
    v = tf.Variable(1.0, name="v")

    @tf.function
    def f(x: Any) -> Any:
        if x > 0:
            v.assign_add(1.0)
        else:
            v.assign_sub(10.0)
        for _ in tf.range(tf.maximum(x, 0)):
            v.assign_add(100.0)
        return v.read_value()

    for given in (1, -1, 2):
        say(lambda given=given: f(tf.constant(given)))


def case_made_in_a_function(tf: Any, say: Say) -> None:
    class Once(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.v: Any = None

        @tf.function
        def add(self, x: Any) -> Any:
            print("traced")
            if self.v is None:
                self.v = tf.Variable(tf.ones_like(x), name="inside")
            return self.v.assign_add(x)

    once = Once()
    say(lambda: once.add(tf.constant([1.0, 2.0])))
    say(lambda: once.add(tf.constant([1.0, 2.0])))
    say([once.add.experimental_get_tracing_count(), once.v])

    @tf.function
    def always(x: Any) -> Any:
        return tf.Variable(1.0) + x

    say(lambda: always(tf.constant(4.0)))


def case_made_at_a_later_call(tf: Any, say: Say) -> None:
    kept: dict[str, Any] = {}

    @tf.function
    def f(x: Any, name: str) -> Any:
        if name not in kept:
            kept[name] = tf.Variable(1.0, name=name)
        return kept[name] + x

    say(lambda: f(tf.constant(1.0), "a"))
    say(lambda: f(tf.constant(1.0), "b"))


def case_as_arguments(tf: Any, say: Say) -> None:
    v, w, u = tf.Variable(1.0, name="v"), tf.Variable(2.0, name="w"), tf.Variable([1.0], name="u")

    @tf.function
    def f(a: Any, b: Any = None) -> Any:
        a.assign(a * 2.0)
        return a.read_value()

    def count(*args: Any) -> Any:
        before = f.experimental_get_tracing_count()
        f(*args)
        return f.experimental_get_tracing_count() - before

    say([count(v), count(w), count(u), count(v, v), count(v, w), count(w, v)])
    say([v, w, u])


def case_elements_that_a_trace_takes_are_given_back(tf: Any, say: Say) -> None:
    made: list[Any] = []
    iterator = iter(tf.data.Dataset.range(6))

    @tf.function
    def makes() -> Any:
        if not made:
            made.append(tf.Variable(0, dtype=tf.int64, name="v"))
        made[0].assign_add(next(iterator) + next(iterator))
        return made[0].read_value()

    @tf.function
    def refused() -> None:
        next(iterator)
        raise ValueError("no")

    say([makes(), makes()])
    try:
        refused()
    except ValueError:
        say("refused")
    say([next(iterator), iterator.get_next(), next(iterator, None)])


def case_gradients_of_variables(tf: Any, say: Say) -> None:
    v = tf.Variable(3.0, name="v")

    @tf.function
    def loss(x: Any) -> Any:
        return v * v * x

    @tf.function
    def step(x: Any) -> Any:
        with tf.GradientTape() as tape:
            y = loss(x)
        gradient = tape.gradient(y, v)
        v.assign_sub(0.1 * gradient)
        return gradient

    with tf.GradientTape() as tape:
        y = loss(tf.constant(2.0))
    say(tape.gradient(y, v))
    say([step(tf.constant(1.0)), v, step(tf.constant(1.0)), v])


def case_names(tf: Any, say: Say) -> None:
    with tf.name_scope("outer"), tf.name_scope("inner"):
        say([tf.Variable(1.0, name="v").name])
    say([tf.Variable(1.0).name, tf.Variable(1.0, name="x").name])
