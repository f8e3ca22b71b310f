"""Random numbers in compiled functions, under conditions and in loops: three calls of each.

Digits are drawn, one after the other: what is drawn depends on what was drawn before, since
TensorFlow runs the rounds of a loop at the same time where it can.
"""

# ruff: noqa: SIM102, SIM108 (statements and expressions are converted in different ways)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Say = Callable[[Any], None]


def more(tf: Any, number: Any) -> Any:
    """`number` with another digit."""
    shape = tf.cast([1 + tf.minimum(tf.abs(number), 0)], tf.int32)
    return number * 10 + tf.random.uniform(shape, 1, 10, tf.int64)[0]


def calls(tf: Any, say: Say, body: Callable[..., Any], *arguments: Any) -> None:
    tf.random.set_seed(5)
    zero = tf.constant(0, tf.int64)
    compiled = tf.function(body)
    for _ in range(3):
        say(compiled(zero, *arguments or (tf.constant(3),)))


def case_for(tf: Any, say: Say) -> None:
    def over_tensor(x: Any, n: Any) -> Any:
        first = more(tf, x)
        for _ in tf.range(n):
            x = more(tf, more(tf, x))
        return first, x, more(tf, x)

    def over_range(x: Any, n: Any) -> Any:
        for _ in range(n):
            x = more(tf, x)
            x = more(tf, x)
        return x, more(tf, x)

    def unrolled(x: Any, n: Any) -> Any:
        for _ in range(3):
            x = more(tf, x)
        return x

    def twice(x: Any, n: Any) -> Any:
        for _ in tf.range(n):
            for _ in tf.range(2):
                x = more(tf, x)
            x = more(tf, x)
        return x, more(tf, x)

    def left(x: Any, n: Any) -> Any:
        for i in tf.range(9):
            x = more(tf, x)
            if i + 1 == n:
                break
        return x, more(tf, x)

    def over_dataset(x: Any, n: Any) -> Any:
        for _ in tf.data.Dataset.range(3):
            x = more(tf, x)
        return x, more(tf, x)

    for body in (over_tensor, over_range, unrolled, twice, left, over_dataset):
        calls(tf, say, body)
    for body in (over_tensor, over_range):
        calls(tf, say, body, tf.constant(0))


def case_for_first_without_a_round(tf: Any, say: Say) -> None:
    def over_tensor(x: Any, n: Any) -> Any:
        for _ in tf.range(n):
            x = more(tf, x)
        return x, more(tf, x)

    tf.random.set_seed(5)
    compiled = tf.function(over_tensor)
    for rounds in (0, 2, 3):
        say(compiled(tf.constant(0, tf.int64), tf.constant(rounds)))


def case_while(tf: Any, say: Say) -> None:
    def statement(x: Any, n: Any) -> Any:
        first = more(tf, x)
        while n > 0:
            x = more(tf, x)
            n -= 1
        return first, x, more(tf, x)

    def op(x: Any, n: Any) -> Any:
        def body(i: Any, x: Any) -> Any:
            return i + 1, more(tf, more(tf, x))

        return tf.while_loop(lambda i, x: i < n, body, [tf.constant(0), x]), more(tf, x)

    def mapped(x: Any, n: Any) -> Any:
        folded = tf.foldl(lambda x, _: more(tf, x), tf.range(3), x)
        return folded, tf.scan(lambda x, _: more(tf, x), tf.range(3), x), more(tf, x)

    for body in (statement, op, mapped):
        calls(tf, say, body)
    calls(tf, say, statement, tf.constant(0))


def case_if(tf: Any, say: Say) -> None:
    def both(x: Any, n: Any) -> Any:
        first = more(tf, x)
        y = more(tf, more(tf, x)) if n > 2 else -more(tf, x)
        if n > 2:
            x = more(tf, more(tf, x))
        else:
            x = -more(tf, x)
        return first, x, y, more(tf, x)

    def nested(x: Any, n: Any) -> Any:
        if n > 2:
            x = more(tf, x)
            if n > 3:
                x = more(tf, more(tf, x))
            x = more(tf, x)
        else:
            x = -more(tf, x)
        return x, more(tf, x)

    def returning(x: Any, n: Any) -> Any:
        x = more(tf, x)
        if n > 2:
            return more(tf, x)
        return -more(tf, more(tf, x))

    def unrolled(x: Any, n: Any) -> Any:
        for _ in range(2):
            if n > 2:
                x = more(tf, x)
            else:
                x = -more(tf, x)
        return x, more(tf, x)

    for body in (both, nested, returning, unrolled):
        for number in (2, 3, 4):
            calls(tf, say, body, tf.constant(number))


def case_if_one_after_the_other(tf: Any, say: Say) -> None:
    """The branch that a call does not take was traced with the others, seeds of ops as well."""

    def chosen(n: Any) -> Any:
        x = tf.constant(0, tf.int64)
        if n > 0:
            x += tf.random.uniform([], 0, 99, tf.int64, seed=7)
        else:
            x -= tf.random.uniform([], 0, 99, tf.int64, seed=8)
        return x, more(tf, x)

    tf.random.set_seed(5)
    compiled = tf.function(chosen)
    for number in (1, 0, 0, 1):
        say(compiled(tf.constant(number)))


def case_if_in_a_loop(tf: Any, say: Say) -> None:
    def chosen(x: Any, n: Any) -> Any:
        for i in tf.range(n):
            if i % 2 == 0:
                x = more(tf, x)
            else:
                x = more(tf, x + 1)
        return x, more(tf, x)

    calls(tf, say, chosen)


def case_branches(tf: Any, say: Say) -> None:
    def ops(x: Any, n: Any) -> Any:
        first = more(tf, x)
        branches = [lambda: more(tf, x), lambda: -more(tf, more(tf, x))]
        second = tf.cond(n > 2, *branches)
        third = tf.switch_case(n - 2, branches)
        fourth = tf.case([(n > 2, branches[0])], default=branches[1])
        return first, second, third, fourth, more(tf, x)

    for number in (2, 3):
        calls(tf, say, ops, tf.constant(number))


def case_nested_function(tf: Any, say: Say) -> None:
    @tf.function  # type: ignore[untyped-decorator]
    def inner(x: Any) -> Any:
        return more(tf, x)

    def outer(x: Any, n: Any) -> Any:
        x = inner(inner(x))
        for _ in tf.range(n):
            x = inner(more(tf, x))
        return x, more(tf, x)

    calls(tf, say, outer)


def case_break_under_two_conditions(tf: Any, say: Say) -> None:
    """What follows in the body is one graph, however its condition came about."""

    def left(x: Any, n: Any) -> Any:
        for i in tf.range(n):
            if i % 2 == 0:
                if x > 10**5:
                    break
            x = more(tf, more(tf, x))
        return x, more(tf, x)

    for number in (3, 4):
        calls(tf, say, left, tf.constant(number))


def case_function_traced_before(tf: Any, say: Say) -> None:
    """A function has the seeds of its trace, whoever calls it under whatever global seed."""

    @tf.function  # type: ignore[untyped-decorator]
    def inner(x: Any) -> Any:
        return more(tf, x)

    say(inner(tf.constant(0, tf.int64)))
    calls(tf, say, lambda x, n: (inner(x), more(tf, x), inner(x)))
    say(inner(tf.constant(0, tf.int64)))


def case_range_with_loops_inside(tf: Any, say: Say) -> None:
    def counted(x: Any, n: Any) -> Any:
        for _ in range(n):
            for _inner in range(2):
                x = more(tf, x)
            x = more(tf, x)
        return x, more(tf, x)

    calls(tf, say, counted)
