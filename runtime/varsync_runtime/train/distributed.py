"""Saves and restores what `distribute` makes, as the semantics table says.

All processes that run the host code compute the values together; the first one writes the file.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from varsync_runtime import events, semantics
from varsync_runtime.distribute import ledger, rejections, telling
from varsync_runtime.distribute.variables import reading, updating
from varsync_runtime.distribute.where import context_of
from varsync_runtime.semantics import Context, Operation, Raises
from varsync_runtime.tensors.errors import NotModelled
from varsync_runtime.tensors.tensor import make
from varsync_runtime.train import values


class TableKeeper:
    """Asks the table what is saved, and what each copy gets."""

    def save(self, variable: Any, path: str) -> np.ndarray:
        """The value that is saved; a meeting of the replicas if copies are put together."""
        context = context_of(variable)
        outcome = semantics.save(variable._in_table)
        if isinstance(outcome, Raises):
            error = rejections.error(outcome, aggregation=lambda: variable.aggregation)
            raise rejections.rejected(error, variable._variable_number, "save", context.value)
        if not hasattr(variable, "_crew"):
            array: np.ndarray = variable._array_now()
            copies = [ledger.value_of(array)]
        else:
            _require_host(variable, context)
            crew = variable._crew
            array = reading.combined(variable, outcome, context, "save")
            own = ledger.value_of(variable._local_array())
            copies = crew.collect(own, "copies that are saved")
            if outcome.reduces and crew.replicas > 1:
                number = variable._variable_number
                telling.synchronised(number, "save", outcome.rule.name, array.nbytes)
        event = events.Saved(
            variable._variable_number,
            path,
            outcome.rule.name,
            tuple(copies),
            ledger.value_of(array),
            events.here(),
        )
        events.tell(event)
        return array

    def restore(self, variable: Any, array: np.ndarray, path: str) -> None:
        """Gives each copy what the table says."""
        context = context_of(variable)
        outcome = semantics.restore(variable._in_table)
        if hasattr(variable, "_crew"):
            _require_host(variable, context)
        value = make(array, variable.dtype)
        updating.carry_out(variable, outcome.rule, Operation.ASSIGN, value, context)
        held = variable._local_array() if hasattr(variable, "_crew") else variable._array_now()
        event = events.Restored(
            variable._variable_number,
            path,
            outcome.rule.name,
            ledger.value_of(array),
            (ledger.value_of(held),) * max(variable._in_table.copies, 1),
            events.here(),
        )
        events.tell(event)


def _require_host(variable: Any, context: Context) -> None:
    if context is Context.REPLICA and variable._crew.replicas > 1:
        raise NotModelled("checkpoints that the code of several replicas writes or reads")


values.use(TableKeeper())
