"""Keras: what its base classes do for a user's class, and its optimizers, metrics, losses, models."""

from __future__ import annotations

import ast
import re

from varsync_rules.context import Context, Role
from varsync_rules.evaluate.attributes import bound_to, library_base, library_spelled, weights
from varsync_rules.evaluate.frames import Frame, Machine
from varsync_rules.evaluate.library import variables
from varsync_rules.evaluate.provenance import combine, data_of, made_in
from varsync_rules.immutable import replace
from varsync_rules.surface import family, keras_generation
from varsync_rules.values import (
    NONE,
    UNKNOWN,
    Argument,
    Arguments,
    Class,
    Const,
    Container,
    Data,
    Form,
    Instance,
    LibraryObject,
    Made,
    Symbol,
    Value,
    Varies,
    join,
    refine,
)

# What Keras calls in replica context, by base class; every other parameter than these is data.
REPLICA_HOOKS: dict[str, tuple[str, ...]] = {
    "keras.Layer": ("call",),
    "keras.Model": ("train_step", "test_step", "predict_step", "call", "compute_loss"),
    "keras.Metric": ("update_state",),
    "tf.Module": ("__call__",),
    "keras.Loss": ("call",),
    "keras.Optimizer": ("apply_gradients",),
}
UPDATE_HOOKS: dict[str, tuple[str, ...]] = {
    "keras.Optimizer": (
        "update_step",
        "_resource_apply_dense",
        "_resource_apply_sparse",
        "_apply_dense",
        "_apply_sparse",
    ),
}
HOST_HOOKS: dict[str, tuple[str, ...]] = {
    "keras.Layer": ("build",),
    "keras.Model": ("build",),
    "keras.Metric": ("build", "result", "reset_state", "reset_states"),
    "keras.Optimizer": ("build", "_create_slots"),
}
_PYTHON_PARAMETERS = frozenset({"training", "mask", "return_dict", "name", "step"})


# Parameters beside the first one that hold data of the batch, and those that hold none.
_OF_THE_BATCH = re.compile(
    r"^(x|y|data|batch|y_true|y_pred|(sample_|class_)?weights?)$"
    r"|inputs?|labels?|targets?|values?|features|logits|predictions?|(^|_)(true|pred)$",
    re.IGNORECASE,
)
_OPTION = re.compile(
    r"train|^(is|use|return|with|num|should|do|enable)_|mode|rate|steps?$|_id$|verbose|deterministic"
    r"|momentum|decay|axis|^k$|^n$|size|dtype|flag|update",
    re.IGNORECASE,
)


def hook_arguments(parameters: list[str], optional: frozenset[str], role: Role) -> dict[str, Value]:
    """What Keras passes to a hook: batches in replica context, plain Python objects else.

    What an `optional` parameter (it has a default), or one that is called like an option, is given
    is not known, unless it is called like data; such a parameter is left out.
    """
    varies = Varies.DIFFERS if role is Role.REPLICA else Varies.UNKNOWN
    batch: Value = (Data(Form.TENSOR, varies, Made.REPLICA),)
    assumed: Value = refine(batch, tags=frozenset({"assumed"}))
    flag: Value = (Data(Form.NUMBER, Varies.SAME, Made.HOST),)
    given: dict[str, Value] = {}
    for position, name in enumerate(parameters):
        if name in _PYTHON_PARAMETERS:
            given[name] = flag
        elif position == 0 or _OF_THE_BATCH.search(name):
            given[name] = batch
        elif name not in optional and not _OPTION.search(name):
            given[name] = assumed
    return given


def hook_context(instance: Instance, role: Role, hook: str) -> Context:
    """The context in which Keras calls a method of an instance."""
    made = instance.context
    return Context(
        role=role,
        strategies=made.strategies,
        portable=made.portable,
        callers=made.callers,
        traced=role is Role.REPLICA,
        hook=hook,
    )


def _generation(instance: Instance) -> int | None:
    """Of which Keras the class is that an instance's class derives from; None where unknown."""
    return keras_generation(library_spelled(instance.cls), instance.cls.module.target)


def is_given_to_run(instance: Instance, base: str, name: str) -> bool:
    """Whether Keras gives a hook to strategy.run as it is; else it calls it in replica context."""
    if base == "keras.Model":
        return name != "call" and _generation(instance) != 2
    return base != "keras.Layer"


def converts_branches(instance: Instance, hook: str) -> bool:
    """Whether AutoGraph makes branches of the graph of Python's in a hook that Keras calls."""
    return hook.endswith(".call") and _generation(instance) == 2


def instance_method(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    receiver: Instance,
    name: str,
    arguments: Arguments,
) -> Value:
    """A method that a class of the program inherits from Keras or TensorFlow."""
    base = library_base(receiver.cls)
    api = variables.library_method_creates(name, base)
    if api:
        spelled = library_spelled(receiver.cls)
        return variables.add_weight(machine, frame, node, receiver, api, spelled, name, arguments)
    if name == "__init__":
        return NONE
    if name == "__call__":
        return _call(machine, frame, node, receiver, base, arguments)
    if name in ("train_step", "test_step", "predict_step", "call") and base.startswith("keras."):
        parts = [argument.value for argument in arguments.positional]
        return (combine(machine, frame, parts, node, form=Form.TENSOR),)
    if name in ("compute_loss", "compiled_loss"):
        parts = list(arguments.all_values())
        tags = frozenset({"mean", "keras_loss"})
        return (combine(machine, frame, parts, node, tags=tags, form=Form.TENSOR),)
    if name == "result" and base == "keras.Metric":
        return (metric_result(frame),)
    if name == "get_layer":
        return UNKNOWN
    parts = list(arguments.all_values())
    if not parts:
        return UNKNOWN
    made = combine(machine, frame, parts, node, use="argument")
    return (replace(made, form=Form.UNKNOWN),)


def _call(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    receiver: Instance,
    base: str,
    arguments: Arguments,
) -> Value:
    """`layer(x)`: build where it was not built, then call; `metric(y, p)`: update, then result."""
    results: list[Value] = []
    if base in ("keras.Layer", "keras.Model"):
        _invoke(machine, frame, node, receiver, "build", Arguments((Argument(UNKNOWN),)))
        found = _invoke(machine, frame, node, receiver, "call", arguments)
        if found is not None:
            results.append(found)
    elif base == "keras.Metric":
        _invoke(machine, frame, node, receiver, "update_state", arguments)
        results.append(_invoke(machine, frame, node, receiver, "result", Arguments()) or ())
    elif base == "keras.Loss":
        found = _invoke(machine, frame, node, receiver, "call", arguments)
        # the base class reduces what `call` gives, and scales it for the replicas
        results.append(refine(found or (), averages=frozenset(), op="loss"))
    joined = join(*results)
    if joined:
        return joined
    return (combine(machine, frame, arguments.all_values(), node, form=Form.TENSOR),)


def _invoke(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    receiver: Instance,
    name: str,
    arguments: Arguments,
) -> Value | None:
    for ancestor in receiver.cls.ancestry():
        if isinstance(ancestor, Symbol):
            return None
        method = ancestor.attributes.get(name)
        if method is not None:
            accepted = arguments
            return machine.call(
                frame, node, tuple(bound_to(item, receiver) for item in method), accepted
            )
    return None


def object_method(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    receiver: LibraryObject,
    name: str,
    arguments: Arguments,
) -> Value:
    """A method of an optimizer, metric, layer, model or loss of Keras itself."""
    base = family(receiver.symbol.name)
    if base == "keras.Metric":
        if name in ("result",):
            return (metric_result(frame),)
        if name == "__call__":
            return (metric_result(frame),)
        return NONE
    if base in ("keras.Optimizer", "tf.train.Optimizer", "sonnet.Optimizer"):
        return NONE
    if base == "keras.Loss":
        return (loss_value(machine, frame, node, receiver, arguments),)
    if base in ("keras.Layer", "keras.Model"):
        if name == "__call__":
            _call_layers(machine, frame, node, receiver, arguments)
            tags = frozenset({"weights"})
            made = combine(
                machine, frame, arguments.all_values(), node, tags=tags, form=Form.TENSOR
            )
            return (replace(made, form=Form.TENSOR, op="model"),)
        if name in ("add", "compile", "fit", "evaluate", "build"):
            if name == "add" and arguments.positional:
                machine.write(receiver, "layers", arguments.positional[0].value)
            return UNKNOWN
        if name.endswith(("variables", "weights")) and not arguments.positional:
            return weights(machine, frame, receiver, node, trainable="non_" not in name)
    return UNKNOWN


def _call_layers(
    machine: Machine, frame: Frame, node: ast.AST, receiver: LibraryObject, arguments: Arguments
) -> None:
    """A Sequential model calls the program's layers that it was made of."""
    held = [*receiver.args.all_values(), receiver.attributes.get("layers", ())]
    for value in held:
        for atom in value:
            items = atom.elements() if isinstance(atom, Container) else (atom,)
            for item in items:
                if isinstance(item, Instance):
                    machine.call_atom(frame, node, item, arguments)


def metric_result(frame: Frame) -> Data:
    """What metric.result() gives: this replica's share in replica context."""
    varies = Varies.DIFFERS if frame.context.in_replica else Varies.SAME
    return Data(Form.TENSOR, varies, made_in(frame.context), tags=frozenset({"metric"}))


def loss_value(
    machine: Machine, frame: Frame, node: ast.AST, receiver: LibraryObject, arguments: Arguments
) -> Data:
    """What calling a Keras loss object gives: a value an example, or a mean scaled as Keras does."""
    reduction = receiver.args.value(None, "reduction")
    spelled = " ".join(
        str(a.value) if isinstance(a, Const) else a.name
        for a in reduction
        if isinstance(a, (Const, Symbol))
    ).lower()
    if "none" in spelled:
        tags = frozenset({"per_example"})
    elif spelled.endswith("sum"):
        tags = frozenset({"sum", "keras_loss"})
    else:
        generation = keras_generation(receiver.symbol.spelled, receiver.module.target)
        tags = frozenset({"mean", "keras_loss", "keras2" if generation == 2 else "keras3"})
        if generation != 2:
            # Keras 3 divides by the number of replicas itself
            tags |= {"scaled"}
    return combine(
        machine, frame, arguments.all_values(), node, op="loss", tags=tags, form=Form.TENSOR
    )


# Functions that make a model
MODEL_MAKERS = frozenset(
    f"keras.{name}"
    for name in (
        *("models.load_model", "models.clone_model", "models.model_from_json"),
        *("models.model_from_config", "saving.load_model", "models.model_from_yaml"),
    )
)


def made_model(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """keras.models.load_model(path) and the like: a model, made here."""
    model = Symbol("keras.Model", symbol.spelled)
    made = machine.made(
        LibraryObject, frame, node, symbol.name, symbol=model, args=Arguments(open=True)
    )
    made.context = frame.context
    return (made,)


def is_keras_class(cls: Class) -> str:
    """The Keras or TensorFlow base class that makes methods of a class hooks, or ""."""
    base = library_base(cls)
    return base if base in REPLICA_HOOKS else ""


def functional_loss(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """keras.losses.mean_squared_error(y, p): a value for each example."""
    parts = [
        (data_of(machine, frame, value, node, "operator"),) for value in arguments.all_values()
    ]
    tags = frozenset({"per_example"})
    return (combine(machine, frame, parts, node, op="loss", tags=tags, form=Form.TENSOR),)
