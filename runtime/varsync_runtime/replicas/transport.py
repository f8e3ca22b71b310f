"""What the world needs of whatever carries data between ranks.

One operation: in a *beat*, each of some seats brings bytes, and each sees what all of them brought.
Shared memory is one way (`shared`); an all-gather of MPI, or of processes that were spawned, would
be another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn, Protocol

from varsync_runtime.replicas.intents import Intent


class Unlike(Exception):
    """Seats have come to one beat for different things."""


class Transport(Protocol):
    """One seat's end of it."""

    seat: int
    capacity: int  # bytes that a seat can bring to a beat

    def slot(self, seats: Sequence[int]) -> memoryview:
        """Where to write what this seat brings to its next beat with `seats`: `capacity` bytes."""

    def beat(self, seats: Sequence[int], tag: int, size: int) -> Sequence[memoryview]:
        """Meets the others with the first `size` bytes of `slot`; what each brought, in order.

        `seats` holds this seat; all of them bring the same tag, or Unlike is raised in all. The
        views are `capacity` bytes long and hold until `done` or this seat's next beat. Raises
        RunOver when somebody will not come.
        """

    def differ(self, seats: Sequence[int], intent: Intent, packed: bytes) -> NoReturn:
        """After Unlike: tells what this seat was about to do, and raises Drift with what all were."""

    def done(self) -> None:
        """This seat has read what the others brought."""

    def post(self, intent: Intent, packed: bytes) -> None:
        """Shows others (while this seat waits) what it is about to do."""
