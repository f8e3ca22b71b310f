"""What a rank is about to do: it stands in the shared block while the rank waits."""

from __future__ import annotations

import pickle
from typing import NamedTuple

COLLECTIVES = ("merge", "collective")
# what a replica does in the middle of a segment of `strategy.run`, and how it is told
PAUSES = {
    "create": "creation",
    "turn": "turn to touch a variable of one copy",
    "look": "read of another replica's copy",
}
# what replicas do within one call of `strategy.run`: they know what to make of each other
RUN = frozenset(("merge", "done", "raised", *PAUSES))


class Intent(NamedTuple):
    """What a rank is about to do, as far as other ranks must know to judge whether it fits.

    `kind` is "merge", "collective", "done", "raised", "host", "barrier", ...; `operation` is
    "assign_add", "all_reduce", ...; `site` is a line of the user's ("train.py:41"); `extra` is
    anything small and picklable that the ranks must compare.
    """

    kind: str
    operation: str = ""
    variable: str = ""
    dtype: str = ""
    shape: tuple[int, ...] = ()
    site: str = ""
    extra: tuple[object, ...] = ()

    @property
    def is_collective(self) -> bool:
        """Whether values are exchanged, and not only the ranks kept in step."""
        return self.kind in COLLECTIVES

    @property
    def what(self) -> str:
        """What it is, without where: "assign_add of total float32[]"."""
        what = self.operation or self.kind
        of = f" of {self.variable}" if self.variable else ""
        form = f" {self.dtype}{list(self.shape)}" if self.dtype else ""
        return f"{what}{of}{form}"

    def __str__(self) -> str:
        return self.what + (f" at {self.site}" if self.site else "")


class Posted(NamedTuple):
    """What one rank brought to a meeting."""

    intent: Intent
    data: bytes


def pack(intent: Intent) -> bytes:
    """The intent as bytes."""
    return pickle.dumps(tuple(intent), pickle.HIGHEST_PROTOCOL)


def unpack(data: bytes) -> Intent:
    """The intent that `pack` made bytes of."""
    return Intent(*pickle.loads(data))


def shortened(intent: Intent, room: int) -> bytes:
    """The intent as at most `room` (at least 512) bytes: without its extra, and cut, if need be."""
    for limit, extra in ((10_000, intent.extra), (10_000, ()), (40, ())):
        short = Intent(
            intent.kind[:limit],
            intent.operation[:limit],
            intent.variable[:limit],
            intent.dtype[:limit],
            intent.shape[: limit // 10],
            intent.site[-limit:],
            extra,
        )
        packed = pack(short)
        if len(packed) <= room:
            return packed
    return pack(Intent(intent.kind[:40]))
