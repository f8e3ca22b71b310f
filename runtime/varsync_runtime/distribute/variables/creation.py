"""`tf.Variable(...)`: which class it becomes, and what it is refused for.

The class comes from `semantics.create`, what becomes of each argument from
`semantics.check_argument`. After tensorflow/python/ops/variables.py, `validate_synchronization_...`,
tensorflow/python/ops/resource_variable_ops.py, `_init_from_args`, and
tensorflow/python/distribute/distribute_utils.py, `create_mirrored_variable`.
"""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np

from varsync_runtime import events, semantics
from varsync_runtime.distribute import contexts, creators, holders, ledger, rejections
from varsync_runtime.distribute.enums import (
    ReduceOp,
    VariableAggregation,
    VariableAggregationV2,
    VariableSynchronization,
    aggregation_in_table,
    synchronization_in_table,
)
from varsync_runtime.distribute.variables import modes_asked
from varsync_runtime.distribute.variables.base import Aggregations
from varsync_runtime.distribute.variables.plain import (
    BaseResourceVariable,
    Properties,
    ResourceVariable,
    UninitializedVariable,
    UnliftedInitializerVariable,
)
from varsync_runtime.distribute.where import context_of
from varsync_runtime.events import recorder
from varsync_runtime.events.sites import NOWHERE
from varsync_runtime.function import graphs, scopes
from varsync_runtime.semantics import (
    Api,
    Argument,
    Context,
    DTypeKind,
    Parameter,
    Raises,
    Strategy,
    StrategyKind,
    Taken,
)
from varsync_runtime.tensors import origins, tape
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import DType, as_dtype
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.state import state

KERAS_WORDS = ("none", "sum", "mean", "only_first_replica", "auto", "on_read", "on_write")
SENDABLE = ("bool", "float16", "float32", "float64", "int32", "int64")
NO_STRATEGY = Strategy(StrategyKind.DEFAULT)


def from_call(
    initial_value: Any = None,
    trainable: Any = None,
    validate_shape: Any = True,
    caching_device: Any = None,
    name: str | None = None,
    variable_def: Any = None,
    dtype: Any = None,
    import_scope: Any = None,
    constraint: Any = None,
    synchronization: Any = VariableSynchronization.AUTO,
    aggregation: Any = VariableAggregation.NONE,  # the older enum's, as in TensorFlow
    shape: Any = None,
    **others: Any,
) -> Any:
    """Makes what `tf.Variable` with these arguments makes here; other keywords are ignored."""
    asked_for = modes_asked.replaced(
        full_name(name or "Variable"),
        {"synchronization": synchronization, "aggregation": aggregation},
    )
    return creators.call(
        default_creator,
        initial_value=initial_value,
        trainable=trainable,
        validate_shape=validate_shape,
        caching_device=caching_device,
        name=name,
        variable_def=variable_def,
        dtype=dtype,
        import_scope=import_scope,
        constraint=constraint,
        shape=shape,
        **asked_for,
        **others,
    )


def default_creator(**kwargs: Any) -> BaseResourceVariable:
    """The last creator: a variable with one copy, or one copy of a distributed variable."""
    synchronization, aggregation = modes(kwargs, current_in_table())
    return plain(kwargs, synchronization, aggregation)


def current_in_table() -> Strategy:
    """The strategy in whose scope, or under which, this code makes a variable."""
    return contexts.get_strategy()._in_table


# Arguments ---------------------------------------------------------------------------------------


def modes(
    kwargs: dict[str, Any], strategy: Strategy, api: Api = Api.TF_VARIABLE
) -> tuple[VariableSynchronization, Aggregations]:
    """`synchronization` and `aggregation` as members; raises what the table says."""
    taken_synchronization = VariableSynchronization.AUTO
    taken_aggregation: Aggregations = VariableAggregation.NONE
    given = kwargs.get("synchronization", VariableSynchronization.AUTO)
    taken = checked(strategy, Parameter.SYNCHRONIZATION, given, kwargs, api)
    if taken is Taken.MEMBER:
        taken_synchronization = VariableSynchronization(
            given if isinstance(given, int) else getattr(given, "value", given)
        )
    given = kwargs.get("aggregation", VariableAggregation.NONE)
    taken = checked(strategy, Parameter.AGGREGATION, given, kwargs, api)
    if taken is Taken.MEMBER:
        is_member = isinstance(given, (VariableAggregation, VariableAggregationV2))
        taken_aggregation = given if is_member else VariableAggregationV2(given)
    if kwargs.get("caching_device") is not None:
        checked(strategy, Parameter.FOURTH, kwargs["caching_device"], kwargs, api)
    return taken_synchronization, taken_aggregation


def checked(
    strategy: Strategy, parameter: Parameter, given: Any, kwargs: dict[str, Any], api: Api
) -> Taken:
    """What becomes of an argument."""
    is_device = isinstance(given, str) or (callable(given) and not isinstance(given, type))
    if parameter is Parameter.FOURTH and is_device:
        return Taken.IGNORED
    outcome = semantics.check_argument(strategy, parameter, argument(parameter, given), api)
    if isinstance(outcome, Raises):
        raise_argument(outcome, parameter, given, kwargs)
    return outcome


def argument(parameter: Parameter, given: Any) -> Argument:
    """The table's word for what is given."""
    own: tuple[type[enum.Enum], ...] = (VariableAggregation, VariableAggregationV2)
    other: tuple[type[enum.Enum], ...] = (VariableSynchronization,)
    if parameter is Parameter.SYNCHRONIZATION:
        own, other = other, own
    if given is None:
        return Argument.NONE
    if isinstance(given, own):
        return Argument.MEMBER
    if isinstance(given, other):
        return Argument.OTHER_MEMBER
    if isinstance(given, ReduceOp):
        return Argument.REDUCE_OP
    if isinstance(given, type):
        return Argument.CLASS
    if isinstance(given, str):
        return Argument.KERAS_STRING if given in KERAS_WORDS else Argument.STRING
    if isinstance(given, (int, float)) and given in {member.value for member in own[0]}:
        return Argument.NUMBER
    return Argument.OTHER_NUMBER


def raise_argument(
    outcome: Raises, parameter: Parameter, given: Any, kwargs: dict[str, Any]
) -> NoReturn:
    """The exception for an argument, with the rest of its words."""
    name = kwargs.get("name")
    if outcome.exception == "TypeError":
        # TensorFlow fails to put its message together (ps_values, central_storage_strategy)
        try:
            "Invalid variable aggregation mode: " + given + " for variable: " + name
        except TypeError as wrong:
            raise rejections.rejected(wrong, None, "create", "") from None
    if parameter is Parameter.FOURTH:
        text = f"{outcome.message}. Got {type(given)}({given})"
    else:
        text = f"{outcome.message}{given} for variable: {name}"
    error = rejections.exception_class(outcome.exception)(text)
    raise rejections.rejected(error, None, "create", "")


# Values ------------------------------------------------------------------------------------------


def initial(kwargs: dict[str, Any]) -> tuple[np.ndarray, DType, TensorShape]:
    """The initial value, its dtype, and the variable's shape."""
    given = kwargs.get("initial_value")
    if given is None:
        raise ValueError(
            "The `initial_value` arg to `tf.Variable` must be specified except when you are not "
            "providing a `variable_def`. You provided neither."
        )
    dtype = kwargs.get("dtype")
    wanted = None if dtype is None else as_dtype(dtype)
    with tape.paused():
        value = convert(given() if callable(given) else given, wanted)
    shape = kwargs.get("shape")
    if shape is None:
        return value._array, value.dtype, TensorShape(value._array.shape)
    explicit = TensorShape(shape)
    if not explicit.is_compatible_with(value._array.shape):
        raise ValueError(
            f"In this `tf.Variable` creation, the initial value's shape ({value.shape}) is not "
            f"compatible with the explicitly supplied `shape` argument ({shape})."
        )
    return value._array, value.dtype, explicit


def dtype_kind(dtype: DType) -> DTypeKind:
    """The table's word for a dtype."""
    if dtype.is_floating:
        return DTypeKind.FLOATING
    if dtype.is_complex:
        return DTypeKind.COMPLEX
    if dtype.is_bool:
        return DTypeKind.BOOL
    return DTypeKind.STRING if dtype.name == "string" else DTypeKind.INTEGER


def asked(
    strategy: Strategy,
    synchronization: VariableSynchronization,
    aggregation: Aggregations,
    dtype: DType | None,
    trainable: Any,
    *,
    in_scope: bool,
) -> semantics.Variable | Raises:
    """The table's answer."""
    return semantics.create(
        strategy,
        synchronization_in_table(synchronization),
        aggregation_in_table(aggregation),
        DTypeKind.FLOATING if dtype is None else dtype_kind(dtype),
        trainable=trainable if isinstance(trainable, bool) else None,
        in_scope=in_scope,
        in_function=state.graph is not None,
        sendable=dtype is None or dtype.name in SENDABLE,
    )


def refused(outcome: Raises, kwargs: dict[str, Any], dtype: DType | None) -> BaseException:
    """The exception of the table of creation."""
    error = rejections.error(
        outcome,
        name=kwargs.get("name"),
        dtype=lambda: dtype._word if dtype is not None else "",
    )
    return rejections.rejected(error, None, "create", "")


# A variable with one copy ------------------------------------------------------------------------


def full_name(name: str) -> str:
    """The name in the scopes that are entered; one with a slash at its end is absolute."""
    return name.removesuffix("/") if name.endswith("/") else scopes.full_name(name)


class _Component:
    """Whether the copies of a distributed variable are being made."""

    home: int | None = None
    strategy: Any = None
    device = ""


_component = _Component()


@contextlib.contextmanager
def component(strategy: Any, home: int, device: str) -> Iterator[None]:
    """Inside, `default_creator` makes the copy of one replica."""
    _component.strategy, _component.home, _component.device = strategy, home, device
    try:
        yield
    finally:
        _component.home = None


def plain(
    kwargs: dict[str, Any], synchronization: VariableSynchronization, aggregation: Aggregations
) -> BaseResourceVariable:
    """A ResourceVariable."""
    array, dtype, shape = initial(kwargs)
    trainable = kwargs.get("trainable")
    home = _component.home
    strategy = current_in_table()
    single = home is not None or not contexts.has_strategy()
    in_table = asked(
        NO_STRATEGY if home is not None else strategy,
        synchronization,
        aggregation,
        dtype,
        trainable,
        in_scope=not single,
    )
    assert isinstance(in_table, semantics.Variable)
    properties = Properties(
        name=full_name(kwargs.get("name") or "Variable"),
        dtype=dtype,
        shape=shape,
        trainable=in_table.trainable if trainable is None else trainable,
        synchronization=synchronization,
        aggregation=aggregation,
        constraint=kwargs.get("constraint"),
        caching_device=kwargs.get("caching_device"),
    )
    loaded = kwargs.get("of_saved_model", False)
    if home is not None:
        copy_class = UninitializedVariable if loaded else ResourceVariable
        return copy_class(properties, array, in_table, _component.strategy, home, _component.device)
    own = contexts.get_strategy() if contexts.has_strategy() else None
    unlifted = in_table.cls is semantics.VariableClass.UNLIFTED
    cls: type[BaseResourceVariable] = ResourceVariable
    if unlifted:
        cls = UnliftedInitializerVariable
    elif loaded:
        cls = UninitializedVariable
        in_table = replace(in_table, cls=semantics.VariableClass.LOADED)
    variable = cls(properties, array, in_table, own)
    announce(variable, kwargs)
    return variable


def announce(variable: Any, kwargs: dict[str, Any]) -> None:
    """A variable is made: `tf.function` may forbid it, and whoever listens is told."""
    state.begun = True
    if state.graph is not None:
        graphs.created(variable)
    if recorder.current.send is not None:
        in_table = variable._in_table
        strategy = variable._distribute_strategy
        maker = origins.of_variable()
        here = events.here()
        context = context_of(variable)
        if context is Context.REPLICA and not maker.origin.in_replica:
            context = Context.CROSS_REPLICA
        events.tell(
            events.Created(
                variable._variable_number,
                variable._shared_name,
                type(variable).__name__,
                variable.synchronization.name,
                variable.aggregation.name,
                variable.dtype.name,
                tuple(variable.shape.as_list()) if variable.shape.rank is not None else (None,),
                bool(variable.trainable),
                in_table.copies,
                type(strategy).__name__ if strategy is not None else "",
                context.value,
                maker.origin.step,
                ledger.value_of(variable._local_array()),
                maker.origin.site,
                maker.path,
                here if here != maker.origin.site else NOWHERE,
            )
        )
        ledger.keep(variable._variable_number, "initial", variable._local_array(), own=False)
        has_name = kwargs.get("name") or strategy is not None  # a strategy names what has no name
        name = variable._shared_name if has_name else ""
        holders.made(variable._variable_number, maker.path, name)


def received(sent: dict[str, Any]) -> Properties:
    """The properties that another process sent."""
    return Properties(**sent)
