"""`tf.distribute.OneDeviceStrategy`: one replica, and plain variables.

After tensorflow/python/distribute/one_device_strategy.py.
"""

from __future__ import annotations

from varsync_runtime import semantics
from varsync_runtime.distribute import devices
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.distribute.strategy import Strategy, StrategyBase, StrategyExtended
from varsync_runtime.tensors.exports import export

_TF = "tensorflow.python.distribute.one_device_strategy"


class OneDeviceExtended(StrategyExtended):
    """What OneDeviceStrategy does: nothing but call."""

    __module__ = _TF

    def __init__(self, strategy: StrategyBase, device: str) -> None:
        in_table = semantics.Strategy(semantics.StrategyKind.ONE_DEVICE)
        super().__init__(strategy, Crew(1), in_table, (devices.canonical(device),))


@export("tf.distribute.OneDeviceStrategy", "tf.compat.v1.distribute.OneDeviceStrategy")
class OneDeviceStrategy(Strategy):
    """Everything on one device."""

    __module__ = _TF

    def __init__(self, device: str) -> None:
        super().__init__(OneDeviceExtended(self, device))
