"""VS504: a strategy for several workers that is made too late, or before TF_CONFIG is set."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.program import Call, Event, Program, Write, place
from varsync_rules.surface import family
from varsync_rules.values import Const, Container, LibraryObject, Value

_STRATEGY = "tf.distribute.MultiWorkerMirroredStrategy"
_TENSORS = frozenset(
    {
        *("constant", "convert_to_tensor", "cast", "zeros", "ones", "fill", "range", "eye"),
        *("linspace", "one_hot", "reshape", "stack", "concat"),
        *("random.normal", "random.uniform", "random.truncated_normal", "random.Generator"),
        *("random.Generator.from_seed", "random.Generator.from_non_deterministic_state"),
        *("summary.create_file_writer", "distribute.MirroredStrategy"),
        *("config.list_logical_devices", "config.experimental.list_logical_devices"),
    }
)
_WITH_STATE = ("keras.layers.Dropout", "keras.layers.Random", "keras.layers.StringLookup")
_INPUTS = frozenset({"keras.Input", "keras.layers.Input", "keras.layers.InputLayer"})


def check(program: Program) -> Iterator[Finding]:
    """Constructions of the strategy after the devices were set up, or before TF_CONFIG is."""
    made = list(program.calls_to(_STRATEGY))
    if not made:
        return
    using = [*(call for call in program.calls if _sets_up(call)), *program.creations]
    using = [event for event in using if event.context.in_cross_replica]
    configured = [*filter(_configures, program.writes), *filter(_updates, program.calls)]
    for call in made:
        if any(comes_before(other, call) for other in made if other is not call):
            # the connections are there already
            continue
        first = next((event for event in using if _is_on_the_way(event, call)), None)
        if first is not None:
            yield _too_late(call, first)
            continue
        if any(comes_before(event, call) for event in configured):
            continue
        later = next((event for event in configured if comes_before(call, event)), None)
        if later is not None:
            yield _too_early(call, later)


def _sets_up(call: Call) -> bool:
    """Whether a call was seen to set up TensorFlow's devices."""
    name = call.symbol
    if name.startswith("tf.data."):
        return not name.endswith("Options")
    if name.startswith("tf."):
        return name[3:] in _TENSORS
    if call.receiver is not None or not name.startswith("keras."):
        return False
    if name.startswith(_WITH_STATE) or name.startswith("keras.applications."):
        return True
    if name == "keras.Sequential":
        return any(_has_input(value) for value in call.arguments.all_values())
    made = any(isinstance(atom, LibraryObject) for atom in call.result)
    return made and family(name) in ("keras.Metric", "keras.Optimizer")


def _has_input(value: Value) -> bool:
    """Whether the layers of a model say what its input looks like, so that it is built at once."""
    for atom in value:
        for layer in atom.elements() if isinstance(atom, Container) else (atom,):
            if isinstance(layer, LibraryObject) and (
                layer.symbol.name in _INPUTS or layer.args.get(None, "input_shape") is not None
            ):
                return True
    return False


def _configures(write: Write) -> bool:
    return write.target == "os.environ" and write.key == "TF_CONFIG"


def _updates(call: Call) -> bool:
    """`os.environ.update(TF_CONFIG=…)`."""
    if call.symbol not in ("os.environ.update", "os.environ.setdefault", "os.putenv"):
        return False
    if call.arguments.get(None, "TF_CONFIG") is not None:
        return True
    return any(
        atom == Const("TF_CONFIG") or (isinstance(atom, Container) and "TF_CONFIG" in atom.items)
        for atom in call.arguments.value(0)
    )


def comes_before(one: Event, two: Event) -> bool:
    """Whether one event has happened for certain when the other does, on the same run."""
    first, second = _root(one), _root(two)
    # a module's body runs before the functions that it defines are called
    is_body = first.function is None and first.name == first.module.name
    if one.order >= two.order if first is second else not is_body or first.module is not two.module:
        return False
    if not set(one.context.conditions) <= set(two.context.conditions):
        return False
    return not _are_alternatives(one, two)


def _are_alternatives(one: Event, two: Event) -> bool:
    """Whether one call leads to the one or the other, by what it may call."""
    for (frame, node), (other_frame, other_node) in zip(_way(one), _way(two), strict=False):
        if frame is not other_frame:
            return frame.function is not other_frame.function
        if node is not other_node:
            return False
    return True


def _way(event: Event) -> list[tuple[Any, ast.AST]]:
    """The frames that lead to an event, outermost first, each with the place where it is left."""
    found = [(event.frame, event.node)]
    while (frame := found[-1][0]).caller is not None:
        found.append((frame.caller, frame.call_node))
    return found[::-1]


def _is_on_the_way(event: Event, call: Call) -> bool:
    """Whether an event comes before a construction for certain, whatever leads to the construction.

    Where a test chose this strategy, what other calls did before may have run for another choice.
    """
    if not comes_before(event, call):
        return False
    if set(call.context.conditions) <= set(event.context.conditions):
        return True
    frame = call.frame
    while frame is not None and frame is not event.frame:
        frame = frame.caller
    return frame is not None


def _root(event: Event) -> Any:
    frame = event.frame
    while frame.caller is not None:
        frame = frame.caller
    return frame


def _too_late(call: Call, first: Event) -> Finding:
    return Finding(
        code="VS504",
        name="strategy-after-use",
        severity=Severity.ERROR,
        message=(
            "MultiWorkerMirroredStrategy is made after TensorFlow has set up its devices, and"
            " raises where TF_CONFIG names a cluster"
        ),
        span=place(call),
        related=(Related(place(first), "this sets up the devices"),),
        explanation="RuntimeError: Collective ops must be configured at program startup",
        remedy="make the strategy first, before anything else of TensorFlow",
    )


def _too_early(call: Call, later: Event) -> Finding:
    return Finding(
        code="VS504",
        name="strategy-after-use",
        severity=Severity.WARNING,
        message=(
            "MultiWorkerMirroredStrategy is made before TF_CONFIG is set: it reads it when it is"
            " made, so each worker trains alone"
        ),
        span=place(call),
        related=(Related(place(later), "TF_CONFIG is set here"),),
        explanation="nothing is raised; num_replicas_in_sync counts this worker's devices alone",
        remedy="set TF_CONFIG first",
    )
