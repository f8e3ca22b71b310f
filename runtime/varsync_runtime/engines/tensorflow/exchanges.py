"""What is told when replicas exchange values."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from varsync_runtime import events
from varsync_runtime.engines.tensorflow import (
    gradients,
    hangs,
    library,
    obtained,
    positions,
    reads,
    rejections,
    steps,
    telling,
    variables,
)
from varsync_runtime.engines.tensorflow.wrapping import is_heard, unheard, wrap
from varsync_runtime.events import Site

RELATIVE = 1e-5  # values that differ less count as the same
FIRST = "ONLY_FIRST_REPLICA"
ALL_REDUCE = "all_reduce"


def install() -> None:
    """Wraps the calls that reduce and gather."""
    from tensorflow.python.distribute import (
        collective_all_reduce_strategy,
        distribute_lib,
        input_lib,
        mirrored_strategy,
        values,
        values_util,
    )
    from tensorflow.python.ops import collective_ops, custom_gradient

    wrap(values_util, "apply_aggregation", _apply)
    wrap(values, "apply_aggregation_replica_context", _apply_in_replica)
    wrap(distribute_lib.StrategyBase, "reduce", _reduce)
    wrap(distribute_lib.Strategy, "reduce", _reduce)
    wrap(distribute_lib.StrategyExtendedV2, "reduce_to", _reduce_to)
    wrap(distribute_lib.StrategyExtendedV1, "reduce_to", _reduce_to)
    wrap(distribute_lib.StrategyExtendedV2, "batch_reduce_to", _batch_reduce_to)
    wrap(distribute_lib.StrategyExtendedV1, "batch_reduce_to", _batch_reduce_to)
    for extended in (
        distribute_lib.StrategyExtendedV2,
        mirrored_strategy.MirroredExtended,
        collective_all_reduce_strategy.CollectiveAllReduceExtended,
    ):
        wrap(extended, "_replica_ctx_all_reduce", _all_reduce_in_replica)
    wrap(distribute_lib.Strategy, "gather", _gather)
    wrap(distribute_lib.ReplicaContextBase, "all_reduce", _all_reduce)
    wrap(custom_gradient, "custom_gradient", _with_gradient)
    for following in ("__next__", "get_next", "get_next_as_optional"):
        wrap(input_lib.DistributedIteratorBase, following, hangs.next_batch)
    wrap(distribute_lib.ReplicaContext, "all_gather", _all_gather)
    wrap(collective_ops, "broadcast_send", _broadcast)
    wrap(collective_ops, "broadcast_recv", _broadcast)


def told(
    cause: str,
    operation: str,
    tensors: Sequence[Any],
    number: int | None = None,
    replica: int = 0,
    by: str | None = None,
    results: Any = (),
) -> None:
    """Replicas exchanged tensors, each in an exchange of its own, which gave these results."""
    by = library.user() if by is None else by
    for tensor in tensors:
        nbytes = positions.nbytes(tensor)
        unknown = [_dense(tensor)] if nbytes is None else []

        def tell(site: Site, *arrays: Any, nbytes: int | None = nbytes) -> None:
            size = sum(one.nbytes for one in arrays) if nbytes is None else nbytes
            fields = (number, cause, operation, True, site, False, by)
            telling.count(replica, events.Synchronised, *fields, nbytes=size)

        telling.when_run(tell, unknown, done(results))


def done(results: Any) -> list[Any]:
    """The tensors of results, which are there when they were exchanged."""
    from tensorflow.python.distribute import values
    from tensorflow.python.framework import tensor
    from tensorflow.python.util import nest

    whole = nest.flatten(results)
    parts = [one.values if isinstance(one, values.DistributedValues) else one for one in whole]
    flat = nest.flatten(parts, expand_composites=True)
    return [one for one in flat if isinstance(one, tensor.Tensor)]


def _dense(tensor: Any) -> Any:
    return getattr(tensor, "values", tensor)


def _broadcast(original: Any, *args: Any, **kwargs: Any) -> Any:
    """Every worker gets the chief's initial value of a variable."""
    result = original(*args, **kwargs)
    told("create", "broadcast", [result])
    return result


# Updates -------------------------------------------------------------------------------------


def _apply(original: Any, strategy: Any, value: Any, aggregation: Any, destinations: Any) -> Any:
    from tensorflow.python.framework import tensor_util

    result = original(strategy, value, aggregation, destinations)
    parts = strategy.experimental_local_results(value)
    name = variables.aggregation(destinations)
    step = steps.current()
    if name != FIRST and strategy.extended._in_multi_worker_mode():
        whole = strategy.num_replicas_in_sync if name == "SUM" else 1
        parts = (parts[0], strategy.experimental_local_results(result)[0])
        _updated(destinations, name, parts, step, result, whole)
        return result
    alone = step is None or step.local == 1
    one_tensor = alone and name != FIRST and tensor_util.is_tf_type(parts[0])
    if len(parts) > 1 or one_tensor:
        _updated(destinations, name, parts, step, result)
    return result


def _apply_in_replica(original: Any, value: Any, aggregation: Any, destinations: Any) -> Any:
    from tensorflow.python.framework import tensor_util

    result = original(value, aggregation, destinations)
    name = variables.aggregation(destinations)
    if name == FIRST or not tensor_util.is_tf_type(value):
        return result
    whole = destinations._distribute_strategy.num_replicas_in_sync if name == "SUM" else 1
    _updated(destinations, name, [value, result], steps.current(), result, whole)
    return result


def _updated(
    variable: Any, operation: str, parts: Sequence[Any], step: Any, result: Any, whole: int = 1
) -> None:
    """The values of replicas were aggregated for a variable.

    They were the same if each of `parts` is `whole` times the first one.
    """
    from tensorflow.python.framework import indexed_slices

    number, by = variables.number_of(variable), steps.asker()
    if any(isinstance(one, indexed_slices.IndexedSlices) for one in parts) and operation != FIRST:
        told("update", "IndexedSlices", parts[:1], by=by, results=result)
        return
    nbytes = positions.nbytes(parts[0])
    own_values = step is not None and step.own_values and operation != FIRST

    def tell(site: Site, *arrays: Any) -> None:
        changed = not all(_same(arrays[0] * whole, one) for one in arrays[1:])
        size = int(arrays[0].nbytes) if nbytes is None else nbytes
        own = own_values and not changed
        fields = (number, "update", operation, changed, site, own, by)
        telling.count(0, events.Synchronised, *fields, nbytes=size)

    telling.when_run(tell, [_dense(one) for one in parts], done(result))


def _same(one: Any, other: Any) -> bool:
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape:
        return False
    if one.dtype.kind not in "fiuc":
        return bool(np.array_equal(one, other))
    return bool(np.allclose(one, other, RELATIVE, 0, equal_nan=True))


# Asked for by the host -----------------------------------------------------------------------


def _op_name(operation: Any) -> str:
    return str(getattr(operation, "name", operation)).upper()


def _reduce(
    original: Any, self: Any, reduce_op: Any, value: Any, axis: Any = None, **kwargs: Any
) -> Any:
    if not is_heard():
        return original(self, reduce_op, value, axis, **kwargs)
    variable = value if variables.is_whole(value) else None
    with rejections.told(variable, "reduce"), unheard():
        result = original(self, reduce_op, value, axis, **kwargs)
    if variable is not None:
        if result is not value:
            reads.tell(variable, _op_name(reduce_op))
    else:
        _reduced(self.extended, _op_name(reduce_op), value, result, axis)
    obtained.reduced(result)
    return result


def _reduced(extended: Any, operation: str, value: Any, result: Any, axis: Any) -> None:
    from tensorflow.python.distribute import mirrored_strategy
    from tensorflow.python.util import nest

    # the others hand a structure back
    takes_apart = isinstance(extended, mirrored_strategy.MirroredExtended)
    parts, results = (nest.flatten(one) if takes_apart else [one] for one in (value, result))
    for part, reduced in zip(parts, results, strict=False):
        if _is_exchanged(extended, part):
            sent = _sent(part, reduced, axis)
            told("reduce", operation if axis is None else "SUM", [sent], results=reduced)
            if axis is not None and operation == "MEAN":
                told("reduce", "SUM", [np.int64(0)], results=reduced)


def _sent(value: Any, reduced: Any, axis: Any) -> Any:
    """What a replica gave, or something of its size: a mean of integers has another dtype."""
    import tensorflow as tf

    own = _first(value)
    return own if axis is None else tf.cast(reduced, getattr(own, "dtype", reduced.dtype))


def _is_exchanged(extended: Any, value: Any) -> bool:
    from tensorflow.python.distribute import values

    return isinstance(value, values.PerReplica) or bool(extended._in_multi_worker_mode())


def _reduce_to(
    original: Any, self: Any, reduce_op: Any, value: Any, destinations: Any, options: Any = None
) -> Any:
    if not is_heard():
        return original(self, reduce_op, value, destinations, options)
    variable = value if variables.is_whole(value) else None
    with rejections.told(variable, "reduce"), unheard():
        result = original(self, reduce_op, value, destinations, options)
    if _is_exchanged(self, value):
        told("reduce", _op_name(reduce_op), [_first(value)], results=result)
    return result


def _batch_reduce_to(
    original: Any, self: Any, reduce_op: Any, pairs: Any, options: Any = None
) -> Any:
    wish = steps.wish()
    if not is_heard() and (wish is None or wish.operation != ALL_REDUCE):
        return original(self, reduce_op, pairs, options)
    pairs = list(pairs)
    with rejections.told(None, "reduce"), unheard():
        result = original(self, reduce_op, pairs, options)
    exchanged = [_first(value) for value, _ in pairs if _is_exchanged(self, value)]
    if wish is None:
        told("reduce", _op_name(reduce_op), exchanged, results=result)
    elif len(exchanged) == len(pairs):
        _all_reduced(_op_name(reduce_op), exchanged, 0, result)
    return result


def _first(value: Any) -> Any:
    """What the first replica of this process gave."""
    from tensorflow.python.distribute import values

    return value.values[0] if isinstance(value, values.DistributedValues) else value


def _gather(original: Any, self: Any, value: Any, axis: Any) -> Any:
    if not is_heard():
        return original(self, value, axis)
    with rejections.told(None, "gather"), unheard():
        result = original(self, value, axis)
    if _is_exchanged(self.extended, value):
        told("gather", "gather", [self.experimental_local_results(value)[0]], results=result)
    return result


# In replica context --------------------------------------------------------------------------


def _all_reduce(original: Any, self: Any, reduce_op: Any, value: Any, options: Any = None) -> Any:
    if not is_heard():
        return original(self, reduce_op, value, options)
    with steps.wishing(ALL_REDUCE), rejections.told(None, ALL_REDUCE), unheard():
        return original(self, reduce_op, value, options)


def _with_gradient(original: Any, f: Any = None) -> Any:
    """The gradient of an all-reduce is one, too, for whom the first one was."""
    wish = steps.wish()
    if f is None or wish is None or wish.operation != ALL_REDUCE:
        return original(f)
    by = wish.by

    @functools.wraps(f)
    def reduced(*args: Any, **kwargs: Any) -> Any:
        results, gradient = f(*args, **kwargs)

        def backward(*upstream: Any) -> Any:
            with library.on_behalf_of(by):
                return gradient(*upstream)

        return results, backward

    return original(reduced)


def _all_reduce_in_replica(
    original: Any, self: Any, reduce_op: Any, value: Any, options: Any = None
) -> Any:
    """Where replicas do not wait for each other's threads."""
    from tensorflow.python.util import nest

    result = original(self, reduce_op, value, options)
    wish = steps.wish()
    if wish is not None and wish.operation == ALL_REDUCE and not self._use_merge_call():
        _all_reduced(_op_name(reduce_op), nest.flatten(value), positions.replica(), result)
    return result


def _all_reduced(operation: str, tensors: Sequence[Any], replica: int, results: Any) -> None:
    by = steps.asker()
    for tensor in tensors:
        nbytes = positions.nbytes(tensor)
        variable = gradients.variable_of(tensor)
        unknown = [_dense(tensor)] if nbytes is None else []

        def tell(
            site: Site, *arrays: Any, nbytes: int | None = nbytes, variable: Any = variable
        ) -> None:
            size = sum(one.nbytes for one in arrays) if nbytes is None else nbytes
            fields = (None, "all_reduce", operation, True, site, False, by, len(tensors), variable)
            telling.count(replica, events.Synchronised, *fields, nbytes=size)

        telling.when_run(tell, unknown, done(results))


def _all_gather(original: Any, self: Any, value: Any, axis: Any, options: Any = None) -> Any:
    from tensorflow.python.util import nest

    if not is_heard():
        return original(self, value, axis, options)
    with steps.wishing("all_gather"), rejections.told(None, "all_gather"), unheard():
        result = original(self, value, axis, options)
    replica = positions.replica()
    told("gather", "all_gather", nest.flatten(value), replica=replica, results=result)
    return result
