"""`tf.random_normal_initializer` and `tf.random_uniform_initializer`.

tensorflow/python/ops/init_ops_v2.py: with a seed an initializer gives the same numbers each time.
"""

from __future__ import annotations

from typing import Any

from varsync_runtime.ops.initializers import Initializer
from varsync_runtime.ops.random.stateful import normal, uniform
from varsync_runtime.ops.random.stateless import stateless_normal, stateless_uniform
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor

_TF = "tensorflow.python.ops.init_ops_v2"


@export("tf.random_normal_initializer")
class RandomNormal(Initializer):
    """Numbers of a normal distribution."""

    __module__ = _TF

    def __init__(self, mean: Any = 0.0, stddev: Any = 0.05, seed: Any = None) -> None:
        self.mean = mean
        self.stddev = stddev
        self.seed = seed

    def __call__(self, shape: Any, dtype: Any = dtypes.float32, **kwargs: Any) -> Tensor:
        dtype = as_dtype(dtype)
        if not dtype.is_floating:
            raise ValueError(
                f"Argument `dtype` is expected to be floating point. Received: {dtype}."
            )
        shape = kwargs.get("partition_shape", shape)
        if self.seed is None:
            return normal(shape, self.mean, self.stddev, dtype)
        return stateless_normal(shape, [self.seed, 0], self.mean, self.stddev, dtype)

    def get_config(self) -> dict[str, Any]:
        return {"mean": self.mean, "stddev": self.stddev, "seed": self.seed}


@export("tf.random_uniform_initializer")
class RandomUniform(Initializer):
    """Numbers between two others."""

    __module__ = _TF

    def __init__(self, minval: Any = -0.05, maxval: Any = 0.05, seed: Any = None) -> None:
        self.minval = minval
        self.maxval = maxval
        self.seed = seed

    def __call__(self, shape: Any, dtype: Any = dtypes.float32, **kwargs: Any) -> Tensor:
        dtype = as_dtype(dtype)
        if not dtype.is_floating and not dtype.is_integer:
            raise ValueError(
                f"Argument `dtype` expected to be numeric or boolean. Received {dtype}."
            )
        shape = kwargs.get("partition_shape", shape)
        if self.seed is None:
            return uniform(shape, self.minval, self.maxval, dtype)
        return stateless_uniform(shape, [self.seed, 0], self.minval, self.maxval, dtype)

    def get_config(self) -> dict[str, Any]:
        return {"minval": self.minval, "maxval": self.maxval, "seed": self.seed}
