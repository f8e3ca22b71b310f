"""A loop of one's own with a subclassed model, a checkpoint after each epoch, and three ways to loop."""

import os
import tempfile

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
BATCH = 8
EPOCHS = 2

rng = np.random.RandomState(7)
images = rng.uniform(size=(32, 10, 10, 1)).astype(np.float32)
labels = rng.randint(0, 3, size=32).astype(np.int64)
train = tf.data.Dataset.from_tensor_slices((images[:24], labels[:24])).batch(BATCH)
test = tf.data.Dataset.from_tensor_slices((images[24:], labels[24:])).batch(BATCH)
train_distributed = strategy.experimental_distribute_dataset(train)
test_distributed = strategy.experimental_distribute_dataset(test)


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.conv1 = tf.keras.layers.Conv2D(4, 3, activation="relu", kernel_regularizer="l2")
        self.pool = tf.keras.layers.MaxPooling2D()
        self.conv2 = tf.keras.layers.Conv2D(6, 3, activation="relu")
        self.flatten = tf.keras.layers.Flatten()
        self.hidden = tf.keras.layers.Dense(10, activation="relu")
        self.logits = tf.keras.layers.Dense(3)

    def call(self, x):
        x = self.pool(self.conv1(x))
        return self.logits(self.hidden(self.flatten(self.conv2(x))))


tf.keras.utils.set_random_seed(5)
with strategy.scope():
    loss_object = tf.keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="none"
    )
    model = Net()
    model(tf.keras.Input((10, 10, 1)))
    optimizer = tf.keras.optimizers.Adam(learning_rate=0.005)
    optimizer.build(model.trainable_variables)
    test_loss = tf.keras.metrics.Mean(name="test_loss")
    train_accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="train_accuracy")
    test_accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="test_accuracy")
    checkpoint = tf.train.Checkpoint(optimizer=optimizer, model=model)


def compute_loss(y, predictions, model_losses):
    loss = tf.nn.compute_average_loss(loss_object(y, predictions), global_batch_size=BATCH)
    if model_losses:
        loss += tf.nn.scale_regularization_loss(tf.add_n(model_losses))
    return loss


def train_step(inputs):
    x, y = inputs
    with tf.GradientTape() as tape:
        predictions = model(x, training=True)
        loss = compute_loss(y, predictions, model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    train_accuracy.update_state(y, predictions)
    return loss


def test_step(inputs):
    x, y = inputs
    predictions = model(x, training=False)
    test_loss.update_state(loss_object(y, predictions))
    test_accuracy.update_state(y, predictions)


@tf.function
def distributed_train_step(inputs):
    losses = strategy.run(train_step, args=(inputs,))
    return strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)


@tf.function
def distributed_test_step(inputs):
    return strategy.run(test_step, args=(inputs,))


prefix = os.path.join(tempfile.mkdtemp(), "ckpt")
for epoch in range(EPOCHS):
    total, batches = 0.0, 0
    for x in train_distributed:
        total += distributed_train_step(x)
        batches += 1
    for x in test_distributed:
        distributed_test_step(x)
    checkpoint.save(prefix)
    print(
        f"epoch {epoch + 1}, loss: {total.numpy() / batches:.5f}, "
        f"accuracy: {train_accuracy.result().numpy() * 100:.4f}, "
        f"test loss: {test_loss.result().numpy():.5f}, "
        f"test accuracy: {test_accuracy.result().numpy() * 100:.4f}"
    )
    test_loss.reset_state()
    train_accuracy.reset_state()
    test_accuracy.reset_state()

# restored without a strategy
eval_accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="eval_accuracy")
new_model = Net()
new_model(tf.keras.Input((10, 10, 1)))
new_optimizer = tf.keras.optimizers.Adam()
new_checkpoint = tf.train.Checkpoint(optimizer=new_optimizer, model=new_model)
status = new_checkpoint.restore(tf.train.latest_checkpoint(os.path.dirname(prefix)))
status.expect_partial()


@tf.function
def eval_step(x, y):
    eval_accuracy(y, new_model(x, training=False))


for x, y in test:
    eval_step(x, y)
print(f"restored: accuracy {eval_accuracy.result().numpy() * 100:.4f}")
print(f"restored: {int(new_optimizer.iterations.numpy())} steps")
apart = [
    float(np.abs(mine.numpy() - saved.numpy()).max())
    for mine, saved in zip(new_model.variables, model.variables)
]
print("restored weights apart", max(apart))

# with an iterator
iterator = iter(train_distributed)
total = 0.0
for _ in range(2):
    total += distributed_train_step(next(iterator))
print(f"with an iterator: {total.numpy() / 2:.5f}")


@tf.function
def distributed_train_epoch(dataset):
    total, batches = 0.0, 0
    for x in dataset:
        losses = strategy.run(train_step, args=(x,))
        total += strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)
        batches += 1
    return total / tf.cast(batches, tf.float32)


for _ in range(2):
    print(f"in a function: {distributed_train_epoch(train_distributed).numpy():.5f}")
print(f"accuracy {train_accuracy.result().numpy():.5f}, steps {int(optimizer.iterations.numpy())}")
for variable in model.trainable_variables:
    print(variable.path, f"{variable.numpy().sum():.4f} {np.square(variable.numpy()).sum():.4f}")
