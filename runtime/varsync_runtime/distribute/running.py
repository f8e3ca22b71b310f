"""`strategy.run`: one call of a function in this process's replica, and what the host gets.

After `call_for_each_replica` in tensorflow/python/distribute/mirrored_run.py.
"""

from __future__ import annotations

import contextlib
import functools
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from varsync_runtime.distribute import brought, captured, contexts, ledger, rounds, telling
from varsync_runtime.distribute.crew import Crew, share
from varsync_runtime.distribute.description import describe, leaves
from varsync_runtime.distribute.failures import Failure
from varsync_runtime.distribute.regroup import ABSENT, holds_distributed, regroup
from varsync_runtime.distribute.replica_context import _MirroredReplicaContext
from varsync_runtime.distribute.rounds import Met, ReplicaRun, _RequestedStop
from varsync_runtime.distribute.values import DistributedValues
from varsync_runtime.events.sites import calling
from varsync_runtime.function import flow, graphs
from varsync_runtime.replicas import host, tracebacks
from varsync_runtime.replicas.endings import RunOver
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.errors import OpError
from varsync_runtime.tensors.state import hooks, state

if TYPE_CHECKING:
    from varsync_runtime.distribute.strategy import StrategyBase

_lifted: weakref.WeakKeyDictionary[Any, weakref.WeakKeyDictionary[Any, Any]] = (
    weakref.WeakKeyDictionary()
)


def run_replicas(
    strategy: StrategyBase, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Calls `fn` in all replicas."""
    if strategy.extended._lifts_functions and hasattr(fn, "python_function"):
        return lifted(strategy, fn)(*args, **kwargs)
    return call(strategy, fn, args, kwargs)


def lifted(strategy: StrategyBase, fn: Any) -> Any:
    """A `tf.function` that runs the replicas, of one that was to run in each of them."""
    known = _lifted.setdefault(strategy, weakref.WeakKeyDictionary())
    found = known.get(fn)
    if found is None:
        python_function = fn.python_function

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            return run_replicas(strategy, python_function, args, kwargs)

        with contextlib.suppress(AttributeError, ValueError):
            functools.update_wrapper(wrapped, python_function)
            del wrapped.__dict__["__wrapped__"]
        found = fn._clone(python_function=wrapped)
        known[fn] = found
    return found


def call(
    strategy: StrategyBase, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """The same for what is no `tf.function`."""
    crew = strategy._crew
    crew.require_others("strategy.run")
    if crew.index is None:
        return observe(strategy, crew)
    run = ReplicaRun(strategy, crew, crew.index)
    result, error = _run(strategy, run, fn, args, kwargs)
    met = run.last_met
    if run.verdict is None:
        run.verdict = run.judged(met)
    settle(run, met)
    if crew.has_observers:
        tell_observers(run, met)
    if run.verdict is not None:
        raise own_or(error, run, met)
    # what looks the same has its leaves in the same order
    columns = run.brought if rounds.alike(met) else ()
    return regroup(result, [one.report.payload for one in met], crew, iter(columns))


def _run(
    strategy: StrategyBase,
    run: ReplicaRun,
    fn: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> tuple[Any, BaseException | None]:
    result: Any = None
    error: BaseException | None = None
    with calling, entered(strategy, run):
        try:
            args, kwargs = selected(run, args), selected(run, kwargs)
            result = as_returned(run, fn(*args, **kwargs))
        except (RunOver, KeyboardInterrupt):
            raise
        except BaseException as raised:
            error = raised
        if run.merge_error is not None:
            # the replica's function was left by another exception
            above = None if error is None else error.__traceback__
            trace = tracebacks.joined(above, run.merge_error.__traceback__)
            error = run.merge_error.with_traceback(trace)
        if run.verdict is None:
            if error is None:
                arrays = brought.along(run.crew, list(leaves(result)))
                run.post("done", describe(result, run), arrays)
            else:
                run.post("raised", failure=Failure.of(error))
    return result, error


captured.starts(_run.__code__)


@contextlib.contextmanager
def entered(strategy: StrategyBase, run: ReplicaRun) -> Iterator[None]:
    """Replica context."""
    context = _MirroredReplicaContext(strategy, run.crew.first + run.index)
    context._local_replica_id = run.index
    stamp, eager_read, cast = state.stamp, hooks.eager_read, hooks.cast
    gradients = state.gradients
    if run.crew.local > 1:
        host.begin_replica_code()
    rounds.enter(run)
    state.stamp = run.stamp
    hooks.eager_read = lambda tensor: run.numbers.note(tensor._array)
    hooks.cast = run.numbers.note_cast
    held = host.hold(run.crew.local > 1)
    try:
        with run, context, flow.replica():
            yield
    finally:
        host.hold(held)
        if run.crew.local > 1:
            host.show(host.printed(last=True))  # of a run that was broken off
        state.stamp, hooks.eager_read, hooks.cast = stamp, eager_read, cast
        state.gradients = gradients
        rounds.leave()


def selected(run: ReplicaRun, structure: Any) -> Any:
    """This replica's part of the arguments; what it was given is its own."""
    if not holds_distributed(structure):
        return structure

    def select(value: Any) -> Any:
        if not isinstance(value, DistributedValues) or hasattr(value, "_variable_number"):
            return value
        part = value._of_replica(run.index)
        run.arguments[id(part)] = part
        return part

    return nest.map_structure(select, structure)


def as_returned(run: ReplicaRun, result: Any) -> Any:
    """What a replica returned; a variable that was just written is its value."""

    def read(value: Any) -> Any:
        if getattr(value, "_is_unread", False):
            return value._read()
        return run.numbers.as_given(value)

    return nest.map_structure(read, result)


def own_or(error: BaseException | None, run: ReplicaRun, met: list[Met]) -> BaseException:
    """The exception for the host: this process's own if it is the one that counts."""
    first = rounds.first_raised(met)
    if error is not None and first == run.index and not isinstance(error, _RequestedStop):
        return error
    assert run.verdict is not None
    return run.verdict


# After the replicas -------------------------------------------------------------------------------


def settle(run: ReplicaRun, met: list[Met]) -> None:
    """Copies that replicas wrote by themselves: whether they still are what TensorFlow thinks."""
    failed, graph = run.verdict is not None, graphs.current()
    if failed and not isinstance(run.verdict, OpError) and graph is not None and graph.tracing:
        return  # the trace is rejected: nothing will have been written
    numbers = sorted({number for one in met for number in one.report.own})
    for number in numbers:
        variable = ledger.variable(number)
        if variable is None:
            continue
        writes = [one.report.own.get(number) for one in met]
        first = ledger.parting([write for write in writes if write is not None])
        if run.crew.workers > 1 and run.index == 0:
            telling.of_worker(variable, first)
        if run.crew.local == 1 or run.crew.has_observers:
            continue  # nobody to compare with, or it stays in doubt
        digests = [write.digest for write in writes if write is not None and write.digest]
        if failed or len(digests) < len(writes):
            # some replicas left it as it was, or were stopped, and what they traced was taken back
            digests = run.crew.collect(ledger.digest(variable._local_array()), "compare copies")
        ledger.settle(variable, digests, first)


def tell_observers(run: ReplicaRun, met: list[Met]) -> None:
    """What happened, for processes that run host code only."""
    crew = run.crew
    summary = {
        "failure": None if run.verdict is None else Failure.of(run.verdict),
        "payloads": [one.report.payload for one in met],
        "plain": {
            number: variable._array
            for number in run.ever_touched
            if (variable := ledger.variable(number)) is not None
        },
        "own": sorted({number for one in met for number in one.report.own}),
        "recipes": run.recipes,
    }
    share(summary, crew.peers[0], crew.peers, "run")


def observe(strategy: StrategyBase, crew: Crew) -> Any:
    """A process that is no replica waits for what the replicas do."""
    summary: Any = share(None, crew.peers[0], crew.peers, "run")
    for recipe in summary["recipes"]:
        strategy.extended._remade(recipe)
    for number, array in summary["plain"].items():
        ledger.hold(number, array)
    for number in summary["own"]:
        variable = ledger.variable(number)
        if variable is not None:
            variable._unsure = True
    if summary["failure"] is not None:
        raise summary["failure"].exception()
    return regroup(ABSENT, summary["payloads"], crew)


def in_replica_code() -> bool:
    """Whether one of several replicas runs here, so that what it prints is its own."""
    run = rounds.current_run()
    return (
        run is not None
        and run.crew.local > 1
        and contexts.current_mode().replica_context is not None
    )


host.set_replica_context(in_replica_code)

__all__ = ["run_replicas"]
