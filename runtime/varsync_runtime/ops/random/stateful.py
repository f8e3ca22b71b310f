"""`tf.random.uniform` and its like: each op has a generator that goes on from call to call.

tensorflow/python/ops/random_ops.py; the kernels reserve 256 blocks of words for each number of a
result (`GuardedPhiloxRandom::ReserveRandomOutputs`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from varsync_runtime.events import Approximated, count, here
from varsync_runtime.ops import creation
from varsync_runtime.ops.arithmetic import add, divide, maximum, multiply, subtract
from varsync_runtime.ops.random import arguments, distributions, kernels, rejection, words
from varsync_runtime.ops.random.arguments import count_of, shape_of
from varsync_runtime.ops.random.philox import Philox
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import DType, as_dtype
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.guesses import with_second
from varsync_runtime.tensors.tensor import Tensor, make

RESERVED = 256
UNIFORM = (*arguments.FLOATS, dtypes.int32, dtypes.int64)
SHARDED = "TensorFlow's numbers depend on the number of processors for so many logits"
CYCLES = 210_000  # of work, above which TensorFlow divides it


def _filled(op: str, symbol: str, shape: Any, dtype: DType, seed: Any, draw: Any) -> Tensor:
    """The tensor of an op whose kernel fills an output of this shape."""
    sizes, name = shape_of(shape, op)
    array_type = arguments.array_type(dtype, op)
    size = count_of(sizes)
    generator = kernels.reserve(symbol, op, seed, (dtype.name, name), size * RESERVED)
    array = draw(generator.key, generator.counter, size, array_type)
    return with_second(make(array.reshape(sizes), dtype, op), sizes)


@export("tf.random.uniform", "tf.compat.v1.random_uniform", "tf.compat.v1.random.uniform")
def uniform(
    shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = dtypes.float32,
    seed: Any = None, name: str | None = None,
) -> Tensor:  # fmt: skip
    """Numbers from `minval` up to `maxval`: floats of the unit interval, or integers."""
    dtype = as_dtype(dtype)
    arguments.accepted(dtype, UNIFORM)
    if maxval is None:
        if dtype.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {dtype!r}")
        maxval = 1
    if dtype.is_integer:
        return _uniform_int(shape, minval, maxval, dtype, seed)
    from_zero = isinstance(minval, int) and minval == 0
    to_one = isinstance(maxval, int) and maxval == 1
    if not (from_zero and to_one):
        minval, maxval = convert(minval, dtype), convert(maxval, dtype)
    found = _filled("RandomUniform", "tf.random.uniform", shape, dtype, seed, words.uniform)
    if from_zero:
        return found if to_one else multiply(found, maxval)
    return add(multiply(found, subtract(maxval, minval)), minval)


def _uniform_int(shape: Any, minval: Any, maxval: Any, dtype: DType, seed: Any) -> Tensor:
    op = "RandomUniformInt"
    sizes, name = shape_of(shape, op)
    low, high = arguments.bounds(op, convert(minval, dtype), convert(maxval, dtype))
    size = count_of(sizes)
    generator = kernels.reserve("tf.random.uniform", op, seed, (dtype.name, name), size * RESERVED)
    array = words.between(generator.key, generator.counter, size, dtype._array_type, low, high)
    return with_second(make(array.reshape(sizes), dtype, op), sizes)


def bell(fill: Callable[[DType], Tensor], mean: Any, stddev: Any, dtype: Any) -> Tensor:
    """The normal numbers of `fill`, with this mean and this standard deviation."""
    dtype = as_dtype(dtype)
    mean, stddev = convert(mean, dtype), convert(stddev, dtype)
    return add(multiply(fill(dtype), stddev), mean)


@export("tf.random.normal", "tf.compat.v1.random_normal", "tf.compat.v1.random.normal")
def normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = dtypes.float32,
    seed: Any = None, name: str | None = None,
) -> Tensor:  # fmt: skip
    """Numbers of a normal distribution."""

    def fill(dtype: DType) -> Tensor:
        op = "RandomStandardNormal"
        return _filled(op, "tf.random.normal", shape, dtype, seed, distributions.normal)

    return bell(fill, mean, stddev, dtype)


@export(
    "tf.random.truncated_normal", "tf.compat.v1.truncated_normal",
    "tf.compat.v1.random.truncated_normal",
)  # fmt: skip
def truncated_normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = dtypes.float32,
    seed: Any = None, name: str | None = None,
) -> Tensor:  # fmt: skip
    """The same without what is 2 standard deviations or more away from the mean."""

    def fill(dtype: DType) -> Tensor:
        op, symbol = "TruncatedNormal", "tf.random.truncated_normal"
        return _filled(op, symbol, shape, dtype, seed, distributions.truncated)

    return bell(fill, mean, stddev, dtype)


@export("tf.random.shuffle", "tf.compat.v1.random_shuffle", "tf.compat.v1.random.shuffle")
def shuffle(value: Any, seed: Any = None, name: str | None = None) -> Tensor:
    """The rows in another order."""
    value = convert(value)
    array = value._array
    size = array.shape[0] if array.ndim else 1
    moved = size > 1 and array.size > 1
    # an op that has nothing to do takes its seed all the same
    reserved = -(-(size - 1) // 4) if moved else 0
    op = "RandomShuffle"
    generator = kernels.reserve("tf.random.shuffle", op, seed, (value.dtype.name,), reserved)
    if not moved:
        return make(array, value.dtype, op)
    return make(array[distributions.permutation(generator, size)], value.dtype, op)


@export("tf.random.categorical", "tf.compat.v1.random.categorical")
def categorical(
    logits: Any, num_samples: Any, dtype: Any = None, seed: Any = None, name: str | None = None
) -> Tensor:
    """For each row of logits, the numbers of `num_samples` classes."""
    symbol, op = "tf.random.categorical", "Multinomial"

    def generator(attributes: tuple[str, str], batch: int, samples: int) -> Philox:
        # two words for a number, and a multiple of four numbers for a row
        blocks = batch * ((samples + 3) // 4 * 4 * 2) * RESERVED
        return kernels.reserve(symbol, op, seed, attributes, blocks)

    return chosen(symbol, op, logits, num_samples, dtype, generator)


def chosen(
    symbol: str,
    op: str,
    logits: Any,
    num_samples: Any,
    dtype: Any,
    generator: Callable[[tuple[str, str], int, int], Philox],
) -> Tensor:
    """Classes for each row of logits; `generator(attributes, rows, samples of each)`."""
    logits = convert(logits)
    wanted = as_dtype(dtype) if dtype else dtypes.int64
    arguments.accepted(wanted, (dtypes.int32, dtypes.int64))
    samples = arguments.number_of_samples(op, logits, num_samples)
    batch, classes = logits._array.shape
    if batch > 1 and batch * 50 * (samples * math.log2(classes) + classes) > CYCLES:
        count(Approximated, symbol, SHARDED, here())
    drawn = generator((logits.dtype.name, wanted.name), batch, samples)
    array = distributions.categorical(drawn, logits._array, samples, wanted._array_type)
    return make(array, wanted, op)


@export("tf.compat.v1.multinomial", "tf.compat.v1.random.multinomial")
def multinomial(
    logits: Any, num_samples: Any, seed: Any = None, name: str | None = None,
    output_dtype: Any = None,
) -> Tensor:  # fmt: skip
    """`tf.random.categorical` under its old name."""
    return categorical(logits, num_samples, output_dtype, seed)


@export("tf.random.gamma", "tf.compat.v1.random_gamma", "tf.compat.v1.random.gamma")
def gamma(
    shape: Any, alpha: Any, beta: Any = None, dtype: Any = dtypes.float32, seed: Any = None,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """Numbers of gamma distributions, `shape` of them for each `alpha` and `beta`."""
    alpha = convert(alpha, as_dtype(dtype))
    beta = convert(1 if beta is None else beta, alpha.dtype)
    op = "RandomGamma"
    sizes, name_of_shape = shape_of(shape, op)
    arguments.array_type(alpha.dtype, op)
    both = np.broadcast_shapes(alpha._array.shape, beta._array.shape)
    rates = np.broadcast_to(alpha._array, both).reshape(-1)
    size = count_of(sizes)
    attributes = (alpha.dtype.name, name_of_shape)
    blocks = size * rates.size * RESERVED
    generator = kernels.reserve("tf.random.gamma", op, seed, attributes, blocks)
    drawn = rejection.gamma(generator.key, generator.counter, rates, size)
    array = drawn.astype(alpha.dtype._array_type).reshape(*sizes, *both)
    tiny = creation.constant(np.finfo(alpha.dtype._array_type).tiny, alpha.dtype)
    return maximum(tiny, divide(make(array, alpha.dtype, op), beta))


@export("tf.random.poisson")
def poisson(
    shape: Any, lam: Any, dtype: Any = dtypes.float32, seed: Any = None, name: str | None = None
) -> Tensor:
    """Numbers of Poisson distributions, `shape` of them for each rate in `lam`."""
    wanted = as_dtype(dtype)
    rate = convert(lam, None if isinstance(lam, (Tensor, np.ndarray)) else dtypes.float64)
    op = "RandomPoissonV2"
    sizes, name_of_shape = shape_of(shape, op)
    size = count_of(sizes)
    flat: np.ndarray = rate._array.reshape(-1).astype(np.float64)  # in which TensorFlow computes
    attributes = (wanted.name, rate.dtype.name, name_of_shape)
    generator = kernels.reserve(
        "tf.random.poisson", op, seed, attributes, size * flat.size * RESERVED
    )
    drawn = rejection.poisson(generator.key, generator.counter, flat, size)
    array = drawn.astype(wanted._array_type).reshape(*sizes, *rate._array.shape)
    return make(array, wanted, op)


@export("tf.compat.v1.random_poisson", "tf.compat.v1.random.poisson")
def poisson_v1(
    lam: Any, shape: Any, dtype: Any = dtypes.float32, seed: Any = None, name: str | None = None
) -> Tensor:
    """`tf.random.poisson` with its arguments in the old order."""
    return poisson(shape, lam, dtype, seed)
