"""Runs the cases of `update`, `outside` and `random`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from tests.conformance.recorder import axes
from tests.conformance.recorder.cases import Step, UpdateCase

from .plain import Json, described, plain
from .stage import Stage

OTHER_DTYPE = {"float32": "float64", "int32": "int64"}
# What a call returned that is not a tensor, by replica (None: in cross-replica context). Kept in
# Python, since a graph returns only tensors.
Notes = dict[int | None, Json]


def traced(function: Callable[..., Any]) -> Any:
    """tf.function without autograph, which would only rewrite our own control flow."""
    return tf.function(function, autograph=False)


def run_update(stage: Stage, case: UpdateCase) -> Json:
    """The outcome of the case."""
    try:
        variable = stage.create(case.variable, case.initial, case.shape, case.scoped)
    except Exception as error:
        return {**described(error), "at": "create"}
    outcomes = [Act(stage, case, step, variable).outcome() for step in case.steps]
    return {"steps": outcomes} if case.area == "random" else outcomes[0]


class Act:
    """One step with one variable."""

    def __init__(self, stage: Stage, case: UpdateCase, step: Step, variable: Any) -> None:
        self.stage = stage
        self.step = step
        self.variable = variable
        self.dtype = case.variable.dtype
        # a scatter operation takes rows of the variable, any other a value of its shape
        self.shape = () if step.operation.startswith("scatter") else case.shape
        self.number: Any = float if self.dtype == "float32" else int
        # a literal of a program is one object for all replicas, and TensorFlow tells by identity
        self.literal = self.number(0 if step.value == "zero" else step.same)
        self.notes: Notes = {}
        self.before: Any = None

    def outcome(self) -> Json:
        """What the call returned or raised, and what the variable holds then."""
        try:
            self.before = self.made_before()
            result: Json = {"returned": self.perform()}
        except Exception as error:
            result = described(error)
        return {**result, **self.stage.state(self.variable)}

    def made_before(self) -> Any:
        """The operand, where it is made before the operation and elsewhere."""
        step = self.step
        per_replica = step.value in ("per_replica", "argument") or (
            step.value == "all_reduced" and step.context not in axes.REPLICA_CONTEXTS
        )
        if per_replica and not step.context.startswith("merge"):
            return self.stage.strategy.run(lambda: self.slices(self.tensor(self.own())))
        if step.value == "captured":
            return self.slices(self.tensor(step.same))
        if step.value == "numpy_same":
            return np.asarray(step.same, self.dtype)[()]
        if step.value == "plain_variable":
            return tf.Variable(step.same, dtype=self.dtype)
        return None

    def perform(self) -> list[Json]:
        """Runs the step in its context; what the call returned, as a list."""
        context = self.step.context
        if context.startswith("replica"):
            return self.in_replicas(self.replica_function(context))
        if context.startswith("merge_call"):
            return self.in_replicas(self.merge)
        if context == axes.UPDATE_REPLICA:
            return self.in_replicas(self.update_from_replica)
        if context.startswith("update"):
            return self.on_host(self.update_from_host)
        return self.on_host(lambda: self.operate(self.host_operand()))

    # how the contexts are made

    def in_replicas(self, function: Callable[..., Any]) -> list[Json]:
        graph = self.step.context in ("replica_fn_outer", "replica_cond_fn", "replica_nested_fn")
        graph = graph or self.step.context.endswith("call_fn")
        function = traced(function) if self.step.context == "replica_fn_inner" else function
        if self.step.value == "argument":
            # a graph must not capture the PerReplica: it is an argument of the outer function too
            def call(value: Any) -> Any:
                return self.stage.strategy.run(function, args=(value,))

            results = (traced(call) if graph else call)(self.before)
            values = self.stage.by_replica(results)
        else:
            values = self.stage.run(function, traced if graph else lambda f: f)
        first = self.stage.first
        return [self.noted(first + at, value) for at, value in enumerate(values)]

    def on_host(self, function: Callable[[], Any]) -> list[Json]:
        context = self.step.context
        if context == "cross_scope":
            with self.stage.scope():
                value = function()
        else:
            value = traced(function)() if context.endswith("_fn") else function()
        if isinstance(value, list):
            return [self.noted(at, part) for at, part in enumerate(value)]
        return [self.noted(None, value)]

    def replica_function(self, context: str) -> Callable[..., Any]:
        if context.startswith("replica_cond"):
            return self.under_cond
        if context.startswith("replica_nested"):
            return lambda *arguments: traced(self.in_replica)(*arguments)
        return self.in_replica

    def in_replica(self, *arguments: Any) -> Any:
        return self.operate(arguments[0] if arguments else self.replica_operand())

    def under_cond(self, *arguments: Any) -> Any:
        true = tf.greater(tf.random.uniform([]), -1.0)
        return tf.cond(true, lambda: self.in_replica(*arguments), self.nothing)

    def merge(self) -> Any:
        value = self.slices(self.tensor(self.own()))

        def merge_fn(strategy: Any, value: Any) -> Any:
            if self.step.value == "all_reduced":
                value = strategy.reduce(tf.distribute.ReduceOp.SUM, value, axis=None)
            elif self.step.value != "per_replica":
                value = self.host_operand()
            return self.operate(value)

        context = tf.distribute.get_replica_context()
        return context.merge_call(merge_fn, args=(value,))

    def update_from_replica(self, *arguments: Any) -> Any:
        value = arguments[0] if arguments else self.replica_operand()
        return self.as_tensor(self.extended_update(value), self.stage.replica())

    def update_from_host(self) -> Any:
        parts = self.stage.local_results(self.extended_update(self.host_operand()))
        return [self.as_tensor(part, at) for at, part in enumerate(parts)]

    def extended_update(self, value: Any) -> Any:
        strategy = self.stage.strategy
        return strategy.extended.update(self.variable, self.apply, args=(value,))

    # the operation and its operand

    def operate(self, value: Any) -> Any:
        """Applies the operation; what it returned, as a tensor."""
        context = tf.distribute.get_replica_context()
        result = self.apply(self.variable, value)
        return self.as_tensor(result, self.stage.replica() if context else None)

    def apply(self, variable: Any, value: Any) -> Any:
        return getattr(variable, self.step.operation)(value)

    def as_tensor(self, value: Any, at: int | None) -> Any:
        try:
            return tf.identity(value)
        except Exception as error:
            self.notes[at] = None if value is None else described(error)
            return self.nothing()

    def nothing(self) -> Any:
        return tf.zeros([], self.dtype)

    def noted(self, at: int | None, value: Any) -> Json:
        if at in self.notes:
            return self.notes[at]
        return self.notes.get(None, plain(value))

    def replica_operand(self) -> Any:
        """The operand in replica context."""
        value = self.step.value
        if value in ("tensor", "rows"):
            return self.slices(self.tensor(self.own()))
        if value == "tensor_same":
            return self.slices(self.tensor(self.step.same))
        if value == "python":
            return self.number(self.own())
        if value == "numpy":
            return np.asarray(self.own(), self.dtype)[()]
        if value == "all_reduced":
            context = tf.distribute.get_replica_context()
            total = context.all_reduce(tf.distribute.ReduceOp.SUM, self.tensor(self.own()))
            return self.slices(total)
        if value == "list":
            return [self.number(self.own())]
        if value == "other_dtype":
            return tf.constant(self.own(), OTHER_DTYPE[self.dtype])
        return self.operand_anywhere()

    def host_operand(self) -> Any:
        """The operand on the host, in a merge_fn or for extended.update."""
        value = self.step.value
        if value == "tensor":
            return self.slices(self.tensor(self.step.same))
        if value == "numpy":
            return np.asarray(self.step.same, self.dtype)[()]
        if value == "all_reduced":
            reduce = self.stage.strategy.reduce
            return reduce(tf.distribute.ReduceOp.SUM, self.before, axis=None)
        if value == "list":
            return [self.number(self.step.same)]
        if value == "other_dtype":
            return tf.constant(self.step.same, OTHER_DTYPE[self.dtype])
        return self.operand_anywhere()

    def operand_anywhere(self) -> Any:
        if self.step.value in ("literal", "zero"):
            return self.literal
        if self.step.value == "self":
            return self.variable
        return self.before

    def own(self) -> int:
        """The number that this replica writes."""
        return self.step.numbers[self.stage.replica()]

    def tensor(self, number: int) -> Any:
        return tf.constant(number, self.dtype, self.shape)

    def slices(self, tensor: Any) -> Any:
        """The operand of a scatter operation; any other takes the tensor itself."""
        if not self.step.operation.startswith("scatter"):
            return tensor
        row = self.stage.replica() % 2 if self.step.value == "rows" else 0
        return tf.IndexedSlices(tf.reshape(tensor, [1]), tf.constant([row]))
