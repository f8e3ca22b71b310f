"""Each replica decides by its own loss whether to update: an error as soon as they disagree."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()

with strategy.scope():
    w = tf.Variable(0.0, aggregation=tf.VariableAggregation.MEAN)

targets = strategy.experimental_distribute_values_from_function(
    lambda context: tf.constant(1.0 + 0.5 * context.replica_id_in_sync_group)
)


def train_step(target):
    error = w - target
    loss = error * error
    if loss > 0.5:
        w.assign_sub(0.3 * error)
    return loss


for step in range(10):
    losses = strategy.run(train_step, args=(targets,))
    loss = strategy.reduce("MEAN", losses, axis=None)
    print(step, "loss", loss.numpy(), "w", w.numpy())
