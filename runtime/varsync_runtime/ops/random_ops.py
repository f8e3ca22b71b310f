"""`tf.random`: TensorFlow's numbers, to the bit where a seed decides them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from varsync_runtime.ops import layout, neural, random_samples
from varsync_runtime.ops.arithmetic import add, multiply, subtract
from varsync_runtime.ops.random_philox import Philox
from varsync_runtime.ops.random_seeds import chance_seeds, get_seed, seeds
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import DType, as_dtype
from varsync_runtime.tensors.errors import InvalidArgumentError, NotModelled
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import Tensor, make

FLOATS = (dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64)
UNIFORMS = (*FLOATS, dtypes.int32, dtypes.int64)
Sampler = Callable[[Philox, int, Any], np.ndarray]


def reserved(op: str, dtype: DType, seed: Any, blocks: int) -> Philox:
    """The generator for one run of an op; the op's next run goes on behind `blocks`.

    TensorFlow keeps an op's kernel, and with it the generator, as long as op, dtype and seeds are
    the same; a `tf.function` has kernels of its own.
    """
    first, second = get_seed(seed)
    if first is None or second is None:
        first, second = chance_seeds(f"tf.random ({op})")
    graph = state.graph
    where = None if graph is None else getattr(graph, "name", None)
    key = (op, dtype.name, first, second, where)
    kernel = seeds.kernels.get(key)
    if kernel is None:
        kernel = seeds.kernels[key] = Philox(first, second)
    found = kernel.copy()
    kernel.skip(blocks)
    return found


def sizes(shape: Any, op: str) -> tuple[int, ...]:
    """The shape that was asked for."""
    found = layout.integers(shape)
    for one in found:
        if one < 0:
            raise InvalidArgumentError(
                None,
                None,
                f"{{{{function_node __wrapped__{op}_device_/job:localhost/replica:0/task:0/device:"
                f"CPU:0}}}} Dimension {one} must be >= 0 [Op:{op}] name: ",
            )
    return found


def sampled(sampler: Sampler, generator: Philox, shape: tuple[int, ...], dtype: DType) -> Tensor:
    """A tensor of numbers of a distribution."""
    if dtype is dtypes.bfloat16:
        raise NotModelled("random numbers of tf.bfloat16")
    count = int(np.prod(shape, dtype=np.int64))
    array = sampler(generator, count, np.dtype(dtype.array_type))
    return make(array.reshape(shape), dtype, "RandomStandardNormal")


def scaled(numbers: Tensor, factor: Any, offset: Any) -> Tensor:
    """`numbers * factor + offset`."""
    return add(multiply(numbers, factor), offset)


@export("tf.random.uniform", "tf.compat.v1.random_uniform", "tf.compat.v1.random.uniform")
def uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = dtypes.float32,
    seed: Any = None,
    name: str | None = None,
) -> Tensor:
    """tensorflow/python/ops/random_ops.py, `random_uniform`."""
    del name
    kind = as_dtype(dtype)
    if kind not in UNIFORMS:
        raise ValueError(
            f"Argument `dtype` got invalid value {kind}. Accepted dtypes are (tf.float16, tf.bfloat16, "
            "tf.float32, tf.float64, tf.int32, tf.int64)."
        )
    if maxval is None:
        if kind.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {kind!r}")
        maxval = 1
    low, high = convert(minval, kind), convert(maxval, kind)
    op = "RandomUniformInt" if kind.is_integer else "RandomUniform"
    wanted = sizes(shape, op)
    count = int(np.prod(wanted, dtype=np.int64))
    generator = reserved(op, kind, seed, count * random_samples.SKIP)
    if kind.is_integer:
        return between(generator, wanted, low, high, kind, op)
    numbers = sampled(random_samples.uniform, generator, wanted, kind)
    return scaled(numbers, subtract(high, low), low)


def between(
    generator: Philox, shape: tuple[int, ...], low: Tensor, high: Tensor, dtype: DType, op: str
) -> Tensor:
    """Integers from `low` up to but not `high`."""
    first, last = int(low._array), int(high._array)
    count = int(np.prod(shape, dtype=np.int64))
    if first >= last:
        raise InvalidArgumentError(
            None,
            None,
            f"{{{{function_node __wrapped__{op}_device_/job:localhost/replica:0/task:0/device:CPU:0}}}}"
            f" Need minval < maxval, got {first} >= {last} [Op:{op}] name: ",
        )
    kind = np.dtype(dtype.array_type)
    array = random_samples.integers_between(generator, count, first, last, kind)
    return make(array.reshape(shape), dtype, op)


@export("tf.random.normal", "tf.compat.v1.random_normal", "tf.compat.v1.random.normal")
def normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: Any = None,
    name: str | None = None,
) -> Tensor:
    """tensorflow/python/ops/random_ops.py, `random_normal`."""
    del name
    return _normal("RandomStandardNormal", random_samples.normal, shape, mean, stddev, dtype, seed)


@export(
    "tf.random.truncated_normal",
    "tf.compat.v1.truncated_normal",
    "tf.compat.v1.random.truncated_normal",
)
def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: Any = None,
    name: str | None = None,
) -> Tensor:
    """tensorflow/python/ops/random_ops.py, `truncated_normal`."""
    del name
    sampler = random_samples.truncated_normal
    return _normal("TruncatedNormal", sampler, shape, mean, stddev, dtype, seed)


def _normal(
    op: str, sampler: Sampler, shape: Any, mean: Any, stddev: Any, dtype: Any, seed: Any
) -> Tensor:
    kind = as_dtype(dtype)
    middle, width = convert(mean, kind), convert(stddev, kind)
    wanted = sizes(shape, op)
    count = int(np.prod(wanted, dtype=np.int64))
    generator = reserved(op, kind, seed, count * random_samples.SKIP)
    return scaled(sampled(sampler, generator, wanted, kind), width, middle)


@export("tf.random.shuffle", "tf.compat.v1.random_shuffle", "tf.compat.v1.random.shuffle")
def shuffle(value: Any, seed: Any = None, name: str | None = None) -> Tensor:
    """tensorflow/python/ops/random_ops.py, `random_shuffle`: the rows in a random order."""
    del name
    tensor = convert(value)
    size = tensor._array.shape[0] if tensor._array.ndim else 1
    generator = reserved(
        "RandomShuffle", tensor.dtype, seed, (size - 1 + 3) // 4 if size > 1 else 0
    )
    if size < 2:
        return make(tensor._array.copy(), tensor.dtype, "RandomShuffle")
    order = random_samples.permutation(generator, size)
    return make(tensor._array[order], tensor.dtype, "RandomShuffle")


@export("tf.random.categorical", "tf.compat.v1.random.categorical")
def categorical(
    logits: Any,
    num_samples: Any,
    dtype: Any = None,
    seed: Any = None,
    name: str | None = None,
) -> Tensor:
    """tensorflow/python/ops/random_ops.py, `categorical`."""
    del name
    tensor = convert(logits)
    kind = dtypes.int64 if dtype is None else as_dtype(dtype)
    count = layout.integer(num_samples)
    blocks = tensor._array.shape[0] * (-(-count // 4) * 4 * 2) * random_samples.SKIP
    generator = reserved(f"Multinomial {kind.name}", tensor.dtype, seed, blocks)
    return _categorical(generator, tensor, count, kind)


def _categorical(generator: Philox, logits: Tensor, count: int, dtype: DType) -> Tensor:
    array = random_samples.categorical(generator, logits._array, count)
    return make(array.astype(dtype.array_type), dtype, "Multinomial")


# ---------------------------------------------------------------- with a seed for each call


def stateless(seed: Any) -> Philox:
    """The generator for a stateless op's seed."""
    first, second = (int(one) for one in convert(seed)._array)
    return random_samples.scrambled((first, second))


@export("tf.random.stateless_uniform")
def stateless_uniform(
    shape: Any,
    seed: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Tensor:
    """tensorflow/python/ops/stateless_random_ops.py."""
    del name, alg
    kind = as_dtype(dtype)
    return uniform_from(stateless(seed), shape, minval, maxval, kind)


def uniform_from(generator: Philox, shape: Any, minval: Any, maxval: Any, dtype: DType) -> Tensor:
    """Uniform numbers of a generator; all bits of an integer type if there are no bounds."""
    wanted = sizes(shape, "StatelessRandomUniformV2")
    if dtype.is_integer:
        if (minval is None) != (maxval is None):
            raise ValueError(
                f"For integer `dtype` argument {dtype!r}, argument `minval` and `maxval` must be both "
                f"None or not None. Got `minval`={minval} and `maxval`={maxval}."
            )
        if minval is None:
            return full_integers(generator, wanted, dtype)
        if maxval is None:
            raise ValueError(f"Must specify maxval for integer dtype {dtype!r}")
        low, high = convert(minval, dtype), convert(maxval, dtype)
        return between(generator, wanted, low, high, dtype, "StatelessRandomUniformIntV2")
    low = convert(0 if minval is None else minval, dtype)
    high = convert(1 if maxval is None else maxval, dtype)
    numbers = sampled(random_samples.uniform, generator, wanted, dtype)
    return scaled(numbers, subtract(high, low), low)


def full_integers(generator: Philox, shape: tuple[int, ...], dtype: DType) -> Tensor:
    """All bits of an integer type."""
    count = int(np.prod(shape, dtype=np.int64))
    bits = random_samples.integers(generator, count, np.dtype(dtype.array_type))
    return make(bits.view(dtype.array_type).reshape(shape), dtype, "StatelessRandomUniformFullInt")


def normal_from(
    sampler: Sampler, generator: Philox, shape: Any, mean: Any, stddev: Any, dtype: DType
) -> Tensor:
    """Normal numbers of a generator."""
    wanted = sizes(shape, "StatelessRandomNormalV2")
    numbers = sampled(sampler, generator, wanted, dtype)
    return scaled(numbers, convert(stddev, dtype), convert(mean, dtype))


@export("tf.random.stateless_normal")
def stateless_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Tensor:
    """tensorflow/python/ops/stateless_random_ops.py."""
    del name, alg
    kind = as_dtype(dtype)
    return normal_from(random_samples.normal, stateless(seed), shape, mean, stddev, kind)


@export("tf.random.stateless_truncated_normal")
def stateless_truncated_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Tensor:
    """tensorflow/python/ops/stateless_random_ops.py."""
    del name, alg
    kind = as_dtype(dtype)
    return normal_from(random_samples.truncated_normal, stateless(seed), shape, mean, stddev, kind)


@export("tf.random.stateless_categorical")
def stateless_categorical(
    logits: Any, num_samples: Any, seed: Any, dtype: Any = dtypes.int64, name: str | None = None
) -> Tensor:
    """tensorflow/python/ops/stateless_random_ops.py."""
    del name
    tensor = convert(logits)
    return _categorical(stateless(seed), tensor, layout.integer(num_samples), as_dtype(dtype))


@export("tf.random.split", "tf.random.experimental.stateless_split")
def stateless_split(seed: Any, num: int = 2, alg: Any = "auto_select") -> Tensor:
    """tensorflow/python/ops/stateless_random_ops.py: several seeds of one."""
    del alg
    tensor = convert(seed)
    return uniform_from(stateless(tensor), [num, 2], None, None, tensor.dtype)


@export("tf.random.fold_in", "tf.random.experimental.stateless_fold_in")
def stateless_fold_in(seed: Any, data: Any, alg: Any = "auto_select") -> Tensor:
    """tensorflow/python/ops/stateless_random_ops.py: a seed with a number in it."""
    del alg
    number = convert(data)
    first = uniform_from(stateless(seed), [], None, None, number.dtype)
    return layout.stack([first, number])


# ---------------------------------------------------------------- initializers


class _Initializer:
    """tensorflow/python/ops/init_ops_v2.py: an initializer with a seed of its own, or none."""

    __module__ = "tensorflow.python.ops.init_ops_v2"
    STATELESS: Callable[..., Tensor]
    STATEFUL: Callable[..., Tensor]

    def __init__(self, first: Any, second: Any, seed: Any) -> None:
        self._bounds = (first, second)
        self._seed = seed

    def __call__(self, shape: Any, dtype: Any = dtypes.float32, **kwargs: Any) -> Tensor:
        kind = as_dtype(dtype)
        if not kind.is_floating and not kind.is_integer:
            raise ValueError(
                f"Argument `dtype` expected to be numeric or boolean. Received {kind}."
            )
        if self._seed is None:
            return type(self).STATEFUL(shape, *self._bounds, kind)
        return type(self).STATELESS(shape, [self._seed, 0], *self._bounds, kind)


@export("tf.random_normal_initializer")
class random_normal_initializer(_Initializer):
    """Normal numbers."""

    STATELESS = staticmethod(stateless_normal)
    STATEFUL = staticmethod(normal)

    def __init__(self, mean: Any = 0.0, stddev: Any = 0.05, seed: Any = None) -> None:
        super().__init__(mean, stddev, seed)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {"mean": self._bounds[0], "stddev": self._bounds[1], "seed": self._seed}


@export("tf.random_uniform_initializer")
class random_uniform_initializer(_Initializer):
    """Uniform numbers."""

    STATELESS = staticmethod(stateless_uniform)
    STATEFUL = staticmethod(uniform)

    def __init__(self, minval: Any = -0.05, maxval: Any = 0.05, seed: Any = None) -> None:
        super().__init__(minval, maxval, seed)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {"minval": self._bounds[0], "maxval": self._bounds[1], "seed": self._seed}


@export("tf.nn.experimental.stateless_dropout")
def stateless_dropout(
    x: Any, rate: Any, seed: Any, rng_alg: Any = None, noise_shape: Any = None, name: Any = None
) -> Tensor:
    """tensorflow/python/ops/nn_ops.py, `stateless_dropout`: dropout with its own seed."""
    del rng_alg, name
    tensor = convert(x)
    shape = tensor._array.shape if noise_shape is None else layout.integers(noise_shape)
    generator = stateless(seed)
    numbers = sampled(random_samples.uniform, generator, tuple(shape), tensor.dtype)
    share = convert(rate, tensor.dtype)._array
    kept = make((numbers._array >= share).astype(tensor.dtype.array_type), tensor.dtype)
    factor = make(np.asarray(1 / (1 - float(share)), tensor.dtype.array_type), tensor.dtype)
    return multiply(multiply(tensor, factor), kept)


def _uniform_for_dropout(shape: Any, dtype: DType, seed: Any) -> Tensor:
    return uniform(shape, dtype=dtype, seed=seed)


neural.Sampling.uniform = staticmethod(_uniform_for_dropout)
