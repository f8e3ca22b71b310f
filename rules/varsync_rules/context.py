"""Where code runs: which strategy is in force, in which of TensorFlow's contexts, on what condition."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import TYPE_CHECKING

from varsync_runtime.semantics.kinds import StrategyKind, may_replicate

from varsync_rules.immutable import replace, value_class

if TYPE_CHECKING:
    import ast

    from varsync_rules.files import Module
    from varsync_rules.values import Strategy, Value


class Role(enum.Enum):
    """Which of tf.distribute's contexts code runs in."""

    __hash__ = object.__hash__  # Enum's own is slow, and these are parts of every key

    HOST = "host"
    """Host code: cross-replica context where a strategy's scope is entered or a strategy exists."""
    REPLICA = "replica"
    """The function given to strategy.run, Layer.call under fit, …: once for each replica."""
    MERGE = "merge"
    """The function given to merge_call: cross-replica, with per-replica values."""
    UPDATE = "update"
    """The function given to extended.update: once for each component of a variable."""


class Because(enum.Enum):
    """What decides whether conditional code runs."""

    __hash__ = object.__hash__  # Enum's own is slow, and these are parts of every key

    TENSOR = "tensor"
    """A tensor: a graph's tf.cond in a tf.function."""
    REPLICA = "replica"
    """Something that differs between the replicas: the replica id, a replica's data."""
    CHIEF = "chief"
    """Which worker this is: the task id or type, is_chief."""
    PYTHON = "python"
    """Anything else."""


@value_class(frozen=True, slots=True)
class Condition:
    """Code stands in branch number `branch` of `node` (an if, a while, a tf.cond)."""

    because: Because
    node: ast.AST
    module: Module
    branch: int
    tensor: bool = False
    """The test is a tensor, whatever else it is: compiled code makes a tf.cond of it."""


@value_class(frozen=True, slots=True)
class Loop:
    """A `for` or `while`: what it goes over, and how many conditions stand around it."""

    node: ast.AST
    module: Module
    conditions: int
    source: Value = ()
    outer: Loop | None = None

    def within(self, node: ast.AST) -> bool:
        """Whether this is the loop at a node, or stands in it."""
        loop: Loop | None = self
        while loop is not None and loop.node is not node:
            loop = loop.outer
        return loop is not None


_ANY: frozenset[StrategyKind | None] = frozenset((None,))


@value_class(frozen=True, slots=True)
class Context:
    """The context of a piece of code.

    `strategies`: the strategies in force, one of them (an `if` may have chosen); empty: none known.
    `portable`: callers that the program does not show may bring a strategy of their own.
    `traced`: inside a tf.function. `graph`: what makes a graph of its own inside the replica function
    ("tf.cond", "nested tf.function", …), or "". `loops`: how many loops stand around it since the
    entry; in replica context, since the replica function began. `in_run`: strategy.run is visible.
    """

    role: Role = Role.HOST
    strategies: tuple[Strategy, ...] = ()
    portable: bool = False
    callers: frozenset[StrategyKind | None] = _ANY
    """What the strategy of such callers may be; None stands for one that is not known."""
    traced: bool = False
    graph: str = ""
    conditions: tuple[Condition, ...] = ()
    loops: int = 0
    in_run: bool = False
    rewritten: bool = False
    """A variable creator is in force, which may change the arguments of creations."""
    loop: Loop | None = None
    """The innermost of the loops."""
    hook: str = ""
    """The method that Keras calls for the user in replica context (`Layer.call`), or ""."""
    guarded: bool = False
    """In replica context: a test around or before this may make it run the first time only."""
    unknown_scope: bool = False
    """On the host: a context manager that is not known is entered, which may be a scope."""

    @property
    def in_replica(self) -> bool:
        """Whether this is replica context."""
        return self.role is Role.REPLICA

    @property
    def in_cross_replica(self) -> bool:
        """Whether this is cross-replica context: host code or a merge function."""
        return self.role in (Role.HOST, Role.MERGE)

    @property
    def kinds(self) -> frozenset[StrategyKind | None]:
        """The kinds of the strategies in force; None stands for one that is not known."""
        if self.strategies:
            return frozenset().union(*(strategy.kinds for strategy in self.strategies))
        return self.callers if self.portable else frozenset()

    @property
    def may_replicate(self) -> bool:
        """Whether a strategy that can have several replicas is in force, visible or portable."""
        if self.strategies:
            return any(strategy.replicates for strategy in self.strategies)
        return self.portable and any(may_replicate(kind) for kind in self.callers)

    @property
    def replicates_visibly(self) -> bool:
        """Whether a strategy of a known kind that can have several replicas is in force."""
        return any(s.kind is not None and s.replicates for s in self.strategies)

    def may_be(self, kinds: Iterable[StrategyKind]) -> bool:
        """Whether a strategy in force is of one of the kinds, and replicates."""
        wanted = frozenset(kinds)
        return any(s.kind in wanted and s.replicates for s in self.strategies)

    def because(self, *reasons: Because) -> Condition | None:
        """The outermost condition with one of the reasons."""
        return next((c for c in self.conditions if c.because in reasons), None)

    @property
    def each_turn(self) -> Loop | None:
        """The loop in every turn of which this runs; None where a condition stands between."""
        loop = self.loop
        if loop is None:
            return None
        inside = self.conditions[loop.conditions :]
        return loop if all(c.node is loop.node for c in inside) else None

    def behind_test(self) -> Context:
        """This context behind a test, or a cache, that may let replica code run only once."""
        if self.guarded or self.role is not Role.REPLICA:
            return self
        return replace(self, guarded=True)

    def under(self, condition: Condition) -> Context:
        """This context on one more condition."""
        if condition in self.conditions:
            return self
        return replace(self, conditions=(*self.conditions, condition))
