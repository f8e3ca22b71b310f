"""`tf.compat.v1.data`: what `element_spec` says, one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from varsync_runtime.tensors import nest
from varsync_runtime.tensors.errors import NotModelled
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.spec import TensorSpec
from varsync_runtime.tensors.tensor import Tensor


def _of_each(dataset: Any, function: Callable[[TensorSpec], Any]) -> Any:
    def leaf(spec: Any) -> Any:
        if not isinstance(spec, TensorSpec):
            raise NotModelled(f"tf.compat.v1.data of elements of {spec!r}")
        return function(spec)

    return nest.map_structure(leaf, dataset.element_spec)


@export("tf.compat.v1.data.get_output_shapes")
def get_output_shapes(dataset_or_iterator: Any) -> Any:
    """The shapes of the elements' tensors."""
    return _of_each(dataset_or_iterator, lambda spec: spec.shape)


@export("tf.compat.v1.data.get_output_types")
def get_output_types(dataset_or_iterator: Any) -> Any:
    """The dtypes of the elements' tensors."""
    return _of_each(dataset_or_iterator, lambda spec: spec.dtype)


@export("tf.compat.v1.data.get_output_classes")
def get_output_classes(dataset_or_iterator: Any) -> Any:
    """The classes of the elements' tensors."""
    return _of_each(dataset_or_iterator, lambda spec: Tensor)
