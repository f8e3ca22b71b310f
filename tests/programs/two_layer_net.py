"""A two-layer net as a tf.Module, trained with gradients that every replica all-reduces."""

import numpy as np
import tensorflow as tf


class Dense(tf.Module):
    def __init__(self, inputs, outputs, seed, activation=None, name=None):
        super().__init__(name=name)
        rng = np.random.RandomState(seed)
        scale = np.sqrt(2.0 / inputs)
        self.kernel = tf.Variable(
            (rng.normal(size=(inputs, outputs)) * scale).astype(np.float32), name="kernel"
        )
        self.bias = tf.Variable(tf.zeros([outputs]), name="bias")
        self.activation = activation

    def __call__(self, x):
        x = tf.matmul(x, self.kernel) + self.bias
        return x if self.activation is None else self.activation(x)


class Net(tf.Module):
    def __init__(self):
        super().__init__(name="net")
        self.hidden = Dense(2, 8, seed=10, activation=tf.nn.tanh, name="hidden")
        self.out = Dense(8, 2, seed=11, name="out")

    def __call__(self, x):
        return self.out(self.hidden(x))


strategy = tf.distribute.MirroredStrategy()

points = np.random.RandomState(5).uniform(-1, 1, size=(32, 2)).astype(np.float32)
classes = ((points[:, 0] * points[:, 1]) > 0).astype(np.int32)

with strategy.scope():
    net = Net()

data = tf.data.Dataset.from_tensor_slices((points, classes)).batch(16).repeat(10)


def train_step(x, labels):
    with tf.GradientTape() as tape:
        logits = net(x)
        per_example = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        loss = tf.nn.compute_average_loss(per_example, global_batch_size=16)
    grads = tape.gradient(loss, net.trainable_variables)
    grads = tf.distribute.get_replica_context().all_reduce("SUM", grads)
    for variable, grad in zip(net.trainable_variables, grads):
        variable.assign_sub(0.5 * grad)  # the same on every replica
    correct = tf.reduce_sum(tf.cast(tf.argmax(logits, 1, output_type=tf.int32) == labels, tf.int32))
    return loss, correct


@tf.function
def step(x, labels):
    losses, correct = strategy.run(train_step, args=(x, labels))
    return strategy.reduce("SUM", losses, axis=None), strategy.reduce("SUM", correct, axis=None)


for i, (x, labels) in enumerate(strategy.experimental_distribute_dataset(data)):
    loss, correct = step(x, labels)
    if i % 4 == 3:
        print(i, "loss", loss.numpy(), "correct", correct.numpy())

for variable in net.trainable_variables:
    spread = max(
        np.abs(copy.numpy() - variable.numpy()).max()
        for copy in strategy.experimental_local_results(variable)
    )
    print(variable.name, variable.shape, "sum", variable.numpy().sum(), "spread", spread)
