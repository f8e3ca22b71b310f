"""`tf.random.stateless_uniform` and its like: the numbers follow from a seed of two integers.

tensorflow/python/ops/stateless_random_ops.py, and `GenerateKey` in
tensorflow/core/kernels/stateless_random_ops.cc.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from varsync_runtime.ops import layout
from varsync_runtime.ops.arithmetic import add, multiply, subtract
from varsync_runtime.ops.random import arguments, distributions, philox, words
from varsync_runtime.ops.random.arguments import count_of, shape_of
from varsync_runtime.ops.random.stateful import bell, chosen
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import brackets, reject
from varsync_runtime.tensors.dtypes import DType, as_dtype
from varsync_runtime.tensors.errors import InvalidArgumentError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.guesses import with_second
from varsync_runtime.tensors.tensor import Tensor, make

MASK64 = (1 << 64) - 1
SCRAMBLE = (0x3EC8F720, 0x02461E29)
INTEGERS = (dtypes.int32, dtypes.int64, dtypes.uint32, dtypes.uint64)
ACCEPTED = (*arguments.FLOATS, *INTEGERS)


@export("tf.random.Algorithm", "tf.random.experimental.Algorithm")
class Algorithm(enum.Enum):
    """The generators that TensorFlow knows; its CPU has Philox alone."""

    PHILOX = 1
    THREEFRY = 2
    AUTO_SELECT = 3


NAMES = {
    "philox": Algorithm.PHILOX, "threefry": Algorithm.THREEFRY, "autoselect": Algorithm.AUTO_SELECT,
}  # fmt: skip


def algorithm_number(alg: Any) -> int:
    """The number of an algorithm: given as such, as a name or as an `Algorithm`."""
    if isinstance(alg, int):
        return alg
    if isinstance(alg, Algorithm):
        return int(alg.value)
    if isinstance(alg, Tensor):
        return int(alg._array)
    if isinstance(alg, str):
        found = NAMES.get(alg.strip().lower().replace("-", "").replace("_", ""))
        if found is None:
            raise ValueError(unsupported(alg))
        return int(found.value)
    raise TypeError(f"Can't convert argument `alg` (of value {alg} and type {type(alg)}) to int.")


def unsupported(alg: Any) -> str:
    """What TensorFlow says of an algorithm that it does not have."""
    if isinstance(alg, int):
        known: tuple[Any, ...] = tuple(one.value for one in Algorithm)
    elif isinstance(alg, str):
        known = ("philox", "threefry", "auto_select")
    else:
        known = tuple(Algorithm)
    return (
        f"Argument `alg` got unsupported value {alg}. Supported values are {known[0]} for the "
        f"Philox algorithm, {known[1]} for the ThreeFry algorithm, and {known[2]} for "
        "auto-selection."
    )


def generator_of(seed: Any, alg: Any, op: str) -> philox.Philox:
    """The generator that a seed stands for."""
    number = Algorithm.AUTO_SELECT.value if alg is None else algorithm_number(alg)
    if number == Algorithm.THREEFRY.value:
        raise reject(
            op,
            "counter must be a vector with length at least 2; got shape: [1]. (Note that batched "
            "counters are not supported yet.)",
        )
    if number not in (Algorithm.PHILOX.value, Algorithm.AUTO_SELECT.value):
        raise ValueError(unsupported(alg))
    return scrambled(seed)


def scrambled(seed: Any, op: str = "StatelessRandomGetKeyCounter") -> philox.Philox:
    """The generator whose key and counter come from mixing the two integers."""
    tensor = convert(seed)
    if tensor.dtype not in (dtypes.int32, dtypes.int64):
        raise InvalidArgumentError(
            None,
            None,
            f"Value for attr 'Tseed' of {tensor.dtype._word} is not in the list of allowed values: "
            f"int32, int64\n\t; NodeDef: {{{{node {op}}}}} [Op:{op}]",
        )
    array = tensor._array
    if array.shape != (2,):
        raise reject(op, f"seed must have shape [2], not {brackets(array.shape)}")
    first, second = (int(one) & MASK64 for one in array.tolist())
    mixed = philox.block(SCRAMBLE, first | second << 64)
    key = mixed[0] | mixed[1] << 32
    return philox.Philox(key, mixed[2] | mixed[3] << 32)


def fill(op: str, generator: philox.Philox, shape: Any, dtype: DType, draw: Any) -> Tensor:
    """A tensor of floats from this generator."""
    sizes, _ = shape_of(shape, op)
    array_type = arguments.array_type(dtype, op)
    array = draw(generator.key, generator.counter, count_of(sizes), array_type)
    return with_second(make(array.reshape(sizes), dtype, op), sizes)


def fill_full(generator: philox.Philox, shape: Any, dtype: DType) -> Tensor:
    """A tensor of integers of the whole range."""
    op = "StatelessRandomUniformFullIntV2"
    sizes, _ = shape_of(shape, op)
    if dtype not in INTEGERS:
        raise InvalidArgumentError(
            None,
            None,
            f"Value for attr 'dtype' of {dtype._word} is not in the list of allowed values: int32, "
            f"int64, uint32, uint64\n\t; NodeDef: {{{{node {op}}}}} [Op:{op}] name: ",
        )
    array = words.full(generator.key, generator.counter, count_of(sizes), dtype._array_type)
    return with_second(make(array.reshape(sizes), dtype, op), sizes)


def fill_between(
    generator: philox.Philox, shape: Any, minval: Any, maxval: Any, dtype: DType
) -> Tensor:
    """A tensor of integers between two numbers."""
    op = "StatelessRandomUniformIntV2"
    sizes, _ = shape_of(shape, op)
    size = count_of(sizes)
    low, high = convert(minval, dtype), convert(maxval, dtype)
    if not size:
        return make(np.empty(sizes, dtype._array_type), dtype, op)
    limits = arguments.bounds(op, low, high)
    array = words.between(generator.key, generator.counter, size, dtype._array_type, *limits)
    return with_second(make(array.reshape(sizes), dtype, op), sizes)


def scaled(found: Tensor, minval: Any, maxval: Any) -> Tensor:
    """Numbers of the unit interval between two others."""
    low, high = convert(minval, found.dtype), convert(maxval, found.dtype)
    return add(multiply(found, subtract(high, low)), low)


# An op and its kernel
NORMAL = ("StatelessRandomNormalV2", distributions.normal)
TRUNCATED = ("StatelessTruncatedNormalV2", distributions.truncated)


def drawn(
    kind: tuple[str, Any],
    generator: Callable[[], philox.Philox],
    shape: Any,
    mean: Any,
    stddev: Any,
    dtype: Any,
) -> Tensor:
    """Numbers of `NORMAL` or `TRUNCATED` with this mean and this standard deviation."""
    op, draw = kind
    return bell(lambda dtype: fill(op, generator(), shape, dtype, draw), mean, stddev, dtype)


@export("tf.random.stateless_uniform")
def stateless_uniform(
    shape: Any, seed: Any, minval: Any = 0, maxval: Any = None, dtype: Any = dtypes.float32,
    name: str | None = None, alg: Any = "auto_select",
) -> Tensor:  # fmt: skip
    """Numbers from `minval` up to `maxval`; integers of the whole range if both are None."""
    dtype = as_dtype(dtype)
    arguments.accepted(dtype, ACCEPTED)
    if not dtype.is_integer:
        op = "StatelessRandomUniformV2"
        found = fill(op, generator_of(seed, alg, op), shape, dtype, words.uniform)
        return scaled(found, minval, 1 if maxval is None else maxval)
    if (minval is None) != (maxval is None):
        raise ValueError(
            f"For integer `dtype` argument {dtype}, argument `minval` and `maxval` must be both "
            f"None or not None. Got `minval`={minval} and `maxval`={maxval}."
        )
    if minval is None:
        generator = generator_of(seed, alg, "StatelessRandomUniformFullIntV2")
        return fill_full(generator, shape, dtype)
    if dtype.is_unsigned:
        raise ValueError(
            f"Argument `dtype` got invalid value {dtype} when argument `minval` is not None. "
            "Please don't use unsigned integers in this case."
        )
    generator = generator_of(seed, alg, "StatelessRandomUniformIntV2")
    return fill_between(generator, shape, minval, maxval, dtype)


@export("tf.random.stateless_normal")
def stateless_normal(
    shape: Any, seed: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = dtypes.float32,
    name: str | None = None, alg: Any = "auto_select",
) -> Tensor:  # fmt: skip
    """Numbers of a normal distribution."""
    generator = functools.partial(generator_of, seed, alg, NORMAL[0])
    return drawn(NORMAL, generator, shape, mean, stddev, dtype)


@export("tf.random.stateless_truncated_normal")
def stateless_truncated_normal(
    shape: Any, seed: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = dtypes.float32,
    name: str | None = None, alg: Any = "auto_select",
) -> Tensor:  # fmt: skip
    """The same without what is 2 standard deviations or more away from the mean."""
    generator = functools.partial(generator_of, seed, alg, TRUNCATED[0])
    return drawn(TRUNCATED, generator, shape, mean, stddev, dtype)


@export("tf.random.stateless_categorical")
def stateless_categorical(
    logits: Any, num_samples: Any, seed: Any, dtype: Any = dtypes.int64, name: str | None = None
) -> Tensor:
    """For each row of logits, the numbers of `num_samples` classes."""
    symbol, op = "tf.random.stateless_categorical", "StatelessMultinomial"
    return chosen(symbol, op, logits, num_samples, dtype, lambda *_: scrambled(seed, op))


@export("tf.compat.v1.random.stateless_multinomial")
def stateless_multinomial(
    logits: Any, num_samples: Any, seed: Any, output_dtype: Any = dtypes.int64,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """`tf.random.stateless_categorical` under its old name."""
    return stateless_categorical(logits, num_samples, seed, output_dtype)


@export("tf.random.experimental.stateless_shuffle")
def stateless_shuffle(
    value: Any, seed: Any, alg: Any = "auto_select", name: str | None = None
) -> Tensor:
    """The rows in another order."""
    value = convert(value)
    array = value._array
    generator = generator_of(seed, alg, "StatelessShuffle")
    if array.ndim and array.shape[0] > 1 and array.size > 1:
        array = array[distributions.permutation(generator, array.shape[0])]
    return make(array, value.dtype, "StatelessShuffle")


@export("tf.random.split", "tf.random.experimental.stateless_split")
def split(seed: Any, num: int = 2, alg: Any = "auto_select") -> Tensor:
    """`num` seeds from one."""
    seed = convert(seed)
    return stateless_uniform([num, 2], seed, minval=None, maxval=None, dtype=seed.dtype, alg=alg)


@export("tf.random.fold_in", "tf.random.experimental.stateless_fold_in")
def fold_in(seed: Any, data: Any, alg: Any = "auto_select") -> Tensor:
    """A seed from a seed and an integer."""
    data = convert(data)
    first = stateless_uniform([], seed, minval=None, maxval=None, dtype=data.dtype, alg=alg)
    return layout.stack([first, data])
