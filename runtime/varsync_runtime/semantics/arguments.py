"""The table of arguments: what each way to make a variable does with what it is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from varsync_runtime.semantics.classes import REPLICATING
from varsync_runtime.semantics.kinds import Api, Argument, Parameter, StrategyKind, Taken
from varsync_runtime.semantics.outcomes import Raises, Strategy
from varsync_runtime.semantics.rows import SEVERAL, Row, Table, row

KERAS = (
    Api.KERAS_VARIABLE,
    Api.LAYER_ADD_WEIGHT,
    Api.METRIC_ADD_WEIGHT,
    Api.METRIC_ADD_VARIABLE,
)
NUMBERS = (Argument.NUMBER, Argument.OTHER_NUMBER)
NO_KEYWORD = Raises("TypeError", "got an unexpected keyword argument")
INVALID = Raises("ValueError", "Invalid variable {parameter} mode: ")

ARGUMENTS: Table[Taken | Raises] = Table(
    ("api", "strategy", "replicas", "parameter", "argument"),
    # Keras 3: strings, and not every parameter
    row(
        NO_KEYWORD,
        api=(Api.LAYER_ADD_WEIGHT, Api.METRIC_ADD_WEIGHT, Api.METRIC_ADD_VARIABLE),
        parameter=(Parameter.SYNCHRONIZATION, Parameter.UNKNOWN_KEYWORD),
    ),
    row(NO_KEYWORD, api=Api.METRIC_ADD_WEIGHT, parameter=Parameter.AGGREGATION),
    row(Taken.MEMBER, api=KERAS, argument=Argument.KERAS_STRING),
    row(
        Taken.NO_SYNCHRONIZATION,
        api=KERAS,
        parameter=Parameter.SYNCHRONIZATION,
        argument=Argument.NONE,
        note="None is 'none' here, where tf.Variable takes it for AUTO",
    ),
    row(Taken.DEFAULT, api=KERAS, parameter=Parameter.AGGREGATION, argument=Argument.NONE),
    row(Taken.IGNORED, api=Api.KERAS_VARIABLE, parameter=Parameter.UNKNOWN_KEYWORD),
    row(Raises("ValueError", "Invalid value for argument `{parameter}`."), api=KERAS),
    # Attributes
    row(Raises("AttributeError", "has no setter"), parameter=Parameter.SETTER),
    # tf.compat.v1.get_variable is a function with parameters of its own
    row(NO_KEYWORD, api=Api.V1_GET_VARIABLE, parameter=Parameter.UNKNOWN_KEYWORD),
    # tf.Variable: what is not a parameter of its own
    row(
        Taken.IGNORED,
        parameter=(Parameter.UNKNOWN_KEYWORD, Parameter.SECOND, Parameter.THIRD),
        note="VariableMetaclass takes any keyword; trainable and validate_shape any object",
    ),
    row(Taken.IGNORED, parameter=Parameter.FOURTH, strategy=REPLICATING),
    row(Taken.DEFAULT, parameter=Parameter.FOURTH, argument=Argument.NONE),
    row(Raises("ValueError", "Expecting a string device name"), parameter=Parameter.FOURTH),
    # tf.Variable: synchronization and aggregation
    row(Taken.MEMBER, argument=Argument.MEMBER),
    row(Taken.DEFAULT, parameter=Parameter.AGGREGATION, argument=Argument.NONE),
    row(
        Raises("TypeError", "can only concatenate str"),
        api=Api.TF_VARIABLE,
        parameter=Parameter.AGGREGATION,
        strategy=StrategyKind.CENTRAL_STORAGE,
        replicas=SEVERAL,
        note="parameter_server_strategy builds its message with +",
    ),
    row(
        Taken.MEMBER,
        api=Api.V1_GET_VARIABLE,
        argument=Argument.NUMBER,
        note="variable_scope checks before the strategy does",
    ),
    row(INVALID, strategy=REPLICATING, note="distribute_utils._validate_synchronization"),
    row(Taken.DEFAULT, argument=Argument.NONE),
    row(Taken.MEMBER, argument=Argument.NUMBER, note="VariableSynchronization(3) is ON_READ"),
    row(INVALID, note="variables.validate_synchronization_aggregation_trainable"),
)


PLACES = ("initial_value", "trainable", "validate_shape", "caching_device")
"""The first parameters of tf.Variable, by place."""
KNOWN = frozenset(
    {
        *PLACES,
        *("name", "variable_def", "dtype", "import_scope", "constraint", "synchronization"),
        *("aggregation", "shape", "experimental_enable_variable_lifting"),
        *("collections", "expected_shape", "use_resource"),  # of version 1
    }
)
ENUMS = ("VariableSynchronization", "VariableAggregation", "VariableAggregationV2")


def swallowed(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a call of tf.Variable gives that changes nothing: the parameter, and the mode there.

    A mode where something else belongs, and, with an empty mode, a keyword that nothing knows.
    """
    given = {**dict(zip(PLACES, args, strict=False)), **kwargs}
    for parameter, value in given.items():
        is_mode = type(value).__name__ in ENUMS
        if parameter not in KNOWN:
            yield parameter, str(value.name) if is_mode else ""
        elif is_mode and parameter in PLACES[1:]:
            yield parameter, str(value.name)


def find_argument(
    strategy: Strategy, parameter: Parameter, argument: Argument, api: Api = Api.TF_VARIABLE
) -> Row[Taken | Raises]:
    """The row of the table of arguments that answers."""
    return ARGUMENTS.find(
        api=api,
        strategy=strategy.kind,
        replicas=strategy.replicas,
        parameter=parameter,
        argument=argument,
    )


@cache
def check_argument(
    strategy: Strategy, parameter: Parameter, argument: Argument, api: Api = Api.TF_VARIABLE
) -> Taken | Raises:
    """What a variable made in this strategy's scope does with an argument.

    Outside any scope the strategy is `Strategy(StrategyKind.DEFAULT)`.
    """
    outcome = find_argument(strategy, parameter, argument, api).outcome
    return outcome.worded(parameter=parameter.value) if isinstance(outcome, Raises) else outcome
