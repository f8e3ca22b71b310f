"""`tf.distribute.CrossDeviceOps`: how devices exchange what they reduce; here all do it in one way."""

from __future__ import annotations

from typing import Any

from varsync_runtime import events
from varsync_runtime.tensors.exports import export

_MODULE = "tensorflow.python.distribute.cross_device_ops"


@export("tf.distribute.CrossDeviceOps")
class CrossDeviceOps:
    """The base of them."""

    __module__ = _MODULE

    def __init__(self) -> None:
        events.count(events.Ignored, f"tf.distribute.{type(self).__name__}", events.here())


class _AllReduce(CrossDeviceOps):
    _word = ""

    def __init__(self, num_packs: int = 1) -> None:
        if num_packs < 0:
            raise ValueError(f"{self._word} requires num_packs >= 0, but {num_packs} is specified")
        super().__init__()


@export("tf.distribute.HierarchicalCopyAllReduce")
class HierarchicalCopyAllReduce(_AllReduce):
    """By way of some of the devices."""

    __module__ = _MODULE
    _word = "HierarchicalCopy"


@export("tf.distribute.NcclAllReduce")
class NcclAllReduce(_AllReduce):
    """By NVIDIA's library."""

    __module__ = _MODULE
    _word = "NCCL all-reduce"


@export("tf.distribute.ReductionToOneDevice")
class ReductionToOneDevice(CrossDeviceOps):
    """On one device, which sends the result to all."""

    __module__ = _MODULE

    def __init__(self, reduce_to_device: Any = None, accumulation_fn: Any = None) -> None:
        self.reduce_to_device = reduce_to_device
        self.accumulation_fn = accumulation_fn
        super().__init__()
