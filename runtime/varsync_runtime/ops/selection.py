"""Choosing elements: masks, indices, conditions."""

from __future__ import annotations

from typing import Any

import numpy as np

from varsync_runtime.ops.indexing import put
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import Op, call
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.shapes import known
from varsync_runtime.tensors.tensor import Tensor

BOOLEAN_MASK = Op(
    "GatherV2",
    lambda array, index: array[index],
    vjps=(lambda g, out, array, index: put(g, array.shape, index),),
    label="boolean_mask",
)


@export("tf.boolean_mask")
def boolean_mask(tensor: Any, mask: Any, axis: Any = None, name: str = "boolean_mask") -> Tensor:
    """The elements of `tensor` where `mask` is true, in one axis."""
    tensor, mask = convert(tensor), convert(mask)
    first = 0 if axis is None else int(np.asarray(convert(axis)._array))
    first = first + tensor._array.ndim if first < 0 else first
    rank = mask._array.ndim
    if not rank:
        raise ValueError("mask cannot be scalar.")
    shape = known(tensor._array.shape[first : first + rank])
    if shape != mask.shape:
        raise ValueError(f"Shapes {shape} and {mask.shape} are incompatible")
    chosen = np.nonzero(mask._array.astype(np.bool_))
    index = (*(slice(None),) * first, *chosen)
    return call(BOOLEAN_MASK, (tensor,), {"index": index})
