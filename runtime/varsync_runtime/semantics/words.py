"""What TensorFlow says: the exceptions that more than one table names."""

from __future__ import annotations

from varsync_runtime.semantics.outcomes import Raises

DIFFERENT_NUMBER = Raises(
    "RuntimeError",
    "Some replicas made a different number of replica_context().merge_call() calls.",
)
MERGE_CALL_IN_GRAPH = Raises(
    "RuntimeError", "`merge_call` called while defining a new graph or a tf.function."
)
NO_REDUCE_OP = Raises(
    "ValueError",
    "Could not convert from `tf.VariableAggregation` VariableAggregationV2.NONE "
    "to`tf.distribute.ReduceOp` type",
)
TOO_LATE = Raises("RuntimeError", "Collective ops must be configured at program startup")
NO_HANDLE = Raises(
    "ValueError",
    "DistributedVariable.handle is not available outside the replica context or a "
    "`tf.distribute.Strategy.update()` call.",
)
NO_INCREMENT = Raises(
    "ValueError",
    "SyncOnReadVariable does not support `{operation}` in cross-replica context when "
    "aggregation is set to `tf.VariableAggregation.SUM`.",
)
NO_SLICES = Raises("TypeError", "Argument `sparse_delta` must be a `tf.IndexedSlices`.")
NO_DTYPE = Raises("AttributeError", "object has no attribute 'dtype'")
NO_DEVICE = Raises("AttributeError", "object has no attribute 'device'")
ONE_VALUE = Raises("ValueError", "cannot be reduced with the given reduce op ReduceOp.SUM.")
NOT_FED = Raises("InvalidArgumentError", "Graph execution error")
NOT_LIFTED = Raises(
    "UnimplementedError",
    "We failed to lift variable creations out of this tf.function, so this tf.function cannot be "
    "run on XLA. A possible workaround is to move variable creation outside of the XLA compiled "
    "function.",
)
OTHER_DTYPE = Raises("ValueError", "Tensor conversion requested dtype")
