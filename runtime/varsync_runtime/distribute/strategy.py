"""`tf.distribute.Strategy` and its `extended`: what all strategies have in common.

After tensorflow/python/distribute/distribute_lib.py, `StrategyBase`, `Strategy` and
`StrategyExtendedV1`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from varsync_runtime import events, semantics
from varsync_runtime.distribute import (
    contexts,
    creators,
    cross_device_ops,
    gathering,
    holders,
    obtained,
    reducing,
    telling,
)
from varsync_runtime.distribute.contexts import Mode
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.distribute.enums import ReduceOp, VariableAggregation, reduce_op
from varsync_runtime.distribute.options import InputContext, RunOptions, ValueContext
from varsync_runtime.distribute.regroup import select
from varsync_runtime.distribute.running import run_replicas
from varsync_runtime.distribute.values import DistributedValues, Parts, PerReplica
from varsync_runtime.tensors import dtypes, nest
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.exports import export, registry
from varsync_runtime.tensors.slices import IndexedSlices

# What gives its one replica a value as it is
ONE_VALUE = (semantics.StrategyKind.DEFAULT, semantics.StrategyKind.ONE_DEVICE)
_TF = "tensorflow.python.distribute.distribute_lib"


class Scope:
    """`strategy.scope()`: `_CurrentDistributionContext` in TensorFlow."""

    def __init__(self, strategy: StrategyBase) -> None:
        self._strategy = strategy
        self._again = 0
        self._creator: Any = None

    def __enter__(self) -> StrategyBase:
        strategy = self._strategy
        if contexts.has_strategy():
            contexts.require_cross_replica(strategy)
            self._again += 1
            return strategy
        contexts.push(Mode(strategy, None))
        self._creator = creators.variable_creator_scope(strategy.extended._creator)
        self._creator.__enter__()
        return strategy

    def __exit__(self, *error: Any) -> None:
        if self._again:
            self._again -= 1
            return
        try:
            self._creator.__exit__(*error)
        except RuntimeError as wrong:
            raise RuntimeError(
                "Variable creator scope nesting error: move call to "
                "tf.distribute.set_strategy() out of `with` scope."
            ) from wrong
        contexts.pop()


# Classes whose own names nobody writes
PUBLIC = {
    "CollectiveAllReduceStrategy": "MultiWorkerMirroredStrategy",
    "CollectiveAllReduceStrategyV1": "MultiWorkerMirroredStrategy",
    "ParameterServerStrategyV2": "ParameterServerStrategy",
    "ExperimentalParameterServerStrategy": "ParameterServerStrategy",
    "TPUStrategyV2": "TPUStrategy",
}


class StrategyBase:
    """A policy for state and computation on several replicas."""

    __module__ = _TF

    def __init__(self, extended: Any) -> None:
        self._extended = extended
        if extended._in_table.kind is not semantics.StrategyKind.DEFAULT:
            crew = extended._crew
            name = type(self).__name__
            event = events.StrategyMade(
                PUBLIC.get(name, name), crew.replicas, crew.workers, events.here()
            )
            events.tell(event)

    @property
    def extended(self) -> Any:
        """The rest of the methods."""
        return self._extended

    @property
    def _in_table(self) -> semantics.Strategy:
        """The strategy as the table knows it."""
        found: semantics.Strategy = self._extended._in_table
        return found

    @property
    def _crew(self) -> Crew:
        crew: Crew = self._extended._crew
        return crew

    def scope(self) -> Any:
        """In it, the strategy is current and makes the variables."""
        return self._extended._scope(self)

    @property
    def num_replicas_in_sync(self) -> int:
        """The number of replicas."""
        return self._crew.replicas

    @property
    def cluster_resolver(self) -> Any:
        """What says which workers there are, None if there are none."""
        return getattr(self._extended, "_cluster_resolver", None)

    # Running -------------------------------------------------------------------------------

    def run(
        self,
        fn: Callable[..., Any],
        args: Any = (),
        kwargs: Mapping[str, Any] | None = None,
        options: RunOptions | None = None,
    ) -> Any:
        """Calls `fn` in every replica, with its part of each distributed value; what all return."""
        del options
        if not isinstance(args, (list, tuple)):
            raise ValueError(f"positional args must be a list or tuple, got {type(args)}")
        events.next_step()
        telling.stepped()
        holders.look()
        with events.InStep():
            return self._run(fn, args, kwargs)

    def _run(self, fn: Callable[..., Any], args: Any, kwargs: Any = None) -> Any:
        """The same for what is no step of the script's."""
        with self.scope():
            return self._extended.call_for_each_replica(fn, args=args, kwargs=kwargs)

    # Values --------------------------------------------------------------------------------

    def reduce(self, reduce_op_or_name: Any, value: Any, axis: Any) -> Any:
        """The sum or mean of a value over the replicas, and along `axis` in each of them."""
        result = self._reduced(reduce_op_or_name, value, axis)
        obtained.reduced(result)
        return result

    def _reduced(self, reduce_op_or_name: Any, value: Any, axis: Any) -> Any:
        contexts.require_cross_replica(self)
        op = reduce_op(reduce_op_or_name)
        if axis is None:
            return self._extended._reduce(op, value)
        if op is ReduceOp.SUM:
            summed = self._run(lambda v: registry()["tf.reduce_sum"](v, axis=axis), args=(value,))
            return self._extended._reduce(op, summed)
        if op is not ReduceOp.MEAN:
            raise TypeError(f"Expected `reduce_op` to be a `tf.distribute.ReduceOp`, not: {op!r}")
        numerator, denominator = self._run(lambda v: reducing.sum_and_count(v, axis), args=(value,))
        numerator = self._extended._reduce(ReduceOp.SUM, numerator)
        denominator = self._extended._reduce(ReduceOp.SUM, denominator)
        count = registry()["tf.cast"](denominator, numerator.dtype)
        return registry()["tf.truediv"](numerator, count)

    def gather(self, value: Any, axis: int) -> Any:
        """The replicas' tensors, one behind the other along `axis`."""
        contexts.require_cross_replica(
            self,
            "tf.distribute.Strategy.gather method requires cross-replica context, use "
            "get_replica_context().all_gather() instead",
        )
        if isinstance(value, IndexedSlices):
            raise NotImplementedError("gather does not support IndexedSlices")
        return gathering.gather(self, value, axis)

    def experimental_local_results(self, value: Any) -> tuple[Any, ...]:
        """The parts of this worker's replicas."""
        return self._extended._local_results(value)  # type: ignore[no-any-return]

    def unwrap(self, value: Any) -> tuple[Any, ...]:
        """The older name of `experimental_local_results`."""
        return self.experimental_local_results(value)

    def group(self, value: Any, name: str | None = None) -> None:
        """Runs everything in `value`, which has run already."""

    def experimental_distribute_values_from_function(self, value_fn: Callable[..., Any]) -> Any:
        """A PerReplica of what `value_fn` gives for each replica."""
        return self._extended._experimental_distribute_values_from_function(value_fn)

    # Datasets ------------------------------------------------------------------------------

    def experimental_distribute_dataset(self, dataset: Any, options: Any = None) -> Any:
        """The dataset, whose elements are split among the replicas."""
        return self._extended._experimental_distribute_dataset(dataset, options)

    def distribute_datasets_from_function(
        self, dataset_fn: Callable[[InputContext], Any], options: Any = None
    ) -> Any:
        """A dataset made by each worker's input function, whose elements go to the replicas."""
        return self._extended._distribute_datasets_from_function(dataset_fn, options)

    def experimental_distribute_datasets_from_function(
        self, dataset_fn: Callable[[InputContext], Any], options: Any = None
    ) -> Any:
        """The older name of `distribute_datasets_from_function`."""
        return self.distribute_datasets_from_function(dataset_fn, options)

    # Other ---------------------------------------------------------------------------------

    def configure(self, *args: Any, **kwargs: Any) -> None:
        """Does nothing in TensorFlow 2."""

    def update_config_proto(self, config_proto: Any) -> Any:
        """Does nothing in TensorFlow 2."""
        return config_proto

    def __copy__(self) -> Any:
        raise RuntimeError("Must only deepcopy DistributionStrategy.")

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        memo[id(self)] = self
        return self


@export("tf.distribute.Strategy", "tf.compat.v1.distribute.Strategy")
class Strategy(StrategyBase):
    """The base of the strategies that scripts name."""

    __module__ = _TF


@export("tf.distribute.StrategyExtended", "tf.compat.v1.distribute.StrategyExtended")
class StrategyExtended:
    """What library code may call: the part of a strategy that differs by strategy."""

    __module__ = _TF

    def __init__(
        self, strategy: StrategyBase, crew: Crew, in_table: semantics.Strategy,
        devices: Sequence[str],
    ) -> None:  # fmt: skip
        self._strategy = strategy
        self._crew = crew
        self._in_table = in_table
        self._devices = tuple(devices)
        self._default_device = None

    # What it is ----------------------------------------------------------------------------

    _replicas_meet = False
    _cross_device_ops = cross_device_ops.DEFAULT
    """Whether the replicas are threads that meet in a `merge_call`."""
    _reduces_structures = False
    """Whether `reduce` of a structure is that of its parts; else it counts as one value."""
    _lifts_functions = False
    """Whether a `tf.function` given to `run` becomes one that runs the replicas."""
    experimental_between_graph = False
    experimental_should_init = True
    should_checkpoint = True
    should_save_summary = True
    experimental_require_static_shapes = False
    _global_batch_size = True

    def _container_strategy(self) -> StrategyBase:
        return self._strategy

    @property
    def _num_replicas_in_sync(self) -> int:
        return self._crew.replicas

    @property
    def worker_devices(self) -> tuple[str, ...]:
        """The devices of this worker's replicas."""
        return self._devices

    @property
    def parameter_devices(self) -> tuple[str, ...]:
        """Where variables are."""
        return self._devices

    def _devices_of_replica(self, replica: int) -> Any:
        return (self._devices[replica],)

    def non_slot_devices(self, var_list: Any) -> Any:
        """Where an optimizer's other variables are."""
        del var_list
        return self._devices

    def _in_multi_worker_mode(self) -> bool:
        return False

    def _use_merge_call(self) -> bool:
        return True

    def _get_local_replica_id(self, replica_id_in_sync_group: int) -> int:
        return replica_id_in_sync_group - self._crew.first

    def _get_replica_id_in_sync_group(self, replica_id: int) -> int:
        return replica_id + self._crew.first

    # Scope and variables -------------------------------------------------------------------

    def _scope(self, strategy: StrategyBase) -> Any:
        return Scope(strategy)

    def _creator(self, next_creator: Callable[..., Any], **kwargs: Any) -> Any:
        """What makes variables in the scope."""
        contexts.require_scope(self._strategy)
        return self._create_variable(next_creator, **kwargs)

    def _create_variable(self, next_creator: Callable[..., Any], **kwargs: Any) -> Any:
        kwargs.pop("colocate_with", None)
        return next_creator(**kwargs)

    def _remade(self, recipe: Any) -> Any:
        """A variable that another process's replica has made."""
        raise NotImplementedError

    def variable_created_in_scope(self, v: Any) -> bool:
        """Whether the variable was made in this strategy's scope."""
        return v._distribute_strategy is self._strategy

    def colocate_vars_with(self, colocate_with_variable: Any) -> Any:
        """In it, variables are made where another one is."""

        def creator(next_creator: Callable[..., Any], **kwargs: Any) -> Any:
            contexts.require_scope(self._strategy)
            return next_creator(**{**kwargs, "colocate_with": colocate_with_variable})

        contexts.require_scope(self._strategy)
        self._validate_colocate_with_variable(colocate_with_variable)
        return creators.variable_creator_scope(creator)

    def _validate_colocate_with_variable(self, variable: Any) -> None:
        """Any variable will do, unless the strategy says otherwise."""

    def value_container(self, value: Any) -> Any:
        """The distributed variable to which a copy belongs; else the value itself."""
        container = getattr(value, "_container", None)
        found = container() if callable(container) else None
        return value if found is None else found

    def read_var(self, v: Any) -> Any:
        """The value of a variable for the host."""
        return v.read_value()

    # Running -------------------------------------------------------------------------------

    def call_for_each_replica(
        self, fn: Callable[..., Any], args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Calls `fn` in every replica: `run`, for those who are in the scope."""
        contexts.require_cross_replica(self._strategy)
        return run_replicas(self._strategy, fn, tuple(args), dict(kwargs or {}))

    # Values --------------------------------------------------------------------------------

    def _reduce(self, op: ReduceOp, value: Any) -> Any:
        reduced = reducing.reduce(self._strategy, op, value)
        if hasattr(reduced, "_variable_number"):
            return getattr(reduced, "_primary", reduced)
        return self._local_results(reduced)[0]

    def reduce_to(
        self, reduce_op_or_name: Any, value: Any, destinations: Any, options: Any = None
    ) -> Any:
        """The sum or mean over the replicas, for whoever is to have it: here, all."""
        del options
        contexts.require_cross_replica(self._strategy)
        if isinstance(destinations, (list, tuple)):
            raise AssertionError
        if isinstance(reduce_op_or_name, VariableAggregation):
            raise AssertionError
        op = reduce_op(reduce_op_or_name)
        if op not in (ReduceOp.SUM, ReduceOp.MEAN):
            raise AssertionError
        return reducing.reduce(self._strategy, op, value)

    def batch_reduce_to(
        self, reduce_op_or_name: Any, value_destination_pairs: Any, options: Any = None
    ) -> list[Any]:
        """`reduce_to` for several values."""
        del options
        contexts.require_cross_replica(self._strategy)
        if isinstance(reduce_op_or_name, VariableAggregation):
            raise AssertionError
        op = reduce_op(reduce_op_or_name)
        return [
            reducing.reduce(self._strategy, op, value, ring=True)
            for value, _ in value_destination_pairs
        ]

    def broadcast_to(self, tensor: Any, destinations: Any) -> Any:
        """The tensor, which all have anyway."""
        del destinations
        contexts.require_cross_replica(self._strategy)
        return tensor

    def _replica_ctx_all_reduce(self, op: ReduceOp, value: Any, options: Any = None) -> Any:
        context = contexts.get_replica_context()
        if context is None:
            raise AssertionError(
                "`StrategyExtended._replica_ctx_all_reduce` must be called in a replica context"
            )
        return context.all_reduce(op, value, options)

    def _replica_ctx_update(
        self, var: Any, fn: Any, args: Any = (), kwargs: Any = None, group: bool = True
    ) -> Any:
        context = contexts.get_replica_context()
        if context is None:
            raise ValueError(
                "`StrategyExtended._replica_ctx_update` must be called in a replica context."
            )

        def merge_fn(_: Any, *merged_args: Any, **merged_kwargs: Any) -> Any:
            return self.update(var, fn, merged_args, merged_kwargs, group=group)

        return context.merge_call(merge_fn, args=args, kwargs=kwargs)

    def update(
        self, var: Any, fn: Callable[..., Any], args: Any = (), kwargs: Any = None,
        group: bool = True,
    ) -> Any:  # fmt: skip
        """Calls `fn(copy, *args, **kwargs)` for each copy of `var`, with its part of the values."""
        kwargs = kwargs or {}
        context = contexts.get_replica_context()
        if context is None or contexts.in_default_context():
            with self._strategy.scope():
                return self._update(var, fn, tuple(args), dict(kwargs), group)
        return self._replica_ctx_update(var, fn, args=args, kwargs=kwargs, group=group)

    def _update(self, var: Any, fn: Callable[..., Any], args: Any, kwargs: Any, group: bool) -> Any:
        """One copy: `fn` is called with the variable."""
        return self._update_non_slot(var, fn, (var, *args), kwargs, group)

    def update_non_slot(
        self, colocate_with: Any, fn: Callable[..., Any], args: Any = (), kwargs: Any = None,
        group: bool = True,
    ) -> Any:  # fmt: skip
        """Calls `fn` where variables are, without one."""
        contexts.require_cross_replica(self._strategy)
        return self._update_non_slot(colocate_with, fn, tuple(args), dict(kwargs or {}), group)

    def _update_non_slot(
        self, colocate_with: Any, fn: Callable[..., Any], args: Any, kwargs: Any, group: bool
    ) -> Any:
        del colocate_with
        with contexts.updating(0):
            result = fn(*select(0, args), **select(0, kwargs))
        return result if group else nest.map_structure(self._local_results, result)

    def _local_results(self, value: Any) -> tuple[Any, ...]:
        if isinstance(value, DistributedValues):
            return value._values
        if nest.is_nested(value):
            return tuple(
                nest.map_structure(
                    lambda x, at=at: x._values[at] if isinstance(x, DistributedValues) else x,
                    value,
                )
                for at in range(len(self.worker_devices))
            )
        return (value,)

    def _experimental_distribute_values_from_function(self, value_fn: Callable[..., Any]) -> Any:
        crew = self._crew
        if self._in_table.kind in ONE_VALUE:
            return value_fn(ValueContext())
        values = [
            value_fn(ValueContext(crew.first + at, crew.replicas)) for at in range(crew.local)
        ]
        return per_replica(values)

    def _experimental_distribute_dataset(self, dataset: Any, options: Any) -> Any:
        from varsync_runtime.distribute.datasets import distribute_dataset

        return distribute_dataset(self._strategy, dataset, options)

    def _distribute_datasets_from_function(self, dataset_fn: Any, options: Any) -> Any:
        from varsync_runtime.distribute.datasets import distribute_from_function

        return distribute_from_function(self._strategy, dataset_fn, options)


def per_replica(values: Sequence[Any]) -> Any:
    """A PerReplica of values that every process has: `regroup(..., always_wrap=True)`."""
    first = values[0]
    if isinstance(first, (list, tuple)):
        parts = [per_replica([value[at] for value in values]) for at in range(len(first))]
        return parts if isinstance(first, list) else tuple(parts)
    if isinstance(first, Mapping):
        return type(first)(  # type: ignore[call-arg]
            {key: per_replica([value[key] for value in values]) for key in first}
        )
    return PerReplica(Parts.all(values))


@contextlib.contextmanager
def no_scope(strategy: StrategyBase) -> Iterator[StrategyBase]:
    """The default strategy's scope: it cannot be entered where another one is."""
    yield strategy


__all__ = ["Scope", "Strategy", "StrategyBase", "StrategyExtended", "convert", "dtypes"]
