"""The random ops of a `tf.function`: which op of the graph a call of one is, and what it keeps.

TensorFlow gives each op of a graph its seeds when the function is traced, and a generator that goes
on from call to call. Here the function's Python code runs at each call, so ops are found again by
their number in it; a place that holds code of its own (a nested function, a branch, the body of a
loop) counts from 0, each round of a loop again.
"""

from __future__ import annotations

import contextlib
import copy
import weakref
from collections.abc import Iterator
from types import FrameType
from typing import Any, TypeVar

from varsync_runtime.ops.random.philox import Philox
from varsync_runtime.ops.random.surroundings import Counter, replica, surroundings
from varsync_runtime.tensors.state import state

Path = tuple[Any, ...]
T = TypeVar("T")
# Parts of a graph: the body of a loop, whose rounds TensorFlow may run at the same time, and that of
# a loop over a dataset
ROUNDS = "rounds"
ELEMENTS = "elements"


class Memory:
    """What the random ops of one traced function keep from call to call."""

    def __init__(self) -> None:
        self.seeds: dict[Path, tuple[int | None, int | None]] = {}
        """Its ops', as the function was traced."""
        self.kernels: dict[Path, Kernel] = {}
        """Its ops', and those of the functions that it calls."""
        self.called: dict[Path, dict[Path, tuple[int | None, int | None]]] = {}
        """The seeds of the functions that it called when it was traced."""
        self.epoch = 0
        self.apart = False
        """Whether it is an instance of a function that a dataset calls."""
        self.tracer: weakref.ref[Any] | None = None


class Kernel:
    """The generator of one op; how far it is, is set back when what it did is taken back."""

    def __init__(self, first: int, second: int) -> None:
        self._generator = Philox(first, second)
        self._position = Counter(self._generator.counter)

    @property
    def counter(self) -> int:
        """Where it stands."""
        return self._position.value

    def move(self, counter: int) -> None:
        """Stands there from now on."""
        self._position.set(counter)

    def reserve(self, blocks: int) -> Philox:
        """A generator for these blocks; this one stands after them."""
        found = self._generator.copy()
        found.counter = self._position.value
        self._generator.counter = found.counter
        self._generator.skip(blocks)
        self._position.set(self._generator.counter)
        return found


class Frame:
    """A part of a graph that has its own numbers of ops."""

    def __init__(
        self, path: Path, memory: Memory, traced: Memory | None = None, depth: int = 0
    ) -> None:
        self.path = path
        self.memory = memory
        self.traced = memory if traced is None else traced
        """What the function keeps whose code it is, if that is called by the one of `memory`."""
        self.depth = depth
        """How much of the path leads to that function."""
        self.ops = Counter(0)
        self.unseeded = Counter(0)
        self.blocks: dict[FrameType, dict[Any, Frame]] = {}
        """By the Python frame that runs it, the code whose ops have numbers of their own."""

    def next(self) -> Path:
        """The next op, or the next place that holds code of its own."""
        return (*self.path, self.ops.next())

    def part(self, path: Path) -> Frame:
        """A part of the same function."""
        return Frame(path, self.memory, self.traced, self.depth)

    def again(self) -> None:
        """The next op is the first one again: another round of a loop."""
        self.ops.set(0)

    def anew(self) -> None:
        """Its ops begin their generators again."""
        depth = len(self.path)
        for path in [path for path in self.memory.kernels if path[:depth] == self.path]:
            del self.memory.kernels[path]


_frames: weakref.WeakKeyDictionary[Any, list[Frame]] = weakref.WeakKeyDictionary()
_memories: weakref.WeakKeyDictionary[Any, dict[int | None, Memory]] = weakref.WeakKeyDictionary()


def frame(graph: Any) -> Frame:
    """The part of `graph` that is run now."""
    found = _base(graph)
    if found.blocks and surroundings.block is not None:
        block: Frame = surroundings.block(found)
        return block
    return found


def base() -> Frame:
    """The part of the graph that is built now, whatever block of it runs."""
    return _base(state.graph)


def _base(graph: Any) -> Frame:
    frames = _frames.get(graph)
    if frames is None:
        frames = _frames[graph] = [_root(graph)]
    return frames[-1]


def forget(graph: Any) -> None:
    """The graph's function has ended: the frames of its code are not kept."""
    _frames.pop(graph, None)


def current_frame() -> Frame | None:
    """The part of the graph that is built now, None if ops run eagerly."""
    return None if state.graph is None else frame(state.graph)


def common_frame() -> Frame | None:
    """The part of a graph whose numbers the replicas share, None if they run eagerly."""
    return current_frame() if surroundings.frame is None else surroundings.frame()


def instance(trace: T, memory: Memory | None = None) -> tuple[T, Memory]:
    """A copy of a traced function: its ops have the same seeds, and generators of their own.

    `memory` is what an earlier instance keeps, if this is another copy of it.
    """
    made = copy.copy(trace)
    if memory is None:
        memory = Memory()
        memory.seeds = _memory(trace, None).seeds
        memory.apart = True
    _memories[made] = {None: memory}
    return made, memory


def _memory(trace: Any, place: int | None) -> Memory:
    """What a traced function keeps; TensorFlow traces it for each replica, and for the host."""
    of_places = _memories.setdefault(trace, {})
    found = of_places.get(place)
    if found is None:
        found = of_places[place] = Memory()
    return found


def _root(graph: Any) -> Frame:
    trace = getattr(graph, "trace", None) or graph
    shared = _memories.get(trace, {}).get(None)
    if shared is not None and shared.apart:
        return Frame((), shared)
    memory = _memory(trace, replica())
    if getattr(graph, "tracing", False) and (memory.tracer is None or memory.tracer() is not graph):
        # TensorFlow traces a function that made variables twice, and runs the second graph only
        memory.__init__()  # type: ignore[misc]
        memory.tracer = weakref.ref(graph)
    outer = getattr(graph, "outer_graph", None)
    return Frame((), memory) if outer is None else _called(graph, memory, outer)


def _called(graph: Any, memory: Memory, outer: Any) -> Frame:
    """A function that another one calls: its seeds are its own, its generators the caller's."""
    around = frame(outer)
    path = around.next()
    known = around.traced.called
    if outer.tracing:
        known[path[around.depth :]] = memory.seeds
    elif graph.tracing:
        # made anew by code that TensorFlow ran once
        memory.seeds = known.get(path[around.depth :], memory.seeds)
    return Frame(path, around.memory, memory, len(path))


def place() -> Path | None:
    """A place in the graph that is built, for `inside`; None if there is no graph."""
    return None if state.graph is None else next_place()


def next_place() -> Path:
    """A place in the graph that is built."""
    return frame(state.graph).next()


@contextlib.contextmanager
def inside(where: Path | None, part: str = "") -> Iterator[None]:
    """Runs code of its own at a place of the graph: a branch, or once more a loop's body."""
    if where is None or state.graph is None:
        yield
        return
    with within(base().part((*where, part))):
        yield


@contextlib.contextmanager
def within(part: Frame) -> Iterator[None]:
    """Runs code in this part of the graph."""
    graph = state.graph
    base()
    _frames[graph].append(part)
    try:
        yield
    finally:
        _frames[graph].pop()
