"""An embedding whose gradients are IndexedSlices, with the optimizers that take them."""

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
rng = np.random.RandomState(21)
words = rng.randint(0, 11, size=(24, 5))
words[:, 0] = 3  # a word that every replica has
labels = rng.uniform(-1, 1, size=(24,)).astype(np.float32)
data = tf.data.Dataset.from_tensor_slices((words, labels)).batch(8)

optimizers = {
    "sgd": lambda: tf.keras.optimizers.SGD(0.3),
    "momentum": lambda: tf.keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "adam": lambda: tf.keras.optimizers.Adam(0.05),
    "adagrad": lambda: tf.keras.optimizers.Adagrad(0.5),
    "clipped": lambda: tf.keras.optimizers.RMSprop(0.05, global_clipnorm=0.1),
}

for name, make in optimizers.items():
    with strategy.scope():
        model = tf.keras.Sequential(
            [
                tf.keras.layers.Embedding(
                    11, 4, embeddings_initializer=tf.keras.initializers.RandomUniform(seed=4)
                ),
                tf.keras.layers.GlobalAveragePooling1D(),
                tf.keras.layers.Dense(1, kernel_initializer="ones"),
            ]
        )
        model.build((None, 5))
        optimizer = make()
        optimizer.build(model.trainable_variables)

    def train_step(x, y):
        with tf.GradientTape() as tape:
            each = tf.square(model(x)[:, 0] - y)
            loss = tf.nn.compute_average_loss(each, global_batch_size=8)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return loss, gradients[0].indices

    @tf.function
    def step(x, y):
        losses, indices = strategy.run(train_step, args=(x, y))
        return strategy.reduce("SUM", losses, axis=None), indices

    for x, y in strategy.experimental_distribute_dataset(data):
        loss, indices = step(x, y)
        parts = strategy.experimental_local_results(indices)
        print(name, f"loss {loss.numpy():.5f}", "rows", [int(tf.size(part)) for part in parts])
    table = model.layers[0].embeddings.numpy()
    print(name, "rows moved", " ".join(f"{value:.5f}" for value in table.sum(axis=1)))
