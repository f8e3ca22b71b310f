"""An optimizer in the old style: gradients are reduced in a merge_call, then extended.update applies."""

import tensorflow as tf


class Momentum:
    def __init__(self, rate, momentum):
        self.rate = rate
        self.momentum = momentum
        self.slots = {}

    def build(self, variables):
        for v in variables:
            self.slots[v.name] = tf.Variable(tf.zeros_like(v), trainable=False, name="slot")

    def apply_gradients(self, grads_and_vars):
        context = tf.distribute.get_replica_context()
        context.merge_call(self._distributed_apply, args=(list(grads_and_vars),))

    def _distributed_apply(self, strategy, grads_and_vars):
        gradients = strategy.extended.batch_reduce_to(
            tf.distribute.ReduceOp.SUM, [(g, v) for g, v in grads_and_vars]
        )
        for gradient, (_, variable) in zip(gradients, grads_and_vars):
            strategy.extended.update(variable, self._apply, args=(gradient,), group=False)

    def _apply(self, variable, gradient):
        slot = self._slot_of(variable)
        slot.assign(self.momentum * slot + gradient)
        variable.assign_sub(self.rate * slot)

    def _slot_of(self, variable):
        name = variable.name.split(":")[0].split("/replica")[0] + ":0"
        return self.slots[name]


strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    a = tf.Variable([1.0, 2.0], name="a")
    b = tf.Variable(0.5, name="b")
    optimizer = Momentum(0.05, 0.9)
    optimizer.build([a, b])


def train_step(x):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum((a * x - b) ** 2)
    grads = tape.gradient(loss, [a, b])
    optimizer.apply_gradients(zip(grads, [a, b]))
    return loss


x = strategy.experimental_distribute_values_from_function(
    lambda c: tf.constant([0.5, -0.25]) * (c.replica_id_in_sync_group + 1)
)
for step in range(5):
    loss = strategy.reduce("SUM", strategy.run(train_step, args=(x,)), axis=None)
    print("%d %.8f" % (step, loss.numpy()), a.numpy(), b.numpy())
print([v.numpy().tolist() for v in strategy.experimental_local_results(a)])
