"""The chief alone writes the log and reads only what needs no collective; the total is read by all."""

import os

import tensorflow as tf

strategy = tf.distribute.experimental.MultiWorkerMirroredStrategy()
task_type = strategy.cluster_resolver.task_type
task_id = strategy.cluster_resolver.task_id


def is_chief():
    return task_type is None or task_type == "chief" or (task_type == "worker" and task_id == 0)


with strategy.scope():
    loss = tf.Variable(8.0, aggregation=tf.VariableAggregation.MEAN)
    total = tf.Variable(
        0.0,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )


@tf.function
def train():
    def fn():
        loss.assign_sub(loss * 0.25)
        total.assign_add(loss)

    strategy.run(fn)


for step in range(4):
    train()
    everybody = total.numpy()  # a collective: all workers take part
    if is_chief():
        with open("train.log", "a") as log:
            log.write("step %d loss %.6f total %.6f\n" % (step, loss.numpy(), everybody))

print("chief" if is_chief() else "not chief", loss.numpy(), total.numpy())
if is_chief():
    print(open("train.log").read().count("\n"), "lines in", os.path.basename("train.log"))
