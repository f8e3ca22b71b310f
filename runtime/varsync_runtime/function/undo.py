"""The writes of a call that is being traced, so that they can be taken back.

TensorFlow builds a graph first and runs it afterwards; a step that is rejected while it is traced
has written nothing. Here both happen at once, so each write is kept until the tracing has succeeded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Protocol

from varsync_runtime.ops.random.surroundings import surroundings


class Undoable(Protocol):
    """What `log` takes: whatever holds its value as `_array` and rebinds it on a write."""

    _array: Any


class Transaction:
    """The writes between `with` and its end; `rollback` takes them back, the last one first."""

    def __init__(self) -> None:
        self._writes: list[tuple[Undoable, Any]] = []

    def __enter__(self) -> Transaction:
        _open.append(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _open.pop()
        if _open:
            # whoever stands around may have to take them back too
            _open[-1]._writes += self._writes

    def rollback(self) -> None:
        """Every variable holds again what it held before its first write."""
        for variable, array in reversed(self._writes):
            variable._array = array
        self._writes.clear()

    def before(self, variable: Undoable) -> Any:
        """What a variable held before its first write since the beginning."""
        return _before(variable, variable._array, _open[_open.index(self) :])


def _before(variable: Undoable, now: Any, transactions: Sequence[Transaction]) -> Any:
    """What a variable that is `now` this held before the first of these transactions' writes."""
    writes = (write for one in transactions for write in one._writes)
    return next((array for written, array in writes if written is variable), now)


_open: list[Transaction] = []
_aside: list[list[Transaction]] = []


@contextmanager
def outside(transaction: Transaction) -> Iterator[None]:
    """What is written here neither this transaction nor those in it take back; those around may."""
    at = _open.index(transaction) if transaction in _open else len(_open)
    inner = _open[at:]
    del _open[at:]
    _aside.append(inner)
    try:
        yield
    finally:
        _aside.pop()
        _open.extend(inner)


def is_open() -> bool:
    """Whether what is written now may be taken back."""
    return bool(_open)


def log(variable: Undoable, old: Any) -> None:
    """Tells that `variable._array` was `old` and is about to be written."""
    if _open:
        stands_for = getattr(variable, "_stands_for", None)
        variable = variable if stands_for is None else stands_for
        if _aside:
            # the writes of what stands aside come later in the list, but were earlier
            old = _before(variable, old, _aside[-1])
        _open[-1]._writes.append((variable, old))


surroundings.log = log
