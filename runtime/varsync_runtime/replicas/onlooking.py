"""For whoever looks at a run while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from varsync_runtime.replicas.endings import Standing, Verdict


@dataclass(frozen=True)
class Glance:
    """A run at one moment: `steps` that have begun, where each rank stands, their seats in order.

    `verdict` is why it ends, NONE while it goes on.
    """

    verdict: Verdict
    steps: int
    table: tuple[Standing, ...]
    seats: tuple[int, ...]


class Onlooker(Protocol):
    """What `supervise` calls."""

    def enter_rank(self) -> None:
        """In the process of the first rank of each worker, before anything is run there."""

    def begin(self, look: Callable[[], Glance]) -> None:
        """The first ranks are on their way. `look` may be called from another thread up to `end`."""

    def end(self) -> None:
        """All ranks have ended."""
