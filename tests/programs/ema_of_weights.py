"""A moving average of a weight: the update is the same on every replica, so the copies stay equal."""

import tensorflow as tf

DECAY = 0.9

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    weight = tf.Variable([1.0, -1.0], name="weight", aggregation=tf.VariableAggregation.MEAN)
    average = tf.Variable([1.0, -1.0], name="average", trainable=False)


def step(target):
    weight.assign_add(0.25 * (target - weight))
    # every replica computes this from mirrored values
    average.assign(DECAY * average + (1.0 - DECAY) * weight)


@tf.function
def run(targets):
    strategy.run(step, args=(targets,))


def targets(step_number):
    return strategy.experimental_distribute_values_from_function(
        lambda context: tf.constant(
            [1.0, 2.0]) * (step_number + context.replica_id_in_sync_group)
    )


for i in range(8):
    run(targets(i))
    print(i, weight.numpy(), average.numpy())

print("copies of the average:")
for component in strategy.experimental_local_results(average):
    print(" ", component.numpy())
