"""`tf.zeros_initializer` and the like: what makes the first value of a variable."""

from __future__ import annotations

from typing import Any

from varsync_runtime.ops import creation
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor

_TF = "tensorflow.python.ops.init_ops_v2"


class Initializer:
    """Called with a shape (and a dtype), it gives a tensor."""

    __module__ = _TF

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """What it was made with."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """One made with the same."""
        return cls(**{key: value for key, value in config.items() if key != "dtype"})


@export("tf.zeros_initializer")
class Zeros(Initializer):
    """Zeros."""

    __module__ = _TF

    def __call__(self, shape: Any, dtype: Any = dtypes.float32, **kwargs: Any) -> Tensor:
        return creation.zeros(shape, as_dtype(dtype))


@export("tf.ones_initializer")
class Ones(Initializer):
    """Ones."""

    __module__ = _TF

    def __call__(self, shape: Any, dtype: Any = dtypes.float32, **kwargs: Any) -> Tensor:
        return creation.ones(shape, as_dtype(dtype))


@export("tf.constant_initializer")
class Constant(Initializer):
    """One value, or a list of as many as the shape has."""

    __module__ = _TF

    def __init__(self, value: Any = 0, support_partition: bool = False) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        return creation.constant(self.value, dtype, shape)

    def get_config(self) -> dict[str, Any]:
        return {"value": self.value}
