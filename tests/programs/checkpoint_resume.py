"""Trains, saves with a CheckpointManager, starts anew and resumes where it stopped."""

import os
import tempfile

import tensorflow as tf


class Training:
    def __init__(self, directory):
        self.strategy = tf.distribute.MirroredStrategy()
        with self.strategy.scope():
            self.w = tf.Variable(tf.ones([2]), aggregation=tf.VariableAggregation.MEAN, name="w")
            self.step = tf.Variable(
                0, dtype=tf.int64, trainable=False,
                aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA)
            self.total = tf.Variable(
                0.0, trainable=False,
                synchronization=tf.VariableSynchronization.ON_READ,
                aggregation=tf.VariableAggregation.SUM)
            self.checkpoint = tf.train.Checkpoint(w=self.w, step=self.step, total=self.total)
        self.manager = tf.train.CheckpointManager(self.checkpoint, directory, max_to_keep=2)

    def resume(self):
        latest = self.manager.latest_checkpoint
        if not latest:
            print("starting from scratch")
            return
        self.checkpoint.restore(latest).assert_consumed()
        print("resumed from", os.path.basename(latest))

    def replica_step(self):
        context = tf.distribute.get_replica_context()
        number = tf.cast(context.replica_id_in_sync_group + 1, tf.float32)
        self.w.assign_sub(0.01 * number * self.w)
        self.total.assign_add(number * tf.reduce_sum(self.w))
        self.step.assign_add(1)

    @tf.function
    def train_step(self):
        self.strategy.run(self.replica_step)

    def run(self, until):
        while self.step.numpy() < until:
            self.train_step()
            if self.step.numpy() % 2 == 0:
                self.manager.save(checkpoint_number=self.step.numpy())
        print("step", self.step.numpy(), "w", self.w.numpy(), "total", self.total.numpy())


with tempfile.TemporaryDirectory() as directory:
    first = Training(directory)
    first.resume()
    first.run(until=5)
    print([os.path.basename(path) for path in first.manager.checkpoints])

    second = Training(directory)
    second.resume()
    second.run(until=8)
    print([os.path.basename(path) for path in second.manager.checkpoints])
