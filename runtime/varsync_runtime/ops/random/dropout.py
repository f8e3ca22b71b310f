"""`tf.nn.dropout` and its like: they differ in where their random numbers come from.

tensorflow/python/ops/nn_ops.py, `_dropout`.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any

from varsync_runtime.ops.arithmetic import divide, multiply, subtract
from varsync_runtime.ops.creation import constant
from varsync_runtime.ops.layout import integers
from varsync_runtime.ops.random.stateful import uniform
from varsync_runtime.ops.random.stateless import stateless_uniform
from varsync_runtime.ops.selection import where
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.guesses import of_both, sizes_of
from varsync_runtime.tensors.tensor import Tensor
from varsync_runtime.tensors.types import TensorLike


def _dropped(x: Any, rate: Any, noise_shape: Any, sampler: Callable[..., Any]) -> Tensor:
    """`x` with a share of `rate` set to zero; `sampler(shape, dtype)` gives numbers up to 1."""
    number = isinstance(rate, numbers.Real)
    if number and not 0 <= rate < 1:
        raise ValueError(
            f"`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate={rate}"
        )
    x = convert(x)
    if not x.dtype.is_floating:
        raise ValueError(
            "`x.dtype` must be a floating point tensor as `x` will be scaled. Received: "
            f"x_dtype={x.dtype}"
        )
    if number and rate == 0:
        return x
    if number:
        scaled = multiply(x, constant(1 / (1 - rate), x.dtype))
    elif isinstance(rate, TensorLike):
        scaled, rate = _scaled(x, rate)
    else:
        raise ValueError(f"`rate` must be a scalar or scalar tensor. Received: rate={rate}")
    shape = sizes_of(x) if noise_shape is None else _noise_shape(x, noise_shape)
    kept = sampler(shape=shape, dtype=x.dtype) >= rate
    return where(kept, scaled, constant(0, x.dtype))


def _scaled(x: Tensor, rate: Any) -> tuple[Tensor, Tensor]:
    rate = convert(rate)
    rate.shape.assert_has_rank(0)
    if rate.dtype != x.dtype:
        raise ValueError(
            "`x.dtype` must be compatible with `rate.dtype`. Received: "
            f"x.dtype={x.dtype} and rate.dtype={rate.dtype}"
        )
    return divide(x, subtract(constant(1, x.dtype), rate)), rate


def _noise_shape(x: Tensor, noise_shape: Any) -> tuple[int, ...]:
    if isinstance(noise_shape, (list, tuple)) and len(noise_shape) == x._array.ndim:
        return of_both(
            lambda sizes: tuple(
                size if one is None else int(one)
                for one, size in zip(noise_shape, sizes, strict=True)
            ),
            sizes_of(x),
        )
    return integers(noise_shape)


@export("tf.nn.dropout")
def dropout(
    x: Any, rate: Any, noise_shape: Any = None, seed: Any = None, name: str | None = None
) -> Tensor:
    """`x` with a share of `rate` set to zero and the rest scaled up."""

    def sampler(shape: Any, dtype: Any) -> Tensor:
        return uniform(shape, dtype=dtype, seed=seed)

    return _dropped(x, rate, noise_shape, sampler)


@export("tf.nn.experimental.stateless_dropout")
def stateless_dropout(
    x: Any, rate: Any, seed: Any, rng_alg: Any = None, noise_shape: Any = None,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """The same with the numbers of a seed of two integers."""

    def sampler(shape: Any, dtype: Any) -> Tensor:
        return stateless_uniform(shape, seed, dtype=dtype, alg=rng_alg)

    return _dropped(x, rate, noise_shape, sampler)


@export("tf.nn.experimental.general_dropout")
def general_dropout(
    x: Any, rate: Any, uniform_sampler: Callable[..., Any], noise_shape: Any = None,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """The same with the numbers of `uniform_sampler(shape=..., dtype=...)`."""
    return _dropped(x, rate, noise_shape, uniform_sampler)
