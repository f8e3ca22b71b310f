"""Exceptions of the table, with the rest of TensorFlow's words.

The table says when TensorFlow raises, which class, and a part of the message that is always the
same. What else a message says (the variable's name, the value) is put together here. Nothing here
decides anything.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

from varsync_runtime import events, semantics
from varsync_runtime.semantics import words
from varsync_runtime.tensors import errors

# Messages of which the table has the beginning, and their rest
RESTS = {
    "`NONE` variable synchronization mode is not supported with tf.distribute strategy.": (
        " Please change the `synchronization` for variable: {name}"
    ),
    "creating distributed tf.Variable with aggregation=MEAN and a non-floating dtype is not "
    "supported": ", please use a different aggregation or dtype",
    words.MERGE_CALL_IN_GRAPH.message: (
        " This can often happen if the function `fn` passed to `strategy.run()` contains a nested "
        "`@tf.function`, and the nested `@tf.function` contains a synchronization point, such as "
        "aggregating gradients (e.g, optimizer.apply_gradients), or if the function `fn` uses a "
        "control flow statement which contains a synchronization point in the body. Such behaviors "
        "are not yet supported. Instead, please avoid nested `tf.function`s or control flow "
        "statements that may potentially cross a synchronization boundary, for example, wrap the "
        "`fn` passed to `strategy.run` or the entire `strategy.run` inside a `tf.function` or move "
        "the control flow out of `fn`. If you are subclassing a `tf.keras.Model`, please avoid "
        "decorating overridden methods `test_step` and `train_step` in `tf.function`."
    ),
    "You must specify an aggregation method to update a AggregatingVariable in Replica Context.": (
        " You can do so by passing an explicit value for argument `aggregation` to tf.Variable(..)."
        "e.g. `tf.Variable(..., aggregation=tf.VariableAggregation.SUM)`"
        "`tf.VariableAggregation` lists the possible aggregation methods.This is required because "
        "AggregatingVariable should always be kept in sync. When updating them or assigning to "
        "them in a replica context, we automatically try to aggregate the values before updating "
        "the variable. For this aggregation, we need to know the aggregation method. Another "
        "alternative is to not try to update such AggregatingVariable in replica context, but in "
        "cross replica context. You can enter cross replica context by calling "
        "`tf.distribute.get_replica_context().merge_call(merge_fn, ..)`.Inside `merge_fn`, you can "
        "then update the AggregatingVariable using `tf.distribute.StrategyExtended.update()`."
    ),
    "`variable += value` with `tf.Variable`s is not supported.": (
        " Use `variable.assign_add(value)` to modify the variable, or `out = variable + value` if "
        "you need to get a new output Tensor."
    ),
    "tf.function only supports singleton tf.Variables created on the first call.": (
        " Make sure the tf.Variable is only created once or created outside tf.function. See "
        "https://www.tensorflow.org/guide/function#creating_tfvariables for more information."
    ),
    "Unable to save function": (
        " {function} for the following reason(s):\n\nConcreteFunction that uses distributed "
        "variables in certain way cannot be saved.\nIf you're saving with\n\n"
        "tf.saved_model.save(..., signatures=f.get_concrete_function())\n\ndo\n\n"
        "@tf.function(input_signature=...)\ndef f_with_input_signature():\n  ...\n\n"
        "tf.saved_model.save(..., signatures=f_with_input_signature)`\n\ninstead."
    ),
    words.NOT_FED.message: (
        ":\n\nDetected at node cond/Placeholder defined at (most recent call last):\n"
        '  File "{file}", line {line}, in <module>\n\n1 root error(s) found.\n'
        "  (0) INVALID_ARGUMENT:  You must feed a value for placeholder tensor "
        "'cond/else/_1/cond/Placeholder' with dtype int32\n\t [[{{{{node cond/Placeholder}}}}]]\n"
        "0 successful operations.\n0 derived errors ignored."
    ),
}
# Messages of which the table has the end or the middle, as they are whole
WHOLE = {
    words.NO_DTYPE.message: "'{kind}' object has no attribute 'dtype'",
    words.NO_DEVICE.message: "'{kind}' object has no attribute 'device'",
    "object has no attribute 'shape'": "'{kind}' object has no attribute 'shape'",
    words.ONE_VALUE.message: "A non-DistributedValues value {value} "
    "cannot be reduced with the given reduce op ReduceOp.SUM.",
    words.NO_SLICES.message: "Argument `sparse_delta` must be a `tf.IndexedSlices`. "
    "Received arg: {value}",
    "float() argument must be a string or a real number, not": (
        "float() argument must be a string or a real number, not '{cls}'"
    ),
    "tuple indices must be integers or slices, not": (
        "tuple indices must be integers or slices, not {cls}"
    ),
    "with mismatching name on device 1": (
        "Tried to create variable {name} with mismatching name on device {device}"
    ),
    "Mixing different tf.distribute.Strategy objects": (
        "Mixing different tf.distribute.Strategy objects: {current} is not {strategy}"
    ),
    "is not in the list of allowed values: int32, int64": (
        "Value for attr 'T' of {dtype} is not in the list of allowed values: int32, int64\n\t; "
        "NodeDef: {{{{node ResourceCountUpTo}}}}"
    ),
    "not in list of allowed values: int32, int64": (
        "Value passed to parameter 'T' has DataType {dtype_name} not in list of allowed values: "
        "int32, int64"
    ),
    "Handle has no shape/type information.": (
        "Handle has no shape/type information. for '{{{{node ResourceCountUpTo}}}} = "
        "ResourceCountUpTo[T=DT_{data_type}, limit={value}](dummy_input)' with input shapes: []. "
        "[Op:ResourceCountUpTo] name: "
    ),
    "indices.shape[-1] must be <= params.rank": (
        "indices.shape[-1] must be <= params.rank, but saw indices shape: [{count}] and params "
        "shape: [] for '{{{{node ResourceGatherNd}}}} = ResourceGatherNd[Tindices=DT_INT32, "
        "dtype=DT_{data_type}](dummy_input, dummy_input)' with input shapes: [], [{count}]. "
        "[Op:ResourceGatherNd]"
    ),
    "is not in the list of allowed values: bool, float, half, double, int32, int64": (
        "Value for attr 'T' of {dtype} is not in the list of allowed values: "
        "bool, float, half, double, int32, int64"
    ),
}


MEMBER = "VariableAggregationV2."


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return f"({key})"


def message(outcome: semantics.Raises, facts: dict[str, Any]) -> str:
    """The whole message of an exception of the table.

    A fact may be a function, which is asked only if the message has it.
    """
    text = _completed(outcome.message, facts)
    if MEMBER in text and "aggregation" in facts:
        # There are two enums of aggregations; the table names the members of one of them.
        text = text.replace(MEMBER, f"{type(facts['aggregation']()).__name__}.")
    return text


def _completed(text: str, facts: dict[str, Any]) -> str:
    template = WHOLE.get(text)
    if template is None:
        for suffix in ("object has no attribute '",):
            if text.startswith(suffix) and "cls" in facts:
                template = "'{cls}' " + text.replace("{", "{{").replace("}", "}}")
                if text.endswith("'_"):
                    template += "{attribute}'"
        if template is None:
            rest = RESTS.get(text)
            if rest is None:
                return text
            template = text.replace("{", "{{").replace("}", "}}") + rest
    needed = _Facts()
    for name, fact in facts.items():
        if "{" + name + "}" in template:
            needed[name] = fact() if callable(fact) else fact
    return template.format_map(needed)


def exception_class(name: str) -> Callable[[str], BaseException]:
    """Makes an exception of the class of this name, Python's or TensorFlow's."""
    found = getattr(builtins, name, None)
    if found is not None:
        return found  # type: ignore[no-any-return]
    of_tensorflow = getattr(errors, name)
    return lambda text: of_tensorflow(None, None, text)


def error(outcome: semantics.Raises, **facts: Any) -> BaseException:
    """The exception that the table names."""
    text = message(outcome, facts)
    made = exception_class(outcome.exception)
    if text:
        return made(text)
    return made()  # type: ignore[call-arg]


def rejected(
    outcome: BaseException, variable: int | None, operation: str, context: str
) -> BaseException:
    """Tells that TensorFlow raises here; the exception."""
    tell(outcome, variable, operation, context, events.here())
    return outcome


def tell(
    outcome: BaseException, variable: int | None, operation: str, context: str, site: events.Site
) -> None:
    """Tells that TensorFlow raises at a line."""
    name = type(outcome).__name__
    step = events.step()
    events.tell(events.Rejected(name, str(outcome), variable, operation, context, step, site))
