"""A compiled function with a collective op, called in a branch of another one: it gets no key."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    plain = tf.Variable(0.0)
    total = tf.Variable(0.0, aggregation=tf.VariableAggregation.SUM)


def own_part():
    replica = tf.distribute.get_replica_context().replica_id_in_sync_group
    return tf.cast(replica + 1, tf.float32)


def all_reduced():
    return tf.distribute.get_replica_context().all_reduce("SUM", own_part())


def first(values):
    return strategy.experimental_local_results(values)[0]


@tf.function
def meeting():
    return first(strategy.run(all_reduced))


@tf.function
def reducing():
    return strategy.reduce("SUM", strategy.run(own_part), axis=None)


@tf.function
def updating():
    return first(strategy.run(lambda: total.assign_add(own_part())))


@tf.function
def around():
    return meeting()


@tf.function
def in_if(n):
    result = 0.0
    if n > 0:
        result = meeting()
    return result


@tf.function
def in_else(n):
    if n <= 0:
        result = 0.0
    else:
        result = around()
    return result


@tf.function
def in_expression(n):
    return meeting() if n > 0 else 0.0


@tf.function
def after_return(n):
    if n <= 0:
        return 0.0
    return meeting()


@tf.function
def in_cond(n):
    return tf.cond(n > 0, meeting, lambda: 0.0)


@tf.function
def in_switch(n):
    return tf.switch_case(n, [lambda: 0.0, meeting])


@tf.function
def in_loop(n):
    result = 0.0
    for _ in tf.range(n):
        result += meeting()
    return result


@tf.function
def in_if_in_loop(n):
    result = 0.0
    for i in tf.range(n):
        if i >= 0:
            result += meeting()
    return result


@tf.function
def in_loop_in_if(n):
    result = 0.0
    if n > 0:
        for _ in tf.range(n):
            result += meeting()
    return result


@tf.function
def without_function(n):
    result = 0.0
    if n > 0:
        result = first(strategy.run(all_reduced))
    return result


@tf.function
def with_function_of_replicas(n):
    result = 0.0
    for _ in tf.range(n):
        result += first(strategy.run(tf.function(all_reduced)))
    return result


@tf.function
def reduced(n):
    result = 0.0
    if n > 0:
        result = reducing()
    return result


@tf.function
def updated(n):
    result = 0.0
    if n > 0:
        result = updating()
    return result


@tf.function
def written_around(n):
    plain.assign_add(1.0)
    if n > 0:
        plain.assign_add(meeting())
    plain.assign_add(100.0)
    return plain.read_value()


for function in (
    in_if,
    in_else,
    in_expression,
    after_return,
    in_cond,
    in_switch,
    in_loop,
    in_if_in_loop,
    in_loop_in_if,
    without_function,
    with_function_of_replicas,
    reduced,
    updated,
    written_around,
):
    for n in (0, 1):
        try:
            print(function.__name__, n, function(tf.constant(n)).numpy())
        except tf.errors.InvalidArgumentError as error:
            fed = "You must feed a value for placeholder tensor" in str(error)
            print(function.__name__, n, "not fed" if fed else str(error))
print(plain.numpy(), total.numpy())
