"""VS401: the replicas update what was made outside their strategy's scope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from varsync_runtime import semantics
from varsync_runtime.semantics import (
    Aggregation,
    Operation,
    Raises,
    Rule,
    StrategyKind,
    Synchronization,
    Updated,
)
from varsync_runtime.semantics import Context as TableContext

from varsync_rules.context import Because, Context
from varsync_rules.entering import make_in_scope
from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.predict import (
    dtype_kind,
    has,
    is_outside,
    modes,
    strategies,
    table_context,
    value_kind,
)
from varsync_rules.program import Program, Update, created_here, place, span, where
from varsync_rules.repairs import suggested
from varsync_rules.scopes import has_slots, is_built, training_steps
from varsync_rules.values import Extended, Heap, LibraryObject, Variable, Varies

_OPTIMIZER_RAISES = (
    "AssertionError, or RuntimeError: Mixing different tf.distribute.Strategy objects: the"
    " optimizer updates variables of its strategy alone"
)
# Their extended.update asserts that it is given a distributed variable
_ASSERTING = frozenset({StrategyKind.MIRRORED, StrategyKind.MULTI_WORKER_MIRRORED})
_REPLACED = frozenset({Aggregation.MEAN, Aggregation.ONLY_FIRST_REPLICA})


def check(program: Program) -> Iterator[Finding]:
    """Variables outside that replicas update, and models with their optimizers."""
    yield from _variables(program)
    yield from _extended(program)
    yield from _trained(program)


def _variables(program: Program) -> Iterator[Finding]:
    for update in program.updates:
        context, variable = update.context, update.variable
        if not context.in_replica or not context.in_run or not context.strategies:
            continue
        if variable.api == "keras.Metric.add_weight" or not _in_turn(update):
            continue
        if not all(is_outside(variable, strategy) for strategy in context.strategies):
            continue
        if context.because(Because.REPLICA, Because.CHIEF):
            continue
        verdict = _verdict(update)
        if verdict is not None:
            finding = _of_variable(update, *verdict)
            if _is_right_inside(program, variable, context):
                fix = make_in_scope(program, variable, context.strategies)
                finding = replace(finding, fix=fix)
            yield finding


def _is_right_inside(program: Program, variable: Variable, context: Context) -> bool:
    """Whether nothing would be wrong with a variable that is made in the scope, as it is used now.

    What lacks an aggregation may be wrong, where it shows which one that has to be.
    """
    created = [
        semantics.create(strategy, synchronization, aggregation, dtype_kind(variable))
        for strategy in strategies(context)
        for synchronization, aggregation in modes(variable)
    ]
    updates = [one for one in program.updates if one.variable.node is variable.node]
    lacks = has(variable, aggregation=[Aggregation.NONE])
    if lacks and has(variable, synchronization=[Synchronization.ON_READ]):
        return False
    if lacks and not all(_is_same(update) for update in updates):
        return suggested(program, variable) is not None
    return bool(created) and all(
        not isinstance(made, Raises) and _is_right(made, update)
        for made in created
        for update in updates
    )


def _is_right(made: semantics.Variable, update: Update) -> bool:
    try:
        operation = Operation(update.op)
    except ValueError:
        return False
    at = table_context(update.context)
    outcome = semantics.update(made, operation, at, value_kind(update))
    if not isinstance(outcome, Updated):
        return False
    summed = has(update.variable, aggregation=[Aggregation.SUM]) and update.context.in_replica
    return not summed or (operation is not Operation.ASSIGN and not _is_same(update))


def _is_same(update: Update) -> bool:
    return update.data.varies is Varies.SAME or update.data.reduced


def _in_turn(update: Update) -> bool:
    """Whether each replica's update reaches a plain variable, one after the other."""
    try:
        operation = Operation(update.op)
    except ValueError:
        return False
    variable = update.variable
    outcomes: list[object] = []
    for strategy in strategies(update.context):
        if strategy.replicas == 1:
            return False
        for synchronization, aggregation in modes(variable):
            made = semantics.create(
                strategy, synchronization, aggregation, dtype_kind(variable), in_scope=False
            )
            if isinstance(made, Raises):
                return False
            outcomes.append(semantics.update(made, operation, TableContext.REPLICA))
    return bool(outcomes) and all(
        isinstance(outcome, Updated) and outcome.rule is Rule.IN_TURN for outcome in outcomes
    )


def _verdict(update: Update) -> tuple[Severity, str] | None:
    """How bad an update is, and what comes of it; None where nothing is known to be wrong."""
    variable, data = update.variable, update.data
    if update.op == "assign":
        if variable in data.reads:
            return Severity.WARNING, "every replica's step is applied to it, one after the other"
        if data.varies is Varies.DIFFERS and not data.reduced:
            return Severity.WARNING, "the last replica's value is left"
        return None
    if has(variable, aggregation=_REPLACED):
        return Severity.WARNING, "its aggregation is ignored, and every replica's value is added"
    if data.varies is Varies.SAME or data.reduced:
        return Severity.WARNING, "the same value is added once for each replica"
    return Severity.NOTE, "each replica adds its part, but across workers nothing is added up"


def _of_variable(update: Update, severity: Severity, consequence: str) -> Finding:
    variable = update.variable
    return Finding(
        code="VS401",
        name="created-outside-scope",
        severity=severity,
        message=(
            f"{variable.called} is created outside the scope and updated"
            f" {where(update.context)} as one plain variable: {consequence}"
        ),
        span=span(variable.module, variable.node),
        related=(Related(place(update), "the replicas update it here"),),
        explanation=(
            "outside a scope tf.Variable is one ordinary variable; its synchronization and"
            " aggregation have no effect"
        ),
        remedy="create it in `with strategy.scope():`",
    )


def _extended(program: Program) -> Iterator[Finding]:
    """`strategy.extended.update(v, …)` of a plain variable."""
    for call in program.calls_to("tf.distribute.StrategyExtended.update"):
        given = call.arguments.value(0, "var")
        held = call.receiver
        if not isinstance(held, Extended) or held.strategy.kind not in _ASSERTING or not given:
            continue
        outside = [
            atom for atom in given if isinstance(atom, Variable) and is_outside(atom, held.strategy)
        ]
        if len(outside) < len(given) or any(v.context.rewritten for v in outside):
            continue
        variable = outside[0]
        yield Finding(
            code="VS401",
            name="created-outside-scope",
            severity=Severity.ERROR,
            message=f"{variable.called} is created outside the scope, and extended.update of it raises",
            span=place(call),
            related=(created_here(variable),),
            explanation="AssertionError, without words: extended.update takes distributed variables",
            remedy="create it in `with strategy.scope():`",
            fix=make_in_scope(program, variable, (held.strategy,)),
        )


def _trained(program: Program) -> Iterator[Finding]:
    """Optimizers and weights that are all outside."""
    for step in training_steps(program):
        things: tuple[Heap, ...] = (step.optimizer, *step.weights)
        if not step.weights or not all(
            is_outside(thing, strategy) for thing in things for strategy in step.strategies
        ):
            continue
        if not all(is_built(program, weight) for weight in step.weights):
            continue
        # made in the scope, a model would train with an SGD outside, which counts too many steps
        slots = has_slots((step.optimizer,))
        for thing in things:
            fix = None
            if slots or thing is step.optimizer:
                fix = make_in_scope(program, thing, step.strategies)
            yield Finding(
                code="VS401",
                name="created-outside-scope",
                severity=Severity.ERROR,
                message=(
                    f"{_what(thing)} is created outside the scope, and training it raises"
                    f" {where(step.call.context)}"
                ),
                span=span(thing.module, thing.node),
                related=(Related(place(step.call), "the replicas apply gradients here"),),
                explanation=_OPTIMIZER_RAISES,
                remedy="create the model and its optimizer in `with strategy.scope():`",
                fix=fix,
            )


def _what(thing: Heap) -> str:
    if isinstance(thing, Variable):
        return thing.called
    if isinstance(thing, LibraryObject) and ".optimizers." in thing.symbol.name:
        return "this optimizer"
    return "this model"
