"""What an expression of the program may be: a value is a small set of atoms.

An atom is a constant, a symbol of a library, a function or class of the program, an object that
the program makes (variable, strategy, instance, container, library object), or *data*: something
of which only the provenance is known. What can't be resolved is data of kind `unknown`; it is never
evidence. A value with several atoms is one of them: the branches of an `if`, several callers.
"""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from varsync_runtime.semantics.kinds import (
    Aggregation,
    StrategyKind,
    Synchronization,
    may_replicate,
)

from varsync_rules.immutable import replace, value_class

if TYPE_CHECKING:
    from varsync_rules.context import Context
    from varsync_rules.files import Module

MOST_ATOMS = 10


class Varies(enum.IntEnum):
    """Whether data is the same on every replica."""

    SAME = 0
    UNKNOWN = 1
    DIFFERS = 2


class Made(enum.Enum):
    """Where data that is used in replica context was made."""

    __hash__ = object.__hash__  # Enum's own is slow, and these are parts of every key

    LITERAL = "literal"
    """A Python number of the program text."""
    HOST = "host"
    """A tensor or number made outside the replica function and captured by it."""
    REPLICA = "replica"
    """Made in the replica function."""
    UNKNOWN = "unknown"


class Form(enum.Enum):
    """What kind of Python object data is."""

    __hash__ = object.__hash__  # Enum's own is slow, and these are parts of every key

    TENSOR = "tensor"
    NUMBER = "number"
    ARRAY = "array"
    PER_REPLICA = "per_replica"
    UNKNOWN = "unknown"


@value_class(frozen=True, slots=True)
class Const:
    """A Python constant: number, string, bool, None, bytes, Ellipsis."""

    value: Any

    def __eq__(self, other: object) -> bool:
        # 1 == True == 1.0 in Python; here they are different atoms
        return (
            isinstance(other, Const)
            and type(self.value) is type(other.value)
            and self.value == other.value
        )

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


@value_class(frozen=True, slots=True)
class Symbol:
    """Something of a library, by its canonical dotted name: `tf.Variable`, `keras.Layer`.

    `spelled` is the full name that the program used, `tensorflow.compat.v1.Variable`.
    """

    name: str
    spelled: str = field(compare=False, default="")


@value_class(frozen=True, slots=True)
class Average:
    """A place where a value is averaged over a replica's part of the batch, or regularization summed.

    `kind`: "mean", "ratio" (a sum divided by the part's size), "size" (compute_average_loss with that
    size), "regularization", or "horovod" where Horovod has reduced it over its processes.
    """

    node: ast.AST
    module: Module
    kind: str


@value_class(frozen=True, slots=True)
class Data:
    """A tensor, number or unknown object of which the provenance is known.

    `reads`: the variables whose values flowed into it. `tags`: what it went through (`gradient`,
    `mean`, `div`, `replica_id`, `task`, `random`, …, see `varsync_rules.surface`). `op`: the last
    operation.
    `reduced`: it is a total over the replicas. `dtype`: TensorFlow's name where known. `averages`: what
    it is made of that was averaged over a replica's part, and not scaled since. `weights_of`: the
    objects of which it is a weight, where no variable stands for it.
    """

    form: Form = Form.UNKNOWN
    varies: Varies = Varies.UNKNOWN
    made: Made = Made.UNKNOWN
    reads: frozenset[Variable] = frozenset()
    tags: frozenset[str] = frozenset()
    op: str = ""
    reduced: bool = False
    dtype: str | None = None
    averages: frozenset[Average] = frozenset()
    weights_of: frozenset[Heap] = frozenset()


@dataclass(eq=False, slots=True, repr=False)
class Function:
    """A function, method or lambda of the program, with the frame that it closes over."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    module: Module
    closure: Any  # varsync_rules.evaluate.frames.Frame | None
    owner: Class | None = None
    name: str = "<lambda>"


@value_class(frozen=True, slots=True)
class Traced:
    """A callable wrapped by tf.function."""

    target: Atom


@value_class(frozen=True, slots=True)
class Bound:
    """A method bound to its instance or class."""

    function: Function
    receiver: Atom


@value_class(frozen=True, slots=True)
class Method:
    """A method of a library's class, bound to the receiver: `strategy.run`, `v.assign`."""

    receiver: Atom
    name: str


@value_class(frozen=True, slots=True)
class Partial:
    """functools.partial(target, *args, **kwargs)."""

    target: Atom
    args: tuple[Value, ...]
    kwargs: tuple[tuple[str, Value], ...]


@dataclass(eq=False, slots=True, repr=False)
class Class:
    """A class of the program. `bases` holds what the base expressions evaluated to."""

    node: ast.ClassDef
    module: Module
    closure: Any
    name: str
    bases: tuple[Value, ...] = ()
    attributes: dict[str, Value] = field(default_factory=dict)
    _line: tuple[Class | Symbol, ...] = ()
    _line_of: tuple[Value, ...] | None = None

    def ancestry(self) -> tuple[Class | Symbol, ...]:
        """The class and its ancestors, depth first, each once; library classes as symbols."""
        if self._line_of is not self.bases:
            self._line = tuple(self._ancestors())
            self._line_of = self.bases
        return self._line

    def _ancestors(self) -> Iterator[Class | Symbol]:
        seen: set[int | str] = set()
        stack: list[Class | Symbol] = [self]
        while stack:
            current = stack.pop(0)
            key = current.name if isinstance(current, Symbol) else id(current)
            if key in seen:
                continue
            seen.add(key)
            yield current
            if isinstance(current, Class):
                stack = [
                    base
                    for value in current.bases
                    for base in value
                    if isinstance(base, (Class, Symbol))
                ] + stack


@value_class(frozen=True, slots=True)
class ModuleRef:
    """A module of the program."""

    module: Module


@value_class(frozen=True, slots=True)
class Imported:
    """What `from module import name` binds, not looked up before it is used."""

    module: str
    name: str


@value_class(frozen=True, slots=True)
class Super:
    """`super()` in a method: looks an attribute up behind `after` in the receiver's ancestry."""

    receiver: Atom
    after: Class


@dataclass(eq=False, slots=True, repr=False)
class Heap:
    """An object that the program makes; `index` orders objects by when they were first met.

    `node` and `module` say where; attributes are joined over all writes.
    """

    index: int
    node: ast.AST
    module: Module
    context: Context
    frame: Any
    attributes: dict[str, Value] = field(default_factory=dict)

    def __repr__(self) -> str:
        # objects hold one another: all of them would be a book
        line = getattr(self.node, "lineno", 0)
        return f"{type(self).__name__}({self.module.name}:{line})"


@dataclass(eq=False, slots=True, repr=False)
class Instance(Heap):
    """An instance of a class of the program."""

    cls: Class = None  # type: ignore[assignment]
    assumed: bool = False
    """Nobody in the program makes one: it stands for the instances of the library's users."""


@dataclass(eq=False, slots=True, repr=False)
class LibraryObject(Heap):
    """An instance of a library's class: an optimizer, a metric, a checkpoint, a tape, a dataset."""

    symbol: Symbol = None  # type: ignore[assignment]
    args: Arguments = None  # type: ignore[assignment]


@dataclass(eq=False, slots=True, repr=False)
class Container(Heap):
    """A list, tuple, set or dict: items under constant keys, and the rest."""

    kind: str = "list"
    items: dict[Any, Value] = field(default_factory=dict)
    rest: Value = ()

    def elements(self) -> Value:
        """What any one of its values may be."""
        return join(*self.items.values(), self.rest)


@dataclass(eq=False, slots=True, repr=False)
class Strategy(Heap):
    """A tf.distribute strategy; `kind` is None for one that is not known (a parameter).

    `devices`: the number of replicas where the constructor says it.
    """

    kind: StrategyKind | None = None
    devices: int | None = None
    name: str = ""
    """What it is first called."""

    @property
    def kinds(self) -> frozenset[StrategyKind | None]:
        """What it may be: its kind, or those of the target where that is not known."""
        return self.module.target.assumed if self.kind is None else frozenset((self.kind,))

    @property
    def replicates(self) -> bool:
        """Whether it can have more than one replica with a copy of each variable or a shared one."""
        if not any(may_replicate(kind) for kind in self.kinds):
            return False
        return self.devices is None or self.devices > 1


@value_class(frozen=True, slots=True)
class Scope:
    """What `strategy.scope()` returns."""

    strategy: Strategy


@value_class(frozen=True, slots=True)
class ReplicaContext:
    """What tf.distribute.get_replica_context() returns."""

    strategies: tuple[Strategy, ...]


@value_class(frozen=True, slots=True)
class Extended:
    """`strategy.extended`."""

    strategy: Strategy


@value_class(frozen=True, slots=True)
class Slice:
    """`v[i]` of a variable: reads a part, and has its own `assign`."""

    variable: Variable


@value_class(frozen=True, slots=True)
class Handle:
    """`v.handle`: what raw operations write through."""

    variable: Variable


@value_class(frozen=True, slots=True)
class Argument:
    """An argument of a call: its value and its expression (None where it came through a container)."""

    value: Value
    node: ast.AST | None = None


@value_class(frozen=True, slots=True)
class Arguments:
    """The arguments of a call. `open`: more may come through `*args` or `**kwargs` not resolved."""

    positional: tuple[Argument, ...] = ()
    keywords: tuple[tuple[str, Argument], ...] = ()
    open: bool = False

    def get(self, position: int | None, *names: str) -> Argument | None:
        """The argument at a position (None: keyword only) or under one of the names."""
        for name, argument in self.keywords:
            if name in names:
                return argument
        if position is not None and position < len(self.positional):
            return self.positional[position]
        return None

    def value(self, position: int | None, *names: str) -> Value:
        """Like get(), the value alone; () when it is not given."""
        argument = self.get(position, *names)
        return argument.value if argument is not None else ()

    def all_values(self) -> Iterator[Value]:
        """Every argument's value."""
        for argument in self.positional:
            yield argument.value
        for _, argument in self.keywords:
            yield argument.value


NO_ARGUMENTS = Arguments()


@dataclass(eq=False, slots=True, repr=False)
class Variable(Heap):
    """A variable as it is created at one place, by one chain of calls.

    `api` is the canonical name of what makes it: `tf.Variable`, `keras.Layer.add_weight`,
    `keras.Metric.add_weight`, `keras.Variable`, … `synchronization`, `aggregation` and `trainable` are
    values as spelled; () when not spelled.
    """

    api: str = ""
    name: str = ""
    arguments: Arguments = NO_ARGUMENTS
    synchronization: Value = ()
    aggregation: Value = ()
    trainable: Value = ()
    initial: Value = ()
    dtype: str | None = None
    owner: Instance | None = None
    spells_a_mode: bool = False
    """Whether the call itself gives a synchronization or an aggregation."""

    @property
    def called(self) -> str:
        """Its name as a message gives it; one that is passed on as it is made has none."""
        return f"`{self.name}`" if self.name else "the variable"

    @property
    def synchronizations(self) -> frozenset[Synchronization]:
        """The modes it may have as far as they are known; empty when none is."""
        if not self.synchronization:
            metric = self.api == "keras.Metric.add_weight"
            return frozenset({Synchronization.ON_READ if metric else Synchronization.AUTO})
        # keras.Variable takes None for "none", tf.Variable for AUTO
        default = Synchronization.NONE if self.api == "keras.Variable" else Synchronization.AUTO
        return frozenset(mode_members(self.synchronization, Synchronization, default))

    @property
    def aggregations(self) -> frozenset[Aggregation]:
        """The aggregations it may have as far as they are known; empty when none is."""
        if not self.aggregation:
            metric = self.api == "keras.Metric.add_weight"
            return frozenset({Aggregation.SUM if metric else Aggregation.NONE})
        return frozenset(mode_members(self.aggregation, Aggregation, Aggregation.NONE))

    @property
    def resolved(self) -> bool:
        """Whether every possible mode is known."""
        return all(
            not any(is_unknown(atom) for atom in value)
            for value in (self.synchronization, self.aggregation)
        )


Atom: TypeAlias = (
    Const
    | Symbol
    | Data
    | Function
    | Traced
    | Bound
    | Method
    | Partial
    | Class
    | ModuleRef
    | Imported
    | Super
    | Instance
    | LibraryObject
    | Container
    | Strategy
    | Scope
    | ReplicaContext
    | Extended
    | Slice
    | Handle
    | Variable
)
Value: TypeAlias = tuple[Atom, ...]

UNKNOWN: Value = (Data(),)
NONE: Value = (Const(None),)
EMPTY: Value = ()


def is_unknown(atom: Atom) -> bool:
    """Whether nothing is known of what kind of object this is."""
    return isinstance(atom, Data) and atom.form is Form.UNKNOWN


def is_nonzero(atom: Atom) -> bool:
    """Whether a number, tensor or list of numbers is not zero, or not all of it."""
    if isinstance(atom, Const):
        return isinstance(atom.value, (int, float, complex)) and atom.value != 0
    if isinstance(atom, Container):
        return any(held and all(map(is_nonzero, held)) for held in atom.items.values())
    return isinstance(atom, Data) and atom.op == "nonzero"


def join(*values: Value) -> Value:
    """A value that may be any of these; what exceeds the bound becomes unknown data."""
    first = EMPTY
    for value in values:
        if value and value is not first and value != first:
            if first:
                break
            first = value
    else:
        return first
    atoms = dict.fromkeys(atom for value in values for atom in value)
    data = [atom for atom in atoms if isinstance(atom, Data)]
    if len(data) > 3:
        rest = [atom for atom in atoms if not isinstance(atom, Data)]
        atoms = dict.fromkeys([*rest, merge(data)])
    if len(atoms) > MOST_ATOMS:
        kept = list(atoms)[: MOST_ATOMS - 1]
        atoms = dict.fromkeys([*kept, Data()])
    return tuple(atoms)


def merge(parts: Iterable[Data], op: str = "") -> Data:
    """Data made of several pieces: what holds of any of them flows into it."""
    parts = tuple(parts)
    if len(parts) == 1:
        return replace(parts[0], op=op)
    varies = Varies.SAME
    form: Form | None = None
    made: Made | None = None
    reads: frozenset[Variable] = frozenset()
    tags: frozenset[str] = frozenset()
    reduced = False
    dtype: str | None = None
    averages: frozenset[Average] = frozenset()
    weights_of: frozenset[Heap] = frozenset()
    for part in parts:
        varies = max(varies, part.varies)
        form = part.form if form in (None, part.form) else stronger_form(form, part.form)
        if made in (None, part.made, Made.LITERAL):
            made = part.made
        elif part.made is not Made.LITERAL:
            made = Made.UNKNOWN
        reads |= part.reads
        tags |= part.tags
        reduced = reduced or part.reduced
        dtype = dtype or part.dtype
        averages |= part.averages
        weights_of |= part.weights_of
    made, form = made or Made.UNKNOWN, form or Form.UNKNOWN
    if "assumed" in tags and any(
        part.varies is Varies.DIFFERS and "assumed" not in part.tags for part in parts
    ):
        tags -= {"assumed"}
    return Data(form, varies, made, reads, tags, op, reduced, dtype, averages, weights_of)


_STRENGTH = {
    form: place
    for place, form in enumerate(
        (Form.NUMBER, Form.ARRAY, Form.TENSOR, Form.UNKNOWN, Form.PER_REPLICA)
    )
}


def stronger_form(left: Form, right: Form) -> Form:
    """The form of an operation on two: a tensor and a number give a tensor."""
    return left if _STRENGTH[left] >= _STRENGTH[right] else right


def refine(value: Value, **changes: Any) -> Value:
    """The value with its data atoms changed."""
    return tuple(replace(atom, **changes) if isinstance(atom, Data) else atom for atom in value)


def constants(value: Value) -> tuple[Any, ...]:
    """The Python constants that a value may be."""
    return tuple(atom.value for atom in value if isinstance(atom, Const))


def only_constant(value: Value) -> Const | None:
    """The constant that the value is for certain, or None."""
    if len(value) == 1 and isinstance(value[0], Const):
        return value[0]
    return None


def each_replicas(value: Value) -> Data | None:
    """The value as data where it is one of each replica's, under every strategy with several.

    Where the program chooses between strategies, what one of a single replica gives has the tag
    `alone`, and goes with what the others give.
    """
    parts = [atom for atom in value if isinstance(atom, Data)]
    each = [part for part in parts if part.form is Form.PER_REPLICA]
    rest = [part for part in parts if part.form is not Form.PER_REPLICA]
    if not each or len(parts) != len(value):
        return None
    if any("alone" not in part.tags or part.reduced for part in rest):
        return None
    return each[0] if len(each) == 1 else merge(each, each[0].op)


def without_none(value: Value) -> Value:
    """What a value may be where None would raise: the rest, if there is any."""
    if len(value) > 1:
        for atom in value:
            if isinstance(atom, Const) and atom.value is None:
                kept = tuple(a for a in value if not (isinstance(a, Const) and a.value is None))
                return kept or value
    return value


def variables(value: Value) -> tuple[Variable, ...]:
    """The variables that a value may be, not looking into containers."""
    return tuple(atom for atom in value if isinstance(atom, Variable))


def variables_within(value: Value, depth: int = 4) -> tuple[Variable, ...]:
    """The variables that a value is or holds: in containers, and in attributes of objects."""
    found: dict[Variable, None] = {}
    seen: set[int] = set()

    def visit(value: Value, depth: int) -> None:
        for atom in value:
            if isinstance(atom, Variable):
                found.setdefault(atom)
            elif isinstance(atom, (Container, Instance, LibraryObject)):
                if depth == 0 or id(atom) in seen:
                    continue
                seen.add(id(atom))
                if isinstance(atom, Container):
                    visit(atom.elements(), depth - 1)
                for held in list(atom.attributes.values()):
                    visit(held, depth - 1)
                if isinstance(atom, LibraryObject) and atom.args is not None:
                    for held in atom.args.all_values():
                        visit(held, depth - 1)

    visit(value, depth)
    return tuple(found)


_MODES = ("tf.VariableSynchronization.", "tf.VariableAggregation.")


def is_mode(atom: Atom) -> bool:
    """Whether it is a member of Synchronization or Aggregation."""
    return isinstance(atom, Symbol) and atom.name.startswith(_MODES)


def mode_members(value: Value, enum_type: type[Any], default: Any) -> Iterator[Any]:
    """The members of Synchronization or Aggregation that TensorFlow would take the value for.

    Strings are Keras's spelling; None stands for the default.
    """
    prefix = (
        "tf.VariableSynchronization." if enum_type is Synchronization else "tf.VariableAggregation."
    )
    for atom in value:
        if isinstance(atom, Symbol) and atom.name.startswith(prefix):
            member = atom.name[len(prefix) :]
            if member == "ONLY_FIRST_TOWER":
                member = "ONLY_FIRST_REPLICA"
            if member in enum_type.__members__:
                yield enum_type[member]
        elif isinstance(atom, Const):
            if atom.value is None:
                yield default
            elif isinstance(atom.value, str) and atom.value.upper() in enum_type.__members__:
                yield enum_type[atom.value.upper()]
