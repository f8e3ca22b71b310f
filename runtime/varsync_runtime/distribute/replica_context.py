"""`tf.distribute.ReplicaContext`: what replica code may call.

After tensorflow/python/distribute/distribute_lib.py, `ReplicaContextBase` and `ReplicaContext`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from varsync_runtime import semantics
from varsync_runtime.distribute import contexts, merging, rejections, telling
from varsync_runtime.distribute.arriving import Exchange, arrive
from varsync_runtime.distribute.contexts import Mode
from varsync_runtime.distribute.enums import ReduceOp, reduce_op
from varsync_runtime.distribute.rounds import current_run
from varsync_runtime.distribute.variables.reading import refused
from varsync_runtime.distribute.variables.updating import in_table
from varsync_runtime.distribute.where import execution
from varsync_runtime.semantics import Call, Context, Raises, ReadForm, Rule, meet
from varsync_runtime.tensors import custom, dtypes, nest, origins
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.slices import IndexedSlices
from varsync_runtime.tensors.tensor import Tensor

if TYPE_CHECKING:
    from varsync_runtime.distribute.strategy import StrategyBase


@export("tf.distribute.ReplicaContext")
class ReplicaContext:
    """What a replica knows of itself, and how it calls the others."""

    __module__ = "tensorflow.python.distribute.distribute_lib"

    def __init__(self, strategy: StrategyBase, replica_id_in_sync_group: Any) -> None:
        if not (
            replica_id_in_sync_group is None or isinstance(replica_id_in_sync_group, (int, Tensor))
        ):
            raise ValueError("replica_id_in_sync_group can only be an integer, a Tensor or None.")
        self._strategy = strategy
        self._replica_id_in_sync_group = replica_id_in_sync_group
        self._mode = Mode(strategy, self)
        self._local_replica_id = 0

    def __enter__(self) -> None:
        contexts.push(self._mode)

    def __exit__(self, *_: object) -> None:
        contexts.pop()

    @property
    def strategy(self) -> StrategyBase:
        """The strategy that runs this replica."""
        return self._strategy

    @property
    def num_replicas_in_sync(self) -> int:
        """The number of replicas."""
        return self._strategy.num_replicas_in_sync

    @property
    def replica_id_in_sync_group(self) -> Tensor:
        """The replica's number, as a tensor."""
        if isinstance(self._replica_id_in_sync_group, Tensor):
            return self._replica_id_in_sync_group
        return convert(self._replica_id_in_sync_group, dtypes.int32)

    @property
    def _replica_id(self) -> int:
        """The number among this worker's replicas."""
        return self._local_replica_id

    @property
    def devices(self) -> Any:
        """The replica's device."""
        contexts.require_replica_context(self)
        return self._strategy.extended._devices_of_replica(self._local_replica_id)

    # Meetings ------------------------------------------------------------------------------

    def merge_call(self, merge_fn: Callable[..., Any], args: Any = (), kwargs: Any = None) -> Any:
        """Calls `merge_fn(strategy, *args, **kwargs)` in cross-replica context with all
        replicas' arguments; this replica's part of what it returns."""
        contexts.require_replica_context(self)
        if self._meets:
            return merging.merge_call(self._strategy, merge_fn, args, kwargs or {})
        with contexts.entered(Mode(self._strategy, None)):
            return merge_fn(self._strategy, *args, **(kwargs or {}))

    @property
    def _meets(self) -> bool:
        """Whether the strategy's replicas meet in a merge_call, as threads do."""
        return self._strategy.extended._replicas_meet and current_run() is not None

    def all_reduce(self, reduce_op_or_name: Any, value: Any, options: Any = None) -> Any:
        """The sum or mean of `value` (a structure of tensors) over all replicas, in each."""
        del options
        op = reduce_op(reduce_op_or_name)
        flat = nest.flatten(value)
        outcome = meet(
            self._strategy._in_table, Call.ALL_REDUCE, missing=any(one is None for one in flat)
        )
        if isinstance(outcome, Raises):
            message = outcome.message
            if message.startswith("Attempt to convert"):
                convert(None)
            error = rejections.error(outcome)
            raise rejections.rejected(error, None, "all_reduce", Context.REPLICA.value)
        if any(isinstance(one, IndexedSlices) for one in flat):
            return nest.pack_sequence_as(value, self._reduced(op, flat))

        flat = [self._operand(op, one) for one in flat]
        if any(isinstance(one, _Unreduced) for one in flat):
            return nest.pack_sequence_as(
                value, [one.value if isinstance(one, _Unreduced) else one for one in flat]
            )

        by = origins.user_of_library() if telling.listening() else ""

        def reduced(*xs: Any) -> Any:
            ys = self._reduced(op, xs)

            def gradient(*dys: Any) -> Any:
                with origins.on_behalf_of(by):
                    return self.all_reduce(op, list(dys))

            return ys, gradient

        return nest.pack_sequence_as(value, custom.run(reduced, flat, {}))

    def _operand(self, op: ReduceOp, value: Any) -> Any:
        """What an all-reduce takes: of a variable, what the table says."""
        if isinstance(value, Tensor) or not hasattr(value, "_variable_number"):
            return value
        if getattr(value, "_is_unread", False):
            return value
        outcome = semantics.read(in_table(value), Context.REPLICA, ReadForm.ALL_REDUCE, execution())
        if isinstance(outcome, Raises):
            raise refused(value, outcome, ReadForm.ALL_REDUCE, Context.REPLICA)
        return _Unreduced(value._read()) if outcome.rule is Rule.OWN else value

    def _reduced(self, op: ReduceOp, flat: Sequence[Any]) -> Any:
        run = current_run()
        if run is None or not self._meets:
            return [convert(one) if not isinstance(one, IndexedSlices) else one for one in flat]
        return merging.all_reduce(run, op, list(flat))

    def all_gather(self, value: Any, axis: int, options: Any = None) -> Any:
        """The replicas' tensors, one behind the other along `axis`, in each replica."""
        del options
        for one in nest.flatten(value):
            if isinstance(one, IndexedSlices):
                raise NotImplementedError("all_gather does not support IndexedSlices")
        run = current_run()

        def gathered(*xs: Any) -> Any:
            if run is None or not self._meets:
                return list(map(convert, xs)), lambda *dys: list(dys)
            whole = merging.all_gather(run, xs, axis)

            def gradient(*dys: Any) -> Any:
                totals = self.all_reduce(ReduceOp.SUM, list(dys))
                return [own_part(run, x, total, axis) for x, total in zip(xs, totals, strict=True)]

            return whole, gradient

        return nest.pack_sequence_as(value, custom.run(gathered, nest.flatten(value), {}))

    def _update(
        self, var: Any, fn: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None,
        group: bool = True,
    ) -> Any:  # fmt: skip
        """`fn(var, ...)` on the copy of each replica, from replica context."""
        return self._strategy.extended._replica_ctx_update(var, fn, args, kwargs, group)


class _Unreduced:
    """A value that comes back from an all-reduce as it went in."""

    def __init__(self, value: Any) -> None:
        self.value = value


def own_part(run: Any, value: Any, whole: Any, axis: int) -> Any:
    """The part of a gathered gradient that belongs to this replica."""
    from varsync_runtime.tensors.tensor import make

    own = convert(value)._array
    arrive(run.crew, Exchange.GATHER, "gradient of all_gather", "", own)
    lengths = [array.shape[axis] for array in run.crew.gather(own)]
    start = sum(lengths[: run.crew.first + run.index])
    index = [slice(None)] * whole._array.ndim
    index[axis] = slice(start, start + lengths[run.crew.first + run.index])
    return make(whole._array[tuple(index)], whole.dtype)


class _MirroredReplicaContext(ReplicaContext):
    """The context of replicas that meet."""

    __module__ = "tensorflow.python.distribute.mirrored_run"


class DefaultReplicaContext(ReplicaContext):
    """The context where no strategy was entered."""

    @property
    def replica_id_in_sync_group(self) -> Tensor:
        return convert(0, dtypes.int32)
