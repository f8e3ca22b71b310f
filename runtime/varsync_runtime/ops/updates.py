"""XLA's update of a slice, which Keras's `ops.slice_update` is."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from varsync_runtime.ops.layout import integers
from varsync_runtime.tensors.convert import agreeing
from varsync_runtime.tensors.dispatch import Op, call
from varsync_runtime.tensors.errors import Rejected
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor


def _updated(array: np.ndarray, update: np.ndarray, starts: tuple[int, ...]) -> np.ndarray:
    if len(starts) != array.ndim:
        raise Rejected("index must be a vector with length equal to the number of input dimensions")
    out = np.array(array)
    spec = []
    for start, size, width in zip(starts, array.shape, update.shape, strict=True):
        if width > size:
            raise Rejected(f"Update dim size {width} greater than dynamic slice dimension: {size}.")
        first = min(max(start, 0), size - width)
        spec.append(slice(first, first + width))
    out[tuple(spec)] = update
    return out


def _no_gradient(*args: Any, **attributes: Any) -> NoReturn:
    raise LookupError("gradient registry has no entry for: XlaDynamicUpdateSlice")


UPDATE_SLICE = Op("XlaDynamicUpdateSlice", _updated, types=("T", "T"), vjps=(_no_gradient,) * 2)


@export("tf.compiler.tf2xla.python.xla.dynamic_update_slice")
def dynamic_update_slice(operand: Any, update: Any, start_indices: Any) -> Tensor:
    """`operand` with `update` from `start_indices` on, which are moved so that it fits."""
    return call(UPDATE_SLICE, agreeing((operand, update)), {"starts": integers(start_indices)})
