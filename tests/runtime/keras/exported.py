"""A script that exports a Keras model under a strategy, as a SavedModel, and loads it again.

Recorded on TensorFlow with 2 logical devices: python -m tests.runtime.keras.test_exported
"""

# mypy: ignore-errors

import os
import tempfile

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf

tf.get_logger().setLevel("ERROR")
if os.environ.get("VARSYNC_DEVICES"):
    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
    )
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
with strategy.scope():
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(3, kernel_initializer="ones", name="first"),
            keras.layers.BatchNormalization(name="normal"),
            keras.layers.Dense(1, kernel_initializer="ones", name="last"),
        ]
    )
    model.compile(keras.optimizers.SGD(1e-3), "mse")
x = np.arange(8, dtype=np.float32).reshape(4, 2)
model.fit(x, x.sum(1), batch_size=4, shuffle=False, verbose=0)


def shown(tensor):
    return [float(f"{one:.4g}") for one in np.ravel(tensor)]


with tempfile.TemporaryDirectory() as folder:
    tf.saved_model.save(model, f"{folder}/saved")
    loaded = tf.saved_model.load(f"{folder}/saved")
    (signature,) = loaded.signatures.values()
    print(signature.structured_input_signature, signature.structured_outputs)
    print(shown(signature(tf.constant(x))["output_0"]))
    model.export(f"{folder}/exported", verbose=False)
    served = tf.saved_model.load(f"{folder}/exported")
    print(shown(served.serve(x)), served.serve(x[:1]).shape)
    with strategy.scope():
        served = tf.saved_model.load(f"{folder}/exported")
    for variable in sorted(served.variables, key=lambda one: one.name):
        copies = strategy.experimental_local_results(variable)
        print(type(variable).__name__, variable.name, [shown(one) for one in copies])
    print(len(served.trainable_variables), len(served.non_trainable_variables))
