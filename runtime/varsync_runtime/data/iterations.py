"""What the functions of a dataset keep while one iterator over it lives: their random generators.

TensorFlow instantiates the functions of a dataset for each iterator that the user makes, and they go
on from there, also where the dataset is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import TypeVar

from varsync_runtime.ops.random import graphs
from varsync_runtime.ops.random.graphs import Memory

T = TypeVar("T")
Trace = TypeVar("Trace")


class Iteration:
    """One iterator over a dataset."""

    def __init__(self) -> None:
        self._memories: dict[object, Memory] = {}
        self._instances: dict[object, object] = {}

    def instance(self, trace: Trace, place: Hashable) -> Trace:
        """A traced function as this iterator calls it."""
        found = self._instances.get(trace)
        if found is None:
            found, memory = graphs.instance(trace, self._memories.get(place))
            self._instances[trace], self._memories[place] = found, memory
        return found  # type: ignore[return-value]

    def pulled(self, rows: Iterator[T]) -> Iterator[T]:
        """The rows, each made as part of this iteration."""
        while True:
            outer, _Current.iteration = _Current.iteration, self
            try:
                row = next(rows)
            except StopIteration:
                return
            finally:
                _Current.iteration = outer
            yield row


class _Current:
    iteration: Iteration | None = None


def instance(trace: Trace, place: Hashable) -> Trace:
    """A traced function as the iterator that runs now calls it.

    Functions of the same place are one: a function that makes datasets makes the same ones again.
    """
    iteration = _Current.iteration
    return trace if iteration is None else iteration.instance(trace, place)


def begin(make: Callable[[], Iterator[T]]) -> Iterator[T]:
    """An iterator of the user's begins; `make` gives its rows."""
    return Iteration().pulled(make())
