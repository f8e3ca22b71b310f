"""Logical CPU devices, which stand for the GPUs that a script asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from varsync_runtime.engines.tensorflow.wrapping import wrap

TWO = 2  # replicas, where neither the script nor the user says how many
NUMBERED = re.compile(r"(?i)\b[gc]pu:(\d+)")
GPU = re.compile(r"(?i)(?<![a-z])gpu(?=:)")


class Machine:
    """How many replicas are `asked` for (None: the script decides), and how many devices there are.

    `granted`: a strategy with as many replicas was made. `looked_at`: the script asked which devices
    there are.
    """

    def __init__(self, asked: int | None, source: str) -> None:
        self.asked = asked
        named = [int(number) + 1 for number in NUMBERED.findall(source)]
        self.count = max([asked or TWO, *named])
        self.granted = False
        self.looked_at = False

    def for_replicas(self, given: Sequence[Any] | None) -> list[str]:
        """The devices of a strategy that was given these, or none."""
        names = [GPU.sub("CPU", str(one)) for one in given or ()]
        chosen = self.granted or self.looked_at or self.asked in (None, len(names))
        settled = bool(names) and chosen
        self.granted = True
        return names if settled else [f"CPU:{at}" for at in range(self.asked or self._local())]

    def _local(self) -> int:
        """How many replicas there are where nobody says how many."""
        return self._divided or TWO

    _divided = 0

    def divided(self, parts: int) -> None:
        """The script itself divides the CPU."""
        self._divided = parts


def install(asked: int | None, source: str) -> None:
    """Divides the CPU, before TensorFlow looks at it."""
    import tensorflow as tf
    from tensorflow.python.distribute import (
        mirrored_strategy,
        one_device_strategy,
        parameter_server_strategy,
    )
    from tensorflow.python.framework import config

    machine = Machine(asked, source)
    cpu = tf.config.list_physical_devices("CPU")[0]
    parts = [tf.config.LogicalDeviceConfiguration() for _ in range(machine.count)]
    tf.config.set_logical_device_configuration(cpu, parts)

    def divide(original: Any, device: Any, configurations: Any) -> Any:
        if device != cpu or not configurations:
            return None if device.device_type == "GPU" else original(device, configurations)
        if asked is not None:
            return None  # --replicas has said how many there are
        machine.divided(len(configurations))
        return original(device, configurations)

    def extend(original: Any, self: Any, strategy: Any, devices: Any = None, **others: Any) -> Any:
        return original(self, strategy, devices=machine.for_replicas(devices), **others)

    def central(
        original: Any,
        self: Any,
        strategy: Any,
        cluster_resolver: Any = None,
        compute_devices: Any = None,
        parameter_device: Any = None,
    ) -> Any:
        if cluster_resolver is None:
            compute_devices = machine.for_replicas(compute_devices)
        place = _of_cpus(parameter_device)
        return original(self, strategy, cluster_resolver, compute_devices, place)

    def one(original: Any, self: Any, device: Any) -> Any:
        return original(self, _of_cpus(device))

    def list_logical(device_type: str | None = None) -> Any:
        machine.looked_at = True
        return config.list_logical_devices(device_type)

    for public in (tf.config, tf.config.experimental):
        public.list_logical_devices = list_logical
    wrap(config, "set_logical_device_configuration", divide)
    tf.config.set_logical_device_configuration = config.set_logical_device_configuration
    tf.config.experimental.set_virtual_device_configuration = (
        config.set_logical_device_configuration
    )
    wrap(mirrored_strategy.MirroredExtended, "__init__", extend)
    wrap(parameter_server_strategy.ParameterServerStrategyExtended, "__init__", central)
    wrap(one_device_strategy.OneDeviceStrategy, "__init__", one)
    if asked is not None:
        _show_gpus(asked)


def _of_cpus(device: Any) -> Any:
    """The device, or the one that stands for it."""
    return GPU.sub("CPU", device) if isinstance(device, str) else device


def _show_gpus(count: int) -> None:
    """The script sees so many GPUs."""
    import tensorflow as tf
    from tensorflow.python.eager import context
    from tensorflow.python.framework import config

    def physical(original: Any, device_type: str | None = None) -> Any:
        gpus = [context.PhysicalDevice(f"/physical_device:GPU:{at}", "GPU") for at in range(count)]
        if device_type == "GPU":
            return gpus
        return [*original(device_type), *(gpus if device_type is None else ())]

    def ignoring_gpus(original: Any, device: Any, *args: Any, **kwargs: Any) -> Any:
        return None if _is_gpu(device) else original(device, *args, **kwargs)

    wrappers: dict[str, Any] = {
        "list_physical_devices": physical,
        "set_memory_growth": ignoring_gpus,
        "set_visible_devices": ignoring_gpus,
    }
    for name, around in wrappers.items():
        wrap(config, name, around)
        for public in (tf.config, tf.config.experimental):
            if hasattr(public, name):
                setattr(public, name, getattr(config, name))


def _is_gpu(device: Any) -> bool:
    devices = device if isinstance(device, (list, tuple)) else [device]
    return any(getattr(one, "device_type", "") == "GPU" for one in devices)
