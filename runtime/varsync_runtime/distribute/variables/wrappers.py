"""Variables with one copy that a strategy makes: `AggregatingVariable`, `CachingVariable`.

After tensorflow/python/distribute/ps_values.py. TensorFlow wraps a ResourceVariable in them; here
they hold the value themselves.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from varsync_runtime import semantics
from varsync_runtime.distribute import rejections
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.distribute.variables import reading
from varsync_runtime.distribute.variables.plain import (
    BaseResourceVariable,
    Properties,
    ResourceVariable,
    with_updates,
)
from varsync_runtime.semantics import PerWorkerUse, Raises
from varsync_runtime.tensors.tensor import OF_GRAPHS, Tensor, make

_TF = "tensorflow.python.distribute.ps_values"


class _Wrapper(BaseResourceVariable):
    """What the two have in common."""

    __module__ = _TF

    @property
    def distribute_strategy(self) -> Any:
        """The strategy in whose scope it was made."""
        return self._distribute_strategy

    def __getattr__(self, name: str) -> Any:
        # TensorFlow asks the variable that is wrapped
        if name in OF_GRAPHS:
            raise AttributeError(f"Tensor.{name} is undefined when eager execution is enabled.")
        raise AttributeError(f"'ResourceVariable' object has no attribute '{name}'")

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle 'weakref.ReferenceType' object")


class AggregatingVariable(_Wrapper):
    """One variable, to which the replicas' writes are aggregated."""

    __module__ = _TF

    def _array_now(self) -> np.ndarray:
        reading.tell(self)
        return super()._array_now()

    def get(self) -> Any:
        """The variable that is wrapped."""
        return self


class CachingVariable(_Wrapper):
    """One variable on a parameter server."""

    __module__ = _TF

    def get(self) -> Any:
        """The variable that is wrapped."""
        return self


for _class in (AggregatingVariable, CachingVariable):
    with_updates(_class, delta=True)


class PerWorkerVariable(ResourceVariable):
    """A variable with a copy on each worker of a ParameterServerStrategy, and the coordinator's own.

    After tensorflow/python/distribute/ps_values.py, `PerWorkerVariable`.
    """

    __module__ = _TF

    def __init__(
        self,
        properties: Properties,
        array: np.ndarray,
        in_table: semantics.Variable,
        strategy: Any,
        workers: int,
    ) -> None:
        super().__init__(properties, array, in_table, strategy)
        self._copies = [ResourceVariable(properties, array, in_table, None) for _ in range(workers)]

    def _refused(self, use: PerWorkerUse, **facts: Any) -> None:
        outcome = semantics.per_worker(use)
        if isinstance(outcome, Raises):
            error = rejections.error(outcome, cls=type(self).__name__, **facts)
            raise rejections.rejected(error, self._variable_number, use.name.lower(), "")

    @property
    def synchronization(self) -> Any:
        self._refused(PerWorkerUse.MODES, attribute="synchronization")

    @property
    def aggregation(self) -> Any:
        self._refused(PerWorkerUse.MODES, attribute="aggregation")

    def _here(self) -> ResourceVariable:
        """The copy of the worker whose closure runs; the coordinator's own outside closures."""
        from varsync_runtime.distribute.coordinator import current_worker

        worker = current_worker()
        return self if worker is None else self._copies[worker]

    def _array_now(self) -> np.ndarray:
        return self._here()._array

    def _update(self, operation: Any, value: Any, read_value: bool = True, **named: Any) -> Any:
        here = self._here()
        if here is self:
            self._refused(PerWorkerUse.WRITE_ON_COORDINATOR)
        return here._update(operation, value, read_value, **named)

    def read_all(self) -> list[Tensor]:
        """What each worker's copy holds."""
        return [make(copy._array, self.dtype) for copy in self._copies]


__all__ = ["AggregatingVariable", "CachingVariable", "Crew", "PerWorkerVariable"]
