"""`tf.VariableSynchronization` and `tf.VariableAggregation`, and their members in the table.

After tensorflow/python/ops/variables.py.
"""

from __future__ import annotations

import enum
from typing import Any

from varsync_runtime import semantics
from varsync_runtime.tensors.exports import export, provide

_TF = "tensorflow.python.ops.variables"


@export("tf.VariableSynchronization", "tf.compat.v1.VariableSynchronization")
class VariableSynchronization(enum.Enum):
    """When the copies of a variable are brought together."""

    AUTO = 0
    NONE = 1
    ON_WRITE = 2
    ON_READ = 3


class _Aggregation:
    """Members of the two enums of aggregations are equal if their numbers are."""

    value: int

    def __hash__(self) -> int:
        return hash(self.value)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if isinstance(other, _Aggregation):
            return self.value == other.value
        return False


@export("tf.VariableAggregation")
class VariableAggregationV2(_Aggregation, enum.Enum):
    """How what the replicas write becomes one value."""

    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3


@export("tf.compat.v1.VariableAggregation")
class VariableAggregation(_Aggregation, enum.Enum):
    """The same in TensorFlow 1, which has an older name beside the last one."""

    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3
    ONLY_FIRST_TOWER = 3  # noqa: PIE796  TensorFlow has two names for it


class ReduceOp(enum.Enum):
    """`tf.distribute.ReduceOp`: tensorflow/python/distribute/reduce_util.py."""

    SUM = "SUM"
    MEAN = "MEAN"

    @staticmethod
    def from_variable_aggregation(aggregation: Any) -> ReduceOp:
        """The reduction that an aggregation stands for."""
        members = {
            VariableAggregationV2.SUM: ReduceOp.SUM,
            VariableAggregationV2.MEAN: ReduceOp.MEAN,
        }
        if aggregation not in members:
            raise ValueError(
                f"Could not convert from `tf.VariableAggregation` {aggregation} "
                "to`tf.distribute.ReduceOp` type"
            )
        return members[aggregation]


for _enum in (VariableSynchronization, VariableAggregationV2, VariableAggregation):
    _enum.__module__ = _TF
ReduceOp.__module__ = "tensorflow.python.distribute.reduce_util"
provide("tf.distribute.ReduceOp", ReduceOp)


def reduce_op(given: Any) -> ReduceOp:
    """The member of an argument `reduce_op`, which may be a string."""
    return ReduceOp(given.upper()) if isinstance(given, str) else given


def synchronization_in_table(member: VariableSynchronization) -> semantics.Synchronization:
    """The table's member."""
    return semantics.Synchronization[member.name]


def aggregation_in_table(
    member: VariableAggregation | VariableAggregationV2,
) -> semantics.Aggregation:
    """The table's member."""
    return semantics.Aggregation[member.name]
