"""`tf.nn`: softmax and cross entropies, normalisation, dropout, losses of a strategy."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.tracer import isbox

from varsync_runtime.ops.arithmetic import divide_no_nan, multiply, squared_difference
from varsync_runtime.ops.creation import zeros_like
from varsync_runtime.ops.functions import exp, log1p, rsqrt, square
from varsync_runtime.ops.layout import cast, reshape, squeeze
from varsync_runtime.ops.reductions import axes_of, reduce_mean, reduce_sum
from varsync_runtime.ops.selection import where
from varsync_runtime.ops.shaping import unbroadcast
from varsync_runtime.ops.softmaxes import (
    log_softmax_of,
    plain_cross_entropy,
    plain_log_softmax,
    plain_softmax,
    plain_sparse_cross_entropy,
    probabilities,
)
from varsync_runtime.ops.summation import total
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.differentiate import plain
from varsync_runtime.tensors.dispatch import Op, brackets, call
from varsync_runtime.tensors.errors import InvalidArgumentError, Rejected
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.state import hooks
from varsync_runtime.tensors.tensor import Tensor

d = dtypes
_NN = (d.float16, d.bfloat16, d.float32, d.float64)

# ------------------------------------------------------------------- softmax


SOFTMAX = Op(
    "Softmax",
    probabilities,
    plain=plain_softmax,
    allowed=_NN,
    vjps=(lambda g, out, x: (g - anp.sum(g * out, axis=-1, keepdims=True)) * out,),
    arguments=("logits",),
)
LOG_SOFTMAX = Op(
    "LogSoftmax",
    log_softmax_of,
    plain=plain_log_softmax,
    allowed=_NN,
    vjps=(lambda g, out, x: g - anp.sum(g, axis=-1, keepdims=True) * anp.exp(out),),
    arguments=("logits",),
)


def _along(op: Op, logits: Any, axis: Any) -> Tensor:
    from varsync_runtime.ops.layout import transpose

    x = convert(logits)
    rank = x._array.ndim
    where_ = -1 if axis is None else int(convert(axis)._array)
    if not -rank <= where_ < rank:
        raise InvalidArgumentError(
            None,
            None,
            f"`axis` must be in the range [{-rank}, {rank}) where {rank} is the number of dimensions "
            f"in the input. Received: axis={where_}",
        )
    if where_ in (-1, rank - 1):
        return call(op, (x,))
    order = list(range(rank))
    order[where_], order[-1] = order[-1], order[where_]
    return transpose(call(op, (transpose(x, order),)), order)


@export("tf.nn.softmax", "tf.math.softmax")
def softmax(logits: Any, axis: Any = None, name: str | None = None) -> Tensor:
    """exp(x) / sum(exp(x)) along an axis."""
    return _along(SOFTMAX, logits, axis)


@export("tf.nn.log_softmax", "tf.math.log_softmax")
def log_softmax(logits: Any, axis: Any = None, name: str | None = None) -> Tensor:
    """The logarithm of the softmax."""
    return _along(LOG_SOFTMAX, logits, axis)


# ------------------------------------------------------------------- cross entropies


def _xent(logits: Any, labels: Any) -> Any:
    return -anp.sum(labels * log_softmax_of(logits), axis=-1)


def _plain_xent(logits: np.ndarray, labels: np.ndarray) -> Any:
    try:
        shape = np.broadcast_shapes(logits.shape, labels.shape)
    except ValueError:
        words = (
            "logits and labels must be broadcastable: "
            f"logits_size={brackets(logits.shape)} labels_size={brackets(labels.shape)}"
        )
        raise Rejected(
            words,
            static=f"Dimensions must be equal, but are {logits.shape[-1]} and {labels.shape[-1]} for "
            "'{{node SoftmaxCrossEntropyWithLogits}}'",
        ) from None
    return plain_cross_entropy(np.broadcast_to(logits, shape), np.broadcast_to(labels, shape))


def _held(labels: Any) -> Any:
    """The labels, which TensorFlow's second derivative takes for constant."""
    return plain(labels) + 0 * labels if isbox(labels) else labels


XENT = Op(
    "SoftmaxCrossEntropyWithLogits",
    _xent,
    plain=_plain_xent,
    types=("T",),
    allowed=_NN,
    vjps=(
        lambda g, out, logits, labels: unbroadcast(
            g[..., None] * (probabilities(logits) - _held(labels)), logits
        ),
        lambda g, out, logits, labels: unbroadcast(-g[..., None] * log_softmax_of(logits), labels),
    ),
    arguments=("features", "labels"),
)


def _named(function: str, labels: Any, logits: Any) -> None:
    if labels is None or logits is None:
        raise ValueError(f"Both `labels` and `logits` must be provided for {function}")


@export("tf.nn.softmax_cross_entropy_with_logits")
def softmax_cross_entropy_with_logits(
    labels: Any, logits: Any, axis: int = -1, name: str | None = None
) -> Tensor:
    """The cross entropy of distributions and the softmax of `logits`."""
    from varsync_runtime.ops.layout import transpose

    _named("softmax_cross_entropy_with_logits", labels, logits)
    x = convert(logits)
    y = convert(labels, None if isinstance(labels, Tensor) else x.dtype)
    y = cast(y, x.dtype)
    rank = x._array.ndim
    if axis not in (-1, rank - 1):
        order = [*[i for i in range(rank) if i != axis % rank], axis % rank]
        x, y = transpose(x, order), transpose(y, order)
    shape = x._array.shape[:-1]
    if rank != 2:
        if not rank:
            raise ValueError("`logits` cannot be a scalar")
        x = reshape(x, (-1, x._array.shape[-1]))
        y = reshape(y, (-1, y._array.shape[-1]))
        return reshape(call(XENT, (x, y)), shape)
    return call(XENT, (x, y))


def _sparse_xent(logits: Any, labels: Any) -> Any:
    chosen = plain(labels)
    return -log_softmax_of(logits)[np.arange(chosen.shape[0]), chosen]


def _plain_sparse_xent(logits: np.ndarray, labels: np.ndarray) -> Any:
    classes = logits.shape[-1]
    bad = (labels < 0) | (labels >= classes)
    if bad.any():
        raise Rejected(
            f"Received a label value of {labels[bad][0]} which is outside the valid range of "
            f"[0, {classes}).  Label values: {' '.join(map(str, labels.tolist()))}"
        )
    return plain_sparse_cross_entropy(logits, labels)


def _sparse_back(g: Any, out: Any, logits: Any, labels: Any) -> Any:
    hot = np.eye(logits.shape[-1], dtype=plain(logits).dtype)[plain(labels)]
    return g[..., None] * (probabilities(logits) - hot)


SPARSE_XENT = Op(
    "SparseSoftmaxCrossEntropyWithLogits",
    _sparse_xent,
    plain=_plain_sparse_xent,
    types=("T", (d.int32, d.int64)),
    allowed=_NN,
    vjps=(_sparse_back, None),
    arguments=("features", "labels"),
)


@export("tf.nn.sparse_softmax_cross_entropy_with_logits")
def sparse_softmax_cross_entropy_with_logits(
    labels: Any, logits: Any, name: str | None = None
) -> Tensor:
    """The cross entropy of class numbers and the softmax of `logits`."""
    _named("sparse_softmax_cross_entropy_with_logits", labels, logits)
    y, x = convert(labels), convert(logits)
    rank = x._array.ndim
    if not rank:
        raise ValueError(f"`logits` cannot be a scalar. Received logits={x}`")
    if y._array.ndim != rank - 1:
        raise ValueError(
            "`labels.shape.rank` must equal `logits.shape.rank - 1`. Received: labels.shape="
            f"{y.shape} of rank {y.ndim} and logits.shape={x.shape} of rank {rank}"
        )
    if y._array.shape != x._array.shape[:-1]:
        raise ValueError(
            "`labels.shape` must equal `logits.shape` except for the last dimension. Received: "
            f"labels.shape={y.shape} and logits.shape={x.shape}"
        )
    half = x.dtype is d.float16
    wide = cast(x, d.float32) if half else x
    if rank != 2:
        flat = call(SPARSE_XENT, (reshape(wide, (-1, wide._array.shape[-1])), reshape(y, (-1,))))
        cost = reshape(flat, y._array.shape)
    else:
        cost = call(SPARSE_XENT, (wide, y))
    return cast(cost, d.float16) if half else cost


def _same_shape(labels: Tensor, logits: Tensor) -> None:
    if labels._array.shape != logits._array.shape:
        raise ValueError(
            "`logits` and `labels` must have the same shape, received "
            f"({logits.shape} vs {labels.shape})."
        )


@export("tf.nn.sigmoid_cross_entropy_with_logits")
def sigmoid_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, name: str | None = None
) -> Tensor:
    """The cross entropy of probabilities and the sigmoid of `logits`, element by element."""
    _named("sigmoid_cross_entropy_with_logits", labels, logits)
    x = convert(logits)
    y = convert(labels, None if isinstance(labels, Tensor) else x.dtype)
    _same_shape(y, x)
    zeros = zeros_like(x)
    positive = x >= zeros
    kept = where(positive, x, zeros)
    return (kept - x * y) + log1p(exp(where(positive, -x, x)))


@export("tf.nn.weighted_cross_entropy_with_logits")
def weighted_cross_entropy_with_logits(
    labels: Any, logits: Any, pos_weight: Any, name: str | None = None
) -> Tensor:
    """The same, with positive labels weighted."""
    from varsync_runtime.ops.arithmetic import abs_
    from varsync_runtime.ops.functions import relu

    x = convert(logits)
    y = convert(labels, None if isinstance(labels, Tensor) else x.dtype)
    _same_shape(y, x)
    weight = 1 + (convert(pos_weight, x.dtype) - 1) * y
    return (1 - y) * x + weight * (log1p(exp(-abs_(x))) + relu(-x))


# ------------------------------------------------------------------- losses

L2_LOSS = Op(
    "L2Loss",
    lambda t: total(t * t * t.dtype.type(0.5), tuple(range(t.ndim))),
    allowed=_NN,
    vjps=(lambda g, out, t: g * t,),
    arguments=("t",),
)


@export("tf.nn.l2_loss")
def l2_loss(t: Any, name: str | None = None) -> Tensor:
    """Half the sum of squares."""
    return call(L2_LOSS, (convert(t),))


def _replicas(function: str) -> int:
    if hooks.cross_replica is not None and hooks.cross_replica():
        raise RuntimeError(
            f"You are calling `{function}` in cross replica context, while it was expected to be "
            "called in replica context."
        )
    return 1 if hooks.strategy is None else int(hooks.strategy().num_replicas_in_sync)


@export("tf.nn.compute_average_loss")
def compute_average_loss(
    per_example_loss: Any, sample_weight: Any = None, global_batch_size: Any = None
) -> Tensor:
    """The sum of the losses by the global batch size (of this replica times the replicas)."""
    loss = convert(per_example_loss)
    if not loss._array.ndim:
        raise ValueError(
            "Invalid value passed for `per_example_loss`. Expected a tensor with at least rank 1."
        )
    dtype = loss.dtype
    if sample_weight is not None:
        weight = cast(convert(sample_weight), dtype)
        loss = multiply(loss, weight)
    if global_batch_size is None:
        replicas = _replicas("compute_average_loss")
        size: Any = convert(loss._array.shape[0] * replicas)
    else:
        size = convert(global_batch_size)
    if size._array.ndim:
        raise ValueError(
            f"global_batch_size must be scalar.\nExpected scalar shape, saw shape: {size.shape}."
        )
    if not size.dtype.is_integer:
        raise TypeError(
            'global_batch_size must be an integer.\nExpected "x" to be integer type.  Found: '
            f"{size.dtype!r}"
        )
    if size._array < 0:
        raise InvalidArgumentError(None, None, "global_batch_size must be non-negative.")
    return divide_no_nan(reduce_sum(loss), cast(size, dtype))


@export("tf.nn.scale_regularization_loss")
def scale_regularization_loss(regularization_loss: Any) -> Tensor:
    """The sum of a loss that every replica adds, by the number of replicas."""
    return reduce_sum(regularization_loss) / _replicas("scale_regularization_loss")


# ------------------------------------------------------------------- normalisation


@export("tf.math.l2_normalize", "tf.linalg.l2_normalize", "tf.nn.l2_normalize")
def l2_normalize(
    x: Any, axis: Any = None, epsilon: Any = 1e-12, name: str | None = None, dim: Any = None
) -> Tensor:
    """`x` by its norm along an axis."""
    from varsync_runtime.ops.arithmetic import maximum

    x = convert(x)
    total = reduce_sum(square(x), axis, keepdims=True)
    return multiply(x, rsqrt(maximum(total, epsilon)))


@export("tf.nn.moments")
def moments(
    x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The mean and the variance over axes."""
    from varsync_runtime.ops.control import stop_gradient

    given = convert(x)
    y = cast(given, d.float32) if given.dtype is d.float16 else given
    mean = reduce_mean(y, axes, keepdims=True)
    variance = reduce_mean(squared_difference(y, stop_gradient(mean)), axes, keepdims=True)
    if not keepdims:
        dropped = axes_of(y, axes)
        mean, variance = squeeze(mean, dropped), squeeze(variance, dropped)
    if given.dtype is d.float16:
        return cast(mean, d.float16), cast(variance, d.float16)
    return mean, variance


@export("tf.nn.batch_normalization")
def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: Any,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """`x` with the mean taken off, by the root of the variance, scaled and moved."""
    x = convert(x)
    factor = rsqrt(convert(variance) + variance_epsilon)
    if scale is not None:
        factor = factor * scale
    moved = offset - mean * factor if offset is not None else -mean * factor
    return x * cast(factor, x.dtype) + cast(moved, x.dtype)


# ------------------------------------------------------------------- biases


def _bias_add(value: np.ndarray, bias: np.ndarray, axis: int) -> Any:
    if bias.ndim != 1:
        raise Rejected(f"Biases must be 1D: {brackets(bias.shape)}")
    if value.ndim < 2:
        raise Rejected(f"Input tensor must be at least 2D: {brackets(value.shape)}")
    if value.shape[axis] != bias.shape[0]:
        what = "last dimension" if axis == -1 else "channel dimension"
        raise Rejected(
            f"Must provide as many biases as the {what} of the input tensor: "
            f"{brackets(bias.shape)} vs. {brackets(value.shape)}",
            static=f"Dimensions must be equal, but are {value.shape[axis]} and {bias.shape[0]} for "
            "'{{node BiasAdd}} = BiasAdd'",
        )
    return value + _as_channels(bias, value.ndim, axis)


def _as_channels(bias: Any, rank: int, axis: int) -> Any:
    return bias if axis == -1 else anp.reshape(bias, (-1,) + (1,) * (rank - 2))


def _bias_back(g: Any, out: Any, value: Any, bias: Any, axis: int) -> Any:
    rank = g.ndim
    return anp.sum(g, axis=tuple(i for i in range(rank) if i != axis % rank))


BIAS_ADD = Op(
    "BiasAdd",
    lambda value, bias, axis: value + _as_channels(bias, value.ndim, axis),
    plain=_bias_add,
    types=("T",),
    allowed=(*_NN, *[one for one in d.ALL if one.is_integer]),
    vjps=(lambda g, out, value, bias, axis: g, _bias_back),
    arguments=("value", "bias"),
)


@export("tf.nn.bias_add")
def bias_add(value: Any, bias: Any, data_format: Any = None, name: str | None = None) -> Tensor:
    """`value` with one number added a channel."""
    if data_format is not None and not data_format.startswith(("N", "n")):
        raise ValueError(
            f"`data_format` must be of the form `N...C` or `NC...`. Received: {data_format}"
        )
    axis = 1 if data_format is not None and data_format.startswith("NC") else -1
    value = convert(value)
    return call(BIAS_ADD, (value, convert(bias, _hint(bias, value))), {"axis": axis})


def _hint(given: Any, like: Tensor) -> Any:
    return None if isinstance(given, Tensor) or hasattr(given, "_read") else like.dtype


@export("tf.nn.crelu")
def crelu(features: Any, axis: int = -1, name: str | None = None) -> Tensor:
    """relu of `x` beside relu of `-x`."""
    from varsync_runtime.ops.functions import relu
    from varsync_runtime.ops.layout import concat

    x = convert(features)
    return relu(concat([x, -x], axis))
