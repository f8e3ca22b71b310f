"""`tf.distribute.CrossDeviceOps`: in which order an all-reduce adds what the replicas give.

After tensorflow/python/distribute/cross_device_ops.py and cross_device_utils.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from varsync_runtime import events
from varsync_runtime.ops.segments import add_n
from varsync_runtime.replicas.orders import Order
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor

_MODULE = "tensorflow.python.distribute.cross_device_ops"
Adding = Callable[[list[Tensor]], Tensor]


@export("tf.distribute.CrossDeviceOps")
class CrossDeviceOps:
    """The base of them."""

    __module__ = _MODULE
    _order = Order.RING

    def _adding(self) -> Adding | None:
        """What adds the replicas' tensors up where no order of them tells it."""
        return None


class _AllReduce(CrossDeviceOps):
    _word = ""

    def __init__(self, num_packs: int = 1) -> None:
        if num_packs < 0:
            raise ValueError(f"{self._word} requires num_packs >= 0, but {num_packs} is specified")
        self._num_packs = num_packs


@export("tf.distribute.HierarchicalCopyAllReduce")
class HierarchicalCopyAllReduce(_AllReduce):
    """The devices in two halves, whose sums are added."""

    __module__ = _MODULE
    _word = "HierarchicalCopy"

    def _adding(self) -> Adding | None:
        return _halves


def _halves(parts: Sequence[Tensor]) -> Tensor:
    # of an odd number TensorFlow leaves the last one out
    half = len(parts) // 2
    return add_n([add_n(parts[:half]), add_n(parts[half : 2 * half])])


@export("tf.distribute.NcclAllReduce")
class NcclAllReduce(_AllReduce):
    """By NVIDIA's library, in an order of its own."""

    __module__ = _MODULE
    _word = "NCCL all-reduce"

    def __init__(self, num_packs: int = 1) -> None:
        super().__init__(num_packs)
        events.count(events.Ignored, "tf.distribute.NcclAllReduce", events.here())


@export("tf.distribute.ReductionToOneDevice")
class ReductionToOneDevice(CrossDeviceOps):
    """On one device, which sends the result to all."""

    __module__ = _MODULE
    _order = Order.RANKS

    def __init__(self, reduce_to_device: Any = None, accumulation_fn: Any = None) -> None:
        self.reduce_to_device = reduce_to_device
        self.accumulation_fn = accumulation_fn

    def _adding(self) -> Adding | None:
        return self.accumulation_fn  # type: ignore[no-any-return]


DEFAULT = CrossDeviceOps()
"""What a strategy does that is given none: TensorFlow's collectives."""
