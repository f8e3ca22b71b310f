"""Several steps in a call of the compiled function: what is left over, a schedule, callbacks."""

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
rng = np.random.RandomState(0)
x = rng.rand(22, 3).astype("float32")
y = x.sum(1, keepdims=True)
for steps in (1, 2, 5):
    tf.keras.utils.set_random_seed(3)
    with strategy.scope():
        model = tf.keras.Sequential(
            [
                tf.keras.Input((3,)),
                tf.keras.layers.Dense(4, activation="tanh"),
                tf.keras.layers.Dense(1),
            ]
        )
        schedule = tf.keras.optimizers.schedules.PiecewiseConstantDecay([3, 6], [0.1, 0.05, 0.01])
        model.compile(tf.keras.optimizers.SGD(schedule), "mse", steps_per_execution=steps)
    seen = []
    callback = tf.keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(f"{batch} {logs['loss']:.5f}")
    )
    history = model.fit(
        x, y, batch_size=4, epochs=2, verbose=0, shuffle=False, callbacks=[callback]
    ).history
    print(steps, "steps:", ", ".join(seen))
    print(" ".join(f"{loss:.5f}" for loss in history["loss"]), int(model.optimizer.iterations.numpy()))
    loss = model.evaluate(x, y, batch_size=4, verbose=0)
    print(f"{loss:.5f}", model.predict(x, batch_size=4, verbose=0).shape)
