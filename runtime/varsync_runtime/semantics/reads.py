"""The table of reads: what a reader of a variable gets, in replica context and on the host."""

from __future__ import annotations

from functools import cache

from varsync_runtime.semantics.classes import (
    HOST,
    IN_UPDATE,
    MEETING,
    MIRRORED,
    PLAIN,
    REPLICATED,
    SINGLE,
    SYNC_ON_READ,
)
from varsync_runtime.semantics.kinds import (
    Aggregation,
    Context,
    Execution,
    ReadForm,
    StrategyKind,
    VariableClass,
)
from varsync_runtime.semantics.outcomes import Raises, Read, Rule, Variable
from varsync_runtime.semantics.rows import ONE, SEVERAL, Row, Table, row
from varsync_runtime.semantics.words import NO_HANDLE, NO_REDUCE_OP, ONE_VALUE

NONE = Aggregation.NONE
SUM = Aggregation.SUM
MEAN = Aggregation.MEAN
FIRST = Aggregation.ONLY_FIRST_REPLICA

NO_ARRAY = Raises("ValueError", "object __array__ method not producing an array")
REPLICA = Context.REPLICA

READS: Table[Rule | Raises] = Table(
    (
        "strategy",
        "variable",
        "aggregation",
        "replicas",
        "replicas_of_worker",
        "form",
        "context",
        "execution",
    ),
    # Forms that some classes refuse
    row(
        Raises("TypeError", "float() argument must be a string or a real number, not"),
        variable=REPLICATED,
        form=ReadForm.FLOAT,
        context=(REPLICA, *HOST),
    ),
    row(NO_ARRAY, variable=MIRRORED, form=ReadForm.ARRAY, context=Context.CROSS_REPLICA),
    row(
        NO_ARRAY,
        variable=SYNC_ON_READ,
        aggregation=(SUM, MEAN),
        form=ReadForm.ARRAY,
        context=HOST,
    ),
    row(
        Raises("InvalidArgumentError", "indices.shape[-1] must be <= params.rank"),
        variable=VariableClass.CACHING,
        form=ReadForm.GATHER_ND,
        context=HOST,
        execution=Execution.EAGER,
    ),
    row(
        Raises("AttributeError", ""),
        variable=REPLICATED,
        form=(ReadForm.SPARSE_READ, ReadForm.GATHER_ND),
        context=(REPLICA, *HOST),
    ),
    row(NO_HANDLE, variable=REPLICATED, form=ReadForm.HANDLE, context=Context.CROSS_REPLICA),
    row(
        Rule.WORKER_FIRST,
        variable=REPLICATED,
        form=ReadForm.HANDLE,
        context=Context.OUTSIDE_SCOPE,
        note="outside the scope the default strategy's replica 0 reads",
    ),
    # strategy.reduce(v)
    row(
        Raises("AssertionError", ""),
        variable=MIRRORED,
        form=ReadForm.REDUCE_SUM,
        note="mirrored_strategy.MirroredExtended._reduce_to asserts that it isn't mirrored",
    ),
    row(Rule.WORKER_FIRST, variable=MIRRORED, form=ReadForm.REDUCE_MEAN),
    row(Rule.SUM, variable=SYNC_ON_READ, form=ReadForm.REDUCE_SUM, note="NONE as well"),
    row(Rule.MEAN, variable=SYNC_ON_READ, form=ReadForm.REDUCE_MEAN, note="NONE as well"),
    row(
        ONE_VALUE,
        variable=VariableClass.AGGREGATING,
        form=ReadForm.REDUCE_SUM,
    ),
    row(
        ONE_VALUE,
        strategy=(StrategyKind.MIRRORED, StrategyKind.CENTRAL_STORAGE),
        variable=PLAIN,
        form=ReadForm.REDUCE_SUM,
        replicas=SEVERAL,
        note="cross_device_ops.reduce_non_distributed_value: it is one for all replicas",
    ),
    # A reduction of what the replicas read
    row(Rule.SUM, form=ReadForm.REDUCE_OF_READS),
    row(
        Rule.OWN,
        variable=VariableClass.AGGREGATING,
        form=ReadForm.ALL_REDUCE,
        execution=Execution.EAGER,
        note="the wrapper is not seen as a value of each replica: it comes back unreduced",
    ),
    row(
        Raises("ValueError", "destinations can not be empty"),
        strategy=(*MEETING, StrategyKind.PARAMETER_SERVER),
        form=ReadForm.ALL_REDUCE,
        replicas_of_worker=ONE,
        execution=Execution.FUNCTION,
        note="cross_device_ops.validate_destinations: the variable's tensor has no device yet",
    ),
    row(Rule.SUM, form=ReadForm.ALL_REDUCE),
    # One copy
    row(Rule.OWN, variable=SINGLE),
    # In the replicas, and in the function given to extended.update
    row(
        NO_REDUCE_OP,
        variable=SYNC_ON_READ,
        aggregation=NONE,
        form=ReadForm.SYNC_ON_READ_CONTEXT,
    ),
    row(Rule.SUM, variable=SYNC_ON_READ, aggregation=SUM, form=ReadForm.SYNC_ON_READ_CONTEXT),
    row(Rule.MEAN, variable=SYNC_ON_READ, aggregation=MEAN, form=ReadForm.SYNC_ON_READ_CONTEXT),
    row(
        Rule.WORKER_FIRST,
        variable=SYNC_ON_READ,
        aggregation=FIRST,
        form=ReadForm.SYNC_ON_READ_CONTEXT,
    ),
    row(
        Rule.OWN,
        context=(REPLICA, *IN_UPDATE),
        note="also of an ON_READ variable: not the aggregate",
    ),
    # On the host
    row(Rule.OWN, form=ReadForm.LOCAL_RESULTS),
    row(
        Rule.OWN,
        variable=MIRRORED,
        form=ReadForm.ON_DEVICE,
        replicas_of_worker=SEVERAL,
        note="values.DistributedVariable._get_on_device_or_primary: the copy of that device",
    ),
    row(Rule.WORKER_FIRST, variable=MIRRORED, note="diverged copies are not noticed"),
    row(NO_REDUCE_OP, variable=SYNC_ON_READ, aggregation=NONE),
    row(Rule.SUM, variable=SYNC_ON_READ, aggregation=SUM),
    row(Rule.MEAN, variable=SYNC_ON_READ, aggregation=MEAN),
    row(Rule.WORKER_FIRST, variable=SYNC_ON_READ, aggregation=FIRST),
)


def find_read(
    variable: Variable,
    context: Context,
    form: ReadForm = ReadForm.VALUE,
    execution: Execution = Execution.EAGER,
) -> Row[Rule | Raises]:
    """The row of the table of reads that answers for this read."""
    return READS.find(
        strategy=variable.strategy.kind,
        variable=variable.cls,
        aggregation=variable.aggregation,
        replicas=variable.strategy.replicas,
        replicas_of_worker=variable.strategy.replicas_of_worker,
        form=form,
        context=context,
        execution=execution,
    )


@cache
def read(
    variable: Variable,
    context: Context,
    form: ReadForm = ReadForm.VALUE,
    execution: Execution = Execution.EAGER,
) -> Read | Raises:
    """What a read of a variable gives."""
    outcome = find_read(variable, context, form, execution).outcome
    if isinstance(outcome, Raises):
        return outcome
    reduces = outcome in (Rule.SUM, Rule.MEAN)
    workers = variable.strategy.workers
    return Read(outcome, workers, collective=reduces and workers > 1, reduces=reduces)
