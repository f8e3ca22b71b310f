"""The table of updates: what each write to a variable does, by context and kind of value.

Its rows are in three files, in this order: `update_oddities` (operations that are refused or go
round the aggregation), `update_values` (values that cannot be aggregated), and here what becomes
of the rest.
"""

from __future__ import annotations

from functools import cache

from varsync_runtime.semantics.classes import (
    ASSIGNS,
    HOST,
    IN_UPDATE,
    INCREMENTS,
    MIRRORED,
    PLAIN,
    REPLICATED,
    SCATTERS,
    SYNC_ON_READ,
)
from varsync_runtime.semantics.kinds import (
    Aggregation,
    Context,
    ControlFlow,
    Execution,
    Operation,
    StrategyKind,
    ValueKind,
    VariableClass,
)
from varsync_runtime.semantics.outcomes import Hangs, Raises, Rule, Updated, Variable
from varsync_runtime.semantics.rows import SEVERAL, Row, Table, row
from varsync_runtime.semantics.update_oddities import ODDITIES
from varsync_runtime.semantics.update_values import MERGED, MERGING, VALUES
from varsync_runtime.semantics.words import (
    NO_DTYPE,
    NO_INCREMENT,
    NO_REDUCE_OP,
    NO_SLICES,
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
# What may differ between replicas; an all-reduce has made its result equal
DIFFERING = (
    ValueKind.TENSOR,
    ValueKind.NUMPY,
    ValueKind.REPLICA_NUMBER,
    ValueKind.PER_REPLICA,
)

WRONG_SHAPE = Raises("ValueError", "Shape mismatch.")
WRONG_SHAPE_IN_GRAPH = Raises("ValueError", "Shapes must be equal rank")
WRONG_SHAPE_OF_INCREMENT = Raises("InvalidArgumentError", "shapes must be equal")

UPDATES: Table[Rule | Raises | Hangs] = Table(
    (
        "strategy",
        "variable",
        "aggregation",
        "dtype",
        "replicas",
        "workers",
        "replicas_of_worker",
        "operation",
        "context",
        "value",
        "flow",
        "execution",
        "reads_result",
    ),
    *ODDITIES,
    *VALUES,
    # Cross-replica context of a SyncOnReadVariable ------------------------------------
    row(
        NO_INCREMENT,
        variable=SYNC_ON_READ,
        aggregation=SUM,
        operation=INCREMENTS,
        context=HOST,
        note="values_util.on_read_assign_add_cross_replica",
    ),
    row(
        Raises("TypeError", "unsupported operand type(s) for /: 'PerReplica' and 'int'"),
        variable=SYNC_ON_READ,
        aggregation=SUM,
        value=ValueKind.PER_REPLICA,
        replicas_of_worker=SEVERAL,
        context=HOST,
    ),
    row(
        Raises("TypeError", "unsupported operand type(s) for /: 'list' and 'int'"),
        variable=SYNC_ON_READ,
        aggregation=SUM,
        value=ValueKind.LIST,
        context=HOST,
    ),
    row(
        Rule.SHARE,
        variable=SYNC_ON_READ,
        aggregation=SUM,
        context=HOST,
        note="values_util.on_read_assign_cross_replica divides by N and casts",
    ),
    row(
        Raises("AttributeError", "'PerReplica' object has no attribute 'dtype'"),
        variable=SYNC_ON_READ,
        value=ValueKind.PER_REPLICA,
        replicas_of_worker=SEVERAL,
        context=HOST,
        note="values_util.assign_on_each_device gives it to each copy as it is",
    ),
    # extended.update of a variable that was made outside the scope ----------------------
    row(
        Raises("AssertionError", ""),
        strategy=(StrategyKind.MIRRORED, StrategyKind.MULTI_WORKER_MIRRORED),
        variable=PLAIN,
        context=IN_UPDATE,
        note="mirrored_strategy.MirroredExtended._update asserts a DistributedVariable",
    ),
    # What no variable takes -----------------------------------------------------------
    row(OTHER_DTYPE, value=ValueKind.OTHER_DTYPE),
    row(WRONG_SHAPE, value=ValueKind.LIST, operation=Operation.ASSIGN),
    row(WRONG_SHAPE_IN_GRAPH, value=ValueKind.LIST, execution=Execution.FUNCTION),
    row(WRONG_SHAPE_OF_INCREMENT, value=ValueKind.LIST),
    # ... and after which the call cannot return what was written
    row(
        NO_REDUCE_OP,
        variable=SYNC_ON_READ,
        aggregation=NONE,
        value=ValueKind.ITSELF,
        context=HOST,
    ),
    row(
        NO_REDUCE_OP,
        variable=SYNC_ON_READ,
        aggregation=NONE,
        context=HOST,
        execution=Execution.FUNCTION,
        reads_result=(True,),
    ),
    row(
        NO_REDUCE_OP.after(Rule.OWN),
        variable=SYNC_ON_READ,
        aggregation=NONE,
        value=ValueKind.PER_REPLICA,
        context=HOST,
        reads_result=(True,),
    ),
    row(
        NO_REDUCE_OP.after(Rule.SAME),
        variable=SYNC_ON_READ,
        aggregation=NONE,
        context=HOST,
        reads_result=(True,),
        note="the copies are written, then the call reads its result",
    ),
    # A plain variable takes no PerReplica, in replica context neither ------------------
    row(
        NO_DTYPE,
        variable=PLAIN,
        operation=ASSIGNS,
        value=ValueKind.PER_REPLICA,
        replicas_of_worker=SEVERAL,
        context=(REPLICA, *HOST),
        note="resource_variable_ops.BaseResourceVariable.assign converts it to a tensor",
    ),
    row(
        NO_SLICES,
        variable=PLAIN,
        operation=SCATTERS,
        value=ValueKind.PER_REPLICA,
        replicas_of_worker=SEVERAL,
        context=(REPLICA, *HOST),
    ),
    # Replica context: what becomes of the values --------------------------------------
    row(Rule.IN_TURN, variable=PLAIN, context=REPLICA, note="nothing tells it of replicas"),
    row(Rule.SLICES, variable=MERGED, aggregation=SUM, operation=SCATTERS, context=REPLICA),
    row(Rule.SLICES_OVER_N, variable=MERGED, aggregation=MEAN, operation=SCATTERS, context=REPLICA),
    row(Rule.SUM, variable=MERGED, aggregation=SUM, context=REPLICA),
    row(Rule.MEAN, variable=MERGED, aggregation=MEAN, context=REPLICA),
    row(Rule.WORKER_FIRST, variable=MERGED, aggregation=FIRST, context=REPLICA),
    row(
        NO_DTYPE,
        operation=ASSIGNS,
        value=ValueKind.PER_REPLICA,
        replicas_of_worker=SEVERAL,
        context=REPLICA,
        note="a copy alone takes no PerReplica",
    ),
    row(
        NO_SLICES,
        operation=SCATTERS,
        value=ValueKind.PER_REPLICA,
        replicas_of_worker=SEVERAL,
        context=REPLICA,
    ),
    row(
        Rule.OWN,
        context=REPLICA,
        note="values._on_write_update_replica: nothing checks that mirrored copies stay equal",
    ),
    # The function given to extended.update --------------------------------------------
    row(Rule.OWN, variable=REPLICATED, context=Context.UPDATE_FROM_REPLICA),
    row(
        Rule.OWN,
        variable=REPLICATED,
        value=(ValueKind.PER_REPLICA, ValueKind.ITSELF),
        context=UPDATE,
        note="distribute_utils.select_replica; whatever the aggregation, and nothing is divided",
    ),
    # Cross-replica context ------------------------------------------------------------
    row(
        Rule.OWN,
        variable=MIRRORED,
        value=(ValueKind.PER_REPLICA, ValueKind.ITSELF),
        context=HOST,
        note="distribute_utils.select_replica: each copy its part, whatever the aggregation",
    ),
    row(
        Rule.OWN,
        variable=SYNC_ON_READ,
        value=ValueKind.PER_REPLICA,
        context=HOST,
        note="with one replica in each worker it is the worker's own value",
    ),
    row(Rule.OWN, variable=PLAIN, value=ValueKind.PER_REPLICA, context=HOST, note="the same"),
    row(
        Rule.FIRST_AGAIN,
        variable=SYNC_ON_READ,
        aggregation=FIRST,
        value=ValueKind.ITSELF,
        context=HOST,
    ),
    row(
        Rule.MEAN_AGAIN,
        variable=SYNC_ON_READ,
        aggregation=MEAN,
        value=ValueKind.ITSELF,
        context=HOST,
    ),
    row(
        Rule.FIRST,
        variable=(AGGREGATING, *PLAIN),
        value=ValueKind.PER_REPLICA,
        note="parameter_server_strategy._select_single_value takes the first part",
    ),
    row(Rule.SAME),
)


def find_update(
    variable: Variable,
    operation: Operation,
    context: Context,
    value: ValueKind = ValueKind.TENSOR,
    flow: ControlFlow = ControlFlow.STRAIGHT,
    execution: Execution = Execution.EAGER,
    reads_result: bool = True,
) -> Row[Rule | Raises | Hangs]:
    """The row of the table of updates that answers for this write."""
    if flow is ControlFlow.NESTED_FUNCTION:
        execution = Execution.FUNCTION  # it is traced, wherever it is called
    strategy = variable.strategy
    return UPDATES.find(
        strategy=strategy.kind,
        variable=variable.cls,
        aggregation=variable.aggregation,
        dtype=variable.dtype,
        replicas=strategy.replicas,
        workers=strategy.workers,
        replicas_of_worker=strategy.replicas_of_worker,
        operation=operation,
        context=context,
        value=value,
        flow=flow,
        execution=execution,
        reads_result=reads_result,
    )


@cache
def update(
    variable: Variable,
    operation: Operation,
    context: Context,
    value: ValueKind = ValueKind.TENSOR,
    flow: ControlFlow = ControlFlow.STRAIGHT,
    execution: Execution = Execution.EAGER,
    reads_result: bool = True,
) -> Updated | Raises | Hangs:
    """What a write to a variable does.

    `reads_result` is the argument `read_value` of the method.
    """
    outcome = find_update(
        variable, operation, context, value, flow, execution, reads_result
    ).outcome
    if isinstance(outcome, Raises):
        method = "assign" if operation is Operation.SLICE_ASSIGN else operation.value
        return outcome.worded(
            operation=operation.value, aggregation=variable.aggregation.name, method=method
        )
    if isinstance(outcome, Hangs):
        return outcome
    needs_all = outcome in COLLECTIVE
    if reads_result and context in HOST and variable.cls in SYNC_ON_READ:
        needs_all = variable.aggregation in (SUM, MEAN)  # the call returns what the host reads
    return Updated(
        rule=outcome,
        operation=operation,
        dtype=variable.dtype,
        workers=variable.strategy.workers,
        collective=needs_all and variable.strategy.workers > 1,
        merges=context is REPLICA and variable.cls in MERGING and variable.aggregation is not NONE,
        diverges=(
            outcome in (Rule.OWN, Rule.PRIMARY)
            and variable.cls in MIRRORED
            and variable.copies > 1
            and value in DIFFERING
        ),
    )


# What needs the values of other workers
COLLECTIVE = (
    Rule.SUM,
    Rule.MEAN,
    Rule.WORKER_SUM,
    Rule.SLICES,
    Rule.SLICES_OVER_N,
    Rule.MEAN_AGAIN,
)
