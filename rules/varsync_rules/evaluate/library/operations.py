"""TensorFlow's and NumPy's operations: where their results come from; tapes, conditions, functions."""

from __future__ import annotations

import ast
from collections.abc import Callable

from varsync_rules.context import Because, Condition, Context
from varsync_rules.evaluate import averages, workers
from varsync_rules.evaluate.attributes import FULLY_DEFINED
from varsync_rules.evaluate.frames import Frame, Machine
from varsync_rules.evaluate.library import horovod
from varsync_rules.evaluate.library.variables import dtype_named
from varsync_rules.evaluate.provenance import combine, condition_of, data_of, made_in
from varsync_rules.evaluate.statements import enter
from varsync_rules.immutable import replace
from varsync_rules.predict import is_trainable
from varsync_rules.program import Branch
from varsync_rules.surface import CREATES, DTYPES, KEEPING, TAGS, UNWATCHED, constant_dtype, family
from varsync_rules.values import (
    UNKNOWN,
    Argument,
    Arguments,
    Atom,
    Bound,
    Class,
    Const,
    Container,
    Data,
    Form,
    Function,
    Instance,
    LibraryObject,
    Partial,
    Symbol,
    Traced,
    Value,
    Variable,
    Varies,
    is_nonzero,
    is_unknown,
    join,
)

_MAPS = frozenset({"tf.map_fn", "tf.vectorized_map"})
Handler = Callable[[Machine, Frame, ast.AST, Symbol, Arguments], Value]
DATA_CLASSES = frozenset(
    {"tf.IndexedSlices", "tf.SparseTensor", "tf.sparse.SparseTensor", "tf.RaggedTensor"}
)
CALLABLE = (Function, Bound, Traced, Partial)
# Functions that return something of Python, not a tensor
_FACTS = frozenset(
    {
        *("is_keras_tensor", "is_tensor", "is_sparse", "executing_eagerly"),
        *("executing_eagerly_outside_functions", "inside_function", "is_symbolic_tensor"),
        *("learning_phase", "floatx", "epsilon", "image_data_format", "backend", "int_shape"),
        *("ndim", "as_dtype", "as_str", "as_text", "exists", "isdir", "list_logical_devices"),
        *("list_physical_devices", "get_logger", "is_gpu_available", "is_built_with_cuda"),
        *("standardize_dtype", "is_float_dtype", "is_int_dtype", "get_uid", "result_type"),
        *("enabled", "is_nested", "latest_checkpoint", "should_record_summaries"),
    }
)


def operation(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """Any operation: data made of its arguments."""
    last = symbol.name.rsplit(".", 1)[-1]
    is_numpy = symbol.name.startswith(("numpy.", "jax."))
    form = Form.ARRAY if is_numpy else Form.TENSOR
    if ".random." in symbol.name or last.startswith("random_"):
        varies = Varies.DIFFERS if frame.context.in_replica else Varies.SAME
        tags = frozenset({"random"})
        dtype = dtype_named(arguments.value(None, "dtype"))
        return (Data(form, varies, made_in(frame.context), tags=tags, dtype=dtype),)
    if last in _FACTS:
        return (Data(Form.UNKNOWN, Varies.UNKNOWN, made_in(frame.context)),)
    parts: list[Value] = []
    for argument in (*arguments.positional, *(a for _, a in arguments.keywords)):
        parts.append(_operand(machine, frame, argument, node, symbol))
    tag = TAGS.get(last)
    tags = frozenset({tag}) if tag else frozenset()
    if last in ("multiply", "scalar_mul"):
        tags = frozenset({"weighted"})
    dtype = dtype_named(arguments.value(None, "dtype"))
    if last in CREATES:
        dtype = dtype or _created_dtype(last, is_numpy, arguments)
    if last in ("cast", "saturate_cast"):
        dtype = dtype_named(arguments.value(1, "dtype")) or dtype
    use = f"call {symbol.name}"
    made = combine(
        machine, frame, parts, node, op=tag or last, tags=tags, form=form, dtype=dtype, use=use
    )
    if last in ("size", "shape", "shape_as_list", "rank") and not is_numpy:
        made = replace(made, dtype="int32")
    elif is_numpy and last in DTYPES:
        made = replace(made, dtype=last)
    elif last in ("cast", "saturate_cast"):
        # one that is not known may be any
        made = replace(made, dtype=dtype)
    elif last in ("argmax", "argmin"):
        made = replace(made, dtype=dtype_named(arguments.value(None, "output_type")) or "int64")
    if tag == "div" and _varies(parts[1:2]):
        made = replace(made, tags=made.tags | {"ratio"})
    if last in _OF_SHAPES:
        tags = made.tags - {"gradient"}
        made = replace(made, tags=tags, reads=frozenset(), averages=frozenset())
    if last in KEEPING:
        made = replace(made, op=_op_of(parts[:1]) or made.op)
    if last in ("zeros", "zeros_like") or _keeps_zero(last, arguments, made):
        varies = Varies.SAME if made.varies is Varies.DIFFERS else made.varies
        made = replace(made, op="zeros", varies=varies)
    elif last in _ONES or _keeps_nonzero(last, arguments):
        made = replace(made, op="nonzero")
    averaged = averages.of_operation(frame, node, last, arguments, parts, made)
    if averaged:
        made = replace(made, averages=averaged)
    if tag == "norm":
        # a number about a gradient is no gradient
        made = replace(made, tags=made.tags - {"gradient"})
    return (made,)


# Of what they are given they take the shape alone
_OF_SHAPES = frozenset(
    {"zeros", "zeros_like", "ones", "ones_like", "size", "shape", "shape_as_list", "rank"}
)
_ONES = frozenset({"ones", "ones_like", "ones_initializer", "eye"})


def _varies(parts: list[Value]) -> bool:
    return any(
        isinstance(atom, Data) and atom.varies is not Varies.SAME for part in parts for atom in part
    )


def _op_of(parts: list[Value]) -> str:
    ops = {atom.op for part in parts for atom in part if isinstance(atom, Data)}
    return ops.pop() if len(ops) == 1 else ""


def _keeps_zero(last: str, arguments: Arguments, made: Data) -> bool:
    """Whether an operation makes zeros of a zero."""
    if last not in KEEPING and last not in ("fill", "full"):
        return False
    value = arguments.value(1 if last in ("fill", "full") else 0, "value", "x", "input")
    return bool(value) and all(
        (isinstance(atom, Const) and not isinstance(atom.value, str) and atom.value == 0)
        or (isinstance(atom, Data) and atom.op == "zeros")
        for atom in value
    )


def _keeps_nonzero(last: str, arguments: Arguments) -> bool:
    """Whether an operation makes a tensor of a constant other than zero."""
    if last not in KEEPING and last not in ("fill", "full", "constant_initializer"):
        return False
    value = arguments.value(1 if last in ("fill", "full") else 0, "value", "x", "input")
    return bool(value) and all(is_nonzero(atom) for atom in value)


def _operand(
    machine: Machine, frame: Frame, argument: Argument, node: ast.AST, symbol: Symbol
) -> Value:
    """An argument of an operation as data; functions among them are called with unknown data."""
    functions = [atom for atom in argument.value if isinstance(atom, CALLABLE)]
    if functions:
        given = Arguments((Argument((Data(Form.TENSOR),)),))
        results = [machine.call_atom(frame, node, atom, given) for atom in functions]
        return join(*results)
    at = argument.node or node
    return (data_of(machine, frame, argument.value, at, f"call {symbol.name}"),)


_TAKE_A_DTYPE_SECOND = frozenset({"constant", "zeros", "ones", "convert_to_tensor", "array"})


def _created_dtype(last: str, is_numpy: bool, arguments: Arguments) -> str | None:
    position = 1 if last in _TAKE_A_DTYPE_SECOND or (is_numpy and last == "asarray") else None
    if last == "full":
        position = 2
    named = dtype_named(arguments.value(position, "dtype"))
    if named:
        return named
    if last in ("zeros", "ones"):
        return "float32"
    if last == "range":
        values = list(arguments.all_values())
    elif last in ("fill", "full"):
        values = [arguments.value(1, "value", "fill_value")]
    else:
        values = [arguments.value(0, "value")]
    atoms = [atom for value in values for atom in value]
    if last in ("constant", "convert_to_tensor", "array", "asarray"):
        held = [atom.elements() if isinstance(atom, Container) else (atom,) for atom in atoms]
        atoms = [atom for value in held for atom in value]
    names = {constant_dtype(atom.value) if isinstance(atom, Const) else None for atom in atoms}
    return names.pop() if len(names) == 1 else None


def instance_of_library(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """An object of a library's class."""
    made = machine.made(LibraryObject, frame, node, symbol.name, symbol=symbol, args=arguments)
    made.args = arguments
    made.context = frame.context
    return (made,)


def looks_like_a_class(symbol: Symbol) -> bool:
    """Whether a library's symbol is a class, by the way it is written."""
    last = symbol.name.rsplit(".", 1)[-1].lstrip("_")
    return last[:1].isupper() and (not last.isupper() or bool(family(symbol.name)))


def tf_function(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """tf.function(fn), or tf.function(…) that waits for its function."""
    target = arguments.value(0, "func")
    if not target:
        return (Partial(symbol, (), ()),)
    return tuple(
        Traced(atom) if isinstance(atom, (*CALLABLE, Instance)) else atom for atom in target
    )


def concrete_function(
    machine: Machine, frame: Frame, node: ast.AST, receiver: Traced, arguments: Arguments
) -> Value:
    """`f.get_concrete_function(…)`: the function is traced here, once."""
    # what it will be called with is not known, nor whether replicas will each get their own
    tensor = Argument((Data(Form.TENSOR, Varies.UNKNOWN, made_in(frame.context)),))
    given = Arguments(
        tuple(tensor for _ in arguments.positional),
        tuple((name, tensor) for name, _ in arguments.keywords),
        not arguments.positional and not arguments.keywords,
    )
    machine.call_atom(frame, node, receiver, given)
    symbol = Symbol("tf.ConcreteFunction")
    made = machine.made(LibraryObject, frame, node, symbol.name, symbol=symbol, args=arguments)
    machine.write(made, "function", (receiver,))
    return (made,)


def cond(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """tf.cond(pred, true_fn, false_fn): both branches, each on its condition."""
    pred = arguments.get(0, "pred")
    test = pred.value if pred is not None else UNKNOWN
    data = data_of(machine, frame, test, node, "condition")
    if data.form is Form.UNKNOWN:
        data = replace(data, form=Form.TENSOR)
    results: list[Value] = []
    before = frame.context
    for number, names in enumerate((("true_fn",), ("false_fn",))):
        condition = replace(condition_of(frame, data, node, None, number), tensor=True)
        machine.record(Branch, frame, node, number, condition=condition, data=data, leaves=False)
        frame.context = _own_graph(enter(frame, condition), before, symbol)
        for atom in arguments.value(number + 1, *names):
            if isinstance(atom, CALLABLE):
                results.append(machine.call_atom(frame, node, atom, Arguments()))
        frame.context = before
    return join(*results) or UNKNOWN


def _own_graph(context: Context, before: Context, symbol: Symbol) -> Context:
    """The context with the graph, if one is made, called by what makes it: `tf.cond`."""
    if context.graph and not before.graph:
        return replace(context, graph=symbol.name)
    return context


def branches(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """tf.while_loop, tf.switch_case, tf.case: their functions in a graph of their own."""
    index = arguments.get(0, "cond", "branch_index", "pred_fn_pairs")
    data = Data(Form.TENSOR, Varies.UNKNOWN)
    if index is not None:
        plain = tuple(atom for atom in index.value if not isinstance(atom, (*CALLABLE, Container)))
        if plain:
            data = replace(data_of(machine, frame, plain, node, "condition"), form=Form.TENSOR)
    before = frame.context
    condition = replace(condition_of(frame, data, node, None, 0), tensor=True)
    results: list[Value] = []
    frame.context = _own_graph(enter(frame, condition), before, symbol)
    looped = arguments.value(2, "loop_vars")
    given = Arguments(tuple(Argument(value) for value in _items(looped)))
    for value in arguments.all_values():
        for atom in value:
            for inner in atom.elements() if isinstance(atom, Container) else (atom,):
                if isinstance(inner, CALLABLE):
                    results.append(machine.call_atom(frame, node, inner, given))
    frame.context = before
    return join(*results) or UNKNOWN


def map_elements(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """tf.map_fn(fn, elems), tf.scan, tf.foldl: fn on each element, in a tf.while_loop."""
    elements = data_of(machine, frame, arguments.value(1, "elems"), node, f"call {symbol.name}")
    before = frame.context
    condition = Condition(Because.TENSOR, node, frame.module, 0, True)
    frame.context = _own_graph(enter(frame, condition), before, symbol)
    element: Value = (replace(elements, form=Form.TENSOR, op=""),)
    given = Arguments((Argument(element),) if symbol.name in _MAPS else (Argument(element),) * 2)
    results = [
        machine.call_atom(frame, node, atom, given)
        for atom in arguments.value(0, "fn")
        if isinstance(atom, CALLABLE)
    ]
    frame.context = before
    return join(*results) or UNKNOWN


def _items(value: Value) -> list[Value]:
    for atom in value:
        if isinstance(atom, Container) and not atom.rest:
            return [atom.items[key] for key in sorted(k for k in atom.items if isinstance(k, int))]
    return []


def creator_scope(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """tf.variable_creator_scope(creator): what variables are made of is not as written."""
    return (Data(tags=frozenset({"creator"})),)


def tape_method(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    receiver: LibraryObject,
    name: str,
    arguments: Arguments,
) -> Value:
    """A method of tf.GradientTape: gradients come from the loss."""
    if name == "watch":
        machine.write(receiver, "watched", arguments.value(0, "tensor"))
    if name not in ("gradient", "jacobian"):
        return UNKNOWN
    loss = data_of(machine, frame, arguments.value(0, "target"), node, "loss")
    varies = loss.varies
    if frame.context.in_replica and varies is Varies.UNKNOWN:
        varies = Varies.DIFFERS
    gradient = Data(
        Form.TENSOR,
        varies,
        made_in(frame.context),
        loss.reads,
        (loss.tags - {UNWATCHED}) | {"gradient"},
        "gradient",
        loss.reduced,
        averages=loss.averages | horovod.of_tape(receiver),
    )
    sources = arguments.value(1, "sources")
    if any(isinstance(atom, Variable) for atom in sources):
        machine.read_of(receiver, "watched")
        if "watched" not in receiver.attributes and all(map(_is_untrained, sources)):
            gradient = replace(gradient, tags=gradient.tags | {UNWATCHED})
        return (gradient,)
    return (machine.container(frame, node, "list", rest=(gradient,)),)


def _is_untrained(atom: Atom) -> bool:
    """Whether this is a variable that no tape watches by itself: one that is not trainable."""
    return isinstance(atom, Variable) and is_trainable(atom) is False


def dataset(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """Any tf.data call: a dataset."""
    symbol = Symbol("tf.data.Dataset", symbol.spelled)
    return (machine.made(LibraryObject, frame, node, symbol, symbol=symbol, args=arguments),)


def static_value(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """tf.get_static_value(x): a Python number or None, while tracing too; known of a replica's id."""
    data = data_of(machine, frame, arguments.value(0, "tensor"), node, f"call {symbol.name}")
    varies = data.varies if "replica_id" in data.tags else Varies.UNKNOWN
    return (replace(data, form=Form.NUMBER, varies=varies),)


def map_structure(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """tf.nest.map_structure(fn, structure), map(fn, items): fn on an element of each."""
    elements: list[Argument] = []
    for argument in arguments.positional[1:]:
        element: list[Value] = []
        for atom in argument.value:
            element.append(atom.elements() if isinstance(atom, Container) else (atom,))
        elements.append(Argument(join(*element) or UNKNOWN))
    results = [
        machine.call_atom(frame, node, atom, Arguments(tuple(elements)))
        for atom in (arguments.positional[0].value if arguments.positional else ())
        if isinstance(atom, (*CALLABLE, Class))
    ]
    return (machine.container(frame, node, "list", rest=join(*results) or UNKNOWN),)


def leaves(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """tf.nest.flatten and pack_sequence_as: what has which place is not known."""
    return UNKNOWN


def data_method(
    machine: Machine, frame: Frame, node: ast.AST, receiver: Data, name: str, arguments: Arguments
) -> Value:
    """A method of a tensor, an array or something unknown."""
    if name == "is_fully_defined" and FULLY_DEFINED in receiver.tags:
        return (Const(True),)
    if is_unknown(receiver):
        if name in ("get", "pop"):
            receiver = workers.part(receiver, arguments.value(0))
        if name in ("shard", "repeat", "take"):
            return (workers.shard(receiver, name, arguments),)
        parts: list[Value] = [(receiver,)]
        for value in arguments.all_values():
            parts.append(tuple(atom for atom in value if isinstance(atom, (Data, Const))))
        made = combine(machine, frame, parts, node, use="argument")
        varies = max(made.varies, Varies.UNKNOWN)
        return (replace(made, form=Form.UNKNOWN, varies=varies, op=TAGS.get(name, "")),)
    tag = TAGS.get(name)
    form = receiver.form
    if name in ("numpy", "item", "tolist") and form is Form.TENSOR:
        form = Form.ARRAY
    tags = receiver.tags | ({tag} if tag else set())
    kept = receiver.op if name in ("numpy", "item", "astype") else name
    dtype = receiver.dtype
    if name == "astype":
        dtype = dtype_named(arguments.value(0, "dtype"))
    return (replace(receiver, form=form, op=tag or kept, tags=frozenset(tags), dtype=dtype),)


SYMBOLS: dict[str, Handler] = {
    "tf.function": tf_function,
    "tf.cond": cond,
    "tf.case": branches,
    "tf.switch_case": branches,
    "tf.while_loop": branches,
    "tf.map_fn": map_elements,
    "tf.vectorized_map": map_elements,
    "tf.scan": map_elements,
    "tf.foldl": map_elements,
    "tf.foldr": map_elements,
    "keras.ops.cond": cond,
    "keras.ops.while_loop": branches,
    "tf.variable_creator_scope": creator_scope,
    "tf.init_scope": instance_of_library,
    "tf.get_static_value": static_value,
    "tf.nest.map_structure": map_structure,
    "tf.nest.flatten": leaves,
    "tf.nest.pack_sequence_as": leaves,
    "keras.tree.map_structure": map_structure,
    "builtins.map": map_structure,
}
