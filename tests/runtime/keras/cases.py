"""What of Keras is compared with Keras on TensorFlow: one call a case, made anew each time.

A case gives the arrays that are compared, in order. It is played with Keras's own layers, losses,
metrics and optimizers on whichever `tensorflow` can be imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tests.runtime.keras.expressions import expressions, value_of

Case = Callable[[], list[Any]]


def data(*shape: int, seed: int = 0, low: float = -1.0, high: float = 1.0) -> Any:
    """Numbers that are the same everywhere."""
    return np.random.RandomState(seed).uniform(low, high, shape).astype("float32")


def ids(*shape: int, count: int, seed: int = 0) -> Any:
    """Indices below `count`."""
    return np.random.RandomState(seed).randint(0, count, shape).astype("int32")


IMAGE, SEQUENCE, VOLUME, VECTOR = (2, 8, 8, 3), (2, 6, 4), (2, 4, 4, 4, 2), (3, 5)

# class name -> (input shapes, arguments); a name may stand several times, told apart by its suffix
LAYERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "Dense": (VECTOR, {"units": 4, "activation": "tanh"}),
    "Dense:sequence": (SEQUENCE, {"units": 3, "use_bias": False}),
    "EinsumDense": (
        SEQUENCE,
        {"equation": "abc,cd->abd", "output_shape": (None, 7), "bias_axes": "d"},
    ),
    "Conv1D": (SEQUENCE, {"filters": 3, "kernel_size": 2}),
    "Conv1D:causal": (
        SEQUENCE,
        {"filters": 3, "kernel_size": 2, "padding": "causal", "dilation_rate": 2},
    ),
    "Conv2D": (IMAGE, {"filters": 4, "kernel_size": 3, "padding": "same"}),
    "Conv2D:strides": (IMAGE, {"filters": 4, "kernel_size": 3, "strides": 2}),
    "Conv2D:dilated": (IMAGE, {"filters": 2, "kernel_size": 2, "dilation_rate": 2}),
    "Conv3D": (VOLUME, {"filters": 3, "kernel_size": 2}),
    "Conv1DTranspose": (SEQUENCE, {"filters": 3, "kernel_size": 3, "strides": 2}),
    "Conv2DTranspose": (IMAGE, {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"}),
    "Conv3DTranspose": (VOLUME, {"filters": 2, "kernel_size": 2}),
    "DepthwiseConv1D": (SEQUENCE, {"kernel_size": 3}),
    "DepthwiseConv2D": (IMAGE, {"kernel_size": 3, "depth_multiplier": 2}),
    "SeparableConv1D": (SEQUENCE, {"filters": 3, "kernel_size": 3}),
    "SeparableConv2D": (IMAGE, {"filters": 3, "kernel_size": 3, "padding": "same"}),
    "MaxPooling1D": (SEQUENCE, {"pool_size": 2}),
    "MaxPooling2D": (IMAGE, {"pool_size": 2}),
    "MaxPooling2D:same": (IMAGE, {"pool_size": 3, "strides": 2, "padding": "same"}),
    "MaxPooling3D": (VOLUME, {"pool_size": 2}),
    "AveragePooling1D": (SEQUENCE, {"pool_size": 2}),
    "AveragePooling2D": (IMAGE, {"pool_size": 3, "strides": 2, "padding": "same"}),
    "AveragePooling3D": (VOLUME, {"pool_size": 2}),
    "GlobalMaxPooling1D": (SEQUENCE, {}),
    "GlobalMaxPooling2D": (IMAGE, {"keepdims": True}),
    "GlobalMaxPooling3D": (VOLUME, {}),
    "GlobalAveragePooling1D": (SEQUENCE, {}),
    "GlobalAveragePooling2D": (IMAGE, {}),
    "GlobalAveragePooling3D": (VOLUME, {}),
    "BatchNormalization": (IMAGE, {}),
    "BatchNormalization:vector": (VECTOR, {"momentum": 0.5}),
    "LayerNormalization": (SEQUENCE, {}),
    "LayerNormalization:axes": (SEQUENCE, {"axis": [1, 2]}),
    "RMSNormalization": (SEQUENCE, {}),
    "GroupNormalization": ((2, 4, 4, 6), {"groups": 3}),
    "UnitNormalization": (VECTOR, {}),
    "SpectralNormalization": (VECTOR, {"layer": ("Dense", {"units": 4})}),
    "ReLU": (VECTOR, {"max_value": 0.7, "negative_slope": 0.1, "threshold": 0.1}),
    "LeakyReLU": (VECTOR, {"negative_slope": 0.2}),
    "PReLU": (VECTOR, {"alpha_initializer": "glorot_uniform"}),
    "ELU": (VECTOR, {"alpha": 0.7}),
    "Softmax": (VECTOR, {}),
    "Activation": (VECTOR, {"activation": "gelu"}),
    "Flatten": (IMAGE, {}),
    "Reshape": (IMAGE, {"target_shape": (4, -1)}),
    "Permute": (SEQUENCE, {"dims": (2, 1)}),
    "RepeatVector": (VECTOR, {"n": 3}),
    "Cropping1D": (SEQUENCE, {"cropping": (1, 2)}),
    "Cropping2D": (IMAGE, {"cropping": ((1, 1), (2, 0))}),
    "Cropping3D": (VOLUME, {"cropping": 1}),
    "ZeroPadding1D": (SEQUENCE, {"padding": 2}),
    "ZeroPadding2D": (IMAGE, {"padding": ((1, 0), (2, 1))}),
    "ZeroPadding3D": (VOLUME, {"padding": 1}),
    "UpSampling1D": (SEQUENCE, {"size": 2}),
    "UpSampling2D": (IMAGE, {"size": 2}),
    "UpSampling2D:bilinear": (IMAGE, {"size": 2, "interpolation": "bilinear"}),
    "UpSampling3D": (VOLUME, {"size": 2}),
    "Identity": (VECTOR, {}),
    "Rescaling": (VECTOR, {"scale": 2.0, "offset": 0.5}),
    "Masking": (SEQUENCE, {}),
    "LSTM": (SEQUENCE, {"units": 3, "return_sequences": True}),
    "LSTM:last": (SEQUENCE, {"units": 3, "recurrent_activation": "hard_sigmoid"}),
    "GRU": (SEQUENCE, {"units": 3, "return_sequences": True}),
    "GRU:before": (SEQUENCE, {"units": 3, "reset_after": False}),
    "SimpleRNN": (SEQUENCE, {"units": 3, "go_backwards": True}),
    "Bidirectional": (SEQUENCE, {"layer": ("LSTM", {"units": 2})}),
    "TimeDistributed": (SEQUENCE, {"layer": ("Dense", {"units": 2})}),
    "ConvLSTM1D": ((2, 3, 5, 2), {"filters": 2, "kernel_size": 2}),
    "ConvLSTM2D": ((2, 3, 4, 4, 2), {"filters": 2, "kernel_size": 2}),
    "Dropout:inference": (VECTOR, {"rate": 0.5}),
    "AlphaDropout:inference": (VECTOR, {"rate": 0.5}),
    "ActivityRegularization": (VECTOR, {"l1": 0.1}),
}
TWO_INPUTS = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")
ACTIVATIONS = [
    "relu",
    "relu6",
    "leaky_relu",
    "elu",
    "selu",
    "celu",
    "gelu",
    "silu",
    "sigmoid",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "softmax",
    "log_softmax",
    "softplus",
    "softsign",
    "tanh",
    "exponential",
    "linear",
    "mish",
    "log_sigmoid",
    "glu",
    "sparse_plus",
    "squareplus",
    "soft_shrink",
    "hard_shrink",
    "tanh_shrink",
    "sparsemax",
]
# loss -> (targets, predictions)
TARGETS = {
    "numbers": (data(4, 3, seed=1), data(4, 3, seed=2)),
    "shares": (data(4, 3, seed=1, low=0.1, high=0.9), data(4, 3, seed=2, low=0.1, high=0.9)),
    "classes": (ids(4, count=3, seed=1), data(4, 3, seed=2, low=0.1, high=0.9)),
    "bits": (ids(4, 3, count=2, seed=1).astype("float32"), data(4, 3, seed=2, low=0.1, high=0.9)),
    "signs": (ids(4, 3, count=2, seed=1) * 2.0 - 1.0, data(4, 3, seed=2)),
}
LOSSES = {
    "MeanSquaredError": "numbers",
    "MeanAbsoluteError": "numbers",
    "Huber": "numbers",
    "LogCosh": "numbers",
    "MeanAbsolutePercentageError": "shares",
    "MeanSquaredLogarithmicError": "shares",
    "CosineSimilarity": "numbers",
    "KLDivergence": "shares",
    "Poisson": "shares",
    "Hinge": "signs",
    "SquaredHinge": "signs",
    "CategoricalHinge": "bits",
    "BinaryCrossentropy": "bits",
    "BinaryFocalCrossentropy": "bits",
    "CategoricalCrossentropy": "bits",
    "CategoricalFocalCrossentropy": "bits",
    "SparseCategoricalCrossentropy": "classes",
    "Dice": "bits",
    "Tversky": "bits",
}
METRICS = {
    "Mean": "numbers",
    "Sum": "numbers",
    "MeanSquaredError": "numbers",
    "RootMeanSquaredError": "numbers",
    "MeanAbsoluteError": "numbers",
    "MeanAbsolutePercentageError": "shares",
    "CosineSimilarity": "numbers",
    "KLDivergence": "shares",
    "Poisson": "shares",
    "LogCoshError": "numbers",
    "R2Score": "numbers",
    "Hinge": "signs",
    "SquaredHinge": "signs",
    "CategoricalHinge": "bits",
    "BinaryAccuracy": "bits",
    "BinaryCrossentropy": "bits",
    "CategoricalCrossentropy": "bits",
    "CategoricalAccuracy": "bits",
    "SparseCategoricalAccuracy": "classes",
    "SparseCategoricalCrossentropy": "classes",
    "SparseTopKCategoricalAccuracy": "classes",
    "TopKCategoricalAccuracy": "bits",
    "Precision": "bits",
    "Recall": "bits",
    "AUC": "bits",
    "FalsePositives": "bits",
    "FalseNegatives": "bits",
    "TruePositives": "bits",
    "TrueNegatives": "bits",
    "F1Score": "bits",
    "FBetaScore": "bits",
    "PrecisionAtRecall:0.5": "bits",
    "SensitivityAtSpecificity:0.5": "bits",
}
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "SGD": {},
    "SGD:momentum": {"momentum": 0.9, "nesterov": True},
    "Adam": {},
    "Adam:amsgrad": {"amsgrad": True},
    "AdamW": {"weight_decay": 0.01},
    "Adamax": {},
    "Nadam": {},
    "Adagrad": {},
    "Adadelta": {},
    "RMSprop": {},
    "RMSprop:centered": {"centered": True, "momentum": 0.5},
    "Ftrl": {},
    "Lion": {},
    "Adafactor": {},
    "Lamb": {},
    "Muon": {"exclude_layers": ["nothing"]},
    "Adam:clipped": {"clipnorm": 0.1, "use_ema": True},
    "SGD:global_clip": {"global_clipnorm": 0.1},
    "LossScaleOptimizer": {"inner_optimizer": ("SGD", {"momentum": 0.5})},
}
INITIALIZERS = [
    "Zeros",
    "Ones",
    "GlorotUniform",
    "GlorotNormal",
    "HeUniform",
    "HeNormal",
    "LecunUniform",
    "LecunNormal",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Orthogonal",
    "IdentityInitializer",
]


def cases() -> Iterator[tuple[str, Case]]:
    """All cases by name."""
    for name in LAYERS:
        yield f"layer/{name}", lambda name=name: layer(name)  # type: ignore[misc]
    for name in (*TWO_INPUTS, "Dot"):
        yield f"layer/{name}", lambda name=name: merging(name)  # type: ignore[misc]
    for name in ("Attention", "AdditiveAttention", "MultiHeadAttention", "GroupQueryAttention"):
        yield f"layer/{name}", lambda name=name: attention(name)  # type: ignore[misc]
    yield "layer/Embedding", embedding
    for name in ("CategoryEncoding", "Discretization", "Normalization", "Hashing"):
        yield f"layer/{name}", lambda name=name: preprocessing(name)  # type: ignore[misc]
    for name in ("Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout"):
        yield f"layer/{name}:training", lambda name=name: noise(name)  # type: ignore[misc]
    for name in ACTIVATIONS:
        yield f"activation/{name}", lambda name=name: activation(name)  # type: ignore[misc]
    for name in LOSSES:
        yield f"loss/{name}", lambda name=name: loss(name)  # type: ignore[misc]
    for name in METRICS:
        yield f"metric/{name}", lambda name=name: metric(name)  # type: ignore[misc]
    for name in OPTIMIZERS:
        yield f"optimizer/{name}", lambda name=name: optimizer(name)  # type: ignore[misc]
    for name in INITIALIZERS:
        yield f"initializer/{name}", lambda name=name: initializer(name)  # type: ignore[misc]
    for text in expressions():
        yield text, lambda text=text: value_of(text)  # type: ignore[misc]


def _made(keras: Any, name: str, arguments: dict[str, Any]) -> Any:
    arguments = dict(arguments)
    if isinstance(arguments.get("layer"), tuple):
        inner, its = arguments["layer"]
        arguments["layer"] = getattr(keras.layers, inner)(**its)
    return getattr(keras.layers, name.partition(":")[0])(**arguments)


def _run(
    call: Callable[..., Any], variables: Callable[[], list[Any]], inputs: list[Any]
) -> list[Any]:
    """The outputs, the loss's gradients by weights and inputs, and the weights afterwards."""
    import tensorflow as tf

    tensors = [tf.constant(one) for one in inputs]
    watched = [one for one in tensors if one.dtype.is_floating]
    with tf.GradientTape() as tape:
        for one in watched:
            tape.watch(one)
        outputs = tf.nest.flatten(call(*tensors))
        total = tf.add_n(
            [
                tf.reduce_sum(tf.sin(tf.cast(one, tf.float32)) * (1.0 + at))
                for at, one in enumerate(outputs)
            ]
        )
    sources = [*(one.value for one in variables()), *watched]
    gradients = tape.gradient(total, sources)
    return [*outputs, *(_dense(one) for one in gradients if one is not None)]


def _dense(gradient: Any) -> Any:
    import tensorflow as tf

    return tf.convert_to_tensor(gradient)


def layer(name: str) -> list[Any]:
    """A layer on one input, in training mode where it has one."""
    import keras

    shape, arguments = LAYERS[name]
    made = _made(keras, name, arguments)
    training = "inference" not in name
    found = _run(
        lambda x: made(x, training=training) if made._call_has_training_arg else made(x),
        lambda: made.trainable_variables,
        [data(*shape)],
    )
    return found + [one.value for one in made.variables]


def merging(name: str) -> list[Any]:
    """A layer on two inputs."""
    import keras

    made = getattr(keras.layers, name)(**({"axes": 1} if name == "Dot" else {}))
    return _run(lambda a, b: made([a, b]), list, [data(*VECTOR), data(*VECTOR, seed=1)])


def attention(name: str) -> list[Any]:
    """A layer on queries and values."""
    import keras

    arguments = {
        "MultiHeadAttention": {"num_heads": 2, "key_dim": 3},
        "GroupQueryAttention": {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2},
    }.get(name, {})
    made = getattr(keras.layers, name)(**arguments)
    inputs = [data(*SEQUENCE), data(*SEQUENCE, seed=1)]
    if name in ("Attention", "AdditiveAttention"):
        return _run(lambda q, v: made([q, v]), lambda: made.trainable_variables, inputs)
    return _run(
        lambda q, v: made(q, v, use_causal_mask=True), lambda: made.trainable_variables, inputs
    )


def embedding() -> list[Any]:
    """An embedding, whose gradient is sparse."""
    import keras

    made = keras.layers.Embedding(7, 3)
    return _run(made, lambda: made.trainable_variables, [ids(2, 4, count=7)])


def preprocessing(name: str) -> list[Any]:
    """Layers that change data and learn nothing by gradients."""
    import keras

    if name == "CategoryEncoding":
        return [keras.layers.CategoryEncoding(5, output_mode="multi_hot")(ids(3, 2, count=5))]
    if name == "Discretization":
        return [keras.layers.Discretization(bin_boundaries=[-0.5, 0.0, 0.5])(data(3, 4))]
    if name == "Hashing":
        return [keras.layers.Hashing(num_bins=5)(ids(3, 2, count=50))]
    made = keras.layers.Normalization()
    made.adapt(data(10, 3))
    return [made(data(4, 3, seed=1)), made.mean, made.variance]


def noise(name: str) -> list[Any]:
    """Layers that draw random numbers while they train."""
    import keras

    made = getattr(keras.layers, name)(0.4, seed=3)
    shape = SEQUENCE if "1D" in name else VECTOR
    return [made(data(*shape), training=True), made(data(*shape), training=True)]


def activation(name: str) -> list[Any]:
    """An activation and its gradient."""
    import keras

    return _run(getattr(keras.activations, name), list, [data(4, 6, low=-3.0, high=3.0)])


def loss(name: str) -> list[Any]:
    """A loss, plain and weighted, with the gradient by the predictions."""
    import keras
    import tensorflow as tf

    targets, predictions = TARGETS[LOSSES[name]]
    weights = data(len(targets), seed=3, low=0.0)
    made = getattr(keras.losses, name)()

    def both(p: Any) -> list[Any]:
        plain = made(tf.constant(targets), p)
        try:
            return [plain, made(tf.constant(targets), p, sample_weight=weights)]
        except ValueError:
            # a loss that has one value for all
            return [plain]

    return _run(both, list, [predictions])


def metric(name: str) -> list[Any]:
    """A metric after two updates, its variables, and after a reset."""
    import keras

    targets, predictions = TARGETS[METRICS[name]]
    kind, _, argument = name.partition(":")
    made = getattr(keras.metrics, kind)(*([float(argument)] if argument else []))
    weights = data(len(targets), seed=3, low=0.0)
    if kind in ("Mean", "Sum"):
        made.update_state(predictions)
        made.update_state(predictions * 2, sample_weight=weights)
    else:
        made.update_state(targets, predictions)
        made.update_state(
            targets, predictions[::-1].copy(), sample_weight=None if kind == "R2Score" else weights
        )
    found = [made.result(), *(one.value for one in made.variables)]
    found = [one + 0 for one in found]
    made.reset_state()
    return [*found, *(one.value for one in made.variables)]


def optimizer(name: str) -> list[Any]:
    """The weights after each of four steps, and the optimizer's own variables."""
    import keras
    import tensorflow as tf

    arguments = dict(OPTIMIZERS[name])
    if "inner_optimizer" in arguments:
        inner, its = arguments["inner_optimizer"]
        arguments["inner_optimizer"] = getattr(keras.optimizers, inner)(**its)
    made = getattr(keras.optimizers, name.partition(":")[0])(**arguments)
    weights = [keras.Variable(data(4, 3)), keras.Variable(data(3, seed=1))]
    x = tf.constant(data(5, 4, seed=2))
    found: list[Any] = []
    for _ in range(4):
        with tf.GradientTape() as tape:
            value = tf.reduce_sum(tf.tanh(x @ weights[0] + weights[1]) ** 2)
            value = made.scale_loss(value)
        made.apply_gradients(zip(tape.gradient(value, weights), weights, strict=True))
        found += [one.value + 0 for one in weights]
    return found + [one.value for one in made.variables]


def initializer(name: str) -> list[Any]:
    """The same numbers from the same seed."""
    import keras

    made = getattr(keras.initializers, name)
    random = name not in ("Zeros", "Ones", "IdentityInitializer")
    return [made(**({"seed": 5} if random else {}))((4, 4))]
