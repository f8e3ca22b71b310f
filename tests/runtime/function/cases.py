"""`tf.function`: tracing, signatures, control flow on tensors, what is refused."""

# mypy: disable-error-code="untyped-decorator"

# ruff: noqa: RET503

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

Say = Callable[[Any], None]


def case_if(tf: Any, say: Say) -> None:
    @tf.function
    def f(x: Any) -> Any:
        if x > 0:  # noqa: SIM108
            y = x * 2
        else:
            y = -x
        return y

    say(lambda: f(tf.constant(3.0)))
    say(lambda: f(tf.constant(-3.0)))
    say(f.experimental_get_tracing_count())


def case_logic_in_conditions(tf: Any, say: Say) -> None:
    @tf.function
    def f(x: Any) -> Any:
        if 0 < x < 3 and not x == 2:  # noqa: SIM201
            return tf.constant("inside")
        else:
            return tf.constant("outside")

    @tf.function
    def inverse(x: Any) -> Any:
        return not x

    say(lambda: [f(tf.constant(at)) for at in range(4)])
    say(lambda: inverse(tf.constant(True)))


def case_conditional_expression(tf: Any, say: Say) -> None:
    @tf.function
    def f(x: Any) -> Any:
        return 1 if x > 0 else 2

    @tf.function
    def of_a_call(x: Any) -> Any:
        return 1 if tf.reduce_all(x > 0) else 2

    for function in (f, of_a_call):
        say(lambda function=function: (function(tf.constant(1)), function(tf.constant(-1))))


def case_loops(tf: Any, say: Say) -> None:
    @tf.function
    def up(x: Any) -> Any:
        while x < 5:
            x += 1
        return x

    @tf.function
    def total(n: Any) -> Any:
        s = 0
        for i in tf.range(n):
            s += i
        return s

    @tf.function
    def of_range(n: Any) -> Any:
        s = 0
        for i in range(n):
            s += i
        return s

    @tf.function
    def rows(x: Any) -> Any:
        s = tf.zeros([2])
        for row in x:
            s += row
        return s

    say(lambda: up(tf.constant(0)))
    say(lambda: (total(tf.constant(5)), total(tf.constant(0))))
    say(lambda: of_range(tf.constant(4)))
    say(lambda: rows(tf.constant([[1.0, 2.0], [3.0, 4.0]])))


def case_break_and_continue(tf: Any, say: Say) -> None:
    @tf.function
    def first_over(x: Any, limit: Any) -> Any:
        found = tf.constant(-1)
        for i in tf.range(tf.size(x)):
            if x[i] <= limit:
                continue
            found = i
            break
        return found

    @tf.function
    def in_python_for(x: Any) -> Any:
        for _ in range(3):
            if x > 0:
                break
            x += 1
        return x

    @tf.function
    def in_python_while(x: Any) -> Any:
        while True:
            if x > 0:
                break
            x += 1
        return x

    @tf.function
    def skips(x: Any) -> Any:
        for _ in range(3):
            if x > 2:
                continue
            x += 1
        return x

    say(lambda: first_over(tf.constant([1, 5, 9]), tf.constant(4)))
    say(lambda: skips(tf.constant(1.0)))
    for function in (in_python_for, in_python_while):
        say(_last_line(functools.partial(function, tf.constant(1.0))))


def _last_line(call: Callable[[], Any]) -> Any:
    """The exception without the place, which TensorFlow takes from the loop."""
    try:
        return call()
    except Exception as error:
        return type(error).__name__, str(error).split("\n\n")[-1]


def case_returns_in_branches(tf: Any, say: Say) -> None:
    @tf.function
    def early(x: Any) -> Any:
        if x > 0:
            return x
        return x * 2

    @tf.function
    def one_branch(x: Any) -> Any:
        if x > 0:
            return x

    @tf.function
    def one_name(x: Any) -> Any:
        if x > 0:
            y = x
        return y

    say(lambda: (early(tf.constant(3)), early(tf.constant(-3))))
    say(lambda: one_branch(tf.constant(1)))
    say(lambda: one_name(tf.constant(1)))


def case_both_branches_are_traced(tf: Any, say: Say) -> None:
    @tf.function
    def f(x: Any) -> Any:
        if x > 0:
            print("positive")
        else:
            print("negative")
        return x

    @tf.function
    def refused(x: Any) -> Any:
        if x > 0:
            x = x + 1
        else:
            raise ValueError("never run, but traced")
        return x

    say(lambda: f(tf.constant(-1)))
    say(lambda: f(tf.constant(1)))
    say(lambda: refused(tf.constant(1)))


def case_a_body_that_is_never_run_is_traced(tf: Any, say: Say) -> None:
    @tf.function
    def loop(n: Any) -> Any:
        for i in tf.range(n):
            print("body", i.dtype)
        return n

    @tf.function
    def condition(n: Any) -> Any:
        while n > 10:
            print("round")
            n -= 1
        return n

    say(lambda: loop(tf.constant(0)))
    say(lambda: loop(tf.constant(2)))
    say(lambda: condition(tf.constant(0)))


def case_without_autograph(tf: Any, say: Say) -> None:
    @tf.function(autograph=False)
    def condition(x: Any) -> Any:
        if x > 0:
            return x
        return -x

    @tf.function(autograph=False)
    def loop(x: Any) -> Any:
        for one in x:
            x = one
        return x

    @tf.function
    def outside(x: Any) -> Any:
        @tf.autograph.experimental.do_not_convert
        def inside(x: Any) -> Any:
            return x if x > 0 else -x

        return inside(x)

    say(lambda: condition(tf.constant(4)))
    say(lambda: loop(tf.constant([4])))
    say(_last_line(lambda: outside(tf.constant(4))))


def case_not_converted(tf: Any, say: Say) -> None:
    @tf.function
    def boolean(x: Any) -> Any:
        return bool(x)

    @tf.function
    def listed(x: Any) -> Any:
        return [one for one in x]  # noqa: C416

    @tf.function
    def asserted(x: Any) -> Any:
        assert x > 0
        return x

    @tf.function
    def numbers(x: Any) -> Any:
        return x.numpy()

    @tf.function
    def summed(x: Any) -> Any:
        return any([x > 1, x > 2])

    say(lambda: boolean(tf.constant(True)))
    say(lambda: listed(tf.constant([1, 2])))
    say(lambda: asserted(tf.constant(1)))
    say(lambda: numbers(tf.constant(1)))


def case_exceptions_while_tracing(tf: Any, say: Say) -> None:
    class Own(Exception):
        def __init__(self, a: int, b: int) -> None:
            super().__init__(a, b)

    def helper(x: Any) -> None:
        raise ValueError("from below")

    @tf.function
    def plain(x: Any) -> None:
        raise RuntimeError("two\nlines")

    @tf.function
    def below(x: Any) -> None:
        helper(x)

    @tf.function
    def key(x: Any) -> None:
        raise KeyError("k")

    @tf.function
    def own(x: Any) -> None:
        raise Own(1, 2)

    @tf.function
    def nested(x: Any) -> None:
        below(x)

    @tf.function
    def under_a_condition(x: Any) -> Any:
        if x > 0:
            helper(x)
        return x

    @tf.function
    def functions_within(x: Any) -> None:
        def inner() -> None:
            helper(x)

        def replica() -> None:
            inner()

        tf.distribute.get_strategy().run(replica)

    for function in (plain, below, key, own, nested, under_a_condition, functions_within):
        say(lambda function=function: function(tf.constant(1)))


def case_what_is_traced_anew(tf: Any, say: Say) -> None:
    traces = []

    @tf.function
    def f(x: Any, y: Any = None, **more: Any) -> Any:
        traces.append(1)
        return tf.constant(0)

    def count(*args: Any, **kwargs: Any) -> Any:
        before = f.experimental_get_tracing_count()
        f(*args, **kwargs)
        return f.experimental_get_tracing_count() - before

    thing = object
    given = [
        1, 1, 2, 1.0, True, np.int32(1), np.int32(2), np.int64(2), np.ones(2), np.zeros(2), [1, 2],
        (1, 2), [1, 2], {"a": 1}, {"a": 1}, {"a": 2}, "s", "s", None, tf.constant(1), tf.constant(2),
        tf.constant([1]), tf.constant([1, 2]), [tf.constant(1), 2], [tf.constant(5), 2], len, len,
        thing, thing, tf.float32, tf.float32, tf.TensorShape([1]), range(3), range(3),
    ]  # fmt: skip
    say([count(one) for one in given])
    say([count(tf.constant(1), y=3), count(tf.constant(1), 3), count(x=tf.constant(1), y=3)])
    say([count(tf.constant(1), z=3), count(tf.constant(1), z=3), count(tf.constant(1), z=4)])
    say(lambda: f({1, 2}))


def case_reduced_retracing(tf: Any, say: Say) -> None:
    @tf.function(reduce_retracing=True)
    def f(x: Any) -> Any:
        print(x.shape)
        return tf.size(x)

    for shape in ([1], [2], [3], [2, 2], [3, 3], [4, 4], [5]):
        say(lambda shape=shape: f(tf.ones(shape)))
    say(f.experimental_get_tracing_count())


def case_binding(tf: Any, say: Say) -> None:
    @tf.function
    def two(x: Any, y: Any = 2) -> Any:
        return x

    say(lambda: two())
    say(lambda: two(1, 2, 3))
    say(lambda: two(z=3))


def case_input_signature(tf: Any, say: Say) -> None:
    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def f(x: Any) -> Any:
        print(x)
        return x

    for given in (tf.constant([1.0, 2.0]), [1.0], tf.constant(1.0), tf.constant([1]), "a"):
        say(lambda given=given: f(given))
    say(lambda: f())
    say(lambda: f(1.0, 2.0))
    say(f.experimental_get_tracing_count())


def case_results(tf: Any, say: Say) -> None:
    @tf.function
    def many(x: Any) -> Any:
        return [1, 2.0, "s", np.ones(2), None, (x,), {"b": x, "a": 2}, True]

    @tf.function
    def nothing() -> None:
        pass

    @tf.function
    def wrong(x: Any) -> Any:
        return object()

    say(lambda: many(tf.constant(1)))
    say(lambda: nothing())
    say(lambda: wrong(tf.constant(1)))


def case_python_happens_once(tf: Any, say: Say) -> None:
    state = {"calls": 0}
    seen: list[int] = []
    factor = 5
    calls = 0

    @tf.function
    def f(x: Any) -> Any:
        nonlocal calls
        calls += 1
        state["calls"] += 1
        seen.append(len(seen))
        print("traced", factor)
        return x * calls * factor

    for given in (1, 2, 3):
        say(lambda given=given: f(tf.constant(given)))
    say([calls, state["calls"], seen])
    factor = 7
    say(lambda: f(tf.constant(1)))
    say(lambda: f(tf.constant(1.0)))
    say([calls, state["calls"], seen])


def case_methods(tf: Any, say: Say) -> None:
    class Scale:
        def __init__(self, factor: int) -> None:
            self.factor = factor
            self.traces = 0

        @tf.function
        def scaled(self, x: Any) -> Any:
            self.traces += 1
            print("trace", self.factor)
            return x * self.factor

        def __call__(self, x: Any) -> Any:
            return x + self.factor

    two, three = Scale(2), Scale(3)
    say(
        lambda: (
            two.scaled(tf.constant(1)),
            three.scaled(tf.constant(1)),
            two.scaled(tf.constant(5)),
        )
    )
    two.factor = 7
    say(lambda: two.scaled(tf.constant(1)))
    say([two.traces, three.traces, two.scaled is two.scaled, type(two.scaled).__name__])
    say(lambda: tf.function(two)(tf.constant(1)))
    say(lambda: tf.function(two.scaled)(tf.constant(1)))
    say(lambda: tf.function(functools.partial(lambda x, y: x + y, y=2))(tf.constant(1)))


def case_nested_functions(tf: Any, say: Say) -> None:
    @tf.function
    def inner(x: Any) -> Any:
        print("inner")
        return x + 1

    @tf.function
    def outer(x: Any) -> Any:
        print("outer")
        return inner(x) + inner(x)

    say(lambda: outer(tf.constant(1)))
    say(lambda: inner(tf.constant(2)))
    say([inner.experimental_get_tracing_count(), outer.experimental_get_tracing_count()])


def case_run_eagerly(tf: Any, say: Say) -> None:
    @tf.function
    def f(x: Any) -> Any:
        print(tf.executing_eagerly(), tf.inside_function())
        return x

    tf.config.run_functions_eagerly(True)
    say(tf.config.functions_run_eagerly())
    say(lambda: f(tf.constant(1)))
    tf.config.run_functions_eagerly(False)
    say(lambda: f(tf.constant(1)))
    say(f.experimental_get_tracing_count())


def case_where_am_i(tf: Any, say: Say) -> None:
    @tf.function
    def f(x: Any) -> Any:
        print(tf.executing_eagerly(), tf.inside_function(), x)
        with tf.init_scope():
            print(tf.executing_eagerly(), tf.inside_function(), tf.constant(1) + 1)
        return x

    say(lambda: f(tf.constant(1)))
    say([tf.executing_eagerly(), tf.inside_function()])


def case_concrete_functions(tf: Any, say: Say) -> None:
    @tf.function
    def two(x: Any, y: Any = 2) -> Any:
        print("traced")
        return x, tf.reduce_sum(x) * y

    say(lambda: two.get_concrete_function(tf.TensorSpec([None], tf.float32)).structured_outputs)
    concrete = two.get_concrete_function(tf.TensorSpec([None], tf.float32))
    say(concrete.structured_input_signature)
    say(lambda: concrete(tf.constant([1.0, 3.0])))
    say(lambda: concrete(x=tf.constant([1.0])))
    say(lambda: two(tf.constant([1.0])))
    say(two.experimental_get_tracing_count())


def case_python_functions(tf: Any, say: Say) -> None:
    @tf.function
    def f(x: Any) -> Any:
        def eager(a: Any) -> Any:
            print("value", a.numpy(), tf.executing_eagerly())
            return a * 2

        doubled = tf.py_function(eager, [x], tf.int32)
        tripled = tf.numpy_function(lambda a: a * 3, [x], tf.int32)
        return doubled, tripled

    say(lambda: f(tf.constant(2)))
    say(lambda: f(tf.constant(3)))


def case_gradients(tf: Any, say: Say) -> None:
    @tf.function
    def square(x: Any) -> Any:
        if x > 0:
            return x * x
        return x

    @tf.function
    def slope(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = square(x) * 3.0
        return tape.gradient(y, x)

    x = tf.constant(4.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = square(x) * 2.0
    say(tape.gradient(y, x))
    say(lambda: slope(x))
