"""What random ops ask of the parts above them; each is None until that part sets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Surroundings:
    """One object with what is known of the replica that runs, and of the code around."""

    def __init__(self) -> None:
        self.replica: Callable[[], int | None] | None = None
        """The number of the replica that runs here, counted in this worker; None on the host."""
        self.frame: Callable[[], Any] | None = None
        """The part of a graph in which the replicas were started, None if they run eagerly."""
        self.take_turn: Callable[[], None] | None = None
        """Waits until the replicas before this one are at the ends of their segments."""
        self.wrote: Callable[[], None] | None = None
        """Told that this replica changed `kernels.handing`, so that the others must take it over."""
        self.log: Callable[[Any, Any], None] | None = None
        """`log(object, old)`: `object._array` was `old` and is about to be written."""
        self.block: Callable[[Any], Any] | None = None
        """The block of a `graphs.Frame` in which the code stands that runs."""


surroundings = Surroundings()


def replica() -> int | None:
    """The number of the replica that runs here, None on the host."""
    return None if surroundings.replica is None else surroundings.replica()


def log(thing: Any, old: Any) -> None:
    """Tells that `thing._array` was `old`."""
    if surroundings.log is not None:
        surroundings.log(thing, old)


class Kept(Generic[Value]):
    """A value that is set back when what set it is taken back."""

    __slots__ = ("_array",)

    def __init__(self, value: Value) -> None:
        self._array = value

    @property
    def value(self) -> Value:
        return self._array

    def set(self, value: Value) -> None:
        """The value from now on."""
        if value != self._array:
            log(self, self._array)
            self._array = value


class Counter(Kept[int]):
    """A number that is set back when what counted is taken back."""

    __slots__ = ()

    def next(self) -> int:
        """The number, which is one more afterwards."""
        value = self._array
        self.set(value + 1)
        return value
