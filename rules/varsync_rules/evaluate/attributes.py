"""Attributes: what `x.name` may be for everything that x may be."""

from __future__ import annotations

import ast
import re
from functools import cache

from varsync_rules.evaluate.frames import Frame, Machine
from varsync_rules.evaluate.provenance import made_in, names_a_worker, used
from varsync_rules.immutable import replace
from varsync_rules.program import Call
from varsync_rules.surface import canonical, family
from varsync_rules.values import (
    NONE,
    UNKNOWN,
    Arguments,
    Atom,
    Bound,
    Class,
    Const,
    Container,
    Data,
    Extended,
    Form,
    Function,
    Handle,
    Instance,
    LibraryObject,
    Made,
    Method,
    ModuleRef,
    Partial,
    ReplicaContext,
    Scope,
    Slice,
    Strategy,
    Super,
    Symbol,
    Traced,
    Value,
    Variable,
    Varies,
    each_replicas,
    is_unknown,
    join,
    variables_within,
    without_none,
)

_STRATEGY = re.compile(r"(^|_)(strategy|distribution|strat)$", re.IGNORECASE)
_WEIGHTS = frozenset(
    {
        "trainable_variables",
        "trainable_weights",
        "variables",
        "weights",
        "non_trainable_variables",
        "non_trainable_weights",
        "global_variables",
    }
)
_FACTS_OF_TENSORS = frozenset({"shape", "dtype", "ndim"})
_METHODS_OF_TENSORS = frozenset({"numpy", "item", "tolist", "astype", "get_shape"})
_OF_TENSORS = frozenset({"T", "values", "indices", "flat_values", "row_splits", "real", "imag"})
# The weights of Keras's layers, by the names that their classes give them.
_LAYER_WEIGHTS = frozenset(
    {
        *("kernel", "bias", "embeddings", "gamma", "beta", "recurrent_kernel"),
        *("depthwise_kernel", "pointwise_kernel"),
    }
)
_OF_REPLICA_CONTEXT = frozenset(
    {
        *("all_reduce", "all_gather", "merge_call", "strategy"),
        *("replica_id_in_sync_group", "num_replicas_in_sync"),
    }
)
FULLY_DEFINED = "fully_defined"
"""The tag of a shape that has no unknown dimension: that of a variable, unless it is given one."""
_PLAIN_FACTS = frozenset(
    {
        "dtype",
        "shape",
        "name",
        "trainable",
        "synchronization",
        "aggregation",
        "device",
        "path",
        "rank",
    }
)


def get(
    machine: Machine, frame: Frame, base: Value, name: str, node: ast.AST, called: bool = False
) -> Value:
    """What the attribute may be. `called`: it is called right away, so a method may be returned."""
    if base == NONE and name in _OF_REPLICA_CONTEXT:
        _record_on_none(machine, frame, node, name)
    if name in (_METHODS_OF_TENSORS if called else _FACTS_OF_TENSORS):
        each = each_replicas(base)
        if each is not None:
            use = f"{'method' if called else 'attribute'} {name}"
            base = (used(machine, frame, each, getattr(node, "value", node), use),)
    if len(base) == 1:
        result = _of_atom(machine, frame, base[0], name, node, called) or UNKNOWN
    else:
        held = without_none(base)
        result = join(*(_of_atom(machine, frame, a, name, node, called) for a in held)) or UNKNOWN
    if names_a_worker(name) and not called:
        return tagged_as_worker(result)
    return result


def _record_on_none(machine: Machine, frame: Frame, node: ast.AST, name: str) -> None:
    """Note that a replica context is asked for something where there is none."""
    machine.record(
        Call,
        frame,
        node,
        name,
        symbol=f"None.{name}",
        receiver=NONE[0],
        arguments=Arguments(),
        result=UNKNOWN,
    )


def tagged_as_worker(value: Value) -> Value:
    """The value, its data marked as telling which worker this is."""
    marked = tuple(
        replace(atom, tags=atom.tags | {"task"}) if isinstance(atom, Data) else atom
        for atom in value
    )
    if any(isinstance(atom, Const) and isinstance(atom.value, int) for atom in value):
        return join(marked, (Data(Form.NUMBER, tags=frozenset({"task"})),))
    return marked


@cache
def _names_a_strategy(name: str) -> bool:
    return _STRATEGY.search(name) is not None


def unknown_named(machine: Machine, frame: Frame, node: ast.AST, name: str) -> Value:
    """Something unknown under this name: by a telling name a strategy or a worker's number."""
    if _names_a_strategy(name):
        return (machine.made(Strategy, frame, node, name),)
    if names_a_worker(name):
        return (Data(tags=frozenset({"task"})),)
    return UNKNOWN


def super_of(frame: Frame) -> Value:
    """`super()` in a method of the frame, or of one around it."""
    current: Frame | None = frame
    while current is not None:
        function = current.function
        if function is not None and function.owner is not None and current.receiver is not None:
            return (Super(current.receiver, function.owner),)
        current = current.parent
    return UNKNOWN


def _of_atom(
    machine: Machine, frame: Frame, atom: Atom, name: str, node: ast.AST, called: bool
) -> Value:
    if isinstance(atom, Symbol):
        spelled = f"{atom.spelled or atom.name}.{name}"
        module = machine.modules.find(spelled)
        if module is not None:
            return (ModuleRef(module),)
        return (Symbol(canonical(spelled), spelled),)
    if isinstance(atom, Data):
        return _of_data(machine, frame, atom, name, node, called)
    if isinstance(atom, Instance):
        return _of_instance(machine, frame, atom, name, node, called)
    if isinstance(atom, Variable):
        return _of_variable(machine, frame, atom, name)
    if isinstance(atom, ModuleRef):
        return machine.module_attribute(frame, atom.module, name)
    if isinstance(atom, Class):
        return _of_class(machine, frame, atom, name)
    if isinstance(atom, Super):
        return _of_super(machine, atom, name)
    if isinstance(atom, Strategy):
        return _of_strategy(atom, name)
    if isinstance(atom, LibraryObject):
        return _of_library_object(machine, frame, atom, name, node, called)
    if isinstance(atom, ReplicaContext):
        return _of_replica_context(atom, name)
    if isinstance(atom, Scope):
        return (Method(atom, name),)
    if isinstance(atom, (Container, Extended, Slice)):
        held = atom.attributes.get(name) if isinstance(atom, Container) else None
        return held or (Method(atom, name),)
    if isinstance(atom, Const) and isinstance(atom.value, str) and name == "format":
        return (Method(atom, name),)
    if isinstance(atom, (Traced, Partial, Function, Bound)):
        return (Method(atom, name),) if called else UNKNOWN
    return UNKNOWN


def _of_data(
    machine: Machine, frame: Frame, atom: Data, name: str, node: ast.AST, called: bool
) -> Value:
    if is_unknown(atom) and not called and (_names_a_strategy(name) or names_a_worker(name)):
        return unknown_named(machine, frame, node, name)
    if atom.form is Form.PER_REPLICA and name == "values" and not called:
        each = replace(atom, form=Form.TENSOR)
        return (machine.container(frame, node, "tuple", rest=(each,)),)
    if called:
        return (Method(atom, name),)
    if name == "shape":
        varies = min(atom.varies, Varies.UNKNOWN)
        own = atom.varies is Varies.DIFFERS
        tags = frozenset({"count", "own_size"} if own else {"count"})
        return (Data(Form.NUMBER, varies, atom.made, tags=tags),)
    if name == "dtype":
        return (Data(Form.UNKNOWN, Varies.SAME, Made.HOST, dtype=atom.dtype),)
    if is_unknown(atom) and name in _LAYER_WEIGHTS:
        return (
            Data(Form.UNKNOWN, Varies.SAME, made_in(frame.context), tags=frozenset({"weights"})),
        )
    if atom.form is Form.TENSOR and name not in _OF_TENSORS:
        # an argument of a replica function that turns out to be some structure
        return (replace(atom, form=Form.UNKNOWN, op=""),)
    return (replace(atom, op=""),)


def _of_variable(machine: Machine, frame: Frame, atom: Variable, name: str) -> Value:
    if name == "handle":
        return (Handle(atom),)
    if name == "shape" and not atom.arguments.value(None, "shape"):
        facts = frozenset({FULLY_DEFINED})
        return (Data(Form.UNKNOWN, Varies.SAME, Made.HOST, tags=facts, dtype=atom.dtype),)
    if name in _PLAIN_FACTS:
        return (Data(Form.UNKNOWN, Varies.SAME, Made.HOST, dtype=atom.dtype),)
    if name == "values":
        return (machine.container(frame, atom.node, "tuple", rest=(Data(Form.TENSOR),)),)
    return (Method(atom, name),)


def _of_strategy(atom: Strategy, name: str) -> Value:
    if name == "extended":
        return (Extended(atom),)
    if name == "num_replicas_in_sync":
        return (Data(Form.NUMBER, Varies.SAME, Made.HOST, tags=frozenset({"num_replicas"})),)
    if name in atom.attributes:
        return atom.attributes[name]
    if name == "cluster_resolver":
        return UNKNOWN
    return (Method(atom, name),)


def _of_replica_context(atom: ReplicaContext, name: str) -> Value:
    if name == "replica_id_in_sync_group":
        return (Data(Form.TENSOR, Varies.DIFFERS, Made.REPLICA, tags=frozenset({"replica_id"})),)
    if name == "num_replicas_in_sync":
        return (Data(Form.NUMBER, Varies.SAME, Made.HOST, tags=frozenset({"num_replicas"})),)
    if name == "strategy":
        return atom.strategies or UNKNOWN
    return (Method(atom, name),)


def _of_class(machine: Machine, frame: Frame, atom: Class, name: str) -> Value:
    for ancestor in atom.ancestry():
        if isinstance(ancestor, Symbol):
            return (Symbol(f"{ancestor.name}.{name}", f"{ancestor.spelled}.{name}"),)
        found = ancestor.attributes.get(name)
        if found is not None:
            return join(*(_on_class(atom, item) for item in found))
    return UNKNOWN


def _on_class(cls: Class, item: Atom) -> Value:
    """An attribute as seen on the class: class methods are bound to it."""
    wrapper = _wrapper(item)
    if not isinstance(item, Partial) or wrapper not in ("classmethod", "staticmethod"):
        return (item,)
    if wrapper == "staticmethod":
        return item.args[0]
    return tuple(Bound(inner, cls) for inner in item.args[0] if isinstance(inner, Function))


def _wrapper(atom: Atom) -> str:
    """`property`, `classmethod`, `staticmethod` where a definition is wrapped in one, else ""."""
    if isinstance(atom, Partial) and isinstance(atom.target, Symbol) and atom.args:
        last = atom.target.name.rsplit(".", 1)[-1]
        if last in (
            "property",
            "classmethod",
            "staticmethod",
            "cached_property",
            "abstractproperty",
        ):
            return "property" if last.endswith("property") else last
    return ""


def _of_instance(
    machine: Machine, frame: Frame, atom: Instance, name: str, node: ast.AST, called: bool
) -> Value:
    machine.read_of(atom, name)
    own = atom.attributes.get(name)
    if own is not None:
        return own
    for ancestor in atom.cls.ancestry():
        if isinstance(ancestor, Symbol):
            return _of_library_instance(machine, frame, atom, ancestor, name, node, called)
        found = ancestor.attributes.get(name)
        if found is not None:
            return join(*(_through(machine, frame, atom, item, node) for item in found))
    if name == "__class__":
        return (atom.cls,)
    if called:
        return (Method(Data(), name),)
    return unknown_named(machine, frame, node, name)


def _through(machine: Machine, frame: Frame, receiver: Atom, item: Atom, node: ast.AST) -> Value:
    """A class's attribute as seen on an instance: functions are bound, properties evaluated."""
    wrapper = _wrapper(item)
    if wrapper and isinstance(item, Partial):
        inner = item.args[0]
        if wrapper == "staticmethod":
            return inner
        bound: Value = tuple(
            Bound(function, receiver) for function in inner if isinstance(function, Function)
        )
        if wrapper == "classmethod":
            return bound
        target = item.target.name if isinstance(item.target, Symbol) else ""
        is_cached = target.endswith("cached_property")
        before = frame.context
        if is_cached:
            frame.context = before.behind_test()
        result = machine.call(frame, node, bound, Arguments()) if bound else UNKNOWN
        frame.context = before
        if is_cached and isinstance(receiver, Instance):
            for function in inner:
                if isinstance(function, Function):
                    machine.write(receiver, function.name, result)
        return result
    return (bound_to(item, receiver),)


def bound_to(item: Atom, receiver: Atom) -> Atom:
    """A function of a class bound to a receiver, inside tf.function and partial too."""
    if isinstance(item, Function):
        return Bound(item, receiver)
    if isinstance(item, Traced):
        return Traced(bound_to(item.target, receiver))
    if isinstance(item, Partial) and not isinstance(item.target, Symbol):
        return replace(item, target=bound_to(item.target, receiver))
    if isinstance(item, Partial) and item.args and len(item.args[0]) == 1:
        return replace(item, args=((bound_to(item.args[0][0], receiver),), *item.args[1:]))
    return item


def own_method(atom: Atom, name: str) -> Value | None:
    """A method that a class of the program or one of its ancestors in the program defines."""
    if isinstance(atom, Instance):
        for ancestor in atom.cls.ancestry():
            if isinstance(ancestor, Class) and name in ancestor.attributes:
                return ancestor.attributes[name]
    return None


def _of_super(machine: Machine, atom: Super, name: str) -> Value:
    receiver = atom.receiver
    cls = receiver.cls if isinstance(receiver, Instance) else receiver
    if not isinstance(cls, Class):
        return UNKNOWN
    behind = False
    for ancestor in cls.ancestry():
        if ancestor is atom.after:
            behind = True
            continue
        if not behind:
            continue
        if isinstance(ancestor, Symbol):
            return (Method(receiver, name),)
        found = ancestor.attributes.get(name)
        if found is not None:
            return tuple(bound_to(item, receiver) for item in found)
    return (Method(Data(), name),)


def library_base(cls: Class) -> str:
    """The library class that a class of the program derives from, by its family, or ""."""
    for ancestor in cls.ancestry():
        if isinstance(ancestor, Symbol):
            base = family(ancestor.name) or ancestor.name
            if base not in ("builtins.object", "typing.Generic"):
                return base
    return ""


def library_spelled(cls: Class) -> str:
    """How the library class that a class derives from is spelled in full."""
    for ancestor in cls.ancestry():
        if isinstance(ancestor, Symbol) and family(ancestor.name):
            return ancestor.spelled
    return ""


def _of_library_instance(
    machine: Machine,
    frame: Frame,
    atom: Instance,
    base: Symbol,
    name: str,
    node: ast.AST,
    called: bool,
) -> Value:
    if name in _WEIGHTS and not called:
        return weights(machine, frame, atom, node, trainable=name.startswith("trainable"))
    if called:
        return (Method(atom, name),)
    if name == "distribute_strategy" or _names_a_strategy(name):
        known = atom.context.strategies
        return known or unknown_named(machine, frame, node, "strategy")
    if name == "losses" and family(base.name) in ("keras.Layer", "keras.Model"):
        return _losses(machine, frame, node)
    if name == "optimizer" and family(base.name) == "keras.Model":
        return (Data(tags=frozenset({"optimizer"})),)
    if name in ("optimizer", "metrics", "losses", "compiled_loss", "compiled_metrics"):
        return UNKNOWN
    if name in ("trainable", "built", "name", "dtype", "compute_dtype", "training"):
        return (Data(Form.NUMBER, Varies.SAME, Made.HOST),)
    if family(base.name) and callable_name(name):
        return (Method(atom, name),)
    return unknown_named(machine, frame, node, name)


def _losses(machine: Machine, frame: Frame, node: ast.AST) -> Value:
    """`model.losses`: the regularization losses of its layers."""
    held = Data(Form.TENSOR, Varies.UNKNOWN, made_in(frame.context), op="losses")
    return (machine.container(frame, node, "list", rest=(held,)),)


def callable_name(name: str) -> bool:
    """Whether programs pass around a method of this name of a library's base class."""
    return name in ("call", "train_step", "test_step", "predict_step", "update_state", "__call__")


def weights(
    machine: Machine, frame: Frame, atom: Instance | LibraryObject, node: ast.AST, trainable: bool
) -> Value:
    """`model.trainable_variables`: the variables that the object holds, or unknown weights."""
    held = variables_within((atom,))
    if trainable:
        held = tuple(v for v in held if not any(c is False for c in _plain(v.trainable)))
    tags = {"weights", "distributed"} if atom.context.replicates_visibly else {"weights"}
    if held and isinstance(atom, Instance) and _holds_all(atom):
        return (machine.container(frame, node, "list", rest=held),)
    generic = Data(
        Form.TENSOR,
        Varies.SAME,
        made_in(frame.context),
        tags=frozenset(tags),
        weights_of=frozenset({atom}),
    )
    return (machine.container(frame, node, "list", rest=(*held, generic) if held else (generic,)),)


def _holds_all(atom: Instance) -> bool:
    """Whether a module's variables are those of its attributes: nothing else makes any for it."""
    return library_base(atom.cls) == "tf.Module" and not any(
        isinstance(held, LibraryObject) or is_unknown(held)
        for value in atom.attributes.values()
        for held in value
    )


def _plain(value: Value) -> list[object]:
    return [atom.value for atom in value if isinstance(atom, Const)]


def _of_library_object(
    machine: Machine, frame: Frame, atom: LibraryObject, name: str, node: ast.AST, called: bool
) -> Value:
    machine.read_of(atom, name)
    held = atom.attributes.get(name)
    if held is not None:
        return held
    given = atom.args.get(None, name)
    if given is not None and not called:
        return given.value
    if name in _WEIGHTS and not called:
        return weights(machine, frame, atom, node, trainable=name.startswith("trainable"))
    if called:
        return (Method(atom, name),)
    if atom.symbol.name == "argparse.Namespace":
        return unknown_named(machine, frame, node, name)
    if name == "losses" and family(atom.symbol.name) in ("keras.Layer", "keras.Model"):
        return _losses(machine, frame, node)
    if name == "distribute_strategy":
        return atom.context.strategies or UNKNOWN
    if name == "iterations" and family(atom.symbol.name) == "keras.Optimizer":
        return (
            Data(Form.TENSOR, Varies.SAME, made_in(frame.context), tags=frozenset({"counter"})),
        )
    return (Method(atom, name),)


def element_of(atom: LibraryObject) -> Value:
    """What iterating over a library's object gives: batches of a dataset."""
    if atom.symbol.name == "tf.distribute.DistributedDataset":
        return atom.attributes.get("element") or (Data(varies=Varies.DIFFERS, made=Made.HOST),)
    if atom.symbol.name == "tf.data.Dataset":
        return (Data(Form.TENSOR, Varies.SAME, Made.HOST),)
    return UNKNOWN


def entered_value(value: Value) -> Value:
    """What `with value as name` binds."""
    results: list[Value] = []
    for atom in value:
        if isinstance(atom, Scope):
            results.append((atom.strategy,))
        elif isinstance(atom, Container) and atom.kind == "context":
            results.append(atom.attributes.get("value") or UNKNOWN)
        else:
            results.append((atom,))
    return join(*results) or UNKNOWN
