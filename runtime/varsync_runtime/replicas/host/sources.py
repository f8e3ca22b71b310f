"""What differs from process to process although the code is the same: clock, chance, input.

The clock is read by the first rank for all, where the script's own code asks for it: a loop that
ends by the clock ends in the same step everywhere. Random bytes (os.urandom, and with it uuid4,
secrets, unseeded `random` and NumPy generators) and names of temporary files come from streams that
all ranks continue alike, without a meeting: what they were before the ranks were copied apart.
"""

from __future__ import annotations

import builtins
import functools
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from varsync_runtime.events.sites import is_users
from varsync_runtime.replicas.host import together
from varsync_runtime.replicas.host.context import Role, role
from varsync_runtime.replicas.host.patches import replace
from varsync_runtime.replicas.world import current

CLOCKS = (
    "time",
    "time_ns",
    "perf_counter",
    "perf_counter_ns",
    "monotonic",
    "monotonic_ns",
    "process_time",
    "process_time_ns",
)
_urandom = os.urandom
_state: tuple[Any, ...] | None = None  # of `random`


class _Stream:
    """Chance that is the same in all ranks on the host, and each rank's own elsewhere."""

    def __init__(self) -> None:
        self.common = random.Random(_urandom(32))

    def bytes(self, count: int) -> bytes:
        if role() is not Role.TOGETHER and not self._before_growth():
            return _urandom(count)
        return self.common.randbytes(count)

    @staticmethod
    def _before_growth() -> bool:
        world = current()
        return world.size == world.workers


class _Names:
    """Candidates for the names of temporary files."""

    characters = "abcdefghijklmnopqrstuvwxyz0123456789_"

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        size = len(self.characters)
        return "".join(self.characters[byte % size] for byte in self._stream.bytes(8))


def install() -> None:
    """Replaces the sources."""
    for name in CLOCKS:
        replace(time, name, functools.partial(_clock, name))
    replace(builtins, "input", _input)
    stream = _Stream()
    replace(os, "urandom", lambda original: lambda size, /: stream.bytes(size))
    random._urandom = os.urandom  # type: ignore[attr-defined]
    tempfile._name_sequence = _Names(stream)  # type: ignore[attr-defined]
    _seed_alike()


def remember() -> None:
    """Before a rank is copied: `random` seeds itself anew in every forked process."""
    global _state
    _state = random.getstate()


def recall() -> None:
    """In the copy: goes on where the original does."""
    if _state is not None:
        random.setstate(_state)


def _clock(name: str, original: Any) -> Any:
    def clock() -> Any:
        if is_users(sys._getframe(1).f_code.co_filename) and role() is Role.TOGETHER:
            return together.once(f"time.{name}", original)
        return original()

    return clock


def _input(original: Any) -> Any:
    def input(prompt: object = "", /) -> str:
        what = role()
        if what is Role.TOGETHER:
            return str(together.once("input", lambda: original(prompt)))
        return "" if what is Role.MUTE else str(original(prompt))

    return input


def _seed_alike() -> None:
    """Generators that nobody seeds are seeded from our bytes, not by the kernel."""
    original = random.Random.seed

    def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
        if a is None:
            a = int.from_bytes(os.urandom(32), "little")
        original(self, a, version)

    random.Random.seed = seed  # type: ignore[method-assign]
    random.seed = vars(random)["_inst"].seed
