"""Layers inside a layer of the user, in a model whose batch size is not known: shapes as text.

Keras finds the shapes by running the outer layer's `call` on placeholders.
"""

# mypy: ignore-errors

import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
sys.path.insert(0, str(Path(__file__).parents[3]))

import keras
import tensorflow as tf

from tests.runtime.keras.cases import LAYERS, SEQUENCE, VECTOR, _made


class Outer(keras.layers.Layer):
    """Another layer on what it is called with."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def build(self, shape):
        self.inner.build(shape)

    def call(self, x):
        return self.inner(x)


def attention(x):
    return keras.layers.MultiHeadAttention(2, 3)(x, x)


def show(name, shape, function):
    try:
        made = function(keras.Input(shape[1:]))
        print(name, [one.shape for one in keras.tree.flatten(made)])
    except Exception as error:
        print(name, type(error).__name__, str(error).splitlines()[0])


for name, (shape, arguments) in LAYERS.items():
    show(name, shape, Outer(_made(keras, name, arguments)))

# ops whose results do not depend on the size of the batch
OPS = {
    "stop_gradient": lambda x: x - tf.stop_gradient(x),
    "top_k": lambda x: tf.math.top_k(x, 2),
    "sort": lambda x: tf.sort(x, direction="DESCENDING"),
    "sort_of_the_first_axis": lambda x: tf.sort(x, axis=0),
    "argsort": tf.argsort,
    "count_nonzero": lambda x: tf.math.count_nonzero(x, axis=-1, keepdims=True),
    "count_nonzero_of_all": tf.math.count_nonzero,
    "moments": lambda x: tf.nn.moments(x, [0]),
    "zeros": lambda x: x + tf.zeros(tf.shape(x)),
    "ones_of_the_batch": lambda x: tf.concat([x, tf.ones([tf.shape(x)[0], 2])], 1),
    "ones_like": lambda x: x * tf.ones_like(x),
    "fill": lambda x: x * tf.fill(tf.shape(x), 2.0),
    "broadcast_to": lambda x: x + tf.broadcast_to([[1.0]], tf.shape(x)),
    "tile": lambda x: x + tf.tile([[1.0] * 5], [tf.shape(x)[0], 1]),
    "repeat": lambda x: tf.repeat(x, 2, axis=0),
    "range": lambda x: x + tf.cast(tf.range(tf.shape(x)[0]), tf.float32)[:, None],
    "eye": lambda x: tf.eye(tf.shape(x)[0]),
    "eye_of_a_batch": lambda x: x[:, None] @ tf.eye(5, batch_shape=[tf.shape(x)[0]]),
    "reshape": lambda x: tf.reshape(x, [tf.shape(x)[0], 5, 1]),
    "one_hot": lambda x: tf.one_hot(tf.argmax(x, -1), 7),
    "gather": lambda x: tf.gather(x, [0, 2], axis=1),
    "gather_batch": lambda x: tf.gather_nd(
        x, tf.stack([tf.range(tf.shape(x)[0]), tf.argmax(x, -1, tf.int32)], 1)
    ),
    "sequence_mask": lambda x: tf.sequence_mask(tf.cast(x[:, 0], tf.int32), 4),
    "normal": lambda x: x + tf.random.normal(tf.shape(x)),
    "uniform": lambda x: x + tf.random.uniform([tf.shape(x)[0], 1]),
    "keras_normal": lambda x: x + keras.random.normal(keras.ops.shape(x), seed=1),
    "keras_uniform": lambda x: x + keras.random.uniform((keras.ops.shape(x)[0], 1), seed=1),
    "dropout": lambda x: tf.nn.dropout(x, 0.5),
    "keras_dropout": lambda x: keras.random.dropout(x, 0.5, seed=1),
    "while_loop": lambda x: tf.while_loop(
        lambda i, y: i < 3, lambda i, y: (i + 1, y * 2.0), (0, x)
    ),
    "cond": lambda x: tf.cond(tf.reduce_sum(x) > 0, lambda: x, lambda: -x),
    "split": lambda x: tf.split(x, [2, 3], axis=1),
    "unstack": lambda x: tf.unstack(x, axis=1),
    "pad": lambda x: tf.pad(x, [[0, 0], [1, 2]]),
    "cumsum": lambda x: tf.cumsum(x, axis=1),
    "einsum": lambda x: tf.einsum("bi,bj->bij", x, x),
    "tensordot": lambda x: tf.tensordot(x, tf.ones([5, 2]), 1),
    "transposed": lambda x: tf.matmul(x, x, transpose_b=True),
    "where": lambda x: tf.where(x > 0, x, tf.zeros_like(x)),
    "norm": lambda x: tf.linalg.norm(x, axis=-1),
    "l2_normalize": lambda x: tf.math.l2_normalize(x, -1),
    "image": lambda x: tf.image.resize(tf.reshape(x, [-1, 5, 1, 1]), [10, 2]),
    "slice": lambda x: tf.slice(x, [0, 1], [-1, 2]),
    "strided": lambda x: x[:, ::2],
    "scatter": lambda x: tf.scatter_nd(tf.range(tf.shape(x)[0])[:, None], x, tf.shape(x)),
    "update": lambda x: tf.tensor_scatter_nd_update(x, [[0, 1]], [5.0]),
    "meshgrid": lambda x: tf.meshgrid(x[0], tf.range(3.0)),
    "segment_sum": lambda x: tf.math.unsorted_segment_sum(x, tf.argmax(x, -1), 4),
    "custom_gradient": lambda x: tf.custom_gradient(lambda y: (y * 2.0, lambda g: g))(x),
    "function": lambda x: tf.function(lambda y: y * tf.zeros([tf.shape(y)[0], 1]))(x),
    "assert": lambda x: (tf.debugging.assert_equal(tf.shape(x)[1], 5), x * 2.0)[1],
    "print": lambda x: (tf.print(tf.shape(x), output_stream=sys.stderr), x * 2.0)[1],
    "batch_dot": lambda x: keras.layers.Dot(1)([x, x]),
    "attention": lambda x: keras.layers.Attention()([x[:, None], x[:, None]]),
    "lstm_cell": lambda x: keras.layers.LSTMCell(3)(x, [tf.zeros([tf.shape(x)[0], 3])] * 2),
    "slice_update": lambda x: keras.ops.slice_update(x, [0, 1], x[:, :2]),
}
for name, op in OPS.items():
    show(name, VECTOR, keras.layers.Lambda(op))
show("MultiHeadAttention", SEQUENCE, keras.layers.Lambda(attention))

# XLA's update moves what would not fit, and has no gradient
table, row = tf.reshape(tf.range(12.0), [3, 4]), tf.constant([[100.0, 101.0]])
for start in ([1, 1], [2, 3], [-1, 0]):
    print(start, keras.ops.slice_update(table, start, row).numpy().tolist())
for start, update in (([1], row), ([1, 1], tf.zeros([4, 1])), ([1, 1], tf.cast(row, tf.int32))):
    try:
        keras.ops.slice_update(table, start, update)
    except Exception as error:
        print(type(error).__name__, str(error).splitlines()[0].split(" [Op:")[0])
try:
    with tf.GradientTape() as tape:
        tape.watch(table)
        updated = keras.ops.slice_update(table, [1, 1], row)
    tape.gradient(updated, table)
except LookupError as error:
    print(error)
