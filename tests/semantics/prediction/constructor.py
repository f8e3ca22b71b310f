"""What the table says of the cases of `ctor`: expressions that make a variable in the scope."""

from __future__ import annotations

import ast
from typing import NamedTuple

from varsync_runtime.semantics import (
    Aggregation,
    Api,
    Argument,
    DTypeKind,
    Parameter,
    Raises,
    Strategy,
    Synchronization,
    Taken,
    check_argument,
    create,
)

from tests.conformance.recorder.cases import ProgramCase
from tests.semantics.prediction.world import ANYTHING, STRATEGIES, Json

POSITIONS = {
    1: Parameter.SECOND,
    2: Parameter.THIRD,
    3: Parameter.FOURTH,
    9: Parameter.SYNCHRONIZATION,
    10: Parameter.AGGREGATION,
}
KEYWORDS = {
    "synchronization": Parameter.SYNCHRONIZATION,
    "aggregation": Parameter.AGGREGATION,
    "trainable": Parameter.SECOND,
}
# Parameters that say nothing about distribution
PLAIN_KEYWORDS = ("dtype", "initializer", "use_resource")
KINDS = {
    "int": DTypeKind.INTEGER,
    "uint": DTypeKind.INTEGER,
    "float": DTypeKind.FLOATING,
    "bfloat": DTypeKind.FLOATING,
    "complex": DTypeKind.COMPLEX,
    "bool": DTypeKind.BOOL,
    "string": DTypeKind.STRING,
}
# The initial value 1 comes first, before anything that the table knows
NO_BOOL = Raises("TypeError", "Cannot convert 1 to EagerTensor of dtype bool")
SENDABLE = ("bool", "float16", "float32", "float64", "int32", "int64")
SYNCHRONIZATION = "VariableSynchronization"
AGGREGATION = "VariableAggregation"


class Given(NamedTuple):
    """An argument of a constructor: the table's word for it, and the member that it names."""

    parameter: Parameter
    argument: Argument
    member: Synchronization | Aggregation | None
    node: ast.expr


def predicted_constructor(case: ProgramCase) -> Json:
    """What the expression makes, raises or is."""
    strategy = STRATEGIES[case.strategy]
    expression = ast.parse(case.name, mode="eval").body
    if isinstance(expression, ast.Compare):
        return {"value": compared(expression)}
    assert isinstance(expression, ast.Call)
    if ast.unparse(expression.func) == "setattr":
        return check_argument(strategy, Parameter.SETTER, Argument.MEMBER)
    return constructed(strategy, expression)


def compared(node: ast.Compare) -> bool:
    """Whether two spellings are equal, or one: v1 has an enum of its own for aggregation."""
    left, right = node.left, node.comparators[0]
    same = member_of(left) is member_of(right)
    if isinstance(node.ops[0], ast.Eq):
        return same
    own = AGGREGATION in ast.unparse(left) and (
        ("v1" in ast.unparse(left)) != ("v1" in ast.unparse(right))
    )
    return same and not own


def constructed(strategy: Strategy, call: ast.Call) -> Json:
    """The variable, or the exception."""
    function = ast.unparse(call.func)
    api = Api.V1_GET_VARIABLE if function.endswith("get_variable") else Api.TF_VARIABLE
    arguments = given(call, api)
    synchronization, aggregation = Synchronization.AUTO, Aggregation.NONE
    trainable: Json = None
    for one in arguments:
        taken = check_argument(strategy, one.parameter, one.argument, api)
        if isinstance(taken, Raises):
            return taken
        if one.parameter is Parameter.SECOND:
            trainable = trainable_as_written(one)
        elif taken is Taken.MEMBER and isinstance(one.member, Synchronization):
            synchronization = one.member
        elif taken is Taken.MEMBER and isinstance(one.member, Aggregation):
            aggregation = one.member
    dtype = dtype_of(call)
    if dtype == "bool":
        return NO_BOOL
    made = create(
        strategy,
        synchronization,
        aggregation,
        KINDS[dtype.rstrip("0123456789")],
        trainable=trainable if isinstance(trainable, bool) else None,
        sendable=dtype in SENDABLE,
    )
    if isinstance(made, Raises):
        return made
    return {
        "class": made.cls.value,
        "synchronization": made.synchronization.name,
        "aggregation": made.aggregation.name,
        "trainable": made.trainable if trainable is None else trainable,
        "dtype": dtype,
        "components": [initial(call, dtype)] * made.copies,
    }


def trainable_as_written(one: Given) -> Json:
    """Any object is kept as `trainable`."""
    if isinstance(one.node, ast.Constant):
        return one.node.value
    return {"a": f"{AGGREGATION}V2" if AGGREGATION in ast.unparse(one.node) else SYNCHRONIZATION}


def dtype_of(call: ast.Call) -> str:
    for keyword in call.keywords:
        if keyword.arg == "dtype":
            return str(ast.literal_eval(keyword.value))
    return "float32"


def initial(call: ast.Call, dtype: str) -> Json:
    if ast.unparse(call.func).endswith("get_variable"):
        return ANYTHING  # its default initializer is random
    if dtype.startswith("complex"):
        return {"a": "complex"}
    return ast.literal_eval(call.args[0])


def given(call: ast.Call, api: Api) -> list[Given]:
    """The arguments that the table knows, in the order in which TensorFlow looks at them."""
    found = []
    if api is Api.TF_VARIABLE:
        for at, node in enumerate(call.args):
            if at in POSITIONS:
                found.append(named(POSITIONS[at], node))
    for keyword in call.keywords:
        if keyword.arg not in PLAIN_KEYWORDS:
            parameter = KEYWORDS.get(keyword.arg or "", Parameter.UNKNOWN_KEYWORD)
            found.append(named(parameter, keyword.value))
    return found


def named(parameter: Parameter, node: ast.expr) -> Given:
    """The table's word for what is written."""
    member = member_of(node)
    wanted = Synchronization if parameter is Parameter.SYNCHRONIZATION else Aggregation
    text = ast.unparse(node)
    if member is not None:
        argument = Argument.MEMBER if isinstance(member, wanted) else Argument.OTHER_MEMBER
    elif text.startswith("tf.distribute.ReduceOp"):
        argument = Argument.REDUCE_OP
    elif text.startswith("tf."):
        argument = Argument.CLASS
    else:
        argument, member = of_constant(ast.literal_eval(node), wanted)
    return Given(parameter, argument, member, node)


def of_constant(
    value: object, wanted: type[Synchronization] | type[Aggregation]
) -> tuple[Argument, Synchronization | Aggregation | None]:
    """A string, a number or None."""
    if value is None:
        return Argument.NONE, None
    if isinstance(value, str):
        members = {"none", "sum", "mean", "only_first_replica", "auto", "on_read", "on_write"}
        return (Argument.KERAS_STRING if value in members else Argument.STRING), None
    if isinstance(value, (int, float)) and value in {member.value for member in wanted}:
        return Argument.NUMBER, wanted(value)
    return Argument.OTHER_NUMBER, None


def member_of(node: ast.expr) -> Synchronization | Aggregation | None:
    """The member that a dotted name names, in TensorFlow 1 or 2."""
    parts = ast.unparse(node).split(".")
    name = "ONLY_FIRST_REPLICA" if parts[-1] == "ONLY_FIRST_TOWER" else parts[-1]
    if SYNCHRONIZATION in parts[:-1]:
        return Synchronization[name]
    if AGGREGATION in parts[:-1]:
        return Aggregation[name]
    return None
