"""VS406: a variable whose copies differ is saved, and only the first replica's copy is kept."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime import semantics
from varsync_runtime.semantics import Aggregation, Raises, Rule, Synchronization

from varsync_rules.catalog.vs212_unreduced_gradients_assigned import gradients
from varsync_rules.catalog.vs215_raw_variable_op import is_raw, reaches_one_copy
from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.predict import created, differs, has, home, unaggregated
from varsync_rules.program import Call, Program, Update, place
from varsync_rules.values import Value, Variable, variables_within

_BY_RECEIVER = frozenset(
    {
        *("tf.train.Checkpoint.save", "tf.train.Checkpoint.write"),
        "tf.train.CheckpointManager.save",
        *("keras.Model.save", "keras.Model.save_weights", "keras.Model.export"),
    }
)
_BY_ARGUMENT = frozenset(
    {"tf.saved_model.save", "keras.models.save_model", "keras.saving.save_model"}
)
# A worker of several saves its own first copy
_FIRSTS = (Rule.FIRST, Rule.WORKER_FIRST)
# A manager holds a checkpoint, which holds a model, which holds layers, ...
_DEPTH = 8


def check(program: Program) -> Iterator[Finding]:
    """Calls that save variables which the replicas have written apart."""
    parted = diverged(program)
    if not parted:
        return
    for call in program.calls:
        if call.symbol in _BY_RECEIVER and call.receiver is not None:
            held: Value = (call.receiver,)
        elif call.symbol in _BY_ARGUMENT:
            held = call.arguments.value(0, "obj", "model")
        else:
            continue
        lost = {
            variable: parted[variable]
            for variable in variables_within(held, _DEPTH)
            if variable in parted and _keeps_first(variable, parted[variable])
        }
        if lost:
            yield _finding(call, lost)


def diverged(program: Program) -> dict[Variable, Update]:
    """The variables whose copies differ for certain, with the first update that parts them."""
    of_gradient = gradients(program)
    found: dict[Variable, Update] = {}
    for update in program.updates:
        if update.variable in found:
            continue
        if update.context.in_replica and not differs(update.data):
            own = of_gradient(update)
        elif is_raw(update):
            own = reaches_one_copy(update)
        else:
            own = _is_own(update)
        if own:
            found[update.variable] = update
    return found


def _is_own(update: Update) -> bool:
    """Whether each replica writes its own value into its own copy."""
    if not update.context.in_replica or update.way not in ("method", "function"):
        return False
    variable = update.variable
    if has(
        variable,
        synchronization=[Synchronization.ON_READ],
        aggregation=[Aggregation.ONLY_FIRST_REPLICA],
    ):
        return update.context.may_replicate
    outcomes = unaggregated(update)
    return bool(outcomes) and not any(isinstance(outcome, Raises) for outcome in outcomes)


def _keeps_first(variable: Variable, update: Update) -> bool:
    """Whether a checkpoint has one of several copies of it, under a strategy that is in sight."""
    if not variable.context.strategies and not update.context.strategies:
        return False
    made = [outcome for _, outcome in created(variable, home(variable, update.context))]
    for outcome in made:
        if isinstance(outcome, Raises) or outcome.copies < 2:
            return False
        saved = semantics.save(outcome)
        if isinstance(saved, Raises) or saved.rule not in _FIRSTS:
            return False
    return bool(made)


def _finding(call: Call, lost: dict[Variable, Update]) -> Finding:
    names = ", ".join(variable.called for variable in list(lost)[:3])
    more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
    verb = "differs" if len(lost) == 1 else "differ"
    return Finding(
        code="VS406",
        name="checkpoint-keeps-first-replica",
        severity=Severity.WARNING,
        message=(
            f"{names}{more} {verb} between the replicas, and the first replica's value alone is"
            " saved"
        ),
        span=place(call),
        related=tuple(
            Related(place(update), f"each replica writes its own value of {variable.called} here")
            for variable, update in list(lost.items())[:3]
        ),
        explanation=("nothing is raised: after a restore every replica has what the first one had"),
        remedy=(
            "give the variable an aggregation, so that the copies are equal or the checkpoint has"
            " their sum or mean, or save all copies (strategy.experimental_local_results)"
        ),
    )
