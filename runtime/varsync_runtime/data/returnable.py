"""Iterators whose elements can be given back: those that a trace took which is then thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from varsync_runtime.function import undo

T = TypeVar("T")


class Returnable(Generic[T]):
    """An iterator over the same elements; `undo.Transaction.rollback` gives them back."""

    def __init__(self, elements: Iterator[T]) -> None:
        self._elements = elements
        self._array: Any = 0  # how many of the kept ones are taken, under the name that `undo` sets
        self._kept: list[tuple[T] | None] = []  # None: the end

    def __iter__(self) -> Returnable[T]:
        return self

    def __next__(self) -> T:
        if not undo.is_open() and self._array == len(self._kept):
            if self._kept:
                self._array, self._kept = 0, []
            return next(self._elements)
        taken: int = self._array
        if taken == len(self._kept):
            self._kept.append(next(((one,) for one in self._elements), None))
        undo.log(self, taken)
        self._array = taken + 1
        kept = self._kept[taken]
        if kept is None:
            raise StopIteration
        return kept[0]
