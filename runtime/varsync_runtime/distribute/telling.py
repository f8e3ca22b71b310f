"""Events of variables: told only where somebody listens, since finding the user's line takes time."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from varsync_runtime import events
from varsync_runtime.distribute import captured, ledger
from varsync_runtime.events import Site, recorder
from varsync_runtime.semantics import Context, Read, Rule, arguments
from varsync_runtime.tensors import origins
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import Tensor

TOLD = 32  # writes of a worker's own that are told of each variable
_written: Counter[int] = Counter()
_mixed: set[tuple[tuple[str, Site], ...]] = set()


def mixed(met: Sequence[tuple[str, str]], workers: int = 0, raised: str = "") -> None:
    """Replicas met with different operations (what, and "file:line"); told once for each place."""
    sides = tuple((what, Site.parse(site)) for what, site in met)
    if listening() and sides not in _mixed:
        _mixed.add(sides)
        events.tell(events.Mixed(events.step(), sides, workers, raised))


def listening() -> bool:
    """Whether events go anywhere, and what is done now is done in the run."""
    return recorder.current.send is not None and (state.graph is None or state.graph.runs)


def read(variable: Any, context: Context, outcome: Read) -> None:
    """Host code or a replica reads."""
    if listening():
        site = events.here()
        number = variable._variable_number
        events.count(events.Read, number, context.value, outcome.reduces, site)
        if outcome.reduces:
            nbytes = variable._local_array().nbytes
            rule = outcome.rule.name
            by = origins.user_of_library()
            events.count(
                events.Synchronised, number, "read", rule, True, site, False, by, nbytes=nbytes
            )


def stepped() -> None:
    """A step begins."""
    if listening() and events.through():
        events.count(events.SteppedByLibrary, events.here())


def partial_read(variable: Any) -> None:
    """A replica reads its own copy of what the host reads as a sum or a mean.

    What a library reads in a step of its own is its matter.
    """
    if listening() and not state.form_only and captured.is_users_replica_code():
        events.count(events.PartialRead, variable._variable_number, events.here())


def written(variable: Any, operation: str, context: Context, rule: Rule) -> None:
    """A variable was written."""
    if listening():
        number = variable._variable_number
        site = events.here()
        events.count(events.Written, number, operation, context.value, rule.name, site)


def swallowed(variable: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """A variable was made by a call with these arguments: some may change nothing."""
    if listening():
        for parameter, given in arguments.swallowed(args, kwargs):
            number, step = variable._variable_number, events.step()
            events.tell(events.Swallowed(number, parameter, given, step, events.here()))


def rebound(variable: Any) -> None:
    """A name of a variable is bound to another value by `+=` or the like."""
    if listening():
        events.count(events.Rebound, variable._variable_number, events.here())


def shared(variable: Any, exact: np.ndarray, part: np.ndarray) -> None:
    """The host gives each copy of an ON_READ SUM its part of a total, which the dtype may cut."""
    replicas = variable._crew.replicas
    if listening() and (exact != part).any():
        given = ledger.value_of((exact * replicas).round().astype(part.dtype))
        number, step = variable._variable_number, events.step()
        told = events.Shared(number, given, ledger.value_of(part), replicas, step, events.here())
        events.tell(told)


def of_worker(variable: Any, write: ledger.OwnWrite) -> None:
    """This worker's copy of a variable was written with a value of the worker's own."""
    number = variable._variable_number
    if listening() and _written[number] < TOLD:
        _written[number] += 1
        events.tell(
            events.WorkerCopy(
                number,
                variable._crew.worker,
                _written[number],
                events.step(),
                ledger.value_of(variable._local_array()),
                write.operation,
                write.context,
                write.rule,
                write.site,
                write.of_gradient,
            )
        )


def same(own: np.ndarray, result: np.ndarray, times: int = 1) -> bool:
    """Whether an exchange gave what `times` times this replica's value is, but for rounding.

    If it did on every replica, all gave the same value.
    """
    if own.shape != result.shape:
        return False
    if own.dtype.kind not in "fiuc" or result.dtype.kind not in "fiuc":
        return bool(np.array_equal(own, result))
    if not own.size:
        return True
    want, got = complex(own.flat[0]) * times, complex(result.flat[0])
    if got != want and not abs(got - want) <= 1e-5 * abs(want):
        return False  # so it mostly is, and the rest need not be looked at
    wanted: np.ndarray = own.astype(result.dtype) * times
    if bool((result == wanted).all()):
        return True
    return bool(np.allclose(result, wanted, 1e-5, 0, equal_nan=True))


# The table's names that are not TensorFlow's
OPERATIONS = {
    Rule.FIRST.name: "ONLY_FIRST_REPLICA",
    Rule.WORKER_FIRST.name: "ONLY_FIRST_REPLICA",
    "SLICES": "IndexedSlices",
}


def synchronised(
    number: int | None,
    cause: str,
    operation: str,
    nbytes: int,
    changed: bool = True,
    own: bool = False,
) -> None:
    """The replicas exchanged values."""
    if listening():
        exchange(number, cause, operation, nbytes, changed, own)()


def exchange(
    number: int | None,
    cause: str,
    operation: str,
    nbytes: int,
    changed: bool = True,
    own: bool = False,
) -> Callable[[], None]:
    """What tells, now or later, that the replicas exchange values at this line."""
    site, by = events.here(), origins.user_of_library()
    named = OPERATIONS.get(operation, operation)
    fields = (number, cause, named, changed, site, own, by)
    return functools.partial(events.count, events.Synchronised, *fields, nbytes=nbytes)


def all_reduced(operation: str, tensors: Sequence[Tensor]) -> None:
    """The replicas exchanged tensors in one all-reduce."""
    if listening():
        site, by = events.here(), origins.user_of_library()
        for tensor in tensors:
            events.count(
                events.Synchronised,
                None,
                "all_reduce",
                operation,
                True,
                site,
                False,
                by,
                len(tensors),
                tensor._gradient_of,
                nbytes=tensor._array.nbytes,
            )
