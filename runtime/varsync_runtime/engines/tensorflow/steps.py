"""`strategy.run` on TensorFlow: a step, its replicas' threads, and the copies at its end."""

from __future__ import annotations

import threading
import weakref
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from varsync_runtime import events
from varsync_runtime.distribute.ledger import OwnWrite, digest, parting
from varsync_runtime.engines.tensorflow import (
    gradients,
    hangs,
    library,
    naming,
    numbering,
    obtained,
    places,
    rejections,
    telling,
    variables,
)
from varsync_runtime.engines.tensorflow.wrapping import heard, is_heard, unheard, wrap
from varsync_runtime.events import Site
from varsync_runtime.semantics.words import DIFFERENT_NUMBER


@dataclass
class Step:
    """A call of `strategy.run`, run or compiled.

    `own_values`: the replicas were given values of their own to start from.
    """

    strategy: Any
    own_values: bool

    @property
    def local(self) -> int:
        """How many replicas this process has."""
        return len(self.strategy.extended.worker_devices)


@dataclass
class _Crew:
    """The threads that run one function, one for each replica.

    `site` is the line for which they do, None where that is the caller's.
    """

    site: Site | None
    threads: list[Any] = field(default_factory=list)


@dataclass
class _Running:
    """What the step that runs has done: the writes of each variable, by replica."""

    own: dict[int, dict[int, OwnWrite]] = field(default_factory=dict)


_steps: list[Step] = []
_crews: list[_Crew] = []
_running: list[_Running] = []
_known: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
_diverged: set[int] = set()
TOLD = 32  # writes of a worker's own that are told of each variable
_told: Counter[int] = Counter()


def current() -> Step | None:
    """The innermost step that is run or compiled."""
    return _steps[-1] if _steps else None


def install() -> None:
    """Wraps `strategy.run` and the threads of replicas."""
    from tensorflow.python.distribute import distribute_lib, mirrored_run

    wrap(distribute_lib.StrategyBase, "run", _run)
    wrap(mirrored_run, "_call_for_each_replica", _call)
    thread = mirrored_run._MirroredReplicaThread

    def made(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.varsync_crew = _crews[-1]
        self.varsync_wish = None
        _crews[-1].threads.append(self)

    def runs(original: Any, self: Any) -> None:
        with places.works_for(self.varsync_crew.site):
            gradients.watch_on()
            original(self)

    wrap(thread, "__init__", made)
    wrap(thread, "run", runs)
    wrap(mirrored_run._MirroredReplicaContext, "_merge_call", _merge_call)


def _run(
    original: Any, self: Any, fn: Any, args: Any = (), kwargs: Any = None, options: Any = None
) -> Any:
    if not is_heard():
        return original(self, fn, args, kwargs, options)
    own_values = self.extended._in_multi_worker_mode() or _has_own_values((args, kwargs))
    step = Step(self, own_values)
    by_library = bool(places.through())
    if by_library:
        obtained.listen_to_keras()
    if not is_eager():
        naming.look()  # it may never run
    telling.when_run(lambda site: _begin(site, by_library))
    before = _operations()
    _steps.append(step)
    try:
        with nullcontext() if is_eager() else numbering.compiling():
            return original(self, fn, args, kwargs, options)
    finally:
        _steps.pop()
        telling.when_run(lambda site: _end(), after=_since(before))


def _call(original: Any, *args: Any) -> Any:
    """A function is run for each replica: a step, or a part of one in cross-replica context."""
    crew = _Crew(places.here())
    _crews.append(crew)
    try:
        return original(*args)
    except RuntimeError as error:
        _tell_of_uneven(crew, error)
        raise
    finally:
        _crews.pop()


def _tell_of_uneven(crew: _Crew, error: Exception) -> None:
    """Some replicas came to a meeting, others to their end."""
    if DIFFERENT_NUMBER.message not in str(error):
        return
    waiting = [one.varsync_wish for one in crew.threads if not one.done and one.varsync_wish]
    if waiting:
        rejections.tell(error, None, waiting[0].operation, waiting[0].site)


def _has_own_values(structure: Any) -> bool:
    from tensorflow.python.distribute import values
    from tensorflow.python.util import nest

    return any(
        isinstance(one, values.DistributedValues)
        and not isinstance(one, values.DistributedVariable)
        for one in nest.flatten(structure)
    )


def is_eager() -> bool:
    """Whether ops run at once here."""
    from tensorflow.python.eager import context

    return bool(context.executing_eagerly())


def _operations() -> int:
    from tensorflow.python.framework import ops

    return 0 if is_eager() else len(ops.get_default_graph().get_operations())


def _since(before: int) -> list[Any]:
    """The operations with effects that the graph has got since then."""
    from tensorflow.python.framework import auto_control_deps, ops

    if is_eager():
        return []
    made = ops.get_default_graph().get_operations()[before:]
    return [one for one in made if auto_control_deps.op_is_stateful(one)]


def _begin(site: Site, by_library: bool) -> None:
    numbering.begin()
    if by_library:
        telling.count(0, events.SteppedByLibrary, site)
    naming.look()
    _running.append(_Running())


def _end() -> None:
    if not _running:
        return
    for number, writes in sorted(_running.pop().own.items()):
        in_order = [write for _, write in sorted(writes.items())]
        variable = _known.get(number)
        if variable is not None:
            if variable._distribute_strategy.extended._in_multi_worker_mode():
                worker_copy(variable, in_order[0])
            settle(number, parting(in_order))


def wrote_own(variable: Any, replica: int, write: OwnWrite, array: Any = None) -> None:
    """A replica of the step that runs wrote its own copy, which then held `array`."""
    number = variables.number_of(variable)
    if number is None:
        return
    _known[number] = variable
    if _running:
        writes = _running[-1].own.setdefault(number, {})
        if array is not None and number not in _diverged:
            write = write.after(writes.get(replica), np.asarray(array))
        writes[replica] = write


def compare(variable: Any, write: OwnWrite) -> None:
    """The host gave each copy a value of its own."""
    number = variables.number_of(variable)
    if number is not None:
        _known[number] = variable
        settle(number, write)


def worker_copy(variable: Any, write: OwnWrite) -> None:
    """This worker's copy was written with a value of the worker's own."""
    number = variables.number_of(variable)
    if number is None or _told[number] == TOLD:
        return
    _told[number] += 1
    telling.tell(
        events.WorkerCopy(
            number,
            variable._distribute_strategy.extended._id_in_cluster,
            _told[number],
            events.step(),
            telling.value_of(variables.held(variable)[0]),
            write.operation,
            write.context,
            write.rule,
            write.site,
            write.of_gradient,
        )
    )


def settle(number: int, write: OwnWrite) -> None:
    """Tells if the copies of a variable differ for the first time."""
    variable = _known.get(number)
    if variable is None:
        return
    arrays = variables.held(variable)
    differs = len({digest(np.asarray(one)) for one in arrays}) > 1
    if differs and number not in _diverged:
        telling.tell(
            events.Diverged(
                number,
                events.step(),
                tuple(map(telling.value_of, arrays)),
                write.operation,
                write.context,
                write.rule,
                write.site,
                write.of_gradient,
                write.through,
            )
        )
    (_diverged.add if differs else _diverged.discard)(number)


def settled(variable: Any) -> None:
    """All copies were given one value."""
    number = variables.number_of(variable)
    if number is not None:
        _diverged.discard(number)


# Meetings ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wish:
    """What a replica is about to do with the others, where, and for whom of a library."""

    operation: str
    site: Site | None
    by: str
    variable: Any = None

    @property
    def wanted(self) -> tuple[str, int | None]:
        """The operation and, by its number, the variable: several may have one name."""
        return self.operation, variables.number_of(self.variable)

    @property
    def what(self) -> str:
        """In words."""
        of = "" if self.variable is None else f" of {self.variable.name}".removesuffix(":0")
        return f"{self.operation}{of}"


class _Thread(threading.local):
    wish: Wish | None = None


_thread = _Thread()
_mixed: set[tuple[tuple[str, Site], ...]] = set()


@contextmanager
def wishing(operation: str, variable: Any = None) -> Iterator[None]:
    """What a replica does in here, it does with the others."""
    before = _thread.wish
    _thread.wish = Wish(operation, places.here(), library.user(), variable)
    try:
        yield
    finally:
        _thread.wish = before


def wish() -> Wish | None:
    """What is done here with the others."""
    return _thread.wish


def asker() -> str:
    """The library's object for which an exchange is made."""
    return _thread.wish.by if _thread.wish is not None else library.user()


def _merge_call(original: Any, self: Any, fn: Any, args: Any, kwargs: Any) -> Any:
    """`fn` is called in the main thread, for this replica's line."""
    whole = not is_heard()
    what = getattr(fn, "__qualname__", type(fn).__name__)
    wish = _thread.wish or Wish(what, places.here(), library.user())
    own = threading.current_thread()
    own.varsync_wish = wish  # type: ignore[attr-defined]
    crew = getattr(own, "varsync_crew", None)

    def merged(*args: Any, **kwargs: Any) -> Any:
        if crew is not None:
            _look_for_others([one.varsync_wish or wish for one in crew.threads])
        before, _thread.wish = _thread.wish, wish if whole else None
        try:
            with (
                hangs.exchanging(wish.operation, wish.variable, wish.site),
                places.works_for(wish.site),
                unheard() if whole else heard(),
            ):
                return places.instead_of_main_thread(fn, *args, **kwargs)
        except Exception as error:
            if whole:
                rejections.tell(error, wish.variable, wish.operation, wish.site)
            raise
        finally:
            _thread.wish = before

    with nullcontext() if whole else rejections.told(None, "merge_call"):
        return original(self, merged, args, kwargs)


def _look_for_others(wishes: list[Wish]) -> None:
    """Tells of replicas that meet for different things."""
    if len({one.wanted for one in wishes}) < 2:
        return
    met = tuple((one.what, one.site or places.now()) for one in wishes)
    if met not in _mixed:
        _mixed.add(met)
        telling.tell(events.Mixed(numbering.step(), met))
