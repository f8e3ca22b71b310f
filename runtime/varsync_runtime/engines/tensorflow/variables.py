"""The variables of a run by number, and what is told when one is made."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from varsync_runtime import events
from varsync_runtime.distribute import ledger
from varsync_runtime.engines.tensorflow import (
    library,
    modes_asked,
    naming,
    numbering,
    places,
    positions,
    telling,
)
from varsync_runtime.engines.tensorflow.wrapping import is_heard, unheard, wrap
from varsync_runtime.events import Site
from varsync_runtime.events.sites import NOWHERE
from varsync_runtime.replicas.world import current
from varsync_runtime.semantics import Context, arguments

NUMBER = "_variable_number"
# Classes whose own names nobody writes
PUBLIC = {
    "CollectiveAllReduceStrategy": "MultiWorkerMirroredStrategy",
    "ParameterServerStrategyV2": "ParameterServerStrategy",
    "TPUStrategyV2": "TPUStrategy",
}

_keeps = False
_numbers = itertools.count()
_made: list[tuple[weakref.ref[Any], Site]] = []
_last: dict[int, list[tuple[int, events.Event]]] = {}  # by replica, what was held last


def number_of(variable: Any) -> int | None:
    """The number of a variable, or of the one of which this is a copy; None of what is no variable."""
    whole = variable if is_whole(variable) else container_of(variable)
    number: int | None = None if whole is None else vars(whole)[NUMBER]
    return number


def count() -> int:
    """How many variables were made."""
    return len(_made)


def made_since(count: int) -> list[tuple[Any, Site]]:
    """The variables that were made after so many others, and where."""
    return [(reference(), site) for reference, site in _made[count:]]


def container_of(copy: Any) -> Any:
    """The variable that the script made, of which this is a copy; None of what is none."""
    held = getattr(copy, "__dict__", {})
    # values.py, `DistributedVariable.__init__`: a ResourceVariable's handle knows it
    reference = getattr(held.get("_handle"), "_distributed_container", None)
    reference = held.get("_distributed_container", reference)
    # ps_values.py: the one variable in an AggregatingVariable
    reference = held.get("_aggregating_container", reference)
    container = None if reference is None else reference()
    return container if is_whole(container) else None


def is_whole(variable: Any) -> bool:
    """Whether it is a variable that the script made, and no copy of one."""
    return NUMBER in getattr(variable, "__dict__", ())


def copies(variable: Any) -> list[Any]:
    """What a variable consists of on this worker."""
    return list(getattr(variable, "_values", None) or [variable])


def held(variable: Any) -> list[Any]:
    """What each copy holds now."""
    return _arrays(copies(variable))


def _arrays(copies: Sequence[Any]) -> list[Any]:
    from tensorflow.python.framework import ops

    with unheard(), ops.init_scope():
        return [_array(one) for one in copies]


def read(copy: Any) -> Any:
    """The tensor of what a copy holds."""
    from tensorflow.python.ops import gen_resource_variable_ops

    with unheard():
        return gen_resource_variable_ops.read_variable_op(copy.handle, copy.dtype)


def _array(copy: Any) -> Any:
    try:
        return read(copy).numpy()
    except Exception:  # such as one without a value yet
        return None


def keep_elements() -> None:
    """From now on elements of variables are told, first and last."""
    global _keeps
    _keeps = True


def tell_values() -> None:
    """Tells what the copies of this process hold at the end, or held when the program let them go."""
    for reference, _ in _made:
        variable = reference()
        number = number_of(variable)
        if variable is not None and number is not None:
            _note(number, variable.synchronization.name, copies(variable))
    for number in sorted(_last):
        for replica, event in _last[number]:
            telling.at_end(replica, event)


class _Kept(NamedTuple):
    """What is kept of a variable's copy so that it can be read when the variable is gone."""

    handle: Any
    dtype: Any


def _when_let_go(number: int, variable: Any) -> None:
    """Notes what the variable holds as soon as the program keeps it no longer."""
    with unheard():
        kept = [_Kept(getattr(one, "handle", None), one.dtype) for one in copies(variable)]
    modes = variable.synchronization.name
    weakref.finalize(variable, _note, number, modes, kept).atexit = False


def _note(number: int, synchronization: str, copies: Sequence[Any]) -> None:
    """Notes what copies hold; nothing is told, since a finalizer may run within anything."""
    noted = _last[number] = []
    for replica, array in enumerate(_arrays(copies)):
        if array is not None:
            noted.append((replica, events.Held(number, telling.value_of(array))))
            if _keeps and (synchronization == "ON_READ" or not replica + current().rank):
                noted.append((replica, ledger.kept(number, "final", np.asarray(array))))


def install() -> None:
    """From now on it is told which variables are made."""
    from tensorflow.python.distribute import collective_all_reduce_strategy, distribute_lib
    from tensorflow.python.ops import variable_v1, variables

    def make(original: Any, cls: Any, *args: Any, **kwargs: Any) -> Any:
        if cls not in (variables.Variable, variable_v1.VariableV1) or not is_heard():
            return original(cls, *args, **kwargs)
        from varsync_runtime.engines.tensorflow import rejections

        with rejections.told(None, "create"), unheard():
            if modes_asked.is_asked():
                args, kwargs = (), modes_asked.replaced(cls, args, kwargs)
            made = original(cls, *args, **kwargs)
        announce(made, bool(kwargs.get("name")))
        if cls is variables.Variable:
            _tell_swallowed(made, args, kwargs)
        return made

    wrap(variables.VariableMetaclass, "__call__", make)

    def began(original: Any, self: Any, extended: Any) -> None:
        original(self, extended)
        if type(extended).__name__ != "_DefaultDistributionExtended":
            _strategy_made(self)

    def starts(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        from varsync_runtime.engines.tensorflow import rejections

        with rejections.told(None, "create"):
            original(self, *args, **kwargs)

    wrap(distribute_lib.StrategyBase, "__init__", began)
    wrap(collective_all_reduce_strategy.CollectiveAllReduceStrategy, "__init__", starts)


def _tell_swallowed(made: Any, args: Any, kwargs: Any) -> None:
    number, site = number_of(made), places.here() or places.now()
    if number is not None:
        for parameter, given in arguments.swallowed(args, kwargs):
            telling.tell(events.Swallowed(number, parameter, given, numbering.step(), site))


def _strategy_made(strategy: Any) -> None:
    cls = next(one for one in type(strategy).__mro__ if "tensorflow" in one.__module__)
    replicas = strategy.num_replicas_in_sync
    several = strategy.extended._in_multi_worker_mode()
    workers = strategy.extended._num_workers if several else 1
    site = places.here() or places.now()
    name = PUBLIC.get(cls.__name__, cls.__name__)
    telling.tell(events.StrategyMade(name, replicas, workers, site))


def announce(variable: Any, is_named: bool) -> None:
    """A variable is made; that of a replica function is told of once."""
    if number_of(variable) is not None:
        return
    number = next(_numbers)
    object.__setattr__(variable, NUMBER, number)
    maker = library.maker()
    here = places.here() or places.now()
    context = positions.context()
    if context is Context.REPLICA and not maker.origin.in_replica:
        context = Context.CROSS_REPLICA
    _made.append((weakref.ref(variable), here))
    _when_let_go(number, variable)
    strategy = getattr(variable, "_distribute_strategy", None)
    count = len(copies(variable))
    if strategy is not None and count == len(strategy.extended.worker_devices):
        count = strategy.num_replicas_in_sync
    arrays = held(variable)
    value = None if arrays[0] is None else telling.value_of(arrays[0])
    shape = variable.shape
    telling.tell(
        events.Created(
            number,
            variable.name.removesuffix(":0"),
            type(variable).__name__,
            variable.synchronization.name,
            _aggregation(variable),
            variable.dtype.name,
            tuple(shape.as_list()) if shape.rank is not None else (None,),
            bool(variable.trainable),
            count,
            type(strategy).__name__ if strategy is not None else "",
            context.value,
            maker.origin.step,
            value,
            maker.origin.site,
            maker.path,
            here if here != maker.origin.site else NOWHERE,
        )
    )
    if arrays[0] is not None and not current().rank and _keeps:
        telling.at_end(0, ledger.kept(number, "initial", np.asarray(arrays[0])))
    has_name = is_named or strategy is not None  # a strategy names what has no name
    naming.made(number, maker.path, variable.name.removesuffix(":0") if has_name else "")


def _aggregation(variable: Any) -> str:
    from tensorflow.python.ops import variables

    given = variable.aggregation
    return "NONE" if given is None else variables.VariableAggregationV2(given.value).name


def aggregation(variable: Any) -> str:
    """The aggregation of a variable, by its name."""
    return _aggregation(variable)
