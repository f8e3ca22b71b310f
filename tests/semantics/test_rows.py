"""Every row of every table is the answer to some question: none is hidden by the rows above it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from varsync_runtime.semantics import (
    Access,
    Aggregation,
    Api,
    Argument,
    Call,
    Context,
    ControlFlow,
    DTypeKind,
    Execution,
    KerasState,
    LossReduction,
    Making,
    Operation,
    Parameter,
    PerWorkerUse,
    ReadForm,
    Row,
    Signature,
    Synchronization,
    Use,
    ValueKind,
    Variable,
    find_argument,
    find_average,
    find_call,
    find_creation,
    find_export,
    find_fit,
    find_gradient,
    find_loss,
    find_making,
    find_mixture,
    find_optimizer,
    find_per_worker,
    find_read,
    find_restore,
    find_save,
    find_state,
    find_update,
)
from varsync_runtime.semantics.arguments import ARGUMENTS
from varsync_runtime.semantics.calls import CALLS
from varsync_runtime.semantics.checkpoints import EXPORTS, RESTORES, SAVES
from varsync_runtime.semantics.creation import CREATION
from varsync_runtime.semantics.keras import FITS, LOSSES, STATES
from varsync_runtime.semantics.lifetime import MAKINGS, MIXTURES, PER_WORKER
from varsync_runtime.semantics.reads import READS
from varsync_runtime.semantics.rows import Source, Table, row
from varsync_runtime.semantics.training import AVERAGES, GRADIENTS, OPTIMIZERS
from varsync_runtime.semantics.updates import UPDATES

from tests.semantics.questions import ALL_VARIABLES, STRATEGIES

PLACES = (Context.REPLICA, Context.CROSS_REPLICA, Context.OUTSIDE_SCOPE)

Found = Iterable[Row[Any]]


def creations() -> Found:
    for question in itertools.product(STRATEGIES, Synchronization, Aggregation, DTypeKind):
        for in_scope, in_function in itertools.product((True, False), repeat=2):
            yield find_creation(*question, in_scope=in_scope, in_function=in_function)
        yield find_creation(*question, sendable=False)


def updates() -> Found:
    # integers differ from floats only where a mean is taken
    variables = [
        variable
        for variable in ALL_VARIABLES
        if variable.dtype is DTypeKind.FLOATING or variable.aggregation is Aggregation.MEAN
    ]
    for variable, operation, context, value in itertools.product(
        variables, Operation, Context, ValueKind
    ):
        for execution in Execution if value is ValueKind.LIST else (Execution.EAGER,):
            yield find_update(variable, operation, context, value, execution=execution)
    for variable, context, flow, execution in itertools.product(
        ALL_VARIABLES, Context, ControlFlow, Execution
    ):
        yield find_update(variable, Operation.ASSIGN, context, ValueKind.TENSOR, flow, execution)


def arguments() -> Found:
    for question in itertools.product(STRATEGIES, Parameter, Argument, Api):
        yield find_argument(*question)


def calls() -> Found:
    for question in itertools.product(STRATEGIES, Call, ControlFlow, Execution):
        for missing in (True, False):
            yield find_call(*question, missing=missing)


def asked(find: Callable[..., Row[Any]], *axes: Iterable[Any]) -> Callable[[], Found]:
    """Every question of a table that is the product of its axes."""
    return lambda: itertools.starmap(find, itertools.product(*axes))


def trainable_or_not() -> Iterator[Variable]:
    for variable in ALL_VARIABLES:
        yield from (replace(variable, trainable=True), replace(variable, trainable=False))


TABLES: dict[str, tuple[Table[Any], Callable[[], Found]]] = {
    "creation": (CREATION, creations),
    "updates": (UPDATES, updates),
    "reads": (READS, asked(find_read, ALL_VARIABLES, Context, ReadForm, Execution)),
    "arguments": (ARGUMENTS, arguments),
    "calls": (CALLS, calls),
    "saves": (SAVES, asked(find_save, ALL_VARIABLES)),
    "restores": (RESTORES, asked(find_restore, ALL_VARIABLES)),
    "exports": (EXPORTS, asked(find_export, ALL_VARIABLES, Access, Signature)),
    "makings": (MAKINGS, asked(find_making, STRATEGIES, Making, Execution)),
    "mixtures": (MIXTURES, asked(find_mixture, ALL_VARIABLES, STRATEGIES, Use)),
    "per worker": (PER_WORKER, asked(find_per_worker, PerWorkerUse)),
    "gradients": (GRADIENTS, asked(find_gradient, list(trainable_or_not()), Context)),
    "optimizers": (OPTIMIZERS, asked(find_optimizer, ALL_VARIABLES, PLACES)),
    "averages": (AVERAGES, asked(find_average, ALL_VARIABLES, PLACES)),
    "keras states": (STATES, asked(find_state, KerasState)),
    "keras losses": (LOSSES, asked(find_loss, STRATEGIES, PLACES, LossReduction)),
    "keras fit": (FITS, asked(find_fit, STRATEGIES)),
}


# hundreds of thousands of questions
LARGE = "updates"


def _tables() -> Iterator[object]:
    for name, found in TABLES.items():
        yield pytest.param(*found, id=name, marks=pytest.mark.slow if name == LARGE else ())


@pytest.mark.parametrize(("table", "answers"), list(_tables()))
def test_every_row_answers_something(table: Table[Any], answers: Callable[[], Found]) -> None:
    # a TPU's answers are copies of the rows, marked as read
    hidden = {(id(one.when), one.note): one for one in table.rows}
    for found in answers():
        hidden.pop((id(found.when), found.note), None)
        if not hidden:
            return
    assert not hidden, [(one.outcome, one.when) for one in hidden.values()]


def test_a_row_with_an_unknown_dimension_is_refused() -> None:
    with pytest.raises(ValueError, match="no such dimension: colour"):
        Table(("shape",), row("answer", colour=("red",)))


def test_the_first_row_that_holds_answers() -> None:
    table = Table(("n",), row("one", n=(1,)), row("any", source=Source.READ))
    assert table.find(n=1).outcome == "one"
    assert table.find(n=2).outcome == "any"
    assert table.find(n=2).source is Source.READ


def test_a_question_without_an_answer_is_an_error() -> None:
    with pytest.raises(LookupError, match="no row for"):
        Table(("n",), row("one", n=(1,))).find(n=2)
