"""What a pass over a distributed dataset gives where steps are limited (`events.budget`)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from varsync_runtime import events

T = TypeVar("T")


class Rations(Generic[T]):
    """The elements of an iterator: one, and more while the budget lasts.

    Whoever asks again after an end begins a new pass. `agree` makes what is true in one worker true
    in all.
    """

    def __init__(self, elements: Iterator[T], agree: Callable[[bool], bool]) -> None:
        self._elements = elements
        self._agree = agree
        self._begun = False

    def __iter__(self) -> Rations[T]:
        return self

    def __next__(self) -> T:
        budget = events.budget()
        over = self._agree(self._begun and budget.spent)
        element = next(self._elements)
        if over:
            self._elements = itertools.chain([element], self._elements)
            self._begun = False
            budget.refuse()
            raise StopIteration
        self._begun = True
        budget.fetch()
        return element


def rationed(
    elements: Iterator[T], agree: Callable[[bool], bool] = lambda mine: mine
) -> Iterator[T]:
    """The elements of a pass; as they are where steps are not limited."""
    return elements if events.budget().most is None else Rations(elements, agree)
