"""A custom gradient (clipped) and a differentiable all_reduce in the loss."""

import tensorflow as tf


@tf.custom_gradient
def clip_gradient(x):
    def grad(upstream):
        return tf.clip_by_value(upstream, -0.5, 0.5)

    return tf.identity(x), grad


strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    w = tf.Variable([0.1, 0.2, 0.3], aggregation=tf.VariableAggregation.SUM)


def replica_step():
    ctx = tf.distribute.get_replica_context()
    x = tf.constant([1.0, 5.0, -3.0]) * tf.cast(ctx.replica_id_in_sync_group + 1, tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        local = tf.reduce_sum(clip_gradient(w) * x)
        mean = ctx.all_reduce(tf.distribute.ReduceOp.MEAN, tf.reduce_sum(w * x))
        spread = (local - mean) ** 2
    clipped = tape.gradient(local, w)
    through = tape.gradient(mean, w)
    both = tape.gradient(spread, w)
    del tape
    w.assign_sub(0.01 * clipped)
    return clipped, through, both


for step in range(3):
    results = strategy.run(replica_step)
    for name, result in zip(["clipped", "through", "both"], results):
        for r, value in enumerate(strategy.experimental_local_results(result)):
            print(step, name, r, " ".join("%.6f" % x for x in value.numpy()))
    print(step, "w", w.numpy())
