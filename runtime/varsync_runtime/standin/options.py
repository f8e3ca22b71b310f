"""What a run of the simulation sets before the script begins."""

from __future__ import annotations

from varsync_runtime.function import devices


class Options:
    """The options of this run."""

    @property
    def replicas(self) -> int | None:
        """How many replicas were asked for, None if the script decides."""
        return devices.current().replicas

    @replicas.setter
    def replicas(self, replicas: int | None) -> None:
        devices.use(replicas)


options = Options()
