"""What each process does on the host with its own copy ends alike in all of them.

TensorFlow does it copy by copy: where one fails, the later ones are not reached, and the host sees the
exception. Here the copies' processes do it at the same time, so they tell each other how it went.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from varsync_runtime.distribute.crew import Crew
from varsync_runtime.distribute.failures import Failure
from varsync_runtime.function import undo

Result = TypeVar("Result")


def alike(crew: Crew, operation: str, do: Callable[[], Result] | None) -> Result | None:
    """What `do` gives here; a meeting of all who run this host code. None: nothing to do here.

    Where it fails, the exception of the first copy is raised in all processes, and what was
    written to later copies is taken back.
    """
    if crew.local == 1:
        return None if do is None else do()
    result, error = None, None
    with undo.Transaction() as writes:
        try:
            result = None if do is None else do()
        except Exception as raised:
            error = raised
        index = crew.index
        told = crew.collect(None if error is None else Failure.of(error), operation)
        first = next((at for at, failure in enumerate(told) if failure is not None), None)
        if first is None:
            return result
        if first != index:
            # an observer does what replica 0 does
            if (index or 0) >= first:
                writes.rollback()
            error = told[first].exception()
    assert error is not None
    raise error
