"""Where values come from: any value as data, reads of variables on the way."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import cache

from varsync_runtime.semantics.kinds import Synchronization

from varsync_rules.context import Because, Condition, Context, Role
from varsync_rules.evaluate.frames import Frame, Machine
from varsync_rules.immutable import replace
from varsync_rules.program import Read, Reuse, Use, expression
from varsync_rules.surface import KEEPING
from varsync_rules.values import (
    UNKNOWN,
    Arguments,
    Bound,
    Class,
    Const,
    Container,
    Data,
    Form,
    Function,
    LibraryObject,
    Made,
    Slice,
    Symbol,
    Value,
    Variable,
    Varies,
    each_replicas,
    is_unknown,
    merge,
    without_none,
)

_WORKER = re.compile(
    r"(^|_)(is_?chief|is_?master|is_?coordinator|task_(id|type|index)|worker_(id|index|rank)|process_index|(worker|process|global|node)_rank)\d*$",
    re.IGNORECASE,
)


@cache
def names_a_worker(name: str) -> bool:
    """Whether a name says which worker this is: `is_chief`, `task_id`."""
    return _WORKER.search(name) is not None


def made_in(context: Context) -> Made:
    """Where something is made that is made in this context."""
    return Made.REPLICA if context.role is Role.REPLICA else Made.HOST


def data_of(
    machine: Machine, frame: Frame, value: Value, node: ast.AST | None, use: str, depth: int = 3
) -> Data:
    """The value as data. Variables in it are read here, by `use`; containers are looked into."""
    if len(value) == 1 and isinstance(value[0], Data):
        if value[0].form is Form.PER_REPLICA:
            return used(machine, frame, value[0], node, use)
        if value[0].reads and frame.context.role is Role.REPLICA:
            _reuse(machine, frame, value[0], node, use)
        return value[0]
    each = each_replicas(value)
    if each is not None:
        return used(machine, frame, each, node, use)
    if use in _BY_PYTHON and any(not isinstance(atom, Variable) for atom in value):
        # Python may find something else there than the variable
        use = f"maybe {use}"
    parts: list[Data] = []
    for atom in without_none(value):
        if isinstance(atom, Data):
            parts.append(atom)
        elif isinstance(atom, Const):
            parts.append(constant_data(atom))
        elif isinstance(atom, Variable):
            parts.append(read(machine, frame, atom, node, use))
        elif isinstance(atom, Slice):
            parts.append(read(machine, frame, atom.variable, node, use))
        elif isinstance(atom, Container):
            if depth:
                parts.append(data_of(machine, frame, atom.elements(), node, use, depth - 1))
        elif isinstance(atom, LibraryObject):
            parts.append(Data(varies=Varies.UNKNOWN))
        elif isinstance(atom, (Function, Class, Symbol, Bound)):
            parts.append(Data(varies=Varies.SAME, made=Made.HOST))
        else:
            parts.append(Data())
    if not parts:
        return Data(varies=Varies.SAME)
    if len(parts) == 1:
        return parts[0]
    return merge(parts, parts[0].op)


def _reuse(machine: Machine, frame: Frame, data: Data, node: ast.AST | None, use: str) -> None:
    """The event that a value is used which was read from an ON_READ variable, if it is one."""
    if node is None or len(data.reads) != 1 or data.form not in (Form.TENSOR, Form.ARRAY):
        return
    if data.reduced or (data.op and data.op not in KEEPING):
        return
    (variable,) = data.reads
    if Synchronization.ON_READ in variable.synchronizations:
        spelled = expression(frame.module, node)
        machine.record(Reuse, frame, node, variable, variable=variable, use=use, spelled=spelled)


# What Python does itself with whatever it finds
_BY_PYTHON = frozenset({"condition", "bool", "float", "int", "round", "format", "range"})
# What takes the values of several replicas as they are
_TAKES_EACH = frozenset(
    {
        *("print", "return", "assigned", "argument", "condition", "bool", "equality"),
        *("iteration", "loop", "loss", "all_reduce", "local_results"),
    }
)
_LIBRARIES = ("call tf.", "call keras.ops.", "call keras.losses.", "call keras.backend.")
_CALLS_THAT_TAKE_EACH = (
    *("call tf.identity", "call tf.stop_gradient", "call tf.print", "call tf.is_tensor"),
    *("call tf.cond", "call tf.nest.", "call tf.group", "call tf.distribute."),
    *("call tf.summary.", "call tf.train.", "call tf.saved_model.", "call tf.config."),
    *(
        "call tf.get_static_value",
        "call tf.function",
        "call tf.py_function",
        "call tf.numpy_function",
        "call tf.type",
    ),
)
_NUMPY = frozenset(
    f"call numpy.{name}"
    for name in ("mean", "average", "std", "var", "isnan", "isfinite", "sqrt", "float32", "float64")
)


def used(machine: Machine, frame: Frame, data: Data, node: ast.AST | None, use: str) -> Data:
    """The values of several replicas as an operation gets them, and the event that it does."""
    if frame.context.role not in (Role.HOST, Role.MERGE):
        return data
    if use in _TAKES_EACH or use.startswith("strategy.") or node is None:
        return data
    if use.startswith("call "):
        known = use.startswith(("call math.", *_LIBRARIES)) or use in _NUMPY
        if not known or use.startswith(_CALLS_THAT_TAKE_EACH):
            return data
    spelled = expression(frame.module, node)
    machine.record(Use, frame, node, use, data=data, use=use, spelled=spelled)
    return replace(data, form=Form.UNKNOWN)


def constant_data(atom: Const) -> Data:
    """A Python constant as data."""
    form = Form.NUMBER if isinstance(atom.value, (int, float, complex)) else Form.UNKNOWN
    return Data(form, Varies.SAME, Made.LITERAL)


def read(
    machine: Machine, frame: Frame, variable: Variable, node: ast.AST | None, use: str
) -> Data:
    """Read a variable: the event, and what the reader gets."""
    at = node if node is not None and hasattr(node, "lineno") else variable.node
    machine.record(
        Read,
        frame,
        at,
        variable,
        variable=variable,
        use=use,
        spelled=expression(frame.module, at) if at is not variable.node else variable.name,
    )
    return Data(
        Form.TENSOR,
        read_varies(variable, frame.context),
        made_in(frame.context),
        frozenset({variable}),
        dtype=variable.dtype,
    )


def read_varies(variable: Variable, context: Context) -> Varies:
    """Whether what replicas read from a variable differs: it does for ON_READ, each has its own copy."""
    if context.role is not Role.REPLICA:
        return Varies.SAME
    modes = variable.synchronizations
    if Synchronization.ON_READ in modes:
        return Varies.DIFFERS if len(modes) == 1 else Varies.UNKNOWN
    known = not any(map(is_unknown, variable.synchronization))
    return Varies.SAME if known else Varies.UNKNOWN


def combine(
    machine: Machine,
    frame: Frame,
    values: Iterable[Value],
    node: ast.AST,
    *,
    op: str = "",
    tags: frozenset[str] = frozenset(),
    form: Form | None = None,
    dtype: str | None = None,
    use: str = "operator",
) -> Data:
    """The data that an operation on several values makes."""
    parts = [
        value[0]
        if len(value) == 1 and isinstance(value[0], Data) and value[0].form is not Form.PER_REPLICA
        else data_of(machine, frame, value, _argument_node(value, node), use)
        for value in values
        if value
    ]
    made = merge(parts, op) if parts else Data(varies=Varies.SAME)
    if "total" in made.tags and (op == "div" or "scaled" in tags):
        tags |= {"share"}
    # what a library's operation takes is a tensor
    held = made.tags if form is None else made.tags - {"assumed"}
    result_form = form or (made.form if parts else Form.UNKNOWN)
    where = made.made
    if result_form is Form.PER_REPLICA and frame.context.role is Role.REPLICA:
        result_form = Form.TENSOR
    if result_form in (Form.TENSOR, Form.ARRAY, Form.UNKNOWN) and (
        frame.context.role is Role.REPLICA or where is not Made.UNKNOWN
    ):
        where = made_in(frame.context)
    return Data(
        result_form,
        made.varies,
        where,
        made.reads,
        held | tags if tags else held,
        op,
        made.reduced,
        dtype or made.dtype,
    )


def _argument_node(value: Value, node: ast.AST) -> ast.AST:
    return node


def condition_of(
    frame: Frame, data: Data, node: ast.AST, test: ast.AST | None, branch: int
) -> Condition:
    """The condition that a test on `data` puts on a branch."""
    in_replica = frame.context.role is Role.REPLICA
    assumed = "assumed" in data.tags
    tensor = data.form is Form.TENSOR and not assumed
    own = data.varies is Varies.DIFFERS and data.form is not Form.UNKNOWN and not assumed
    if "task" in data.tags:
        because = Because.CHIEF
    elif "replica_id" in data.tags or (in_replica and own):
        because = Because.REPLICA
    elif tensor:
        because = Because.TENSOR
    else:
        because = Because.PYTHON
    return Condition(because, node, frame.module, branch, tensor)


def merged_arguments(machine: Machine, frame: Frame, node: ast.AST, arguments: Arguments) -> Value:
    """The result of calling something unknown: whatever its arguments are made of."""
    parts: list[Value] = []
    for value in arguments.all_values():
        parts.append(tuple(atom for atom in value if isinstance(atom, (Data, Const, Variable))))
    filled = [part for part in parts if part]
    if not filled:
        return UNKNOWN
    made = combine(machine, frame, filled, node, use="argument")
    return (
        replace(
            made, form=Form.UNKNOWN, varies=max(made.varies, Varies.UNKNOWN), made=Made.UNKNOWN
        ),
    )
