import tensorflow as tf


class Model(tf.Module):
    def __init__(self, units):
        super().__init__()
        self.scale = tf.Variable(tf.ones([units]), aggregation=tf.VariableAggregation.MEAN)
        self.calls = tf.Variable(
            0, trainable=False, aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA
        )
        self.largest = tf.Variable(0.0, trainable=False)

    def __call__(self, x):
        self.calls.assign_add(1)
        self.largest.assign(tf.maximum(self.largest, tf.reduce_max(x)))
        return x * self.scale

    def train_step(self, x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self(x) ** 2)
        self.scale.assign_sub(0.3 * tape.gradient(loss, self.scale))
        return loss


def global_mean(strategy, value):
    return strategy.reduce(tf.distribute.ReduceOp.MEAN, value, axis=None).numpy()
