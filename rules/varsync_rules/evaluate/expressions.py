"""Expressions: what each may be, and what it does on the way."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import Any

from varsync_rules.evaluate import attributes, averages, workers
from varsync_rules.evaluate.frames import Frame, Machine
from varsync_rules.evaluate.provenance import combine, condition_of, data_of, names_a_worker
from varsync_rules.evaluate.statements import bind, enter, iterate
from varsync_rules.immutable import replace
from varsync_rules.program import Branch, Choice, expression
from varsync_rules.surface import (
    INTEGERS,
    UNWATCHED,
    canonical,
    constant_dtype,
)
from varsync_rules.values import (
    NONE,
    UNKNOWN,
    Argument,
    Arguments,
    Const,
    Container,
    Data,
    Form,
    Function,
    Instance,
    LibraryObject,
    Slice,
    Strategy,
    Symbol,
    Value,
    Variable,
    Varies,
    constants,
    is_unknown,
    join,
    merge,
    only_constant,
    variables,
    without_none,
)

_FOLD: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_MOST_BITS = 1024
_OPERATIONS = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.FloorDiv: "div",
    ast.MatMult: "matmul",
    ast.Pow: "pow",
    ast.Mod: "mod",
}
_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}

BUILTINS = frozenset(dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__)


def evaluate(machine: Machine, frame: Frame, node: ast.expr) -> Value:
    """What an expression may be."""
    handler = _HANDLERS.get(type(node))
    return handler(machine, frame, node) if handler is not None else UNKNOWN


def _constant(machine: Machine, frame: Frame, node: ast.Constant) -> Value:
    return (Const(node.value),)


def _name(machine: Machine, frame: Frame, node: ast.Name) -> Value:
    found = machine.closest(frame, node.id)
    if found is not None:
        if names_a_worker(node.id):
            return attributes.tagged_as_worker(found)
        return found
    if node.id in BUILTINS:
        return (Symbol(f"builtins.{node.id}", f"builtins.{node.id}"),)
    starred = machine.starred(frame.module, node.id)
    if starred:
        return starred
    return attributes.unknown_named(machine, frame, node, node.id)


def _attribute(machine: Machine, frame: Frame, node: ast.Attribute) -> Value:
    base = machine.evaluate(frame, node.value)
    return attributes.get(machine, frame, base, node.attr, node)


def _binary(machine: Machine, frame: Frame, node: ast.BinOp) -> Value:
    left = machine.evaluate(frame, node.left)
    right = machine.evaluate(frame, node.right)
    return binary(machine, frame, node, node.op, left, right, node.left, node.right)


def binary(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    op: ast.operator,
    left: Value,
    right: Value,
    left_node: ast.AST,
    right_node: ast.AST,
) -> Value:
    """What a binary operation gives."""
    one, two = only_constant(left), only_constant(right)
    if one is not None and two is not None and type(op) in _FOLD:
        try:
            if not isinstance(one.value, str) and not isinstance(two.value, str):
                return (Const(_folded(op, one.value, two.value)),)
        except (TypeError, ZeroDivisionError, ValueError, OverflowError):
            return UNKNOWN
    if isinstance(op, ast.Mod) and one is not None and isinstance(one.value, str):
        return format_text(machine, frame, one.value, right, right_node)
    overloaded = _overloaded(machine, frame, node, op, left, right)
    if overloaded is not None:
        return overloaded
    containers = [atom for atom in (*left, *right) if isinstance(atom, Container)]
    if isinstance(op, ast.BitOr) and containers and containers[0].kind == "dict":
        merged = machine.container(frame, node, "dict")
        merge_dict(machine, merged, left)
        merge_dict(machine, merged, right)
        return (merged,)
    if isinstance(op, ast.Add) and containers:
        joined = join(*(container.elements() for container in containers))
        return (machine.container(frame, node, containers[0].kind, rest=joined),)
    name = _OPERATIONS.get(type(op), "")
    tags = frozenset({"div"}) if name == "div" else frozenset()
    left_data = data_of(machine, frame, left, left_node, "operator")
    right_data = data_of(machine, frame, right, right_node, "operator")
    if name == "mul":
        scaled = _scales_down(left_data, right_data)
        tags = frozenset({"weighted", "scaled"} if scaled else {"weighted"})
    if name == "div" and ("num_replicas" in right_data.tags or _is_global_size(right_node)):
        tags = frozenset({"div", "scaled"})
    elif name == "div" and right_data.varies is not Varies.SAME:
        tags = frozenset({"div", "ratio"})
    made = combine(machine, frame, [(left_data,), (right_data,)], node, op=name, tags=tags)
    averaged = averages.of_binary(frame, node, name, left_data, right_data, left_node, right_node)
    dtypes = [_dtype(data, constant) for data, constant in ((left_data, one), (right_data, two))]
    dtype = _dtype_of_binary(op, (left_data, right_data), dtypes)
    return (replace(made, dtype=dtype, averages=averaged or made.averages),)


def _folded(op: ast.operator, one: Any, two: Any) -> Any:
    """The result on two constants; raises OverflowError where computing on would take too long."""
    if isinstance(one, bytes) or isinstance(two, bytes):
        raise OverflowError
    result = _FOLD[type(op)](one, two)
    if isinstance(result, int) and result.bit_length() > _MOST_BITS:
        raise OverflowError
    return result


def _dtype(data: Data, constant: Const | None) -> str | None:
    """The dtype of an operand, a Python number's too."""
    return constant_dtype(constant.value) if constant is not None else data.dtype


def _dtype_of_binary(
    op: ast.operator, operands: tuple[Data, Data], dtypes: list[str | None]
) -> str | None:
    """The dtype of an operation's result: a tensor's, or what Python makes of two numbers."""
    tensors = {
        dtype
        for data, dtype in zip(operands, dtypes, strict=True)
        if data.form in (Form.TENSOR, Form.PER_REPLICA)
    }
    found = tensors or set(dtypes)
    if not tensors and "float32" in found:
        return "float32"
    dtype = found.pop() if len(found) == 1 else None
    if isinstance(op, ast.Div) and dtype in INTEGERS:
        return "float64"
    return dtype


_CONVERSIONS = re.compile(r"%[-+ #0]*[\d*]*(?:\.[\d*]+)?([a-zA-Z%])")


def format_text(machine: Machine, frame: Frame, text: str, value: Value, node: ast.AST) -> Value:
    """`"loss %.2f" % loss`: the values that are formatted as numbers are read as such."""
    kinds = [kind for kind in _CONVERSIONS.findall(text) if kind != "%"]
    items: list[Value] = [value]
    if len(value) == 1 and isinstance(value[0], Container) and not value[0].rest:
        items = [item for _, item in sorted_items(value[0])]
    nodes: list[ast.AST] = list(node.elts) if isinstance(node, ast.Tuple) else []
    for position, (kind, item) in enumerate(zip(kinds, items, strict=False)):
        at = nodes[position] if len(nodes) == len(items) else node
        data_of(machine, frame, item, at, "print" if kind in "sra" else "format")
    return (Data(Form.UNKNOWN, Varies.UNKNOWN),)


_METHODS = {
    ast.Add: "__add__",
    ast.Sub: "__sub__",
    ast.Mult: "__mul__",
    ast.Div: "__truediv__",
    ast.MatMult: "__matmul__",
    ast.BitOr: "__or__",
}


def _overloaded(
    machine: Machine, frame: Frame, node: ast.AST, op: ast.operator, left: Value, right: Value
) -> Value | None:
    """What the method of a class of the program makes of an operation; None where there is none."""
    name = _METHODS.get(type(op), "")
    if not name or not left or not all(isinstance(atom, Instance) for atom in left):
        return None
    if any(attributes.own_method(atom, name) is None for atom in left):
        return None
    method = attributes.get(machine, frame, left, name, node, called=True)
    return machine.call(frame, node, method, Arguments((Argument(right),)))


def _scales_down(left: Data, right: Data) -> bool:
    return any("num_replicas" in data.tags and "div" in data.tags for data in (left, right))


def _is_global_size(node: ast.AST) -> bool:
    """`loss / global_batch_size`: by its name, since where it comes from is often a flag."""
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return "global" in str(name).lower() and "batch" in str(name).lower()


def _unary(machine: Machine, frame: Frame, node: ast.UnaryOp) -> Value:
    value = machine.evaluate(frame, node.operand)
    const = only_constant(value)
    if const is not None:
        try:
            if isinstance(node.op, ast.USub):
                return (Const(-const.value),)
            if isinstance(node.op, ast.Not):
                return (Const(not const.value),)
        except TypeError:
            return UNKNOWN
    if isinstance(node.op, ast.Not):
        decided = truth(value)
        if decided is not None:
            return (Const(not decided),)
        if all(isinstance(atom, (Data, Const, Variable, Slice)) for atom in value):
            return (data_of(machine, frame, value, node.operand, "condition"),)
        return (Data(Form.NUMBER, Varies.UNKNOWN),)
    return (combine(machine, frame, [value], node, op="neg"),)


def truth(value: Value) -> bool | None:
    """Whether a value is true for certain, false for certain, or not known (None)."""
    if not value:
        return None
    answers = set()
    for atom in value:
        if isinstance(atom, Const):
            answers.add(bool(atom.value))
        elif isinstance(atom, (Function, Strategy, Instance, LibraryObject, Symbol)):
            answers.add(True)
        else:
            return None
    return answers.pop() if len(answers) == 1 else None


def _boolean(machine: Machine, frame: Frame, node: ast.BoolOp) -> Value:
    results: list[Value] = []
    is_or = isinstance(node.op, ast.Or)
    before = frame.context
    for operand in node.values:
        value = machine.evaluate(frame, operand)
        frame.context = before.behind_test()
        decided = truth(value)
        last = operand is node.values[-1]
        if decided is is_or:
            results.append(value)
            break
        if decided is None or last:
            kept = tuple(
                atom
                for atom in value
                if last or not isinstance(atom, Const) or bool(atom.value) is is_or
            )
            results.append(kept)
    frame.context = before
    return join(*results) or UNKNOWN


def _compare(machine: Machine, frame: Frame, node: ast.Compare) -> Value:
    left = machine.evaluate(frame, node.left)
    rights = [machine.evaluate(frame, right) for right in node.comparators]
    if len(rights) == 1:
        folded = _fold_comparison(node.ops[0], left, rights[0])
        if folded is not None:
            return (Const(folded),)
    parts_workers = all(map(workers.tells_apart, rights))
    if any(isinstance(op, (ast.Is, ast.IsNot, ast.In, ast.NotIn)) for op in node.ops):
        tags = frozenset().union(
            *(atom.tags for value in (left, *rights) for atom in value if isinstance(atom, Data))
        )
        kept = {workers.TASK} if parts_workers else set()
        if not _asks_for_none(node, left, rights):
            kept.add("replica_id")
        return (Data(Form.NUMBER, Varies.UNKNOWN, tags=tags & kept),)
    nodes = [node.left, *node.comparators]
    equality = all(isinstance(op, (ast.Eq, ast.NotEq)) for op in node.ops)
    use = "equality" if equality else "comparison"
    parts: list[Value] = [
        (data_of(machine, frame, value, at, use),)
        for value, at in zip((left, *rights), nodes, strict=True)
    ]
    made = combine(machine, frame, parts, node, op="compare", dtype="bool")
    return (made if parts_workers else replace(made, tags=made.tags - {workers.TASK}),)


def _asks_for_none(node: ast.Compare, left: Value, rights: list[Value]) -> bool:
    """`gradient is None`: what was computed from the replica id is there, or not, on all replicas."""
    if not all(isinstance(op, (ast.Is, ast.IsNot)) for op in node.ops):
        return False
    return any(value == NONE for value in (left, *rights))


def _fold_comparison(op: ast.cmpop, left: Value, right: Value) -> bool | None:
    """A comparison that can be told: constants, `is None`, and enum members."""
    if isinstance(op, (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)):
        same = True if right == NONE and _is_no_gradient(left) else _same(left, right)
        if same is not None:
            return same if isinstance(op, (ast.Is, ast.Eq)) else not same
    one, two = only_constant(left), only_constant(right)
    if one is not None and two is not None and type(op) in _COMPARE:
        try:
            return bool(_COMPARE[type(op)](one.value, two.value))
        except TypeError:
            return None
    return None


def _is_no_gradient(value: Value) -> bool:
    """Whether this is the gradient of a variable that no tape has watched: TensorFlow gives None."""
    return bool(value) and all(
        isinstance(atom, Data) and atom.op == "gradient" and UNWATCHED in atom.tags
        for atom in value
    )


def _same(left: Value, right: Value) -> bool | None:
    if len(right) != 1 or not left:
        return None
    wanted = right[0]
    if not isinstance(wanted, (Const, Symbol)) or any(isinstance(atom, Data) for atom in left):
        return None
    answers = {atom == wanted for atom in left}
    return answers.pop() if len(answers) == 1 else None


def _conditional(machine: Machine, frame: Frame, node: ast.IfExp) -> Value:
    test = machine.evaluate(frame, node.test)
    decided = truth(test)
    before = frame.context
    if decided is not None:
        frame.context = before.behind_test()
        result = machine.evaluate(frame, node.body if decided else node.orelse)
        frame.context = before
        return result
    data = data_of(machine, frame, test, node.test, "condition")
    branches = []
    for number, branch in enumerate((node.body, node.orelse)):
        condition = condition_of(frame, data, node, node.test, number)
        machine.record(Branch, frame, node, number, condition=condition, data=data, leaves=False)
        frame.context = enter(frame, condition)
        branches.append(machine.evaluate(frame, branch))
        frame.context = before
    result = join(*branches)
    if frame.context.in_cross_replica:
        result = workers.depending(result, workers.own_tags((data,)))
    if len(variables(result)) > 1:
        _choose(machine, frame, node, result, (data,))
    return result


def _lambda(machine: Machine, frame: Frame, node: ast.Lambda) -> Value:
    return (function(machine, frame, node, "<lambda>"),)


def function(
    machine: Machine,
    frame: Frame,
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
    name: str,
) -> Function:
    """The function that a definition makes in a frame; the same one each time."""
    key = (id(node), id(frame.key) if not isinstance(frame.key, int) else frame.key)
    found = machine.functions.get(key)
    if found is None:
        found = Function(
            node, frame.module, frame, frame.owner if _is_class_body(frame) else None, name
        )
        machine.functions[key] = found
    found.closure = frame
    return found


def _is_class_body(frame: Frame) -> bool:
    return frame.function is None and frame.owner is not None


def _sequence(machine: Machine, frame: Frame, node: ast.List | ast.Tuple | ast.Set) -> Value:
    items: list[Value] = []
    rest: Value = ()
    for element in node.elts:
        if isinstance(element, ast.Starred):
            rest = join(
                rest, iterate(machine, frame, machine.evaluate(frame, element.value), element)
            )
        else:
            items.append(machine.evaluate(frame, element))
    if rest:
        rest, items = join(rest, *items), []
    kind = type(node).__name__.lower()
    return (machine.container(frame, node, kind, items[:40], join(rest, *items[40:])),)


def _dict(machine: Machine, frame: Frame, node: ast.Dict) -> Value:
    made = machine.container(frame, node, "dict")
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        value = machine.evaluate(frame, value_node)
        if key_node is None:
            merge_dict(machine, made, value)
            continue
        key = only_constant(machine.evaluate(frame, key_node))
        machine.put(made, key.value if key is not None else None, value)
    return (made,)


def merge_dict(machine: Machine, target: Container, value: Value) -> None:
    """Put the items of every dict that a value may be into a container."""
    for atom in value:
        if isinstance(atom, Container):
            for key, item in list(atom.items.items()):
                machine.put(target, key, item)
            if atom.rest:
                machine.put(target, None, atom.rest)
        else:
            machine.put(target, None, UNKNOWN)


def _comprehension(
    machine: Machine,
    frame: Frame,
    node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
) -> Value:
    saved = dict(frame.env)
    before = frame.context
    source: Value = ()
    for generator in node.generators:
        source = machine.evaluate(frame, generator.iter)
        items = iterate(machine, frame, source, generator.iter)
        bind(machine, frame, generator.target, items)
        for test in generator.ifs:
            machine.evaluate(frame, test)
    if isinstance(node, ast.DictComp):
        key = only_constant(machine.evaluate(frame, node.key))
        made = machine.container(frame, node, "dict")
        machine.put(
            made, key.value if key is not None else None, machine.evaluate(frame, node.value)
        )
    else:
        element = machine.evaluate(frame, node.elt)
        made = machine.container(frame, node, "list", rest=element)
        if len(node.generators) == 1 and not node.generators[0].ifs:
            workers.keep_turns(machine, made, source)
    for name in list(frame.env):
        if name not in saved:
            del frame.env[name]
        else:
            frame.env[name] = saved[name]
    frame.context = before
    return (made,)


def _subscript(machine: Machine, frame: Frame, node: ast.Subscript) -> Value:
    base = machine.evaluate(frame, node.value)
    index = machine.evaluate(frame, node.slice)
    found = subscript(machine, frame, base, index, node)
    if isinstance(node.slice, ast.Slice) and workers.TASK in workers.own_tags(index):
        return join(found, workers.sliced(base, node.slice))
    return found


def subscript(machine: Machine, frame: Frame, base: Value, index: Value, node: ast.AST) -> Value:
    """What `base[index]` may be."""
    results: list[Value] = []
    keys = constants(index)
    for atom in without_none(base):
        if isinstance(atom, Container):
            machine.read_of(atom, "[]")
            if keys and len(keys) == len(index):
                for key in keys:
                    at = key
                    if isinstance(key, int) and key < 0 and not atom.rest:
                        at = len(atom.items) + key
                    _fill(machine, frame, atom, at, node)
                    results.append(join(atom.items.get(at, ()), atom.rest) or UNKNOWN)
            else:
                found = atom.elements()
                if len(atom.items) > 1 or atom.rest:
                    _choose(machine, frame, node, found, index)
                results.append(found or UNKNOWN)
        elif isinstance(atom, Variable):
            results.append((Slice(atom),))
        elif isinstance(atom, Slice):
            results.append((atom,))
        elif isinstance(atom, Data):
            results.append((workers.part(atom, index),))
        elif isinstance(atom, Symbol) and atom.name in _ENUMS:
            members = [f"{atom.spelled}.{key}" for key in keys]
            results.append(tuple(Symbol(canonical(member), member) for member in members))
        elif isinstance(atom, Symbol):
            key = keys[0] if keys else ""
            tags = frozenset({workers.CLUSTER}) if key == "TF_CONFIG" else frozenset[str]()
            results.append((Data(tags=tags),))
        else:
            results.append(UNKNOWN)
    return join(*results) or UNKNOWN


_ENUMS = frozenset(
    {"tf.VariableSynchronization", "tf.VariableAggregation", "tf.distribute.ReduceOp"}
)


def _fill(machine: Machine, frame: Frame, container: Container, key: object, node: ast.AST) -> None:
    """Let a defaultdict make what it has not got yet."""
    factory = container.attributes.get("default_factory")
    asked = (frame.key, id(node))
    if factory and machine.first.setdefault((id(container), key), asked) == asked:
        machine.put(container, key, machine.call(frame, node, factory, Arguments()))


def _choose(machine: Machine, frame: Frame, node: ast.AST, found: Value, index: Value) -> None:
    """Note that one of several variables is taken, by data of which replicas may have their own."""
    held = variables(found)
    if held and frame.context.in_replica:
        data = merge(atom for atom in index if isinstance(atom, Data))
        spelled = expression(frame.module, node)
        chosen = frozenset(held)
        machine.record(Choice, frame, node, variables=chosen, data=data, spelled=spelled)


def _slice(machine: Machine, frame: Frame, node: ast.Slice) -> Value:
    own: frozenset[str] = frozenset()
    for part in (node.lower, node.upper, node.step):
        if part is not None:
            own |= workers.own_tags(machine.evaluate(frame, part))
    return (Data(tags=own),)


def _format(machine: Machine, frame: Frame, node: ast.JoinedStr) -> Value:
    parts: list[Value] = []
    for piece in node.values:
        if isinstance(piece, ast.FormattedValue):
            value = machine.evaluate(frame, piece.value)
            use = "format" if piece.format_spec is not None and piece.conversion == -1 else "print"
            parts.append((data_of(machine, frame, value, piece.value, use),))
    made = combine(machine, frame, parts, node, form=Form.UNKNOWN)
    return (made,)


def _starred(machine: Machine, frame: Frame, node: ast.Starred) -> Value:
    return machine.evaluate(frame, node.value)


def _yield(machine: Machine, frame: Frame, node: ast.Yield | ast.YieldFrom) -> Value:
    value = machine.evaluate(frame, node.value) if node.value is not None else NONE
    frame.yielded = join(frame.yielded, value)
    frame.yield_context = frame.context
    return UNKNOWN


def _named(machine: Machine, frame: Frame, node: ast.NamedExpr) -> Value:
    value = machine.evaluate(frame, node.value)
    bind(machine, frame, node.target, value)
    return value


def _await(machine: Machine, frame: Frame, node: ast.Await) -> Value:
    return machine.evaluate(frame, node.value)


def arguments_of(machine: Machine, frame: Frame, node: ast.Call) -> Arguments:
    """The evaluated arguments of a call, with `*` and `**` expanded where they are known."""
    positional: list[Argument] = []
    keywords: list[tuple[str, Argument]] = []
    is_open = False
    for item in node.args:
        if isinstance(item, ast.Starred):
            is_open |= _expand(machine.evaluate(frame, item.value), positional)
        else:
            positional.append(Argument(machine.evaluate(frame, item), item))
    for keyword in node.keywords:
        value = machine.evaluate(frame, keyword.value)
        if keyword.arg is not None:
            keywords.append((keyword.arg, Argument(value, keyword.value)))
            continue
        is_open |= _expand_keywords(value, keywords)
    return Arguments(tuple(positional), tuple(keywords), is_open)


def _expand(value: Value, positional: list[Argument]) -> bool:
    """Append the items of a `*value`; whether there may be more."""
    containers = [atom for atom in value if isinstance(atom, Container)]
    if len(containers) == 1 and len(value) == 1 and not containers[0].rest:
        positional.extend(Argument(item) for _, item in sorted_items(containers[0]))
        return False
    return True


def sorted_items(container: Container) -> list[tuple[Any, Value]]:
    """The items of a sequence in the order of their positions."""
    return sorted(
        ((key, item) for key, item in container.items.items() if isinstance(key, int)),
        key=lambda pair: pair[0],
    )


def _expand_keywords(value: Value, keywords: list[tuple[str, Argument]]) -> bool:
    """Append the items of a `**value`; whether there may be more."""
    is_open = any(is_unknown(atom) for atom in value) or not value
    merged: dict[str, Value] = {}
    for atom in value:
        if isinstance(atom, Container):
            is_open |= bool(atom.rest)
            for key, item in atom.items.items():
                if isinstance(key, str):
                    merged[key] = join(merged.get(key, ()), item)
        else:
            is_open = True
    keywords.extend((key, Argument(item)) for key, item in merged.items())
    return is_open


def _call(machine: Machine, frame: Frame, node: ast.Call) -> Value:
    if (
        isinstance(node.func, ast.Name)
        and node.func.id == "super"
        and machine.closest(frame, "super") is None
    ):
        return attributes.super_of(frame)
    if isinstance(node.func, ast.Attribute):
        base = machine.evaluate(frame, node.func.value)
        callee = attributes.get(machine, frame, base, node.func.attr, node.func, called=True)
    else:
        callee = machine.evaluate(frame, node.func)
    arguments = arguments_of(machine, frame, node)
    result = machine.call(frame, node, callee, arguments)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if names_a_worker(str(name)):
        return attributes.tagged_as_worker(result)
    return result


_HANDLERS: dict[type, Callable[..., Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.Lambda: _lambda,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dict,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.JoinedStr: _format,
    ast.Starred: _starred,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
    ast.NamedExpr: _named,
    ast.Await: _await,
    ast.Call: _call,
}
