"""Rows of the table of updates: what keeps the replicas' values from being aggregated."""

from __future__ import annotations

from varsync_runtime.semantics.classes import (
    ASSIGNS,
    HOST,
    SCATTERS,
)
from varsync_runtime.semantics.kinds import (
    Aggregation,
    Context,
    ControlFlow,
    DTypeKind,
    Execution,
    StrategyKind,
    ValueKind,
    VariableClass,
)
from varsync_runtime.semantics.outcomes import Hangs, Raises, Rule
from varsync_runtime.semantics.rows import ONE, SEVERAL, Row, Source, row
from varsync_runtime.semantics.words import (
    DIFFERENT_NUMBER,
    MERGE_CALL_IN_GRAPH,
    NO_DEVICE,
    NO_DTYPE,
    NO_SLICES,
    ONE_VALUE,
    OTHER_DTYPE,
)

NONE = Aggregation.NONE
SUM = Aggregation.SUM
MEAN = Aggregation.MEAN
FIRST = Aggregation.ONLY_FIRST_REPLICA
AGGREGATED = (SUM, MEAN, FIRST)
REPLICA = Context.REPLICA
UPDATE = Context.UPDATE
AGGREGATING = VariableClass.AGGREGATING

# What aggregates in replica context; with a merge_call, where the replicas are threads
MERGING = (VariableClass.MIRRORED, VariableClass.AGGREGATING)
MERGED = (*MERGING, VariableClass.TPU_MIRRORED)

# One object that all replicas give, where each could have its own
SHARED = (
    ValueKind.NUMBER,
    ValueKind.SHARED_NUMPY,
    ValueKind.CAPTURED,
    ValueKind.PLAIN_VARIABLE,
)
# What several workers with one replica each turn into tensors, and then reduce like any
MADE_TENSORS = (*SHARED, ValueKind.ZERO, ValueKind.REPLICA_NUMBER)

# A value of each replica's own
PER_REPLICA_VALUES = (
    ValueKind.TENSOR,
    ValueKind.NUMPY,
    ValueKind.REPLICA_NUMBER,
    ValueKind.PER_REPLICA,
    ValueKind.ALL_REDUCED,
)

# To a TPU's traced program: what is not a tensor, and what is one for all replicas
NO_TENSORS = (
    ValueKind.NUMBER,
    ValueKind.REPLICA_NUMBER,
    ValueKind.NUMPY,
    ValueKind.SHARED_NUMPY,
    ValueKind.LIST,
)
IN_GRAPH = (ValueKind.CAPTURED, ValueKind.PLAIN_VARIABLE, ValueKind.ITSELF)

BADLY_PACKED = Raises("TypeError", "Attempted to pack value: ")

VALUES: tuple[Row[Rule | Raises | Hangs], ...] = (
    # A TPUStrategy's replicas are one traced program ---------------------------------------
    row(
        ONE_VALUE,
        variable=VariableClass.TPU_MIRRORED,
        aggregation=SUM,
        value=NO_TENSORS,
        replicas=SEVERAL,
        context=REPLICA,
        source=Source.READ,
        note="tpu_strategy.TPUExtended._reduce_to: all replicas give the same Python object",
    ),
    row(
        Rule.SAME,
        variable=VariableClass.TPU_MIRRORED,
        aggregation=(MEAN, FIRST),
        value=NO_TENSORS,
        context=REPLICA,
        source=Source.READ,
        note="the same place",
    ),
    row(
        Rule.SUM,
        variable=VariableClass.TPU_MIRRORED,
        aggregation=SUM,
        value=IN_GRAPH,
        operation=ASSIGNS,
        context=REPLICA,
        source=Source.READ,
        note="the same place: a tensor is summed over the replicas wherever it comes from",
    ),
    row(
        Raises("TypeError", "Expected value to be mirrored across replicas"),
        variable=VariableClass.TPU_MIRRORED,
        aggregation=AGGREGATED,
        value=ValueKind.PER_REPLICA,
        context=(*HOST, UPDATE),
        source=Source.READ,
        note="tpu_strategy.TPUExtended._update, distribute_utils.assert_mirrored",
    ),
    # Replica context of an AggregatingVariable: its scatters are the plain variable's -----------
    row(
        NO_SLICES,
        variable=AGGREGATING,
        operation=SCATTERS,
        value=ValueKind.PER_REPLICA,
        context=(REPLICA, *HOST),
    ),
    row(
        Rule.IN_TURN,
        variable=AGGREGATING,
        operation=SCATTERS,
        context=REPLICA,
        note="ps_values.AggregatingVariable wraps the assigns only",
    ),
    row(
        Raises(
            "ValueError",
            "You must specify an aggregation method to update a AggregatingVariable in "
            "Replica Context.",
        ),
        variable=AGGREGATING,
        aggregation=NONE,
        context=REPLICA,
        note="ps_values.AggregatingVariable._assign_func",
    ),
    # Replica context: the replicas meet in a merge_call -------------------------------
    row(
        DIFFERENT_NUMBER,
        variable=MERGING,
        aggregation=AGGREGATED,
        context=REPLICA,
        flow=ControlFlow.REPLICAS_DIFFER,
        replicas_of_worker=SEVERAL,
        note="mirrored_run._call_for_each_replica",
    ),
    row(
        Hangs(),
        strategy=StrategyKind.MULTI_WORKER_MIRRORED,
        variable=MERGING,
        aggregation=(SUM, MEAN),
        context=REPLICA,
        flow=ControlFlow.REPLICAS_DIFFER,
        workers=SEVERAL,
        note="a worker that leaves it out leaves the others waiting in the collective",
    ),
    row(
        MERGE_CALL_IN_GRAPH,
        variable=MERGING,
        aggregation=AGGREGATED,
        context=REPLICA,
        flow=ControlFlow.TENSOR_CONDITION,
        execution=Execution.FUNCTION,
        note="mirrored_run._MirroredReplicaContext._merge_call; one replica too",
    ),
    row(
        MERGE_CALL_IN_GRAPH,
        variable=MERGING,
        aggregation=AGGREGATED,
        context=REPLICA,
        flow=ControlFlow.NESTED_FUNCTION,
        note="the same place; one replica too",
    ),
    row(
        Raises("AssertionError", "v[0].keys: "),
        variable=VariableClass.MIRRORED,
        aggregation=AGGREGATED,
        context=REPLICA,
        flow=ControlFlow.DIFFERENT_CALLS,
        replicas_of_worker=SEVERAL,
        note="distribute_utils.regroup of two different argument lists",
    ),
    row(
        BADLY_PACKED.after(Rule.SUM),
        variable=AGGREGATING,
        aggregation=SUM,
        context=REPLICA,
        flow=ControlFlow.DIFFERENT_CALLS,
        execution=Execution.EAGER,
        note="the all_reduce gets what the update returned",
    ),
    row(
        BADLY_PACKED.after(Rule.MEAN),
        variable=AGGREGATING,
        aggregation=MEAN,
        context=REPLICA,
        flow=ControlFlow.DIFFERENT_CALLS,
        execution=Execution.EAGER,
        note="the all_reduce gets what the update returned",
    ),
    row(
        BADLY_PACKED.after(Rule.FIRST),
        variable=AGGREGATING,
        aggregation=FIRST,
        context=REPLICA,
        flow=ControlFlow.DIFFERENT_CALLS,
        execution=Execution.EAGER,
        note="the all_reduce gets what the update returned",
    ),
    row(
        BADLY_PACKED,
        variable=AGGREGATING,
        aggregation=AGGREGATED,
        context=REPLICA,
        flow=ControlFlow.DIFFERENT_CALLS,
    ),
    # Replica context: values that cannot be aggregated --------------------------------
    row(
        Raises("AssertionError", ""),
        variable=VariableClass.MIRRORED,
        aggregation=SUM,
        value=ValueKind.ITSELF,
        context=REPLICA,
        note="mirrored_strategy.MirroredExtended._reduce_to asserts that it isn't mirrored",
    ),
    row(
        Rule.OWN,
        variable=VariableClass.MIRRORED,
        aggregation=MEAN,
        value=ValueKind.ITSELF,
        context=REPLICA,
        note="the same place: the mean of a mirrored value is the value",
    ),
    row(
        Rule.SUM,
        variable=VariableClass.MIRRORED,
        aggregation=SUM,
        operation=ASSIGNS,
        value=MADE_TENSORS,
        workers=SEVERAL,
        replicas_of_worker=ONE,
        context=REPLICA,
        note="collective_all_reduce_strategy._reduce_to makes it a tensor and reduces that",
    ),
    row(
        Rule.MEAN,
        variable=VariableClass.MIRRORED,
        aggregation=MEAN,
        operation=ASSIGNS,
        value=MADE_TENSORS,
        workers=SEVERAL,
        replicas_of_worker=ONE,
        context=REPLICA,
        note="the same place",
    ),
    row(
        Rule.SLICES_OVER_N,
        variable=VariableClass.MIRRORED,
        aggregation=MEAN,
        operation=SCATTERS,
        value=ValueKind.CAPTURED,
        workers=SEVERAL,
        replicas_of_worker=ONE,
        context=REPLICA,
        note="the same place: slices are gathered from the workers, wherever they were made",
    ),
    row(
        Raises("AttributeError", "object has no attribute 'shape'"),
        variable=MERGED,
        aggregation=(SUM, MEAN),
        value=ValueKind.ZERO,
        context=REPLICA,
        note="cross_device_ops.reduce_non_distributed_value makes zeros of the value's shape",
    ),
    row(
        NO_DEVICE,
        variable=VariableClass.MIRRORED,
        aggregation=(SUM, MEAN),
        value=ValueKind.REPLICA_NUMBER,
        replicas_of_worker=SEVERAL,
        context=REPLICA,
        note="cross_device_ops.get_devices_from asks each replica's value for its device",
    ),
    row(
        NO_DEVICE,
        strategy=StrategyKind.MIRRORED,
        variable=VariableClass.MIRRORED,
        aggregation=(SUM, MEAN),
        value=ValueKind.LIST,
        replicas=SEVERAL,
        context=REPLICA,
        note="the same place, for each number of the list",
    ),
    row(
        NO_DTYPE,
        strategy=StrategyKind.MIRRORED,
        variable=VariableClass.MIRRORED,
        aggregation=FIRST,
        value=ValueKind.LIST,
        context=REPLICA,
    ),
    # ... or that are one for all replicas
    row(
        ONE_VALUE,
        variable=AGGREGATING,
        aggregation=SUM,
        value=(ValueKind.ITSELF, ValueKind.LIST),
        context=REPLICA,
    ),
    row(
        ONE_VALUE,
        strategy=StrategyKind.MULTI_WORKER_MIRRORED,
        variable=VariableClass.MIRRORED,
        aggregation=SUM,
        value=ValueKind.LIST,
        replicas_of_worker=SEVERAL,
        context=REPLICA,
    ),
    row(
        OTHER_DTYPE,
        variable=AGGREGATING,
        aggregation=MEAN,
        dtype=DTypeKind.INTEGER,
        operation=ASSIGNS,
        value=PER_REPLICA_VALUES,
        context=REPLICA,
        note="the mean is a float64",
    ),
    row(
        Rule.SAME,
        variable=MERGED,
        aggregation=(MEAN, FIRST),
        value=SHARED,
        context=REPLICA,
        note="cross_device_ops.reduce_non_distributed_value: the mean of one value is the value",
    ),
    row(
        ONE_VALUE,
        variable=MERGED,
        aggregation=SUM,
        value=SHARED,
        replicas=SEVERAL,
        workers=ONE,
        context=REPLICA,
        note="the same place: the sum of one value is not defined",
    ),
    row(
        Rule.WORKER_SUM,
        variable=MERGED,
        aggregation=SUM,
        value=SHARED,
        workers=SEVERAL,
        replicas_of_worker=SEVERAL,
        context=REPLICA,
        source=Source.READ,
        note="collective_all_reduce_strategy._reduce_to reduces it over the workers only",
    ),
)
