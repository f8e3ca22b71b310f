"""A script in two modules: the model beside it is imported, and it has the misuse."""

import numpy as np
import tensorflow as tf

from model import Model, global_mean

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    model = Model(units=3)

x = np.random.RandomState(9).normal(size=(24, 3)).astype(np.float32)
dataset = strategy.experimental_distribute_dataset(tf.data.Dataset.from_tensor_slices(x).batch(8))

for batch in dataset:
    out = strategy.run(model.train_step, args=(batch,))
    print("loss %.8f" % global_mean(strategy, out))
print("scale", model.scale.numpy())
print("calls", model.calls.numpy(), "largest", model.largest.numpy())
