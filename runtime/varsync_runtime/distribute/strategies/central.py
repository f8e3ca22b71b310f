"""`tf.distribute.experimental.CentralStorageStrategy`: replicas that share each variable.

After tensorflow/python/distribute/central_storage_strategy.py and
parameter_server_strategy.py, `ParameterServerStrategyExtended`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from varsync_runtime import semantics
from varsync_runtime.distribute import contexts, devices
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.distribute.regroup import select
from varsync_runtime.distribute.strategies.mirrored import ReplicatingExtended
from varsync_runtime.distribute.strategy import Strategy, StrategyBase
from varsync_runtime.distribute.variables import creation
from varsync_runtime.distribute.variables.wrappers import AggregatingVariable
from varsync_runtime.replicas import world as worlds
from varsync_runtime.semantics import Raises, StrategyKind, VariableClass
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.absent import NoAttribute
from varsync_runtime.tensors.dtypes import DType
from varsync_runtime.tensors.exports import export

_TF = "tensorflow.python.distribute.central_storage_strategy"


class CentralStorageExtended(ReplicatingExtended):
    """One copy of each variable, which all processes hold alike."""

    __module__ = _TF
    experimental_enable_get_next_as_optional = NoAttribute()

    def __init__(
        self, strategy: StrategyBase, compute: Sequence[str] | None, parameter: str | None
    ) -> None:
        names = devices.for_replicas(compute)
        world = worlds.current()
        world.grow(len(names) * world.workers)
        in_table = semantics.Strategy(StrategyKind.CENTRAL_STORAGE, len(names))
        super().__init__(strategy, Crew(len(names)), in_table, names)
        self._parameter = devices.canonical(parameter or "/device:CPU:0")

    @property
    def parameter_devices(self) -> tuple[str, ...]:
        return (self._parameter,)

    def non_slot_devices(self, var_list: Any) -> Any:
        return min(var_list, key=lambda variable: variable.name).device if var_list else None

    def _make(self, next_creator: Callable[..., Any], kwargs: dict[str, Any]) -> tuple[Any, Any]:
        kwargs = {key: given for key, given in kwargs.items() if key != "colocate_with"}
        synchronization, aggregation = creation.modes(kwargs, self._in_table)
        trainable = kwargs.get("trainable")
        floating: DType | None = None
        made = creation.asked(
            self._in_table, synchronization, aggregation, floating, trainable, in_scope=True
        )
        if isinstance(made, Raises):
            raise creation.refused(made, kwargs, None)
        if made.cls is not VariableClass.AGGREGATING:
            variable = next_creator(**kwargs)
            return variable, None
        kwargs["synchronization"], kwargs["aggregation"] = synchronization, aggregation
        with creation.component(self._strategy, 0, self._parameter):
            first = next_creator(**kwargs)
        made = creation.asked(
            self._in_table, synchronization, aggregation, first.dtype, trainable, in_scope=True
        )
        assert isinstance(made, semantics.Variable)
        variable = AggregatingVariable(
            first._properties, first._array, made, self._strategy, None, self._parameter
        )
        creation.announce(variable, kwargs)
        return variable, (made, [(variable._properties_to_send(), variable._array)])

    def _remade(self, recipe: Any) -> Any:
        made, [(sent, array)] = recipe
        properties = creation.received(sent)
        return AggregatingVariable(properties, array, made, self._strategy, None, self._parameter)

    def _validate_colocate_with_variable(self, variable: Any) -> None:
        """Any variable will do."""

    def _update(self, var: Any, fn: Callable[..., Any], args: Any, kwargs: Any, group: bool) -> Any:
        """`fn` on the one copy, with the first part of each value."""
        with contexts.updating(0):
            result = fn(var, *_first(args), **_first(kwargs))
        return result if group else nest.map_structure(self._local_results, result)

    def _update_non_slot(
        self, colocate_with: Any, fn: Callable[..., Any], args: Any, kwargs: Any, group: bool
    ) -> Any:
        with contexts.updating(0):
            result = fn(*_first(args), **_first(kwargs))
        return result if group else nest.map_structure(self._local_results, result)


def _first(structure: Any) -> Any:
    """Replica 0's part, which all processes ask for."""

    def first(value: Any) -> Any:
        return value._values[0] if hasattr(value, "_parts") else value

    return nest.map_structure(first, structure)


# TensorFlow shares it with the older ParameterServerStrategy
CentralStorageExtended.__name__ = "ParameterServerStrategyExtended"
CentralStorageExtended.__qualname__ = CentralStorageExtended.__name__
CentralStorageExtended.__module__ = "tensorflow.python.distribute.parameter_server_strategy"


@export(
    "tf.distribute.experimental.CentralStorageStrategy",
    "tf.compat.v1.distribute.experimental.CentralStorageStrategy",
)
class CentralStorageStrategy(Strategy):
    """Replicas on one machine, and variables in one place."""

    __module__ = _TF

    def __init__(
        self, compute_devices: Sequence[str] | None = None, parameter_device: str | None = None
    ) -> None:
        super().__init__(CentralStorageExtended(self, compute_devices, parameter_device))


__all__ = ["CentralStorageStrategy", "select"]
