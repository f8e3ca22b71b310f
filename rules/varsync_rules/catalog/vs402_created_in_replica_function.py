"""VS402: code that runs in every step creates a variable, or a Keras object that holds some."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from varsync_runtime.semantics import Execution, Making, Raises, Strategy, StrategyKind, make

from varsync_rules.context import Role
from varsync_rules.files import Module
from varsync_rules.findings import Finding, Severity
from varsync_rules.predict import strategies, words
from varsync_rules.program import Call, Creation, Event, Program, replica_chain, span
from varsync_rules.surface import family
from varsync_rules.values import Arguments, Container, Instance, LibraryObject, constants

_RUNS = ("run", "experimental_run_v2", "experimental_run", "call_for_each_replica")
# What Keras compiles and calls for every batch
_EVERY_STEP = frozenset(
    {
        *("Layer.call", "Model.call", "Model.train_step", "Model.test_step"),
        *("Model.predict_step", "Model.compute_loss", "Metric.update_state", "Loss.call"),
    }
)
# Methods that Keras calls once, wherever the object is used first
_ONCE = frozenset({"build", "_create_slots", "_create_all_weights", "_maybe_build"})
_WITH_WEIGHTS = (
    *("Dense", "EinsumDense", "Embedding", "PReLU", "MultiHeadAttention", "SimpleRNN", "LSTM"),
    *("GRU", "Bidirectional", "BatchNormalization", "LayerNormalization", "GroupNormalization"),
    *("Normalization", "SpectralNormalization", "GroupedQueryAttention"),
)
_CONVOLUTIONS = ("Conv", "SeparableConv", "DepthwiseConv")


def check(program: Program) -> Iterator[Finding]:
    """Creations in replica context that nothing guards."""
    repeated = {
        (id(call.node), id(call.frame))
        for call in program.methods(*_RUNS)
        if call.context.loops and not call.context.conditions
    }
    for creation in program.creations:
        if not _is_of_version_1(creation):
            variable = creation.variable
            name = variable.called if variable.name else "a variable"
            yield from _judge(creation, name, repeated)
    called = {id(call.receiver) for call in program.methods("__call__")}
    for call in program.calls:
        what = _holds_variables(call, called)
        if what:
            yield from _judge(call, f"this {what}", repeated)


def _judge(event: Event, what: str, repeated: set[tuple[int, int]]) -> Iterator[Finding]:
    context = event.context
    if not context.in_replica or context.conditions or context.guarded:
        return
    if context.hook not in _EVERY_STEP and not context.in_run:
        return
    entered = _entry(event)
    found = _place(event)
    if found is None or _is_lifted(event):
        return
    if not context.traced and entered not in repeated:
        return
    module, node = found
    where = (
        f"by `{context.hook}`, which Keras compiles and calls for every batch"
        if context.hook
        else "in replica context, by code that runs in every step"
    )
    held = strategies(context)[0] if strategies(context) else Strategy(StrategyKind.DEFAULT)
    execution = Execution.FUNCTION if context.traced else Execution.EAGER
    outcome = make(held, Making.EACH_CALL, execution)
    if isinstance(outcome, Raises):
        severity = Severity.ERROR
        consequence = "in compiled code that raises"
        explanation = words(outcome)
    else:
        severity = Severity.WARNING
        consequence = "each step makes a new one, and nothing is carried over"
        explanation = (
            "in replica context all replicas together make one variable, and each call makes"
            " another one"
        )
    yield Finding(
        code="VS402",
        name="created-in-replica-function",
        severity=severity,
        message=f"{what} is created {where}; {consequence}",
        span=span(module, node),
        related=replica_chain(event),
        explanation=explanation,
        remedy="create it once, in the scope, or keep it and create it behind `if ... is None`",
    )


def _is_of_version_1(creation: Creation) -> bool:
    """Whether it is made for a graph of TensorFlow 1, which runs such a function once."""
    if creation.variable.api == "tf.get_variable":
        return True
    spelled = constants(creation.variable.attributes.get("spelled", ()))
    return any(".v1." in str(name) for name in spelled)


def _entry(event: Event) -> tuple[int, int]:
    """The call that put the event in replica context, and its frame."""
    frame = event.frame
    while frame.caller is not None and frame.caller.context_at_entry.role is Role.REPLICA:
        frame = frame.caller
    return (id(frame.call_node), id(frame.caller))


def _place(event: Event) -> tuple[Module, ast.AST] | None:
    """Where the step makes the object; None where it is made the first time only.

    What a constructor of the program makes is made where that is called.
    """
    module, node = event.module, event.node
    frame = event.frame
    while frame is not None and frame.context_at_entry.role is Role.REPLICA:
        if frame.name in _ONCE and isinstance(frame.receiver, Instance):
            return None
        if frame.name == "__init__" and frame.caller is not None and frame.call_node is not None:
            module, node = frame.caller.module, frame.call_node
        frame = frame.caller
    return module, node


def _is_lifted(event: Event) -> bool:
    """Whether it stands in tf.init_scope, which is outside the compiled function."""
    if event.context.traced:
        return False
    frame = event.frame
    while frame is not None:
        if frame.context_at_entry.traced:
            return True
        frame = frame.caller
    return False


def _holds_variables(call: Call, called: set[int]) -> str:
    """What a call makes, in words, if that is a Keras object which makes variables; else ""."""
    made = [atom for atom in call.result if isinstance(atom, LibraryObject)]
    if len(made) != 1 or made[0].node is not call.node:
        return ""
    base = family(call.symbol)
    if base in ("keras.Optimizer", "keras.Metric"):
        return "optimizer" if base == "keras.Optimizer" else "metric"
    if id(made[0]) not in called:
        return ""
    if base == "keras.Layer" and _has_weights(call.symbol):
        return "layer"
    if base == "keras.Model" and _holds_layers(call.arguments):
        return "model"
    return ""


def _has_weights(symbol: str) -> bool:
    last = symbol.rsplit(".", 1)[-1]
    return last in _WITH_WEIGHTS or last.startswith(_CONVOLUTIONS)


def _holds_layers(arguments: Arguments) -> bool:
    """Whether a model is made of layers with weights."""
    return any(
        isinstance(layer, LibraryObject) and _has_weights(layer.symbol.name)
        for value in arguments.all_values()
        for atom in value
        for layer in (atom.elements() if isinstance(atom, Container) else (atom,))
    )
