"""A loop over MNIST of tensorflow_datasets: scaled, cached, shuffled, in batches."""

import tensorflow as tf
import tensorflow_datasets as tfds

strategy = tf.distribute.MirroredStrategy()
datasets, info = tfds.load(name="mnist", with_info=True, as_supervised=True)
mnist_train, mnist_test = datasets["train"], datasets["test"]
num_train_examples = info.splits["train"].num_examples
num_test_examples = info.splits["test"].num_examples
print(num_train_examples, num_test_examples, len(mnist_train), info.features["label"].num_classes)

BUFFER_SIZE = num_train_examples // 100
BATCH_SIZE = 16 * strategy.num_replicas_in_sync
EPOCHS = 2


def scale(image, label):
    image = tf.cast(image, tf.float32)
    image /= 255
    return image, label


train_dataset = (
    mnist_train.take(600).map(scale).cache().shuffle(BUFFER_SIZE, seed=1).batch(BATCH_SIZE)
)
eval_dataset = mnist_test.take(200).map(scale).batch(BATCH_SIZE)
train_dist = strategy.experimental_distribute_dataset(train_dataset)
eval_dist = strategy.experimental_distribute_dataset(eval_dataset)

with strategy.scope():
    model = tf.keras.Sequential(
        [
            tf.keras.Input((28, 28, 1)),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(
                16, activation="relu", kernel_initializer=tf.keras.initializers.GlorotUniform(1)
            ),
            tf.keras.layers.Dense(
                info.features["label"].num_classes,
                kernel_initializer=tf.keras.initializers.GlorotUniform(2),
            ),
        ]
    )
    optimizer = tf.keras.optimizers.SGD(0.05)
    optimizer.build(model.trainable_variables)
    loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
    accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="accuracy")


def train_step(inputs):
    images, labels = inputs
    with tf.GradientTape() as tape:
        logits = model(images, training=True)
        loss = tf.nn.compute_average_loss(
            loss_object(labels, logits), global_batch_size=BATCH_SIZE
        )
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss


def eval_step(inputs):
    images, labels = inputs
    accuracy.update_state(labels, model(images, training=False))


@tf.function
def distributed_train_step(inputs):
    losses = strategy.run(train_step, args=(inputs,))
    return strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)


@tf.function
def distributed_eval_step(inputs):
    strategy.run(eval_step, args=(inputs,))


for epoch in range(EPOCHS):
    total, batches = 0.0, 0
    for inputs in train_dist:
        total += distributed_train_step(inputs)
        batches += 1
    for inputs in eval_dist:
        distributed_eval_step(inputs)
    print(
        f"epoch {epoch + 1}: {batches} batches, loss {total.numpy() / batches:.4f}, "
        f"accuracy {accuracy.result().numpy():.3f}"
    )
    accuracy.reset_state()
