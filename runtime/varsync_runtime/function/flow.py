"""What stands around the code that runs: nothing, a condition on a tensor, or a nested function.

`tf.distribute` refuses to synchronise under the latter two (`merge_call` called while defining a new
graph). What counts is what stands between the start of the replica's code and here.
"""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from varsync_runtime.events import Site, here
from varsync_runtime.function.sources import Span, position
from varsync_runtime.ops.random import graphs as random_graphs


class ControlFlow(enum.Enum):
    """The values are those of `varsync_runtime.semantics.ControlFlow`."""

    STRAIGHT = "straight"
    TENSOR_CONDITION = "tensor_condition"
    NESTED_FUNCTION = "nested_function"


class _Around(enum.Enum):
    REPLICA = "replica"
    CONDITION = "condition"
    LOOP = "loop"
    FUNCTION = "function"


_CALLED = (_Around.FUNCTION, _Around.LOOP)


@dataclass(frozen=True)
class _Part:
    """A part of what a frame runs that stands under a condition on a tensor.

    `depth` is the number of entries of `_around` when the condition was met, `loop` the line where
    the loop begins if it is a loop's.
    """

    depth: int
    spans: tuple[Span, ...]
    loop: int | None


_around: list[_Around] = []
# where the user called the functions and loops among these, by their place
_callers: dict[int, Site] = {}
# the parts of each running frame, in the order in which their conditions were met
_conditional: dict[FrameType, list[_Part]] = {}


class _Entered:
    """A context in which something more stands around the code."""

    def __init__(self, around: _Around) -> None:
        self._what = around

    def __enter__(self) -> None:
        if self._what in _CALLED:
            _callers[len(_around)] = here()
        _around.append(self._what)

    def __exit__(self, *_: object) -> None:
        if self._what is _Around.FUNCTION:
            _forget()
        _around.pop()


def replica() -> _Entered:
    """Here a replica's code begins: what stands around this does not count."""
    return _Entered(_Around.REPLICA)


@contextmanager
def condition(
    place: random_graphs.Path | None = None, part: str = "", *, loop: bool = False
) -> Iterator[None]:
    """A branch of `tf.cond`, or a part of a `loop`, the body of `tf.while_loop` say.

    With the place of the op in the graph, random ops in this part of it have own numbers.
    """
    with _Entered(_Around.LOOP if loop else _Around.CONDITION), random_graphs.inside(place, part):
        yield


def function() -> _Entered:
    """The code of a `tf.function`."""
    return _Entered(_Around.FUNCTION)


def _forget() -> None:
    """Frames whose condition was met inside the function that ends are gone."""
    depth = len(_around)
    for frame, parts in list(_conditional.items()):
        kept = [part for part in parts if part.depth < depth]
        if kept:
            _conditional[frame] = kept
        else:
            del _conditional[frame]


def conditional(frame: FrameType, spans: tuple[Span, ...], *, loop: int | None = None) -> None:
    """Tells that these parts of what `frame` runs stand under a condition on a tensor, that of the
    loop in line `loop` if it is one's."""
    if not spans:
        return
    parts = _conditional.setdefault(frame, [])
    part = _Part(len(_around), spans, loop)
    if part not in parts:
        parts.append(part)


def current() -> ControlFlow:
    """What stands around the code that runs now."""
    start = 0
    for index in range(len(_around) - 1, -1, -1):
        if _around[index] is _Around.REPLICA:
            start = index + 1
            break
    inner = _around[start:]
    functions = inner.count(_Around.FUNCTION)
    # on the host the outermost function is what is compiled; in a replica it is a nested one
    if functions > (0 if start else 1):
        return ControlFlow.NESTED_FUNCTION
    if _Around.CONDITION in inner or _Around.LOOP in inner or _stands(start):
        return ControlFlow.TENSOR_CONDITION
    return ControlFlow.STRAIGHT


def calling_branch() -> Site | None:
    """Where a branch on a tensor has the `tf.function` that runs; None if none has.

    It is the innermost branch around the function, and in it the line of the outermost of what is
    compiled by itself: of the function, of one that calls it, or of a loop in which it is called.
    """
    inside: Site | None = None
    function = False
    for kind, place in _outwards():
        if kind is _Around.FUNCTION:
            function = True
        if kind is _Around.CONDITION and function:
            return inside
        if kind in _CALLED:
            inside = place
    return None


def _outwards() -> Iterator[tuple[_Around, Site | None]]:
    """What stands around this code, the innermost first; of loops and functions where they are."""
    parts = list(_standing())
    for at in range(len(_around), -1, -1):
        if at < len(_around):
            yield _around[at], _callers.get(at)
        for frame, part in parts:
            if part.depth == at:
                if part.loop is None:
                    yield _Around.CONDITION, None
                else:
                    yield _Around.LOOP, Site(frame.f_code.co_filename, part.loop)


def _stands(start: int) -> bool:
    """Whether this code stands under a condition that was met at this depth or a higher one."""
    return any(part.depth >= start for _, part in _standing())


def _standing() -> Iterator[tuple[FrameType, _Part]]:
    """The parts in which the code that runs now stands, the innermost first."""
    if not _conditional:
        return
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        for part in reversed(_conditional.get(frame, ())):
            now = position(frame)
            if any(now in span for span in part.spans):
                yield frame, part
        frame = frame.f_back


def depth() -> int:
    """How many functions stand around the code that runs now."""
    return _around.count(_Around.FUNCTION)
