"""VS105: a synchronization or an aggregation that does not arrive where it was meant to."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from varsync_runtime.semantics import (
    Api,
    Parameter,
    Raises,
    Strategy,
    StrategyKind,
    Taken,
    check_argument,
)
from varsync_runtime.semantics import Argument as Kind

from varsync_rules.changes import Fix
from varsync_rules.findings import Finding, Severity, Span
from varsync_rules.predict import generation, strategies, words
from varsync_rules.program import Creation, Program, place, where
from varsync_rules.repairs import give_mode
from varsync_rules.values import Argument, Atom, Const, Symbol, Value, Variable, constants

_SYNCHRONIZATION = "tf.VariableSynchronization"
_AGGREGATION = "tf.VariableAggregation"
_STRINGS = {
    Parameter.SYNCHRONIZATION: frozenset({"none", "on_read", "on_write", "auto"}),
    Parameter.AGGREGATION: frozenset({"none", "mean", "sum", "only_first_replica"}),
}
_PLACES = ((1, Parameter.SECOND), (2, Parameter.THIRD), (3, Parameter.FOURTH))
_ORDINAL = {
    Parameter.SECOND: "second",
    Parameter.THIRD: "third",
    Parameter.FOURTH: "fourth",
}
# Parameters of tf.Variable, of its version 1, and of Keras's; no misspelling is one of these
_KNOWN = frozenset(
    {
        *("initial_value", "trainable", "validate_shape", "caching_device", "name", "dtype"),
        *("variable_def", "import_scope", "constraint", "synchronization", "aggregation", "shape"),
        *("collections", "expected_shape", "use_resource", "initializer", "regularizer"),
        *("partitioner", "custom_getter", "autocast", "layout", "overwrite_with_gradient"),
        *("experimental_enable_variable_lifting", "experimental_autocast", "getter"),
    }
)
_LEGACY = "TF_USE_LEGACY_KERAS"


@dataclass(frozen=True, slots=True)
class _Given:
    """A mode as it is given: for which parameter, by what name, and the argument."""

    parameter: Parameter
    spelled: str
    argument: Argument


def check(program: Program) -> Iterator[Finding]:
    """Modes of creations that are refused or dropped, and modes assigned later."""
    legacy = _is_written_for_keras_2(program)
    for creation in program.creations:
        if creation.context.rewritten:
            continue
        api = _api(creation.variable, legacy)
        if api is None:
            continue
        for given in _modes_given(creation.variable, api):
            finding = _judge(creation, api, given)
            if finding is not None:
                yield finding
    for write in program.writes:
        if write.key in ("synchronization", "aggregation") and write.target.startswith(
            ("tf.Variable", "tf.get_variable", "keras.")
        ):
            outcome = check_argument(_NO_STRATEGY, Parameter.SETTER, Kind.MEMBER)
            if isinstance(outcome, Raises):
                yield _finding(
                    Severity.ERROR,
                    place(write),
                    f"`{write.key}` of a variable is fixed when it is created; assigning it raises",
                    words(outcome),
                    f"give {write.key}= where the variable is created",
                )


_NO_STRATEGY = Strategy(StrategyKind.DEFAULT)


def _is_written_for_keras_2(program: Program) -> bool:
    """Whether tf.keras is Keras 2: the program asks for it, or makes weights as Keras 3 cannot."""
    if any(write.key == _LEGACY for write in program.writes):
        return True
    if any(
        _LEGACY in constants(call.arguments.value(0))
        for call in program.calls_to("os.environ.setdefault", "os.putenv")
    ):
        return True
    return any(_is_of_keras_2(creation.variable) for creation in program.creations)


def _is_of_keras_2(variable: Variable) -> bool:
    """Whether tf.keras's `add_weight` is given a name first, or an optimizer makes slots."""
    if not variable.api.endswith((".add_weight", ".add_variable")):
        return False
    if _spelled(variable).startswith("keras."):
        return False
    if variable.api == "keras.Optimizer.add_variable":
        return bool({"add_slot", "add_weight"} & set(_method(variable)))
    first = variable.arguments.positional[0].value if variable.arguments.positional else ()
    return bool(first) and all(
        isinstance(atom, Const) and isinstance(atom.value, str) for atom in first
    )


def _spelled(variable: Variable) -> str:
    return " ".join(map(str, constants(variable.attributes.get("spelled", ()))))


def _method(variable: Variable) -> tuple[object, ...]:
    return constants(variable.attributes.get("method", ()))


def _api(variable: Variable, legacy: bool) -> Api | None:
    """Which signature and checks a creation has; None where that isn't known or they have none."""
    if variable.api == "tf.Variable":
        return Api.TF_VARIABLE
    if variable.api == "tf.get_variable":
        return Api.V1_GET_VARIABLE
    if variable.api == "keras.Variable":
        return Api.KERAS_VARIABLE
    if not variable.api.endswith(("add_weight", "add_variable")):
        return None
    is_standalone = _spelled(variable).startswith("keras.")
    made_by = generation(variable)
    says = variable.module.target.keras_generation
    if made_by == 2 or (legacy and says is None and not is_standalone):
        return Api.TF_VARIABLE
    if variable.api == "keras.Optimizer.add_variable":
        return Api.LAYER_ADD_WEIGHT if is_standalone else None
    if variable.api == "keras.Metric.add_weight":
        by_variable = "add_variable" in _method(variable)
        return Api.METRIC_ADD_VARIABLE if by_variable else Api.METRIC_ADD_WEIGHT
    return Api.LAYER_ADD_WEIGHT


def _modes_given(variable: Variable, api: Api) -> Iterator[_Given]:
    """The arguments that are modes, by the parameter's name, their kind or a misspelt name."""
    arguments = variable.arguments
    # get_variable and Keras 2 name an argument that they don't know themselves
    checks_names = api is Api.V1_GET_VARIABLE or (
        variable.api.startswith("keras.") and api is Api.TF_VARIABLE
    )
    for name, argument in arguments.keywords:
        if name == "synchronization":
            yield _Given(Parameter.SYNCHRONIZATION, name, argument)
        elif name == "aggregation":
            yield _Given(Parameter.AGGREGATION, name, argument)
        elif (
            not checks_names
            and name not in _KNOWN
            and (_is_mode(argument.value) or _looks_like_a_mode(name))
        ):
            yield _Given(Parameter.UNKNOWN_KEYWORD, name, argument)
    if variable.api != "tf.Variable" or arguments.open:
        return
    for position, parameter in _PLACES:
        if position < len(arguments.positional) and _is_mode(arguments.positional[position].value):
            yield _Given(parameter, "", arguments.positional[position])
    for position, parameter in ((9, Parameter.SYNCHRONIZATION), (10, Parameter.AGGREGATION)):
        if position < len(arguments.positional):
            yield _Given(parameter, "", arguments.positional[position])


def _is_mode(value: Value) -> bool:
    """Whether a value is a member of one of the two enums for certain."""
    return bool(value) and all(
        isinstance(atom, Symbol)
        and atom.name.startswith((f"{_SYNCHRONIZATION}.", f"{_AGGREGATION}."))
        for atom in value
    )


def _looks_like_a_mode(name: str) -> bool:
    return bool(difflib.get_close_matches(name, ("synchronization", "aggregation"), 1, 0.8))


def _kind(atom: Atom, parameter: Parameter) -> Kind | None:
    """What is given for a parameter, as the table tells it apart; None where it isn't known."""
    if isinstance(atom, Symbol):
        own, other = _SYNCHRONIZATION, _AGGREGATION
        if parameter is Parameter.AGGREGATION:
            own, other = other, own
        if atom.name.startswith(f"{own}."):
            return Kind.MEMBER
        if atom.name.startswith(f"{other}."):
            return Kind.OTHER_MEMBER
        if atom.name in (own, other):
            return Kind.CLASS
        return Kind.REDUCE_OP if atom.name.startswith("tf.distribute.ReduceOp.") else None
    if not isinstance(atom, Const) or isinstance(atom.value, bool):
        return None
    if atom.value is None:
        return Kind.NONE
    if isinstance(atom.value, int):
        return Kind.NUMBER if 0 <= atom.value <= 3 else Kind.OTHER_NUMBER
    if isinstance(atom.value, str):
        is_known = atom.value in _STRINGS.get(parameter, frozenset())
        return Kind.KERAS_STRING if is_known else Kind.STRING
    return None


def _outcomes(creation: Creation, api: Api, given: _Given) -> list[Taken | Raises]:
    """What becomes of an argument, for all that it may be; empty where something isn't known."""
    kinds = [_kind(atom, given.parameter) for atom in given.argument.value]
    if given.parameter in _ORDINAL or given.parameter is Parameter.UNKNOWN_KEYWORD:
        kinds = [Kind.MEMBER]
    context = creation.context
    in_force = strategies(context) if context.strategies else (_NO_STRATEGY,)
    if context.portable and given.parameter in _ORDINAL:
        in_force = (*strategies(context), _NO_STRATEGY)
    found: list[Taken | Raises] = []
    for kind in kinds:
        if kind is None and context.portable:
            # what callers that nobody sees may give, beside a parameter's default
            continue
        if kind is None:
            return []
        found.extend(check_argument(held, given.parameter, kind, api) for held in in_force)
    return found


def _judge(creation: Creation, api: Api, given: _Given) -> Finding | None:
    outcomes = _outcomes(creation, api, given)
    raised = [outcome for outcome in outcomes if isinstance(outcome, Raises)]
    bad = [outcome for outcome in outcomes if outcome is Taken.IGNORED or outcome in raised]
    if not outcomes or len(bad) != len(outcomes):
        return None
    is_error = len(raised) == len(outcomes)
    name = creation.variable.called
    finding = _finding(
        Severity.ERROR if is_error else Severity.WARNING,
        place(creation),
        _message(name, creation, api, given, is_error),
        words(raised[0])
        if is_error
        else "the variable is created with the defaults, AUTO and NONE",
        _remedy(api, given),
    )
    return replace(finding, fix=_fix(creation.variable, api, given) if is_error else None)


def _fix(variable: Variable, api: Api, given: _Given) -> Fix | None:
    """The member that a string names, or the string that a member is for Keras 3."""
    if given.parameter not in _STRINGS or given.parameter.value != given.spelled:
        return None
    if api in (Api.LAYER_ADD_WEIGHT, Api.METRIC_ADD_VARIABLE, Api.METRIC_ADD_WEIGHT) and (
        given.parameter is Parameter.SYNCHRONIZATION
    ):
        return None
    named = {
        str(getattr(atom, "value", "")) if isinstance(atom, Const) else _member(atom)
        for atom in given.argument.value
    }
    member = named.pop() if len(named) == 1 else ""
    if member.lower() not in _STRINGS[given.parameter]:
        return None
    change = give_mode(variable, given.spelled, member.upper())
    return None if change is None else Fix(f"give {given.spelled} {change.value}", change)


def _member(atom: Atom) -> str:
    return atom.name.rpartition(".")[2] if isinstance(atom, Symbol) else ""


def _message(name: str, creation: Creation, api: Api, given: _Given, is_error: bool) -> str:
    """What is wrong with the argument, in one line."""
    what = _shown(given.argument.value)
    end = "which raises" if is_error else "and is ignored"
    if creation.context.strategies and is_error:
        end += f" {where(creation.context)}"
    if given.parameter in _ORDINAL:
        place_of_it = f"the {_ORDINAL[given.parameter]} place, which is `{given.parameter.value}`,"
        return f"{name}: {what} stands in {place_of_it} " + (
            "and raises" if is_error else "and is ignored"
        )
    if given.parameter is Parameter.UNKNOWN_KEYWORD:
        return f"{name}: there is no argument `{given.spelled}`, " + (
            "which raises" if is_error else "and it is ignored"
        )
    return f"{name} is given {given.parameter.value} {what}, {end}"


def _shown(value: Iterable[Atom]) -> str:
    shown = [
        atom.name if isinstance(atom, Symbol) else repr(getattr(atom, "value", atom))
        for atom in value
    ]
    return " or ".join(shown)


def _remedy(api: Api, given: _Given) -> str:
    if api in (Api.TF_VARIABLE, Api.V1_GET_VARIABLE):
        return (
            "give members of the enums by keyword:"
            " synchronization=tf.VariableSynchronization.ON_READ,"
            " aggregation=tf.VariableAggregation.SUM"
        )
    if given.parameter is Parameter.SYNCHRONIZATION and api is not Api.KERAS_VARIABLE:
        return 'make it with keras.Variable(..., synchronization="on_read", aggregation="sum")'
    return 'Keras 3 takes strings: aggregation="sum", "mean", "only_first_replica"'


def _finding(severity: Severity, at: Span, message: str, explanation: str, remedy: str) -> Finding:
    return Finding(
        code="VS105",
        name="wrong-mode-value",
        severity=severity,
        message=message,
        span=at,
        explanation=explanation,
        remedy=remedy,
    )
