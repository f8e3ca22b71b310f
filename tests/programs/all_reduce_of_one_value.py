"""all_reduce of what is one object for all replicas: TensorFlow hands it back, and sums the rest."""

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
constant = tf.constant(2.5)
whole = tf.constant(3)
slices = tf.IndexedSlices(tf.constant([[1.0]]), tf.constant([0]), tf.constant([3, 1]))


def reduce(op, value):
    return tf.distribute.get_replica_context().all_reduce(op, value)


def dense(value):
    return tf.convert_to_tensor(reduce("SUM", value))


def gradient():
    with tf.GradientTape() as tape:
        tape.watch(constant)
        y = reduce("SUM", constant) * 3.0
    return tape.gradient(y, constant)


CASES = {
    "captured": lambda: reduce("SUM", constant),
    "captured int": lambda: reduce("MEAN", whole),
    "made": lambda: reduce("SUM", tf.constant(2.5)),
    "identity": lambda: reduce("SUM", tf.identity(constant)),
    "slices": lambda: dense(slices),
    "number": lambda: reduce("SUM", 2),
    "numpy": lambda: reduce("SUM", np.float32(1.5)),
    "gradient": gradient,
}


def show(name, run):
    try:
        copies = strategy.experimental_local_results(run())
    except (AttributeError, ValueError) as error:
        print(name, type(error).__name__, error)
    else:
        print(name, [copy.numpy().tolist() for copy in copies])


for name, fn in CASES.items():
    show(name + ":", lambda: strategy.run(fn))
    show(name + ", compiled:", tf.function(lambda: strategy.run(fn)))
