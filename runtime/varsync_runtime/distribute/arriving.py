"""Before replicas exchange values, each writes down what it is about to do.

The replicas of one worker have met by then, or run the same host code. Those of several workers have
not: TensorFlow's workers match collectives by nothing but their order. So they meet here first.
Values of different form raise on all workers, as in TensorFlow; different operations on values of
one form are taken for each other, as in TensorFlow, which says nothing of it.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import numpy as np

from varsync_runtime import events
from varsync_runtime.distribute import telling
from varsync_runtime.replicas import world as worlds
from varsync_runtime.replicas.intents import Intent, Posted
from varsync_runtime.replicas.orders import Order
from varsync_runtime.tensors.dtypes import FROM_NUMPY
from varsync_runtime.tensors.errors import InternalError, InvalidArgumentError, OpError

if TYPE_CHECKING:
    from varsync_runtime.distribute.crew import Crew

FIRST_INSTANCE = 100  # the number that TensorFlow gives to a group's first collective


class Exchange(enum.IntEnum):
    """What happens to the values: TensorFlow's CollectiveType."""

    REDUCE = 0
    BROADCAST = 1
    GATHER = 2


_met = 0  # collectives of several workers up to now


def arrive(
    crew: Crew,
    exchange: Exchange,
    operation: str,
    variable: str,
    array: np.ndarray,
    order: Order = Order.RANKS,
) -> Order:
    """A replica is about to exchange `array`; in which order the values are to be added.

    `operation` and `variable` say for what, as a person would ("assign_add", "read"). Raises what
    TensorFlow raises where workers meet with values that do not fit together.
    """
    crew.require_others(f"{operation} of all replicas' values")
    if crew.replicas == 1 or crew.index is None:
        return order
    intent = Intent(
        "collective",
        operation,
        variable.removesuffix(":0"),
        array.dtype.name,
        tuple(array.shape),
        str(events.here()),
        (exchange.value, order.value),
    )
    if crew.workers == 1:
        worlds.current().note(intent)
        return order
    posts = crew.announce(intent)
    _judge(posts)
    return Order(posts[0].intent.extra[1])


def _judge(posts: list[Posted]) -> None:
    """What TensorFlow makes of what the workers' replicas are about to do."""
    global _met
    instance = FIRST_INSTANCE + _met
    _met += 1
    intents = [post.intent for post in posts]
    first = intents[0]
    if all(_named(other) == _named(first) and _form(other) == _form(first) for other in intents):
        return
    error = next(filter(None, (_misfit(first, other, instance) for other in intents)), None)
    if worlds.current().rank == 0:
        raised = "" if error is None else f"{type(error).__name__}: {error.message}"
        telling.mixed([(intent.what, intent.site) for intent in intents], len(posts), raised)
    if error is not None:
        raise error


def _named(intent: Intent) -> tuple[str, str]:
    return intent.operation, intent.variable


def _form(intent: Intent) -> tuple[object, ...]:
    exchange = intent.extra[0]
    # tensors that are gathered may differ in length
    shape = () if exchange == Exchange.GATHER else intent.shape
    return exchange, intent.dtype, shape


def _misfit(first: Intent, other: Intent, instance: int) -> OpError | None:
    """The error of a worker that brings something else than the first."""
    if _form(first) == _form(other):
        return None
    aborted = "Collective ops is aborted by: "
    hint = "\nThe error could be from a previous operation. Restart your program to reset."
    if (first.extra[0], first.dtype) != (other.extra[0], other.dtype):
        return InternalError(
            None,
            None,
            f"{aborted}Collective instance {instance} expected type {first.extra[0]} and data_type "
            f"{_number(first)} but got type {other.extra[0]} and data_type {_number(other)}{hint}",
        )
    return InvalidArgumentError(
        None,
        None,
        f"{aborted}Shape mismatch in the collective instance {instance}. Op at device "
        f"/job:worker/replica:0/task:0/device:CPU:0 expected shape {_shape(first)} but another "
        f"member in the group expected shape {_shape(other)}. This is likely due to different "
        f"input shapes at different members of the collective op.{hint}",
    )


def _number(intent: Intent) -> int:
    try:
        return FROM_NUMPY[np.dtype(intent.dtype)].as_datatype_enum
    except (KeyError, TypeError):
        return 0


def _shape(intent: Intent) -> str:
    return f"[{','.join(map(str, intent.shape))}]"
