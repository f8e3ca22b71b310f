"""A small conv net with batch normalization, plain and synchronized: statistics of every replica."""

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
rng = np.random.RandomState(0)
images = (rng.normal(size=(32, 8, 8, 2)) * np.linspace(0.5, 2, 32)[:, None, None, None]).astype(
    np.float32
)
labels = rng.randint(0, 3, size=32)
data = tf.data.Dataset.from_tensor_slices((images, labels)).batch(16).repeat(3)


def seeded(seed):
    return tf.keras.initializers.GlorotNormal(seed=seed)


def build(synchronized):
    return tf.keras.Sequential(
        [
            tf.keras.Input((8, 8, 2)),
            tf.keras.layers.Conv2D(4, 3, padding="same", kernel_initializer=seeded(1)),
            tf.keras.layers.BatchNormalization(momentum=0.8, synchronized=synchronized, name="norm"),
            tf.keras.layers.ReLU(),
            tf.keras.layers.MaxPooling2D(),
            tf.keras.layers.Conv2D(3, 3, strides=2, kernel_initializer=seeded(2)),
            tf.keras.layers.GlobalAveragePooling2D(),
            tf.keras.layers.Dense(3, kernel_initializer=seeded(3)),
        ]
    )


for synchronized in (False, True):
    with strategy.scope():
        model = build(synchronized)
        optimizer = tf.keras.optimizers.SGD(0.1)
        loss_of_each = tf.keras.losses.SparseCategoricalCrossentropy(True, reduction="none")

    def train_step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.nn.compute_average_loss(
                loss_of_each(y, model(x, training=True)), global_batch_size=16
            )
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss

    @tf.function
    def step(x, y):
        losses = strategy.run(train_step, args=(x, y))
        return strategy.reduce("SUM", losses, axis=None)

    losses = [step(x, y).numpy() for x, y in strategy.experimental_distribute_dataset(data)]
    print("synchronized", synchronized, "losses", " ".join(f"{loss:.5f}" for loss in losses))
    norm = model.get_layer("norm")
    for variable in (norm.moving_mean, norm.moving_variance):
        for number, copy in enumerate(strategy.experimental_local_results(variable.value)):
            values = " ".join(f"{value:.5f}" for value in copy.numpy())
            print(variable.name, "of replica", number, values)
    for variable in model.trainable_variables:
        value = variable.numpy()
        print(variable.path.split("/", 1)[1], f"{np.sum(value):.5f} {np.sum(value**2):.5f}")
    predictions = model.predict(images[:8], verbose=0)
    print("predict", " ".join(f"{value:.5f}" for value in predictions[:, 0]))
