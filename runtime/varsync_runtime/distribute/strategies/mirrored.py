"""`tf.distribute.MirroredStrategy`: replicas of one machine, and variables with a copy on each.

After tensorflow/python/distribute/mirrored_strategy.py.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import Any

from varsync_runtime import events, semantics
from varsync_runtime.distribute import contexts, devices, ledger, rejections, telling
from varsync_runtime.distribute.alike import alike
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.distribute.cross_device_ops import CrossDeviceOps
from varsync_runtime.distribute.regroup import holds_distributed, select
from varsync_runtime.distribute.rounds import current_run
from varsync_runtime.distribute.strategy import Strategy, StrategyBase, StrategyExtended
from varsync_runtime.distribute.values import Mirrored, Parts, PerReplica
from varsync_runtime.distribute.variables import creation, distributed
from varsync_runtime.distribute.variables.plain import ResourceVariable
from varsync_runtime.events.sites import calling
from varsync_runtime.replicas import world as worlds
from varsync_runtime.semantics import (
    Context,
    Making,
    Operation,
    Raises,
    StrategyKind,
    ValueKind,
    VariableClass,
)
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import is_tensor
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import make

_TF = "tensorflow.python.distribute.mirrored_strategy"

CLASSES: dict[VariableClass, type[distributed.DistributedVariable]] = {
    VariableClass.MIRRORED: distributed.MirroredVariable,
    VariableClass.SYNC_ON_READ: distributed.SyncOnReadVariable,
    VariableClass.TPU_MIRRORED: distributed.TPUDistributedVariable,
    VariableClass.TPU_SYNC_ON_READ: distributed.TPUDistributedVariable,
}
# A number that TensorFlow puts to a name does not count where replicas compare names
NUMBERED = re.compile(r"_\d+(?=/|$)")


class ReplicatingExtended(StrategyExtended):
    """A strategy that gives each replica a copy of each variable."""

    __module__ = _TF
    _replicas_meet = True
    _lifts_functions = True
    experimental_enable_get_next_as_optional = True

    @property
    def worker_devices_by_replica(self) -> list[list[str]]:
        """The devices of this worker's replicas, one by one."""
        return [[device] for device in self._devices]

    # Variables -----------------------------------------------------------------------------

    def _create_variable(self, next_creator: Callable[..., Any], **kwargs: Any) -> Any:
        """`create_mirrored_variable`; in replica context one for all replicas."""
        run = current_run()
        if run is None or contexts.current_mode().replica_context is None:
            return self._make(next_creator, kwargs)[0]
        name = kwargs.get("name")
        canonical = NUMBERED.sub("", name) if name else "Variable"
        variable = run.make(canonical, functools.partial(self._make, next_creator, kwargs))
        if variable is None:
            outcome = semantics.make(self._in_table, Making.NAMES_DIFFER)
            if not isinstance(outcome, Raises):
                outcome = Raises("RuntimeError", "with mismatching name on device 1")
            error = rejections.error(outcome, name=name, device=run.index)
            raise rejections.rejected(error, None, "create", Context.REPLICA.value)
        return variable

    def _make(self, next_creator: Callable[..., Any], kwargs: dict[str, Any]) -> tuple[Any, Any]:
        """The variable, and what another process needs to make it."""
        kwargs = {key: given for key, given in kwargs.items() if key != "colocate_with"}
        kwargs.pop("caching_device", None)
        in_table = self._in_table
        synchronization, aggregation = self._modes(kwargs)
        copies: list[ResourceVariable] = []
        for home in range(self._crew.local):
            if home:
                kwargs["initial_value"] = copies[0]._array
                kwargs["name"] = f"{copies[0]._shared_name}/replica_{home}/"
            with creation.component(self._strategy, home, self._devices[home]):
                copies.append(next_creator(**kwargs))
        first = copies[0]
        made = creation.asked(
            in_table, synchronization, aggregation, first.dtype, first.trainable, in_scope=True
        )
        if isinstance(made, Raises):
            raise creation.refused(made, kwargs, first.dtype)
        self._initialize(copies)
        variable = self._assemble(made, copies)
        creation.announce(variable, kwargs)
        return variable, (made, [(copy._properties_to_send(), copy._array) for copy in copies[:1]])

    def _modes(self, kwargs: dict[str, Any]) -> Any:
        """The modes, checked as this kind of strategy checks them."""
        given = creation.modes(kwargs, self._in_table)
        # synchronization NONE is refused before the initial value is looked at
        outcome = creation.asked(
            self._in_table, given[0], given[1], None, kwargs.get("trainable"), in_scope=True
        )
        if isinstance(outcome, Raises):
            raise creation.refused(outcome, kwargs, None)
        kwargs["synchronization"] = type(given[0])[outcome.synchronization.name]
        return given

    def _initialize(self, copies: Sequence[ResourceVariable]) -> None:
        """Several workers get the chief's initial value."""

    def _assemble(self, made: semantics.Variable, copies: Sequence[ResourceVariable]) -> Any:
        cls = CLASSES[made.cls]
        aggregation = copies[0].aggregation
        return cls(self._strategy, self._crew, copies, aggregation, made)

    def _remade(self, recipe: Any) -> Any:
        made, [(sent, array)] = recipe
        copies = []
        for home in range(self._crew.local):
            properties = creation.received(sent)
            if home:
                properties = properties.renamed(f"{properties.name}/replica_{home}")
            copies.append(
                ResourceVariable(properties, array, made, self._strategy, home, self._devices[home])
            )
        return self._assemble(made, copies)

    def _validate_colocate_with_variable(self, variable: Any) -> None:
        if not getattr(variable, "is_distributed_variable", False):
            raise ValueError(
                "`colocate_vars_with` must only be passed a variable created in this "
                f"tf.distribute.Strategy.scope(), not: {variable!r}"
            )
        if variable._distribute_strategy is not self._strategy:
            raise ValueError(
                "`colocate_vars_with` must only be passed a variable created in this "
                f"tf.distribute.Strategy.scope(), not {variable} created in scope: "
                f"{variable._distribute_strategy}"
            )

    # Updates -------------------------------------------------------------------------------

    def _update(self, var: Any, fn: Callable[..., Any], args: Any, kwargs: Any, group: bool) -> Any:
        """`fn` on this process's copy; the others do the same with theirs."""
        if not getattr(var, "is_distributed_variable", False):
            raise self._no_update(var)
        crew = self._crew
        differs = holds_distributed(args) or holds_distributed(kwargs)
        result = self._call_for_copy(fn, (var._own, *args), kwargs)
        if differs and var._is_mirrored():
            self._may_differ(var)
        if crew.has_observers:
            var._unsure = True
        return self._regrouped(result, group)

    def _may_differ(self, var: Any) -> None:
        run = current_run()
        if run is not None:
            run.wrote_own(var, "update", Context.UPDATE_FROM_REPLICA.value)
            var._unsure = True
        else:
            write = ledger.OwnWrite(
                "update", Context.UPDATE.value, semantics.Rule.OWN.name, events.here()
            )
            ledger.compare(var, write)

    def _no_update(self, var: Any) -> BaseException:
        from varsync_runtime.distribute.variables import updating

        context = Context.UPDATE_FROM_REPLICA if current_run() is not None else Context.UPDATE
        outcome = semantics.update(
            updating.in_table(var), Operation.ASSIGN, context, ValueKind.TENSOR
        )
        assert isinstance(outcome, Raises)
        return updating.refused(var, outcome, Operation.ASSIGN, context)

    def _regrouped(self, result: Any, group: bool) -> Any:
        """`update_regroup`: what each copy's function returned."""
        crew = self._crew

        def stays(value: Any) -> bool:
            # else the parts are grouped to an operation, which is nothing when it is run at once
            return value is not None and (not group or is_tensor(value))

        def wrapped(value: Any) -> Any:
            if crew.local == 1:
                return value
            if not stays(value):
                return None
            if getattr(value, "_is_unread", False):
                value = make(value._local_array(), value.dtype)
            known = {} if crew.index is None else {crew.index: value}
            return Mirrored(Parts(crew.local, known, crew))

        def of_observer(stayed: bool) -> Any:
            return Mirrored(Parts(crew.local, {}, crew)) if stayed else None

        form = nest.map_structure(stays, result)
        if crew.has_observers:
            form = crew.tell(form)
        if crew.index is None:
            whole = nest.map_structure(of_observer, form)
        else:
            whole = nest.map_structure(wrapped, result)
        return whole if group else nest.map_structure(self._local_results, whole)

    def _update_non_slot(
        self, colocate_with: Any, fn: Callable[..., Any], args: Any, kwargs: Any, group: bool
    ) -> Any:
        assert isinstance(colocate_with, tuple)
        return self._regrouped(self._call_for_copy(fn, args, kwargs), group)

    def _call_for_copy(self, fn: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """What `fn` gives for this process's copy; an observer has none."""
        index = self._crew.index
        if index is None:
            return alike(self._crew, "update", None)

        def call() -> Any:
            with calling, contexts.updating(index):
                return fn(*select(index, args), **select(index, kwargs))

        return alike(self._crew, "update", call)

    def _devices_of_replica(self, replica: int) -> Any:
        return [self._devices[replica]]


class MirroredExtended(ReplicatingExtended):
    """What MirroredStrategy does."""

    __module__ = _TF
    _reduces_structures = True

    def __init__(
        self, strategy: StrategyBase, given: Sequence[str] | None = None, ops: Any = None
    ) -> None:
        state.begun = True
        names = devices.for_replicas(given)
        if len(set(names)) != len(names):
            raise AssertionError(f"No duplicates allowed in `devices` argument: {tuple(names)}")
        world = worlds.current()
        world.grow(len(names) * world.workers)
        in_table = semantics.Strategy(StrategyKind.MIRRORED, len(names))
        super().__init__(strategy, Crew(len(names)), in_table, names)
        if isinstance(ops, CrossDeviceOps):
            self._cross_device_ops = ops


@export("tf.distribute.MirroredStrategy", "tf.compat.v1.distribute.MirroredStrategy")
class MirroredStrategy(Strategy):
    """Replicas on one machine, in step."""

    __module__ = _TF

    def __init__(self, devices: Sequence[str] | None = None, cross_device_ops: Any = None) -> None:
        super().__init__(MirroredExtended(self, devices, cross_device_ops))


__all__ = ["MirroredStrategy", "PerReplica", "make", "telling"]
