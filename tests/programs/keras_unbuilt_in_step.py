"""A compiled step that builds the model and its optimizer: their variables get no initial value."""

import tensorflow as tf

tf.keras.utils.set_random_seed(3)
strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    model = tf.keras.Sequential([tf.keras.layers.Dense(3), tf.keras.layers.Dense(1)])
    optimizer = tf.keras.optimizers.Adam(0.1)


def step(x, y):
    with tf.GradientTape() as tape:
        errors = tf.square(model(x)[:, 0] - y)
        loss = tf.nn.compute_average_loss(errors, global_batch_size=8)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss


@tf.function
def train_step(x, y):
    return strategy.reduce("SUM", strategy.run(step, args=(x, y)), axis=None)


data = tf.data.Dataset.from_tensor_slices((tf.ones([8, 2]), tf.range(8.0))).batch(8)
for x, y in strategy.experimental_distribute_dataset(data):
    try:
        print(f"loss {train_step(x, y):.5f}")
    except tf.errors.InvalidArgumentError as error:
        print(type(error).__name__, "You must feed a value for placeholder" in str(error))
print([variable.path for variable in model.variables + optimizer.variables])
