"""Arguments of the constructors: expressions that are evaluated in the scope."""

from __future__ import annotations

from collections.abc import Iterator

from tests.conformance.recorder import axes
from tests.conformance.recorder.cases import ProgramCase

SYNC = "tf.VariableSynchronization"
AGG = "tf.VariableAggregation"

SYNCHRONIZATIONS = (
    '"ON_READ"',
    '"on_read"',
    '"auto"',
    "-1",
    "0",
    "1",
    "2",
    "3",
    "4",
    "True",
    "3.0",
    "None",
    f"{AGG}.SUM",
    f"{SYNC}",
    "tf.compat.v1.VariableSynchronization.ON_READ",
)
AGGREGATIONS = (
    '"SUM"',
    '"sum"',
    '"mean"',
    "-1",
    "0",
    "1",
    "2",
    "3",
    "4",
    "True",
    "1.0",
    "None",
    f"{SYNC}.ON_READ",
    f"{AGG}",
    "tf.distribute.ReduceOp.SUM",
    "tf.compat.v1.VariableAggregation.SUM",
    "tf.compat.v1.VariableAggregation.ONLY_FIRST_REPLICA",
    "tf.compat.v1.VariableAggregation.ONLY_FIRST_TOWER",
)
KEYWORDS = (
    f"synchronisation={SYNC}.ON_READ",
    f"sync={SYNC}.ON_READ",
    f"aggregate={AGG}.SUM",
    f"agg={AGG}.SUM",
    'collections=["a"]',
    "trainable=None",
    'trainable="no"',
    f"trainable={AGG}.SUM",
)
# tf.Variable(initial_value, trainable, validate_shape, caching_device, name, variable_def, dtype,
#             import_scope, constraint, synchronization, aggregation)
POSITIONS = (
    f"1.0, {AGG}.SUM",
    f"1.0, {SYNC}.ON_READ",
    f"1.0, {SYNC}.ON_READ, {AGG}.SUM",
    f"1.0, True, {AGG}.SUM",
    f"1.0, True, True, {AGG}.SUM",
    f"1.0, True, True, {SYNC}.ON_READ",
    f"1.0, False, True, None, None, None, None, None, None, {SYNC}.ON_READ, {AGG}.SUM",
)
DTYPES = (
    "float16",
    "bfloat16",
    "float64",
    "int8",
    "uint8",
    "int64",
    "bool",
    "complex64",
    "complex128",
    "string",
)
OTHERS = (
    f'setattr(tf.Variable(1.0), "synchronization", {SYNC}.ON_READ)',
    f'setattr(tf.Variable(1.0), "aggregation", {AGG}.SUM)',
    'tf.compat.v1.get_variable("a", initializer=1.0, use_resource=True, synchronization=3, '
    "aggregation=1)",
    'tf.compat.v1.get_variable("b", initializer=1.0, use_resource=True, synchronization="ON_READ")',
    f'tf.compat.v1.get_variable("c", initializer=1.0, use_resource=True, synchronization={SYNC}.ON_READ)',
    'tf.compat.v1.get_variable("d", initializer=1.0, use_resource=True, aggregation="SUM")',
    f'tf.compat.v1.get_variable("e", initializer=1.0, synchronisation={SYNC}.ON_READ)',
    "tf.compat.v1.VariableAggregation.SUM == tf.VariableAggregation.SUM",
    "tf.VariableAggregation.SUM == tf.compat.v1.VariableAggregation.SUM",
    "tf.compat.v1.VariableAggregation.SUM is tf.VariableAggregation.SUM",
    "tf.compat.v1.VariableAggregation.ONLY_FIRST_TOWER == "
    "tf.VariableAggregation.ONLY_FIRST_REPLICA",
    "tf.compat.v1.VariableSynchronization.ON_READ is tf.VariableSynchronization.ON_READ",
)


def cases() -> Iterator[ProgramCase]:
    """Every case of `ctor`."""
    for strategy in axes.STRATEGIES:
        for expression in expressions():
            yield ProgramCase("ctor", strategy, "scope", expression)


def expressions() -> Iterator[str]:
    """Each constructor call."""
    for argument in SYNCHRONIZATIONS:
        yield f"tf.Variable(1.0, synchronization={argument})"
    for argument in AGGREGATIONS:
        yield f"tf.Variable(1.0, aggregation={argument})"
        yield f"tf.Variable(1.0, synchronization={SYNC}.ON_READ, aggregation={argument})"
    for argument in KEYWORDS:
        yield f"tf.Variable(1.0, {argument})"
    for arguments in POSITIONS:
        yield f"tf.Variable({arguments})"
        yield f"tf.compat.v1.Variable({arguments}, use_resource=True)"
    for dtype in DTYPES:
        initial = '"a"' if dtype == "string" else "1"
        for aggregation in ("NONE", "SUM", "MEAN", "ONLY_FIRST_REPLICA"):
            yield f"tf.Variable({initial}, dtype={dtype!r}, aggregation={AGG}.{aggregation})"
        yield (
            f"tf.Variable({initial}, dtype={dtype!r}, synchronization={SYNC}.ON_READ, "
            f"aggregation={AGG}.MEAN)"
        )
    yield from OTHERS
