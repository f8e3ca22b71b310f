"""Small programs about tapes, played on TensorFlow and on the stand-in; each gives tensors.

`variable(value, **options)` makes a variable of whichever of the two it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

PROGRAMS: dict[str, Callable[[Any, Any], Any]] = {}


def program(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    PROGRAMS[function.__name__] = function
    return function


@program
def a_variable_is_watched(tf: Any, variable: Any) -> Any:
    v = variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(v * v * 3.0)
    return tape.gradient(loss, v), tape.gradient.__name__


@program
def a_variable_that_is_not_trainable_is_not(tf: Any, variable: Any) -> Any:
    v = variable(2.0, trainable=False)
    with tf.GradientTape() as tape:
        loss = v * v
    return [tape.gradient(loss, v), len(tape.watched_variables())]


@program
def it_is_when_asked_for(tf: Any, variable: Any) -> Any:
    v = variable(2.0, trainable=False)
    with tf.GradientTape() as tape:
        tape.watch(v)
        loss = v * v
    return tape.gradient(loss, v)


@program
def nothing_is_watched_by_itself(tf: Any, variable: Any) -> Any:
    v, w = variable(2.0), variable(3.0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(w)
        loss = v * w
    return tape.gradient(loss, [v, w])


@program
def the_watched_variables(tf: Any, variable: Any) -> Any:
    v, w = variable(2.0), variable(3.0)
    with tf.GradientTape() as tape:
        loss = w * v * w
    seen = tape.watched_variables()
    return [len(seen), seen[0] is w, seen[1] is v, type(seen).__name__, loss]


@program
def a_persistent_tape(tf: Any, variable: Any) -> Any:
    v = variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
        z = y * y
    return tape.gradient(z, v), tape.gradient(y, v), tape.gradient(z, y)


@program
def a_tape_that_is_used_up(tf: Any, variable: Any) -> Any:
    v = variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
    tape.gradient(y, v)
    return tape.gradient(y, v)


@program
def the_second_derivative(tf: Any, variable: Any) -> Any:
    v = variable(3.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = v * v * v
        first = inner.gradient(y, v)
    return first, outer.gradient(first, v)


@program
def the_third_derivative(tf: Any, variable: Any) -> Any:
    x = tf.constant(0.5)
    with tf.GradientTape() as a:
        a.watch(x)
        with tf.GradientTape() as b:
            b.watch(x)
            with tf.GradientTape() as c:
                c.watch(x)
                y = tf.exp(2.0 * x) * tf.sin(x)
            one = c.gradient(y, x)
        two = b.gradient(one, x)
    return one, two, a.gradient(two, x)


@program
def a_gradient_inside_of_the_tape(tf: Any, variable: Any) -> Any:
    v = variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = v * v * v
        first = tape.gradient(y, v)
    return tape.gradient(first, v)


@program
def the_gradient_of_a_sum_of_targets(tf: Any, variable: Any) -> Any:
    v = variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        a, b = v * 2.0, tf.square(v)
    return tape.gradient([a, b], v)


@program
def sources_of_any_structure(tf: Any, variable: Any) -> Any:
    v, w = variable(2.0), variable(3.0)
    with tf.GradientTape() as tape:
        y = v * w * w
    return tape.gradient(y, {"w": w, "v": (v, [w])})


@program
def given_gradients_of_the_target(tf: Any, variable: Any) -> Any:
    v = variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = v * v
    return tape.gradient(y, v, output_gradients=tf.constant([10.0, 100.0]))


@program
def what_is_not_connected(tf: Any, variable: Any) -> Any:
    v, w = variable([1.0, 2.0]), variable([[3.0]])
    with tf.GradientTape(persistent=True) as tape:
        y = v * 2.0
    zero = tf.UnconnectedGradients.ZERO
    return [
        tape.gradient(y, w),
        tape.gradient(y, [v, w], unconnected_gradients=zero),
        tape.gradient(y, w, unconnected_gradients="zero"),
    ]


@program
def a_wrong_word_for_what_is_not_connected(tf: Any, variable: Any) -> Any:
    v = variable(1.0)
    with tf.GradientTape() as tape:
        y = v * 2.0
    return tape.gradient(y, v, unconnected_gradients="nonsense")


@program
def recording_is_stopped(tf: Any, variable: Any) -> Any:
    v = variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
        with tape.stop_recording():
            z = y * v
        loss = z * y
    return tape.gradient(loss, v)


@program
def a_tape_is_reset(tf: Any, variable: Any) -> Any:
    v = variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
        tape.reset()
        z = v * 5.0 + y
    return tape.gradient(z, v), len(tape.watched_variables())


@program
def no_target(tf: Any, variable: Any) -> Any:
    with tf.GradientTape() as tape:
        pass
    return tape.gradient(None, variable(1.0))


@program
def a_target_that_is_a_source(tf: Any, variable: Any) -> Any:
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return tape.gradient([y, x], x)


@program
def the_target_is_an_integer(tf: Any, variable: Any) -> Any:
    x = tf.constant(3)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return tape.gradient(y, x)


@program
def through_integers(tf: Any, variable: Any) -> Any:
    v = variable(3.7)
    with tf.GradientTape() as tape:
        y = tf.cast(tf.cast(v, tf.int32), tf.float32) * 2.0
    return tape.gradient(y, v)


@program
def rows_of_a_variable(tf: Any, variable: Any) -> Any:
    v = variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.gather(v, [0, 2, 0]) * 2.0)
    return tape.gradient(y, v)


@program
def rows_twice(tf: Any, variable: Any) -> Any:
    v = variable([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        y = tf.nn.embedding_lookup(v, [0, 1, 0]) * 2.0
        z = tf.gather(v, [1])
    return tape.gradient([y, z], v)


@program
def rows_and_the_whole(tf: Any, variable: Any) -> Any:
    v = variable([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.gather(v, [1, 1])) + tf.reduce_sum(v * v)
    return tape.gradient(y, v)


@program
def through_rows(tf: Any, variable: Any) -> Any:
    v = variable([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.gather(v * 2.0, [1, 1]))
    return tape.gradient(y, v)


@program
def a_jacobian(tf: Any, variable: Any) -> Any:
    v = variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        y = tf.stack([tf.reduce_sum(v * v), tf.reduce_prod(v)])
    return tape.jacobian(y, v)


@program
def a_batch_jacobian(tf: Any, variable: Any) -> Any:
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x * x
    return tape.batch_jacobian(y, x)


@program
def a_jacobian_that_is_not_connected(tf: Any, variable: Any) -> Any:
    v, w = variable([1.0, 2.0]), variable(1.0)
    with tf.GradientTape() as tape:
        y = v * 2.0
    return tape.jacobian(y, [v, w])


@program
def a_custom_gradient_with_a_variable(tf: Any, variable: Any) -> Any:
    v = variable(2.0)

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def scaled(x: Any) -> Any:
        def grad(dy: Any, variables: Any = None) -> Any:
            return dy * 100.0, [dy * 7.0 for _ in variables]

        return x * v, grad

    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = scaled(x) * 2.0
    return y, tape.gradient(y, [x, v])


@program
def a_custom_gradient_that_forgets_the_variable(tf: Any, variable: Any) -> Any:
    v = variable(2.0, name="v")

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def scaled(x: Any) -> Any:
        return x * v, lambda dy: dy

    with tf.GradientTape():
        return scaled(tf.constant(3.0))


@program
def a_custom_gradient_of_two_results(tf: Any, variable: Any) -> Any:
    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def pair(x: Any, y: Any) -> Any:
        def grad(da: Any, db: Any) -> Any:
            return da * 10.0, db * 100.0

        return (x + y, x * y), grad

    a, b = tf.constant(2.0), tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch([a, b])
        p, q = pair(a, b)
        loss = p * 2.0 + q
    return loss, tape.gradient(loss, [a, b])


@program
def the_second_derivative_of_a_custom_gradient(tf: Any, variable: Any) -> Any:
    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def cube(x: Any) -> Any:
        return x * x * x, lambda dy: dy * 3.0 * x * x

    v = variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = cube(v)
        first = inner.gradient(y, v)
    return first, outer.gradient(first, v)


@program
def a_recomputed_gradient_with_a_variable(tf: Any, variable: Any) -> Any:
    v = variable(2.0)
    inner = tf.recompute_grad(lambda x: x * x * v)
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = inner(x)
    return y, tape.gradient(y, [x, v])


@program
def a_stopped_gradient(tf: Any, variable: Any) -> Any:
    v = variable(3.0)
    with tf.GradientTape() as tape:
        y = tf.stop_gradient(v * v) * v
    return tape.gradient(y, v), len(tape.watched_variables())


@program
def a_tape_is_entered_twice(tf: Any, variable: Any) -> Any:
    tape = tf.GradientTape()
    with tape, tape:
        pass


@program
def a_variable_in_a_list(tf: Any, variable: Any) -> Any:
    v, w = variable(2.0), variable(3.0)
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.stack([v, w * w]) * [1.0, 10.0]) + tf.reduce_sum([v, w])
    return tape.gradient(y, [v, w])


@program
def a_step_of_two_layers(tf: Any, variable: Any) -> Any:
    w1 = variable([[0.1, -0.2], [0.3, 0.4]])
    b1 = variable([0.0, 0.1])
    w2 = variable([[0.5], [-0.6]])
    x, y = tf.constant([[1.0, 2.0], [3.0, -1.0]]), tf.constant([[1.0], [0.0]])
    with tf.GradientTape() as tape:
        hidden = tf.nn.relu(tf.matmul(x, w1) + b1)
        logits = tf.matmul(hidden, w2)
        each = tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=logits)
        loss = tf.reduce_mean(each) + 0.01 * tf.add_n([tf.nn.l2_loss(w1), tf.nn.l2_loss(w2)])
    return loss, tape.gradient(loss, [w1, b1, w2])


@program
def a_class_with_a_conversion_function(tf: Any, variable: Any) -> Any:
    class Length:
        def __init__(self, value: Any) -> None:
            self.value = value

    class Meters(Length):
        pass

    def convert(value: Any, dtype: Any = None, name: Any = None, as_ref: bool = False) -> Any:
        return tf.constant(value.value, dtype=dtype)

    tf.register_tensor_conversion_function(Length, convert)
    one = Length(1.5)
    return [
        tf.convert_to_tensor(one),
        tf.convert_to_tensor(Meters(2), dtype=tf.float64),
        tf.convert_to_tensor(Length(3), dtype_hint=tf.float64),
        tf.convert_to_tensor(one, dtype_hint=tf.int32),
        tf.constant(1.0) + one,
        one + tf.constant(1.0),
        tf.matmul([[1.0, 2.0]], Length([[1.0], [2.0]])),
        tf.reduce_sum(Length([1.5, 2.0])),
        tf.stack([one, Meters(2.0)]),
        tf.cast(one, tf.int32),
        variable(one) + 0.0,
        tf.is_tensor(one),
    ]


def _converted(tf: Any, made: Any, base: type = object, priority: int = 100, **options: Any) -> Any:
    """What becomes of an object whose class has a conversion function that gives `made`."""
    kind = type("Kind", (base,), {"__repr__": lambda self: "kind"})

    def convert(value: Any, dtype: Any = None, name: Any = None, as_ref: bool = False) -> Any:
        return made

    tf.register_tensor_conversion_function(kind, convert, priority)
    return tf.convert_to_tensor(kind(), **options)


@program
def a_list_with_a_conversion_function(tf: Any, variable: Any) -> Any:
    seven = tf.constant(7)
    return _converted(tf, seven, list), _converted(tf, seven, list, 98)


@program
def a_conversion_function_gives_no_tensor(tf: Any, variable: Any) -> Any:
    return _converted(tf, 7)


@program
def a_conversion_function_gives_a_variable(tf: Any, variable: Any) -> Any:
    return _converted(tf, variable(7.0))


@program
def a_conversion_function_gives_another_dtype(tf: Any, variable: Any) -> Any:
    return _converted(tf, tf.constant(7), dtype=tf.float32)


@program
def a_conversion_function_is_not_for_this_one(tf: Any, variable: Any) -> Any:
    return _converted(tf, NotImplemented)


@program
def a_conversion_function_comes_after_tensorflows(tf: Any, variable: Any) -> Any:
    return _converted(tf, tf.constant(7), priority=201)


@program
def a_conversion_function_for_numbers(tf: Any, variable: Any) -> Any:
    tf.register_tensor_conversion_function((list, bool), lambda value, **options: 7)


@program
def a_conversion_function_for_no_class(tf: Any, variable: Any) -> Any:
    tf.register_tensor_conversion_function(3, lambda value, **options: 7)


@program
def a_conversion_function_that_is_none(tf: Any, variable: Any) -> Any:
    tf.register_tensor_conversion_function(set, 3)
