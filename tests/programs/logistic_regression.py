"""Logistic regression in a class, with a learning rate schedule and argparse."""

import argparse

import numpy as np
import tensorflow as tf


class Trainer:
    def __init__(self, strategy, features, learning_rate, momentum):
        self.strategy = strategy
        self.learning_rate = learning_rate
        self.momentum = momentum
        mean = tf.VariableAggregation.MEAN
        with strategy.scope():
            self.weights = tf.Variable(np.zeros([features, 1], np.float64), aggregation=mean)
            self.bias = tf.Variable(np.zeros([1]), aggregation=mean)
            self.velocity = tf.Variable(np.zeros([features, 1]), aggregation=mean, trainable=False)
            self.seen = tf.Variable(
                0,
                dtype=tf.int64,
                trainable=False,
                synchronization=tf.VariableSynchronization.ON_READ,
                aggregation=tf.VariableAggregation.SUM,
            )

    def _replica_step(self, x, y):
        with tf.GradientTape() as tape:
            logits = tf.matmul(x, self.weights) + self.bias
            losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=logits)
            loss = tf.reduce_mean(losses)
        gradients = tape.gradient(loss, [self.weights, self.bias])
        self.velocity.assign(self.momentum * self.velocity + gradients[0])
        self.weights.assign_sub(self.learning_rate * self.velocity)
        self.bias.assign_sub(self.learning_rate * gradients[1])
        self.seen.assign_add(tf.shape(x, out_type=tf.int64)[0])
        return loss

    @tf.function
    def step(self, x, y):
        losses = self.strategy.run(self._replica_step, args=(x, y))
        return self.strategy.reduce(tf.distribute.ReduceOp.MEAN, losses, axis=None)


def make_data(count, features, seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((count, features))
    y = (x.sum(axis=1, keepdims=True) > 0.3).astype(np.float64)
    return x, y


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--learning-rate", type=float, default=0.5)
    parser.add_argument("--momentum", type=float, default=0.0)
    args = parser.parse_args()

    strategy = tf.distribute.MirroredStrategy()
    trainer = Trainer(strategy, 4, args.learning_rate, args.momentum)
    x, y = make_data(48, 4, seed=3)
    dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(args.batch_size, drop_remainder=True)
    for epoch in range(args.epochs):
        losses = [
            trainer.step(*batch).numpy()
            for batch in strategy.experimental_distribute_dataset(dataset)
        ]
        print(f"epoch {epoch + 1}/{args.epochs}: loss={np.mean(losses):.9f} seen={trainer.seen.numpy()}")
    predictions = tf.sigmoid(tf.matmul(x, trainer.weights) + trainer.bias)
    accuracy = tf.reduce_mean(tf.cast((predictions > 0.5) == (y > 0.5), tf.float32))
    print("accuracy", accuracy.numpy())
    print("weights", trainer.weights.numpy().tolist())


if __name__ == "__main__":
    main()
