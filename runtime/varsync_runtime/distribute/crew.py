"""The processes of a strategy: which of them are its replicas, and how they exchange values.

A worker is a group of processes that run the same host code; each worker has the same number of
replicas. The worker's process i is its replica i; a worker's further processes (a strategy with
fewer replicas than an earlier one) run host code only: observers. With one replica in each worker,
all of the worker's processes do what the replica does: they are in lockstep anyway, so nobody has
to tell anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from varsync_runtime import events
from varsync_runtime.distribute import pickling
from varsync_runtime.replicas import world as worlds
from varsync_runtime.replicas.intents import Intent, Posted
from varsync_runtime.replicas.orders import Order
from varsync_runtime.tensors.errors import NotModelled


class Crew:
    """The processes of one strategy, seen from this process.

    `local` replicas in each of `workers` workers.
    """

    def __init__(self, local: int, workers: int = 1) -> None:
        self.local = local
        self.workers = workers
        self.replicas = local * workers
        self.running = 0
        """How many calls of `strategy.run` this process is in: an observer is in none."""

    @property
    def worker(self) -> int:
        """The number of this process's worker."""
        return worlds.current().worker if self.workers > 1 else 0

    @property
    def first(self) -> int:
        """The number of this worker's first replica, of all replicas."""
        return self.worker * self.local

    @property
    def peers(self) -> Sequence[int]:
        """The processes that run this host code."""
        return worlds.current().local_ranks

    @property
    def index(self) -> int | None:
        """Which of its worker's replicas this process is; None: an observer."""
        if self.local == 1:
            return 0
        world = worlds.current()
        at = world.rank - world.local_ranks[0]
        return at if at < self.local else None

    @property
    def ranks(self) -> Sequence[int]:
        """The processes of this worker's replicas."""
        return self.peers[: self.local]

    @property
    def audience(self) -> Sequence[int]:
        """The processes that run this code, be it the host's or that of a merge function."""
        return self.ranks if self.running else self.peers

    @property
    def has_observers(self) -> bool:
        """Whether some processes run the host code and are no replica."""
        return self.local > 1 and len(worlds.current().local_ranks) > self.local

    @property
    def everyone(self) -> Sequence[int]:
        """The processes of all replicas of all workers, in their order."""
        if self.workers == 1:
            return self.ranks
        world = worlds.current()
        width = world.size // world.workers
        return [worker * width + at for worker in range(self.workers) for at in range(self.local)]

    def require_others(self, what: str) -> None:
        """Raises NotModelled in a process that the script forked: the replicas are not there."""
        if worlds.current().size < self.replicas:
            raise NotModelled(f"{what} in a process that the script forked")

    # What the worker's replicas do -----------------------------------------------------

    def meet(self, intent: Intent, data: bytes = b"") -> list[Posted]:
        """A rendezvous of this worker's replicas: what each of them is about to do."""
        if self.local == 1:
            return [Posted(intent, data)]
        return worlds.current().meet(intent, self.ranks, data)

    # What the worker's host code does --------------------------------------------------

    def tell(self, value: Any, index: int = 0) -> Any:
        """What replica `index` of this worker holds, for all who run the host code."""
        if self.local == 1:
            return value
        return share(value, self.peers[index], self.audience, "read of a copy")

    def collect(self, value: Any, operation: str) -> list[Any]:
        """What each replica of this worker holds, for all who run the host code."""
        if self.local == 1:
            return [value]
        own = self.index
        data = b"" if own is None else pickling.attempt(value)
        intent = Intent("host", operation, site=str(events.here()))
        posts = worlds.current().meet(intent, self.audience, data)[: self.local]
        parts = [pickling.received(post.data) for post in posts]
        if own is not None:
            parts[own] = value  # the object itself
        return parts

    # What all replicas do, of all workers -----------------------------------------------

    def sum(self, array: np.ndarray, order: Order = Order.RANKS) -> np.ndarray:
        """The sum of all replicas' arrays, for all who run the host code."""
        if self.replicas == 1:
            return array
        total = None
        if self.index is not None:
            total = worlds.current().all_reduce(array, self.everyone, order)
        return self.tell(total) if self.has_observers else total  # type: ignore[return-value]

    def gather(self, array: np.ndarray) -> list[np.ndarray]:
        """All replicas' arrays, which may differ in shape, for all who run the host code."""
        if self.replicas == 1:
            return [array]
        parts = None
        if self.index is not None:
            data = pickling.dumps(array)
            posts = worlds.current().meet(Intent("gather"), self.everyone, data)
            parts = [pickling.loads(post.data) for post in posts]
        return self.tell(parts) if self.has_observers else parts  # type: ignore[return-value]

    def announce(self, intent: Intent) -> list[Posted]:
        """Before a collective of all workers: what each is about to do."""
        if self.workers == 1 or self.index is None:
            return [Posted(intent, b"")]
        return worlds.current().meet(intent, self.everyone)


def share(value: Any, root: int, ranks: Sequence[int], operation: str = "share") -> Any:
    """The value of process `root`, in all of `ranks`; `operation` says what they do there."""
    world = worlds.current()
    if len(ranks) == 1:
        return value
    data = pickling.attempt(value) if world.rank == root else b""
    data = world.share(data, root, ranks, operation)
    received = pickling.received(data)
    return value if world.rank == root else received
