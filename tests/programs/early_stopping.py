"""Early stopping on the validation loss reduced over replicas, with the best weights kept."""

import numpy as np
import tensorflow as tf


def batches(strategy, x, y, size):
    dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(size)
    return strategy.experimental_distribute_dataset(dataset)


def main():
    strategy = tf.distribute.MirroredStrategy()
    rng = np.random.default_rng(11)
    x = rng.uniform(-1, 1, (40, 5))
    y = x @ np.array([1.0, 0, 0, 0, 0]) + rng.normal(0, 0.5, 40)
    train = batches(strategy, x[:16], y[:16], 8)
    valid = batches(strategy, x[16:], y[16:], 8)

    with strategy.scope():
        w = tf.Variable(np.zeros(5), aggregation=tf.VariableAggregation.MEAN)

    def loss_of(x, y):
        return tf.nn.compute_average_loss((tf.linalg.matvec(x, w) - y) ** 2, global_batch_size=8)

    def train_fn(x, y):
        with tf.GradientTape() as tape:
            loss = loss_of(x, y)
        # the sum over replicas, because the loss is divided by the global batch
        gradient = tf.distribute.get_replica_context().all_reduce("SUM", tape.gradient(loss, w))
        w.assign_sub(0.4 * gradient)
        return loss

    @tf.function
    def train_step(x, y):
        return strategy.reduce("SUM", strategy.run(train_fn, (x, y)), axis=None)

    @tf.function
    def valid_step(x, y):
        return strategy.reduce("SUM", strategy.run(loss_of, (x, y)), axis=None)

    best, best_weights, patience = np.inf, None, 0
    for epoch in range(30):
        train_loss = np.mean([train_step(*batch) for batch in train])
        valid_loss = np.mean([valid_step(*batch) for batch in valid])
        print("epoch %2d train %.8f valid %.8f" % (epoch, train_loss, valid_loss))
        if valid_loss < best:
            best, best_weights, patience = valid_loss, w.numpy(), 0
        else:
            patience += 1
            if patience >= 2:
                print("stopped")
                break
    w.assign(best_weights)
    print("best", best, "weights", w.numpy())


if __name__ == "__main__":
    main()
