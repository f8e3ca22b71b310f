"""In which order the ranks' values are added: floating-point sums depend on it."""

from __future__ import annotations

import enum
from collections.abc import Iterator

ALIGNMENT = 64  # bytes; TensorFlow cuts a ring's chunks at multiples of it


class Order(enum.Enum):
    """RANKS: ((r0 + r1) + r2) + …; RING: as the ring all-reduce of TensorFlow's collectives;
    FIRST_LAST: ((r1 + r2) + …) + r0.

    The ring cuts the flat array into as many chunks as there are ranks; chunk k is added in the
    order k, k+1, …, k-1.
    """

    RANKS = "ranks"
    RING = "ring"
    FIRST_LAST = "first last"


def ring_chunk(count: int, itemsize: int, ranks: int) -> int:
    """How many elements a chunk of the ring has (the last ones may have fewer, or none)."""
    nbytes = ALIGNMENT * (-(-count // ranks) * itemsize // ALIGNMENT + 1)
    return max(nbytes // itemsize, 1)


def runs(
    order: Order, start: int, stop: int, count: int, itemsize: int, ranks: int
) -> Iterator[tuple[int, int, int]]:
    """Cuts elements start to stop of an array of `count`: (start, stop, the first rank added)."""
    if order is not Order.RING or ranks == 1:
        if start < stop:
            yield start, stop, int(order is Order.FIRST_LAST and ranks > 1)
        return
    chunk = ring_chunk(count, itemsize, ranks)
    while start < stop:
        first = start // chunk
        end = min(stop, (first + 1) * chunk)
        yield start, end, first % ranks
        start = end
