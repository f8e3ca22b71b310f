"""The devices of the simulated machine: what `tf.config` shows, and what strategies may use."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

_CONTEXT = "tensorflow.python.eager.context"

_Device = namedtuple("_Device", ["name", "device_type"])


class PhysicalDevice(_Device):
    """tensorflow/python/eager/context.py, `PhysicalDevice`."""

    __module__ = _CONTEXT
    __slots__ = ()


class LogicalDevice(_Device):
    """tensorflow/python/eager/context.py, `LogicalDevice`."""

    __module__ = _CONTEXT
    __slots__ = ()


class Machine:
    """One CPU, and as many GPUs as replicas were asked for.

    A physical device may be divided into logical ones. `replicas` is None where the script decides
    how many there are; else the CPU has this many parts, whatever the script says.
    """

    looked_at = False  # whether the script asked which devices there are

    def __init__(self, replicas: int | None = None) -> None:
        self.replicas = replicas
        gpus = replicas or 0
        cpu = PhysicalDevice("/physical_device:CPU:0", "CPU")
        self._physical = [
            cpu,
            *(PhysicalDevice(f"/physical_device:GPU:{number}", "GPU") for number in range(gpus)),
        ]
        self._visible = list(self._physical)
        self._divisions: dict[PhysicalDevice, list[Any]] = {}
        self._started = False

    def physical(self, kind: str | None = None) -> list[PhysicalDevice]:
        """The physical devices of a kind, all if None."""
        return [one for one in self._physical if kind in (None, one.device_type)]

    def visible(self, kind: str | None = None) -> list[PhysicalDevice]:
        """The physical devices that logical ones are made of."""
        return [one for one in self._visible if kind in (None, one.device_type)]

    def show(self, devices: list[Any], kind: str | None) -> None:
        """Chooses the visible devices (of a kind)."""
        for one in devices:
            if one not in self._physical:
                raise ValueError(f"Unrecognized device: {one!r}")
            if kind is not None and one.device_type != kind:
                raise ValueError(f"Unrecognized device: {one!r}")
        kept = [one for one in self._visible if kind is not None and one.device_type != kind]
        chosen = [*kept, *devices]
        if self._started and chosen != self._visible:
            raise RuntimeError("Visible devices cannot be modified after being initialized")
        self._visible = chosen

    def divide(self, device: PhysicalDevice, configurations: list[Any]) -> None:
        """Makes logical devices of a physical one."""
        if device not in self._physical:
            raise ValueError(f"Unrecognized device: {device!r}")
        if self._started:
            if self._divisions.get(device) == configurations:
                return
            raise RuntimeError("Virtual devices cannot be modified after being initialized")
        self._divisions[device] = configurations

    def division(self, device: PhysicalDevice) -> list[Any] | None:
        """How a physical device is divided, None if it is not."""
        return self._divisions.get(device)

    def logical(self, kind: str | None = None) -> list[LogicalDevice]:
        """The logical devices of a kind, all if None; from now on they stay as they are."""
        self._started = True
        found = []
        for kind_here in ("CPU", "GPU"):
            number = 0
            for one in self.visible(kind_here):
                for _ in range(self._parts(one)):
                    found.append(LogicalDevice(f"/device:{kind_here}:{number}", kind_here))
                    number += 1
        return [one for one in found if kind in (None, one.device_type)]

    def _parts(self, device: PhysicalDevice) -> int:
        if self.replicas and device.device_type == "CPU":
            return self.replicas
        return len(self._divisions.get(device) or (None,))


_machine: list[Machine] = []


def current() -> Machine:
    """The machine of this process."""
    if not _machine:
        _machine.append(Machine())
    return _machine[0]


def use(replicas: int | None) -> None:
    """From now on the machine is one for this many replicas, and nothing is set up."""
    _machine[:] = [Machine(replicas)]
