"""`tf.saved_model.save`.

After tensorflow/python/saved_model/save.py.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from varsync_runtime import semantics
from varsync_runtime.distribute import rejections
from varsync_runtime.distribute.variables.plain import Properties, UninitializedVariable
from varsync_runtime.distribute.where import context_of
from varsync_runtime.function.concrete import ConcreteFunction
from varsync_runtime.function.polymorphic import Function
from varsync_runtime.semantics import Access, Raises, Strategy, StrategyKind
from varsync_runtime.tensors import dtypes, errors
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.trackable import Trackable
from varsync_runtime.train import files as checkpoints
from varsync_runtime.train import values
from varsync_runtime.train.containers import List, _DictWrapper, _TupleWrapper
from varsync_runtime.train.containers import Mapping as MappingContainer
from varsync_runtime.train.graph import OBJECT_GRAPH, SAVED_MODEL, GraphView, ObjectGraph
from varsync_runtime.train.saved_model import files, functions
from varsync_runtime.train.saved_model.functions import Signature
from varsync_runtime.train.saved_model.options import SaveOptions, VariablePolicy
from varsync_runtime.train.saved_model.stand_ins import standing_in

UNTRACKED = (
    "Tried to export a function which references an 'untracked' resource. TensorFlow objects (e.g. "
    "tf.Variable) captured by functions must be 'tracked' by assigning them to an attribute of a "
    "tracked object or assigned to an attribute of the main object directly. See the information "
    "below:"
)
UNREACHABLE = (
    "Failed to add concrete function '{}' to object-based SavedModel as it captures tensor {!r} "
    "which is unsupported or not reachable from root. One reason could be that a stateful object or "
    "a variable that the function depends on is not assigned to an attribute of the serialized "
    "trackable object (see SaveTest.test_captures_unreachable_variable)."
)


class _View(GraphView):
    """What a SavedModel has of a root, looked at once: objects may make what they hold anew."""

    def __init__(self, root: Any) -> None:
        super().__init__(root, save_type=SAVED_MODEL)
        self._known: dict[int, tuple[Any, dict[str, Any]]] = {}

    def children(self, held_by: Any) -> dict[str, Any]:
        """What an object holds, by name."""
        if id(held_by) not in self._known:
            self._known[id(held_by)] = (held_by, super().children(held_by))
        return self._known[id(held_by)][1]


@dataclass
class Exported:
    """What a SavedModel has that its files cannot keep: the process that saved it keeps it.

    `variables` and `functions` are by the number of the object.
    """

    root: Any
    variables: dict[int, Any]
    functions: dict[int, list[ConcreteFunction]]
    signatures: dict[str, Signature]
    originals: dict[int, Any]


_run = uuid.uuid4().hex
_numbers = itertools.count(1)
_by_folder: dict[str, tuple[str, Exported]] = {}


def exported(folder: str, token: str) -> Exported | None:
    """What this run saved there last; None if it was another run that did."""
    found = _by_folder.get(os.path.realpath(folder))
    return found[1] if found is not None and found[0] == token else None


@export("tf.saved_model.save", "tf.compat.v1.saved_model.experimental.save")
def save(
    obj: Any, export_dir: Any, signatures: Any = None, options: SaveOptions | None = None
) -> None:
    """Saves an object with what it holds, its functions and signatures."""
    folder = os.fspath(export_dir)
    if state.graph is not None:
        raise AssertionError(
            "`tf.saved_model.save` is not supported inside a traced @tf.function. Move the call to "
            "the outer eagerly-executed context."
        )
    if not isinstance(obj, Trackable):
        raise ValueError(
            "Expected an object of type `Trackable`, such as `tf.Module` or a subclass of the "
            f"`Trackable` class, for export. Got {obj} with type {type(obj)}."
        )
    with values.together():
        _save(obj, folder, signatures, (options or SaveOptions()).experimental_variable_policy)


def _save(obj: Any, folder: str, signatures: Any, policy: VariablePolicy) -> None:
    view = _View(obj)
    objects = view.objects()
    numbers = {id(one): number for number, one in enumerate(objects)}
    originals = {
        number: one
        for number, one in enumerate(objects)
        if isinstance(one, (Function, ConcreteFunction))
    }
    if signatures is not None:
        chosen = functions.signature_functions(signatures)
    else:
        chosen = _default_signature(view.children(obj))
    graph, saved = view.graph(lambda one: values.saved(one, folder))
    text = np.array(graph.dumps(), dtype=object)
    saved[OBJECT_GRAPH] = checkpoints.Saved(text, dtypes.string)
    found = {number: _variable_of(one) for number, one in enumerate(objects)}
    variables = {number: one for number, one in found.items() if one is not None}
    if originals or chosen:
        _require_copies_alone(variables, policy)
    result = Exported(obj, variables, {}, {}, originals)
    unasked = contextlib.suppress(ValueError)
    with standing_in(_temporary(variables, saved, graph)):
        for number, function in originals.items():
            result.functions[number] = functions.traced(function, policy)
        for key, function in chosen.items():
            # one that was not asked for is left out if it cannot be one
            with contextlib.nullcontext() if signatures is not None else unasked:
                concrete = functions.traced(function, policy)[0]
                result.signatures[key] = Signature(key, concrete)
    for key, signature in result.signatures.items():
        _require_saveable(chosen[key], signature.concrete)
    for number, function in originals.items():
        for concrete in result.functions[number]:
            _require_saveable(function, concrete)
    _require_tracked(result)
    token = f"{_run}-{next(_numbers)}"
    files.make_folders(folder)
    checkpoints.write(files.variables_of(folder), saved)
    nodes = [_node(one, view, numbers) for one in objects]
    files.write(folder, files.Model(token, nodes, list(result.signatures)))
    _by_folder[os.path.realpath(folder)] = (token, result)


def _default_signature(children: Mapping[str, Any]) -> dict[str, Any]:
    """The one function of the root that can be a signature, if there is one: `serving_default`."""
    if functions.can_be_signature(children.get("_default_save_signature")):
        return {"serving_default": children["_default_save_signature"]}
    found = [one for one in children.values() if functions.can_be_signature(one)]
    return {"serving_default": found[0]} if len(found) == 1 else {}


def _require_copies_alone(variables: Mapping[int, Any], policy: VariablePolicy) -> None:
    """A function that keeps all copies of a distributed variable is another one than here."""
    expands = policy is VariablePolicy.EXPAND_DISTRIBUTED_VARIABLES
    if expands and any(hasattr(one, "_parts") for one in variables.values()):
        raise errors.NotModelled(
            "functions that are saved with VariablePolicy.EXPAND_DISTRIBUTED_VARIABLES"
        )


# Values ------------------------------------------------------------------------------------------


def _temporary(
    variables: Mapping[int, Any], saved: Mapping[str, checkpoints.Saved], graph: ObjectGraph
) -> Sequence[tuple[Any, Any]]:
    """A plain variable with the value that was saved, for each variable: functions are traced so."""
    keys = {number: graph.nodes[number].attributes[0].checkpoint_key for number in variables}
    return [(one, _plain(one, saved[keys[number]].array)) for number, one in variables.items()]


def _plain(variable: Any, array: np.ndarray) -> UninitializedVariable:
    properties = Properties(
        name=variable._shared_name,
        dtype=variable.dtype,
        shape=variable.shape,
        trainable=variable.trainable,
        synchronization=variable.synchronization,
        aggregation=variable.aggregation,
    )
    in_table = semantics.load(variable._in_table, Strategy(StrategyKind.DEFAULT))
    assert isinstance(in_table, semantics.Variable)
    return UninitializedVariable(properties, array, in_table)


# Functions ---------------------------------------------------------------------------------------


def _require_saveable(function: Any, concrete: ConcreteFunction) -> None:
    """Raises where a trace was made before, with a distributed variable, and cannot be saved."""
    given = function is concrete
    asked = semantics.Signature.CONCRETE if given else semantics.Signature.TRACED
    for variable, written in concrete._used():
        outcome = semantics.export(
            variable._in_table, Access.WRITE if written else Access.READ, asked
        )
        if isinstance(outcome, Raises):
            error = rejections.error(outcome, function=_signature_wrapper)
            number, context = variable._variable_number, context_of(variable).value
            raise rejections.rejected(error, number, "save", context)


def _signature_wrapper() -> bytes:
    """What TensorFlow calls the function that it makes of a signature."""
    return b"__inference_signature_wrapper"


def _require_tracked(result: Exported) -> None:
    """Raises if a function uses a variable that is not saved."""
    known = {id(one) for one in result.variables.values()}
    known |= {id(copy) for one in result.variables.values() for copy in getattr(one, "_copies", ())}
    for signature in result.signatures.values():
        for variable in signature.concrete.variables:
            if id(variable) not in known:
                raise AssertionError(
                    f"{UNTRACKED}\n\tFunction name = {signature.concrete.name!r}\n\t"
                    f"Trackable referencing this tensor = {variable!r}"
                )
    for concrete in (one for concretes in result.functions.values() for one in concretes):
        for variable in concrete.variables:
            if id(variable) not in known:
                raise KeyError(UNREACHABLE.format(concrete.name, variable))


# Objects -----------------------------------------------------------------------------------------


def _variable_of(one: Any) -> Any:
    """The variable as which an object is saved: itself, or the one that Keras's variable has."""
    if isinstance(one, VariableLike):
        return one
    inner = getattr(one, "value", None) if hasattr(type(one), "_write_object_proto") else None
    return inner if isinstance(inner, VariableLike) else None


def _node(one: Any, view: GraphView, numbers: Mapping[int, int]) -> files.Node:
    children = [(name, numbers[id(child)]) for name, child in view.children(one).items()]
    variable = _variable_of(one)
    if variable is not None:
        return files.Node("variable", children, _made_with(variable))
    if isinstance(one, Function):
        return files.Node("function")
    if isinstance(one, ConcreteFunction):
        return files.Node("trace")
    if isinstance(one, (List, _TupleWrapper)):
        return files.Node("list", children)
    if isinstance(one, (_DictWrapper, MappingContainer)):
        return files.Node("dict", children)
    return files.Node("object", children)


def _made_with(variable: Any) -> dict[str, Any]:
    """What `tf.Variable` needs to make such a variable."""
    return {
        "name": variable._shared_name,
        "dtype": variable.dtype.name,
        "shape": variable.shape.as_list() if variable.shape.rank is not None else None,
        "trainable": bool(variable.trainable),
        "synchronization": variable.synchronization.name,
        "aggregation": variable.aggregation.name,
    }
