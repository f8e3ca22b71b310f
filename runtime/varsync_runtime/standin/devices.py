"""`tf.config`: the devices that scripts look at and set up.

The machine is that of `varsync_runtime.function.devices`.
"""

from __future__ import annotations

import logging
from collections import namedtuple
from typing import Any

from varsync_runtime.function import devices as machine
from varsync_runtime.function.devices import LogicalDevice, PhysicalDevice
from varsync_runtime.standin.ignored import ignored
from varsync_runtime.tensors.exports import export, provide
from varsync_runtime.tensors.state import state

_CONTEXT = "tensorflow.python.eager.context"

_Configuration = namedtuple(
    "_Configuration", ["memory_limit", "experimental_priority", "experimental_device_ordinal"]
)


@export("tf.config.LogicalDeviceConfiguration", "tf.config.experimental.VirtualDeviceConfiguration")
class LogicalDeviceConfiguration(_Configuration):
    """tensorflow/python/eager/context.py, `LogicalDeviceConfiguration`."""

    __module__ = _CONTEXT
    __slots__ = ()

    def __new__(
        cls,
        memory_limit: Any = None,
        experimental_priority: Any = None,
        experimental_device_ordinal: Any = None,
    ) -> LogicalDeviceConfiguration:
        return super().__new__(
            cls, memory_limit, experimental_priority, experimental_device_ordinal
        )


LogicalDeviceConfiguration.__name__ = "LogicalDeviceConfiguration"
provide("tf.config.PhysicalDevice", PhysicalDevice)
provide("tf.config.LogicalDevice", LogicalDevice)


@export("tf.config.list_physical_devices", "tf.config.experimental.list_physical_devices")
def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The CPU and the GPUs."""
    return machine.current().physical(device_type)


@export("tf.config.get_visible_devices", "tf.config.experimental.get_visible_devices")
def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The physical devices that logical ones are made of."""
    return machine.current().visible(device_type)


@export("tf.config.set_visible_devices", "tf.config.experimental.set_visible_devices")
def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Chooses the physical devices that logical ones are made of."""
    ignored("tf.config.set_visible_devices")
    if not isinstance(devices, (list, tuple)):
        devices = [devices]
    machine.current().show(list(devices), device_type)


@export("tf.config.list_logical_devices", "tf.config.experimental.list_logical_devices")
def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """The devices that strategies use."""
    machine.current().looked_at = state.begun = True
    return machine.current().logical(device_type)


@export(
    "tf.config.set_logical_device_configuration",
    "tf.config.experimental.set_virtual_device_configuration",
)
def set_logical_device_configuration(device: PhysicalDevice, logical_devices: Any) -> None:
    """Divides a physical device into logical ones."""
    machine.current().divide(device, list(logical_devices))


@export(
    "tf.config.get_logical_device_configuration",
    "tf.config.experimental.get_virtual_device_configuration",
)
def get_logical_device_configuration(device: PhysicalDevice) -> Any:
    """How a physical device is divided, None if it is not."""
    return machine.current().division(device)


@export("tf.config.experimental.get_device_details")
def get_device_details(device: PhysicalDevice) -> dict[str, Any]:
    """Nothing is known of the simulated devices."""
    return {}


@export("tf.config.experimental.get_memory_info")
def get_memory_info(device: str) -> dict[str, int]:
    """Memory of devices is not measured."""
    return {"current": 0, "peak": 0}


class _Jit:
    """What `tf.config.optimizer.get_jit` gives."""

    setting = ""


@export("tf.config.optimizer.set_jit")
def set_jit(enabled: Any) -> None:
    """Compilation changes no value."""
    ignored("tf.config.optimizer.set_jit")
    if enabled is True or enabled == "autoclustering":
        _Jit.setting = "autoclustering"
    else:
        _Jit.setting = ""


@export("tf.config.optimizer.get_jit")
def get_jit() -> str:
    """The setting of `set_jit`."""
    return _Jit.setting


@export("tf.config.optimizer.get_experimental_options")
def get_experimental_options() -> dict[str, bool]:
    """What TensorFlow gives if nothing was set."""
    return {"disable_model_pruning": False, "disable_meta_optimizer": False}


@export("tf.test.is_gpu_available")
def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: Any = None) -> bool:
    """Whether the simulated machine has GPUs."""
    return bool(machine.current().logical("GPU"))


@export("tf.test.gpu_device_name")
def gpu_device_name() -> str:
    """The first GPU's name, empty if there is none."""
    found = machine.current().logical("GPU")
    return found[0].name if found else ""


@export("tf.get_logger")
def get_logger() -> logging.Logger:
    """The logger called `tensorflow`."""
    return logging.getLogger("tensorflow")


@export("tf.compat.v1.logging.set_verbosity")
def set_verbosity(level: int) -> None:
    """The level of the logger."""
    get_logger().setLevel(level)


@export("tf.compat.v1.logging.get_verbosity")
def get_verbosity() -> int:
    """The level of the logger."""
    return get_logger().getEffectiveLevel()


for _name in ("DEBUG", "ERROR", "FATAL", "INFO", "WARN"):
    provide(f"tf.compat.v1.logging.{_name}", getattr(logging, _name))
for _name in ("debug", "error", "fatal", "info", "log", "warn", "warning"):
    _method = "warning" if _name == "warn" else _name
    provide(f"tf.compat.v1.logging.{_name}", getattr(get_logger(), _method))
