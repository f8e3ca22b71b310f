"""What the functions of a dataset keep while one iterator over it lives: their random generators.

TensorFlow instantiates the functions of a dataset for each iterator that the user makes, and they go
on from there, also where the dataset is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeVar

from varsync_runtime.ops.random import graphs
from varsync_runtime.ops.random.graphs import Memory
from varsync_runtime.tensors.state import state

T = TypeVar("T")
Trace = TypeVar("Trace")


class Iteration:
    """One iterator over a dataset."""

    def __init__(self) -> None:
        self._memories: dict[object, Memory] = {}
        self._instances: dict[object, object] = {}
        self._ahead: dict[object, list[tuple[int, int]]] = {}

    def begun(self, start: Callable[[], None]) -> None:
        """What TensorFlow draws when it makes the iterator: `start` calls `draw_ahead`."""
        _Current.beginning, outer = self, _Current.beginning
        try:
            start()
        finally:
            _Current.beginning = outer

    def keep(self, owner: object, seeds: tuple[int, int]) -> None:
        """Seeds for the next rows of `owner`."""
        self._ahead.setdefault(owner, []).append(seeds)

    def kept(self, owner: object) -> tuple[int, int] | None:
        """The seeds that were kept for rows of `owner`, the first ones first."""
        seeds = self._ahead.get(owner)
        return seeds.pop(0) if seeds else None

    def instance(self, trace: Trace, place: Hashable, depth: int) -> Trace:
        """A traced function as this iterator calls it."""
        branch = CAPTURED if depth <= _Current.inside else _Current.branch
        used, kept = (trace, branch), (place, branch)
        found = self._instances.get(used)
        if found is None:
            found, memory = graphs.instance(trace, self._memories.get(kept))
            self._instances[used], self._memories[kept] = found, memory
        return found  # type: ignore[return-value]

    def pulled(self, make: Callable[[], Iterator[T]]) -> Iterator[T]:
        """The rows, each made as part of this iteration."""
        rows: Iterator[T] | None = None
        while True:
            outer = _Current.iteration, _Current.branch, _Current.inside
            _Current.iteration, _Current.branch, _Current.inside = self, (), -1
            try:
                rows = make() if rows is None else rows
                row = next(rows)
            except StopIteration:
                return
            finally:
                _Current.iteration, _Current.branch, _Current.inside = outer
            yield row


CAPTURED = (-1,)
"""In place of a branch: the functions of datasets that other functions capture, which are one."""


class _Current:
    iteration: Iteration | None = None
    beginning: Iteration | None = None
    """The one whose iterator is being made."""
    branch: tuple[int, ...] = ()
    """Which input is pulled of each dataset of several inputs."""
    inside: int = -1
    """How deep the function was made whose dataset is pulled; below 0 in no such dataset."""


def branches(inputs: Sequence[Iterator[T]]) -> list[Iterator[T]]:
    """The rows of the inputs of one dataset.

    What two of them are made of is there twice, and each has functions of its own. That is what
    TensorFlow makes of a pipeline when it optimizes it: of a dataset that a function gives it is not.
    """
    return [_branch(rows, at) for at, rows in enumerate(inputs)]


def _branch(rows: Iterator[T], at: int) -> Iterator[T]:
    while True:
        outer = _Current.branch
        if _Current.inside < 0:
            _Current.branch = (*outer, at)
        try:
            row = next(rows)
        except StopIteration:
            return
        finally:
            _Current.branch = outer
        yield row


def given(rows: Iterator[T], depth: int) -> Iterator[T]:
    """The rows of a dataset that a function gives; `depth` is where that was made."""
    while True:
        outer, _Current.inside = _Current.inside, depth
        try:
            row = next(rows)
        except StopIteration:
            return
        finally:
            _Current.inside = outer
        yield row


def depth() -> int:
    """In how many functions a dataset is made."""
    graph, found = state.graph, 0
    while graph is not None:
        graph, found = getattr(graph, "outer_graph", None), found + 1
    return found


def instance(trace: Trace, place: Hashable, depth: int) -> Trace:
    """A traced function as the iterator that runs now calls it; `depth` is where it was made.

    Functions of the same place are one: a function that makes datasets makes the same ones again.
    """
    iteration = _Current.iteration
    return trace if iteration is None else iteration.instance(trace, place, depth)


def begin(make: Callable[[], Iterator[T]], start: Callable[[], None]) -> Iterator[T]:
    """An iterator of the user's begins; `make` gives its rows, `start` draws seeds for them."""
    iteration = Iteration()
    iteration.begun(start)
    return iteration.pulled(make)


def draw_ahead(owner: object, draw: Callable[[], tuple[int, int]]) -> None:
    """Draws seeds for rows of `owner`, which get them if an iterator is being made."""
    seeds = draw()
    if _Current.beginning is not None:
        _Current.beginning.keep(owner, seeds)


def drawn(owner: object, draw: Callable[[], tuple[int, int]]) -> tuple[int, int]:
    """The seeds of rows of `owner` that begin: those that were drawn ahead, else new ones."""
    kept = None if _Current.iteration is None else _Current.iteration.kept(owner)
    return draw() if kept is None else kept
