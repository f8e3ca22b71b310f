"""What a program does, as the rules ask for it: events in the order in which they were met.

The evaluation fills it; the rules read it. An event is one thing at one place on one chain of calls:
a variable created, written or read, a library function called, a name rebound. The same place can
give several events, since it can be reached in several contexts.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from heapq import merge
from operator import attrgetter
from typing import Any, TypeVar

from varsync_runtime.semantics.kinds import StrategyKind

from varsync_rules.context import Because, Condition, Context, Role
from varsync_rules.files import Module
from varsync_rules.findings import Confidence, Finding, Related, Severity, Span
from varsync_rules.surface import STRATEGIES
from varsync_rules.values import (
    Argument,
    Arguments,
    Atom,
    Data,
    Heap,
    Instance,
    Strategy,
    Symbol,
    Value,
    Variable,
)

_Answer = TypeVar("_Answer")


@dataclass(eq=False, slots=True, repr=False)
class Event:
    """Something that happens at `node` of `module`, in `context`, on the chain of calls of `frame`.

    `order` counts events in the order of evaluation, which is the program's where it is straight.
    """

    node: ast.AST
    module: Module
    context: Context
    frame: Any
    order: int


@dataclass(eq=False, slots=True, repr=False)
class Creation(Event):
    """A variable is created."""

    variable: Variable


@dataclass(eq=False, slots=True, repr=False)
class Update(Event):
    """A variable is written by `op` (assign, assign_add, scatter_add, …) with `value`.

    `data` sums up where the value comes from; `value` is what it may be. `way` is how it is written:
    "method" (v.assign), "slice" (v[i].assign), "raw" (through v.handle), "function" (tf.assign(v, x)).
    `reads_back`: it returns the new value, as it does unless it is given `read_value=False`.
    `owner` is the variable's name as written at this place.
    """

    variable: Variable
    op: str
    value: Value
    data: Data
    argument: Argument | None
    way: str
    spelled: str
    reads_back: bool = True


@dataclass(eq=False, slots=True, repr=False)
class Read(Event):
    """A variable is read; `use` is what reads it: "operator", "numpy", "identity", "call tf.…", ….

    `spelled` is the variable's name as written at this place.
    """

    variable: Variable
    use: str
    spelled: str


@dataclass(eq=False, slots=True, repr=False)
class Call(Event):
    """A library function, method or class is called.

    `symbol` is its canonical name: `tf.GradientTape`, `tf.distribute.Strategy.run`,
    `keras.Optimizer.apply_gradients`, `keras.Metric.result`, `tf.train.Checkpoint.save`; `?.name` for a
    method of
    something unknown. `receiver` is what a method belongs to.
    """

    symbol: str
    receiver: Atom | None
    arguments: Arguments
    result: Value
    receiver_value: Value = ()

    @property
    def method(self) -> str:
        """The last part of the name."""
        return self.symbol.rsplit(".", 1)[-1]


@dataclass(eq=False, slots=True, repr=False)
class Rebind(Event):
    """`v += x` where v is a variable: the name `spelled` is bound to a tensor, nothing is written.

    `sign` is the operator. `unbound`: Python raises, since the name is a local one without a value.
    `is_own_name`: the name or attribute is where the program keeps the variable, not a local name
    that was given it. `used_further`: a name that is read afterwards. `refused`: what Python raises,
    since the attribute or item can't be bound; "" where it can, "?" where nobody knows what that does.
    """

    variable: Variable
    spelled: str
    sign: str
    unbound: bool
    is_own_name: bool
    used_further: bool
    refused: str = ""


@dataclass(eq=False, slots=True, repr=False)
class Return(Event):
    """A function returns a value; `outermost`: it is the function given to strategy.run or a hook."""

    value: Value
    data: Data
    outermost: bool


@dataclass(eq=False, slots=True, repr=False)
class Branch(Event):
    """An `if`, `while`, conditional expression or tf.cond tests `data`."""

    condition: Condition
    data: Data
    leaves: bool
    """The branch ends in return, break, continue or raise."""
    end: ast.stmt | None = None
    """The statement by which it leaves."""


@dataclass(eq=False, slots=True, repr=False)
class Choice(Event):
    """One of several variables is taken in replica context: an item of a list, `a if test else b`.

    `data` is the index or the condition that chooses. `spelled` is what the variable is called that
    was taken: the name that it is bound to, or the expression.
    """

    variables: frozenset[Variable]
    data: Data
    spelled: str


@dataclass(eq=False, slots=True, repr=False)
class Write(Event):
    """`target[key] = value` or `target.key = value` on something of a library (`os.environ`).

    For an attribute of a variable `target` is what made it (`tf.Variable`).
    """

    target: str
    key: Any
    value: Value


@dataclass(eq=False, slots=True, repr=False)
class Reuse(Event):
    """What was read from an ON_READ variable in replica context is used, unchanged since.

    `x = v.read_value(); x / 2` reads v and then uses the value as "operator". `use` is as in Read.
    """

    variable: Variable
    use: str
    spelled: str


@dataclass(eq=False, slots=True, repr=False)
class Use(Event):
    """Values of several replicas are used as one tensor or number in cross-replica context.

    `use` is what takes them: "operator", "comparison", "float", "format", "call tf.…", "attribute …",
    "method …". Uses that take a value of each replica, such as `print`, are none.
    """

    data: Data
    use: str
    spelled: str


@dataclass(eq=False, slots=True, repr=False)
class Unresolved(Event):
    """A method with the name of a variable's update is called on something that isn't known.

    `receiver` is what is known of it: a weight of some model has the tag `weights`. `data` sums up
    the value that it is given.
    """

    op: str
    spelled: str
    receiver: Data
    data: Data


@dataclass(slots=True, repr=False)
class Program:
    """All events of a program, and what was left out.

    `abandoned`: entries whose evaluation was given up because it grew too large. `cut`: calls, by their
    file and place, that were not followed because the chain of calls was too long.
    """

    creations: list[Creation] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    rebinds: list[Rebind] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    reuses: list[Reuse] = field(default_factory=list)
    unresolved: list[Unresolved] = field(default_factory=list)
    strategies: list[Strategy] = field(default_factory=list)
    abandoned: list[str] = field(default_factory=list)
    _by_symbol: dict[str, list[Call]] = field(default_factory=dict)
    _by_method: dict[str, list[Call]] = field(default_factory=dict)
    _answers: dict[Callable[[Program], Any], Any] = field(default_factory=dict)
    cut: set[tuple[str, ast.AST]] = field(default_factory=set)

    def once(self, question: Callable[[Program], _Answer]) -> _Answer:
        """What a function says of the whole program, which several rules ask: found out once."""
        if question not in self._answers:
            self._answers[question] = question(self)
        answer: _Answer = self._answers[question]
        return answer

    def calls_to(self, *symbols: str) -> Iterator[Call]:
        """The calls of library symbols with these canonical names."""
        return self._found(self._by_symbol, symbols, attrgetter("symbol"))

    def methods(self, *names: str) -> Iterator[Call]:
        """The calls whose last part is one of the names, whatever the receiver."""
        return self._found(self._by_method, names, attrgetter("method"))

    def _found(
        self, index: dict[str, list[Call]], names: Iterable[str], name_of: Callable[[Call], str]
    ) -> Iterator[Call]:
        """The calls with one of the names, in their order; the index is made at the first question."""
        if not index:
            for call in self.calls:
                index.setdefault(name_of(call), []).append(call)
        held = [index[name] for name in dict.fromkeys(names) if name in index]
        return iter(held[0]) if len(held) == 1 else merge(*held, key=attrgetter("order"))

    def updates_of(self, variable: Variable) -> Iterator[Update]:
        """The updates of one variable."""
        return (update for update in self.updates if update.variable is variable)

    def reads_of(self, variable: Variable) -> Iterator[Read]:
        """The reads of one variable."""
        return (read for read in self.reads if read.variable is variable)


def span(module: Module, node: ast.AST) -> Span:
    """The place of a node."""
    line = getattr(node, "lineno", 1)
    column = getattr(node, "col_offset", 0)
    return module.source.span(
        line,
        column,
        getattr(node, "end_lineno", None) or line,
        getattr(node, "end_col_offset", None) or column,
    )


def heading(module: Module, node: ast.AST) -> Span:
    """The place of a definition's name line: `def` to the colon's line, not the whole body."""
    whole = span(module, node)
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        keyword = {ast.FunctionDef: 4, ast.AsyncFunctionDef: 10, ast.ClassDef: 6}[type(node)]
        end = whole.column + keyword + len(node.name)
        return replace(whole, end_line=whole.line, end_column=end)
    return whole


def place(event: Event) -> Span:
    """The place of an event."""
    return span(event.module, event.node)


def created_here(variable: Variable, message: str = "") -> Related:
    """The place where a variable is created, as a related place."""
    return Related(
        span(variable.module, variable.node), message or f"{variable.called} is created here"
    )


def replica_chain(event: Event) -> tuple[Related, ...]:
    """The calls that put an event in replica context, outermost first."""
    calls: list[Related] = []
    frame = event.frame
    while frame is not None and frame.call_node is not None and frame.caller is not None:
        caller = frame.caller
        if frame.context_at_entry.role is Role.REPLICA:
            if isinstance(frame.call_node, ast.FunctionDef):
                what = f"`{frame.name}` is called by Keras in replica context"
            elif caller.context_at_entry.role is not Role.REPLICA:
                what = f"`{frame.name}` is put in replica context by this call"
            else:
                what = f"`{frame.name}` is called here"
            calls.append(Related(heading(caller.module, frame.call_node), what))
        frame = caller
    return tuple(reversed(calls))


def expression(module: Module, node: ast.AST | None, limit: int = 60) -> str:
    """The text of an expression in one line, shortened."""
    if node is None:
        return ""
    try:
        text = ast.unparse(node)
    except (RecursionError, ValueError):
        return "…"
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


STRATEGY_NAMES: dict[StrategyKind | None, str] = {
    kind: name.rsplit(".", 1)[-1] for name, kind in STRATEGIES.items()
}


def where(context: Context) -> str:
    """Under which strategy, in words: "under MirroredStrategy"."""
    if context.kinds == {StrategyKind.DEFAULT}:
        return "without a strategy"
    names = [STRATEGY_NAMES[kind] for kind in context.kinds if kind in STRATEGY_NAMES]
    if len(names) == 1:
        return f"under {names[0]}"
    return "under a strategy with more than one replica"


def unique(findings: Iterable[Finding]) -> Iterator[Finding]:
    """One finding for each place and code: the most severe, then the most confident, then the first."""
    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
    best: dict[tuple[str, Span], Finding] = {}
    for finding in findings:
        key = (finding.code, finding.span)
        held = best.get(key)
        rank = (order[finding.severity], finding.confidence is not Confidence.HIGH)
        if held is None or rank < (order[held.severity], held.confidence is not Confidence.HIGH):
            best[key] = finding
    yield from best.values()


__all__ = [
    "Because",
    "Branch",
    "Call",
    "Choice",
    "Condition",
    "Confidence",
    "Creation",
    "Event",
    "Finding",
    "Heap",
    "Instance",
    "Program",
    "Read",
    "Rebind",
    "Related",
    "Return",
    "Reuse",
    "Severity",
    "Symbol",
    "Unresolved",
    "Update",
    "Use",
    "Write",
    "created_here",
    "expression",
    "place",
    "replica_chain",
    "span",
    "unique",
    "where",
]
