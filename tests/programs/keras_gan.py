"""A GAN: two models and two optimizers in a `train_step`, `fit` on shuffled images, epoch by epoch."""

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
layers = tf.keras.layers
tf.keras.utils.set_random_seed(812)


class GAN(tf.keras.Model):
    def __init__(self, discriminator, generator, latent_dim):
        super().__init__()
        self.discriminator = discriminator
        self.generator = generator
        self.latent_dim = latent_dim
        self.seed_generator = tf.keras.random.SeedGenerator(1337)
        self.d_loss_metric = tf.keras.metrics.Mean(name="d_loss")
        self.g_loss_metric = tf.keras.metrics.Mean(name="g_loss")
        self.built = True

    @property
    def metrics(self):
        return [self.d_loss_metric, self.g_loss_metric]

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        super().compile()
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer
        self.loss_fn = loss_fn

    def noise(self, count):
        return tf.keras.random.normal((count, self.latent_dim), seed=self.seed_generator)

    def train_step(self, real_images):
        count = tf.shape(real_images)[0]
        images = tf.concat([self.generator(self.noise(count)), real_images], axis=0)
        labels = tf.concat([tf.ones((count, 1)), tf.zeros((count, 1))], axis=0)
        labels += 0.05 * tf.keras.random.uniform(tf.shape(labels), seed=self.seed_generator)
        with tf.GradientTape() as tape:
            d_loss = self.loss_fn(labels, self.discriminator(images))
        weights = self.discriminator.trainable_weights
        self.d_optimizer.apply_gradients(zip(tape.gradient(d_loss, weights), weights))
        noise = self.noise(count)
        with tf.GradientTape() as tape:
            g_loss = self.loss_fn(tf.zeros((count, 1)), self.discriminator(self.generator(noise)))
        weights = self.generator.trainable_weights
        self.g_optimizer.apply_gradients(zip(tape.gradient(g_loss, weights), weights))
        self.d_loss_metric.update_state(d_loss)
        self.g_loss_metric.update_state(g_loss)
        return {metric.name: metric.result() for metric in self.metrics}


with strategy.scope():
    discriminator = tf.keras.Sequential(
        [
            tf.keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.GlobalMaxPooling2D(),
            layers.Dense(1),
        ]
    )
    generator = tf.keras.Sequential(
        [
            tf.keras.Input((6,)),
            layers.Dense(4 * 4 * 3),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Reshape((4, 4, 3)),
            layers.Conv2DTranspose(4, 4, strides=2, padding="same"),
            layers.Conv2D(1, 5, padding="same", activation="sigmoid"),
        ]
    )
    gan = GAN(discriminator, generator, 6)
    gan.compile(
        d_optimizer=tf.keras.optimizers.Adam(learning_rate=0.003),
        g_optimizer=tf.keras.optimizers.Adam(learning_rate=0.003),
        loss_fn=tf.keras.losses.BinaryCrossentropy(from_logits=True),
    )
    gan.d_optimizer.build(discriminator.trainable_weights)
    gan.g_optimizer.build(generator.trainable_weights)

images = np.random.RandomState(0).rand(24, 8, 8, 1).astype("float32")
dataset = tf.data.Dataset.from_tensor_slices(images).shuffle(24, seed=1).batch(8)
history = gan.fit(dataset, epochs=3, verbose=0).history
for name in sorted(history):
    print(name, " ".join(f"{value:.5f}" for value in history[name]))
print(f"one image {float(tf.reduce_sum(generator(tf.ones((1, 6))))):.4f}")
print("seeds", gan.seed_generator.state.numpy())
