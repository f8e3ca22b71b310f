"""All-reduce and meetings of replica processes against a copy of the same memory, in one run.

    python -m tests.benchmarks.all_reduce [ranks ...]

Prints, for each number of ranks (2 and 4 unless given), the best time of an all-reduce of float32
from 4 B to 64 MB, of `numpy.copyto` of as much and their ratio, and of a meeting without data.
Times are of the first rank; "best" is of batches, so that other work on the machine disturbs
little.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from varsync_runtime.replicas.intents import Intent
from varsync_runtime.replicas.orders import Order
from varsync_runtime.replicas.world import World

from tests.runtime.ranks import run_ranks

# bytes: calls in a batch, batches
SIZES = {
    4: (30, 300),
    4 << 10: (30, 100),
    64 << 10: (10, 60),
    1 << 20: (3, 40),
    4 << 20: (1, 40),
    64 << 20: (1, 5),
}
MANY = 16  # ranks from which on there is less of everything


def best(call: Callable[[], object], calls: int, batches: int) -> float:
    """Seconds of a call in the best batch."""
    fastest = float("inf")
    for _ in range(batches):
        begun = time.perf_counter()
        for _ in range(calls):
            call()
        fastest = min(fastest, (time.perf_counter() - begun) / calls)
    return fastest


def measure(world: World) -> list[tuple[str, float, float]]:
    """What was measured, seconds, and seconds of a copy (0: not a matter of bytes)."""
    few = world.size >= MANY
    intent = Intent("merge", "assign_add", "total", "float32", (), "train.py:41")
    calls, batches = (3, 5) if few else SIZES[4]
    rows = [("meeting", best(lambda: world.meet(intent), calls, batches), 0.0)]
    for size, (calls, batches) in SIZES.items():
        if few and size > 4 << 20:
            continue
        array: NDArray[Any] = np.ones(size // 4, np.float32)
        other = np.empty_like(array)
        if few:
            calls, batches = 1, 5
        for order in Order:
            seconds = best(lambda a=array, o=order: world.all_reduce(a, order=o), calls, batches)  # type: ignore[misc]
            copy = best(lambda a=array, b=other: np.copyto(b, a), calls, batches)  # type: ignore[misc]
            rows.append((f"{size:>9} B {order.value}", seconds, copy))
    return rows


def report(ranks: int) -> None:
    """Measures one number of ranks and prints it."""
    begun = time.perf_counter()
    rows = run_ranks(ranks, measure, timeout=120)[0]
    print(f"{ranks} ranks ({time.perf_counter() - begun:.1f} s in all)")
    for name, seconds, copy in rows:
        beside = f"   copy {1e6 * copy:10.1f} us, ratio {seconds / copy:7.1f}" if copy else ""
        print(f"  {name:<18} {1e6 * seconds:10.1f} us{beside}")


if __name__ == "__main__":
    for argument in sys.argv[1:] or ["2", "4"]:
        report(int(argument))
