"""The blocks that `if`, `while` and `for` on tensors make, in which random ops have own numbers.

TensorFlow makes a graph of each branch and of each body. Here the code runs as it is, so an op is in
the block in which the statement stands that the running frame executes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any

from varsync_runtime.function.places import is_ours
from varsync_runtime.function.sources import Span, position
from varsync_runtime.ops.random import graphs
from varsync_runtime.ops.random.graphs import ROUNDS, Frame, Path
from varsync_runtime.ops.random.surroundings import surroundings


def branches(frame: FrameType, *parts: Sequence[Span]) -> list[Frame]:
    """A condition is met: its branches, of which each stands in some places."""
    place = graphs.next_place()
    found = [graphs.base().part((*place, str(at))) for at in range(len(parts))]
    for branch, spans in zip(found, parts, strict=True):
        _keep(frame, spans, branch)
    return found


def loop(frame: FrameType, spans: Sequence[Span], part: str = ROUNDS) -> Frame:
    """A loop begins: its body, which is to be told of each round by `again`."""
    body = graphs.base().part((*graphs.next_place(), part))
    _keep(frame, spans, body)
    return body


def counting_loop(frame: FrameType, spans: Sequence[Span], counter: str | None) -> Frame:
    """The same for a loop over `range`, of whose rounds nobody tells.

    `counter` is the variable that counts them, None if the body may change it.
    """
    body = _Rounds(graphs.base(), (*graphs.next_place(), ROUNDS), frame, counter)
    _keep(frame, spans, body)
    return body


def running(frame: FrameType, spans: Sequence[Span]) -> Frame | None:
    """The body of the loop that runs in these places, None if none does."""
    return graphs.base().blocks.get(frame, {}).get(spans[0])


def ended(frame: FrameType, spans: Sequence[Span]) -> None:
    """The loop is over."""
    for span in spans:
        graphs.base().blocks.get(frame, {}).pop(span, None)


def _keep(frame: FrameType, spans: Sequence[Span], block: Frame) -> None:
    known = graphs.base().blocks.setdefault(frame, {})
    for span in spans:
        known[span] = block


class _Rounds(Frame):
    """The body of a loop over `range`: it begins again when the counter is another one.

    Without a counter, when the code has gone back.
    """

    def __init__(self, around: Frame, path: Path, frame: FrameType, counter: str | None) -> None:
        super().__init__(path, around.memory, around.traced, around.depth)
        self._frame = frame
        self._counter = counter
        self._last: Any = None

    def next(self) -> Path:
        """The next op."""
        if self._counter is not None:
            count = self._frame.f_locals.get(self._counter)
            is_new = count != self._last
            self._last = count
        else:
            now = tuple(_instructions(self._frame))
            is_new = self._last is not None and now <= self._last
            self._last = now
        if is_new:
            self.again()
        return super().next()


def _instructions(until: FrameType) -> Iterator[int]:
    """Where the frames of the user's code are, from this one inwards."""
    found = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if not is_ours(frame.f_code.co_filename):
            found.append(frame.f_lasti)
        if frame is until:
            break
        frame = frame.f_back
    return reversed(found)


def _block(around: Frame) -> Frame:
    """The innermost block of `around` in which the code stands that runs now."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        known = around.blocks.get(frame)
        if known:
            now = position(frame)
            holding = [span for span in known if now in span]
            if holding:
                return known[max(holding, key=lambda span: span.start)]
        frame = frame.f_back
    return around


surroundings.block = _block
