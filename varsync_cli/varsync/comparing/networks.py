"""How long synchronisations would take on hardware that people have: a stated estimate."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Network:
    """What connects the replicas: seconds until a message is there, and bytes in a second."""

    name: str
    latency: float
    bandwidth: float

    def seconds(self, replicas: int, times: int, nbytes: int) -> float:
        """How long `times` all-reduces in a ring take, of `nbytes` of a replica all together.

        Each passes 2 (N - 1) messages on, of 1/N of its bytes: T = 2 (N - 1) (latency + bytes / N /
        bandwidth).
        """
        hops = 2 * (replicas - 1)
        return hops * (times * self.latency + nbytes / max(replicas, 1) / self.bandwidth)


NETWORKS = {
    "nvlink": Network("NVLink", 2e-6, 300e9),
    "pcie": Network("PCIe 4.0 x16", 5e-6, 25e9),
    "100gbe": Network("100 Gb Ethernet", 20e-6, 12.5e9),
    "10gbe": Network("10 Gb Ethernet", 50e-6, 1.25e9),
}
"""Round figures: the bandwidth that is on the box, and a usual latency of one message."""

USUAL = NETWORKS["pcie"]


def in_words(seconds: float) -> str:
    """`12 us`, `3.40 ms` or `1.25 s`."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f} us"
