"""Which strategy is current, and whether this code runs in replica or cross-replica context.

After `_ThreadMode` and its neighbours in tensorflow/python/distribute/distribute_lib.py. A stack
for each thread: the bottom is the default strategy's replica context.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from varsync_runtime.tensors.exports import export

if TYPE_CHECKING:
    from varsync_runtime.distribute.replica_context import ReplicaContext
    from varsync_runtime.distribute.strategy import StrategyBase


class Mode:
    """What is current: a strategy, and of its two contexts the one that is entered."""

    __slots__ = ("in_cross_replica", "replica_context", "strategy")

    def __init__(self, strategy: StrategyBase, replica_context: ReplicaContext | None) -> None:
        self.strategy = strategy
        self.replica_context = replica_context
        self.in_cross_replica = replica_context is None


class _Stack(threading.local):
    def __init__(self) -> None:
        self.modes: list[Mode] = []
        self.update_replica_id: int | None = None
        self.sync_on_read = False
        self.global_scope: Any = None


_stack = _Stack()
_default: list[Mode] = []


def set_default(mode: Mode) -> None:
    """Sets what is current where nothing was entered: the default strategy's replica context."""
    _default[:] = [mode]


def default_mode() -> Mode:
    """What is current where nothing was entered."""
    return _default[0]


def current_mode() -> Mode:
    """`_get_per_thread_mode` in TensorFlow."""
    return _stack.modes[-1] if _stack.modes else _default[0]


@contextlib.contextmanager
def entered(mode: Mode) -> Iterator[None]:
    """Makes a mode current."""
    push(mode)
    try:
        yield
    finally:
        pop()


def push(mode: Mode) -> None:
    """Makes a mode current until `pop`."""
    _stack.modes.append(mode)


def pop() -> None:
    """Leaves the mode that was made current last."""
    _stack.modes.pop()


@export("tf.distribute.get_strategy")
def get_strategy() -> StrategyBase:
    """The current strategy; the default one outside any scope."""
    return current_mode().strategy


@export("tf.distribute.has_strategy")
def has_strategy() -> bool:
    """Whether a strategy other than the default one is current."""
    return current_mode().strategy is not _default[0].strategy


@export("tf.distribute.in_cross_replica_context")
def in_cross_replica_context() -> bool:
    """Whether this is host code in a scope, or a function given to `merge_call`."""
    return current_mode().in_cross_replica


@export("tf.distribute.get_replica_context")
def get_replica_context() -> ReplicaContext | None:
    """The current `tf.distribute.ReplicaContext`, None in cross-replica context."""
    return current_mode().replica_context


def in_default_context() -> bool:
    """Whether no strategy was entered at all."""
    return current_mode() is _default[0]


# The function given to `extended.update` ------------------------------------------------------


def update_replica_id() -> int | None:
    """Which copy a function given to `extended.update` is called with, None elsewhere."""
    return _stack.update_replica_id


@contextlib.contextmanager
def updating(replica: int) -> Iterator[None]:
    """Around a call of the function given to `extended.update`: TensorFlow's `UpdateContext`."""
    before = _stack.update_replica_id
    _stack.update_replica_id = replica
    try:
        yield
    finally:
        _stack.update_replica_id = before


# Reads of ON_READ variables -------------------------------------------------------------------


@export("tf.__internal__.distribute.variable_sync_on_read_context")
@contextlib.contextmanager
def variable_sync_on_read_context() -> Iterator[None]:
    """In it, reads of an ON_READ variable in replica context are aggregated."""
    try:
        _stack.sync_on_read = True
        yield
    finally:
        _stack.sync_on_read = False


def in_variable_sync_on_read_context() -> bool:
    """Whether reads of an ON_READ variable are aggregated in replica context."""
    return _stack.sync_on_read


# Who may be called where ----------------------------------------------------------------------


def wrong_strategy(strategy: StrategyBase) -> RuntimeError:
    """What TensorFlow raises where another strategy is current: `_wrong_strategy_scope`."""
    if not has_strategy():
        return RuntimeError(f'Need to be inside "with strategy.scope()" for {strategy}')
    return RuntimeError(
        f"Mixing different tf.distribute.Strategy objects: {get_strategy()} is not {strategy}"
    )


def require_cross_replica(strategy: StrategyBase, message: str = "") -> None:
    """Raises in replica context: `_require_cross_replica_or_default_context_extended`."""
    mode = current_mode()
    if mode is _default[0] or (mode.in_cross_replica and mode.strategy is strategy):
        return
    if mode.strategy is not strategy:
        raise wrong_strategy(strategy)
    raise RuntimeError(
        message
        or "Method requires being in cross-replica context, use get_replica_context().merge_call()"
    )


def require_scope(strategy: StrategyBase) -> None:
    """Raises unless the strategy is current: `_require_strategy_scope_extended`."""
    if current_mode().strategy is not strategy:
        raise wrong_strategy(strategy)


def require_replica_context(context: ReplicaContext) -> None:
    """Raises unless this replica context is current: `require_replica_context`."""
    mode = current_mode()
    if mode.replica_context is context:
        return
    if mode.replica_context is None:
        raise RuntimeError("Need to be inside `call_for_each_replica()`")
    if mode.strategy is context.strategy:
        raise RuntimeError("Mismatching ReplicaContext.")
    raise RuntimeError(
        f"Mismatching tf.distribute.Strategy objects: {mode.strategy} is not {context.strategy}."
    )


def assert_strategy(strategy: StrategyBase) -> None:
    """Raises unless the strategy is current: `_assert_strategy`."""
    if not has_strategy() or get_strategy() is not strategy:
        raise wrong_strategy(strategy)


@contextlib.contextmanager
def enter_or_assert(strategy: StrategyBase) -> Iterator[None]:
    """Enters the strategy's scope if there is none: `enter_or_assert_strategy`."""
    if has_strategy():
        assert_strategy(strategy)
        yield
    else:
        with strategy.scope():
            yield


@export("tf.distribute.experimental_set_strategy")
def experimental_set_strategy(strategy: StrategyBase | None) -> None:
    """Enters a strategy's scope until further notice; None leaves it."""
    if _stack.global_scope is not None:
        _stack.global_scope.__exit__(None, None, None)
        _stack.global_scope = None
    if has_strategy():
        raise RuntimeError("Must not be called inside a `tf.distribute.Strategy` scope.")
    if strategy is not None:
        scope = strategy.scope()
        scope.__enter__()
        _stack.global_scope = scope
