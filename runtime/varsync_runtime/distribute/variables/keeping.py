"""What a checkpoint has of a variable, and what its copies get of it, as the table says.

After `get_on_read_saveable` and its neighbours in tensorflow/python/distribute/values_util.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from varsync_runtime import events, semantics
from varsync_runtime.distribute import ledger, rejections, telling
from varsync_runtime.distribute.variables import reading, updating
from varsync_runtime.distribute.where import context_of
from varsync_runtime.semantics import Operation, Raises, Rule
from varsync_runtime.tensors.tensor import make


class TableKeeper:
    """Saves and restores variables as `semantics.save` and `semantics.restore` say."""

    def __init__(self) -> None:
        self._to_tell: list[Callable[[], None]] = []

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is saved in here is told when all of it is there."""
        self._to_tell = []
        yield
        for tell in self._to_tell:
            tell()

    def save(self, variable: Any, path: str) -> np.ndarray:
        """The value that stands for the variable in the checkpoint at `path`."""
        outcome = semantics.save(variable._in_table)
        context = context_of(variable)
        if isinstance(outcome, Raises):
            error = rejections.error(outcome, aggregation=lambda: variable.aggregation)
            raise rejections.rejected(error, variable._variable_number, "save", context.value)
        array: np.ndarray
        if hasattr(variable, "_crew"):
            array = reading.combined(variable, outcome, context, "save")
        else:
            array = variable._array_now()
        if telling.listening():
            number = variable._variable_number
            if outcome.reduces:
                nbytes = variable._local_array().nbytes
                reduced = telling.exchange(number, "save", outcome.rule.name, nbytes)
                self._to_tell.append(reduced)
            value, copies = ledger.value_of(array), copies_of(variable)
            site = events.here()
            event = events.Saved(number, path, outcome.rule.name, copies, value, site)
            self._to_tell.append(partial(events.tell, event))
        return array

    def restore(self, variable: Any, array: np.ndarray, path: str) -> None:
        """Gives the variable the value that the checkpoint at `path` has for it."""
        outcome = semantics.restore(variable._in_table)
        if hasattr(variable, "_crew"):
            value: Any = make(array, variable.dtype)
            if outcome.rule is Rule.SHARE:
                value = updating.share(variable, value)
            variable._own._write(Operation.ASSIGN, value)
            variable._unsure = variable._diverged = False
        else:
            variable._hold(array)
        if telling.listening():
            value = ledger.value_of(array)
            event = events.Restored(
                variable._variable_number,
                path,
                outcome.rule.name,
                value,
                copies_of(variable),
                events.here(),
            )
            events.tell(event)


def copies_of(variable: Any) -> tuple[events.Value, ...]:
    """What each copy holds."""
    own = ledger.value_of(variable._local_array())
    if not hasattr(variable, "_crew"):
        return (own,)
    return tuple(variable._crew.collect(own, "copies of a variable that is saved or restored"))
