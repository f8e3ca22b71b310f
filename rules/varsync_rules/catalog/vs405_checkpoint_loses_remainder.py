"""VS405: an integer that replicas share in parts is restored, and loses the remainder."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime import semantics
from varsync_runtime.semantics import DTypeKind, Raises, Rule

from varsync_rules.findings import Finding, Severity
from varsync_rules.predict import created, generation
from varsync_rules.program import Call, Program, created_here, place, where
from varsync_rules.values import Value, Variable, constants, variables_within

_RESTORES = frozenset(
    {
        *("tf.train.Checkpoint.restore", "tf.train.Checkpoint.read"),
        "tf.train.CheckpointManager.restore_or_initialize",
    }
)
_LOAD = "tf.saved_model.load"
_SAVE = "tf.saved_model.save"
# A manager holds a checkpoint, which holds a model, which holds layers, ...
_DEPTH = 8


def check(program: Program) -> Iterator[Finding]:
    """Restores of checkpoints and SavedModels that hold integer variables of ON_READ and SUM."""
    for call in program.calls:
        if call.symbol in _RESTORES and call.receiver is not None:
            held: Value = (call.receiver,)
        elif call.symbol == _LOAD and call.context.strategies:
            held = _saved(program, call)
        else:
            continue
        lossy = [variable for variable in variables_within(held, _DEPTH) if loses(variable)]
        if lossy:
            yield _finding(call, lossy)


def loses(variable: Variable) -> bool:
    """Whether each copy of the variable is restored to a share, cut to an integer."""
    made_in = variable.context
    if not made_in.strategies or not made_in.may_replicate:
        return False
    # the metrics of Keras 3 are not in a checkpoint
    if variable.api == "keras.Metric.add_weight" and generation(variable) != 2:
        return False
    made = [outcome for _, outcome in created(variable, made_in)]
    return bool(made) and all(
        not isinstance(outcome, Raises)
        and outcome.copies > 1
        and outcome.dtype is DTypeKind.INTEGER
        and semantics.restore(outcome).rule is Rule.SHARE
        for outcome in made
    )


def _saved(program: Program, load: Call) -> Value:
    """What the program saves under the path that it loads here."""
    paths = set(constants(load.arguments.value(0, "export_dir")))
    held: list[Value] = [
        save.arguments.value(0, "obj")
        for save in program.calls_to(_SAVE)
        if paths & set(constants(save.arguments.value(1, "export_dir")))
    ]
    return tuple(atom for value in held for atom in value)


def _finding(call: Call, lossy: list[Variable]) -> Finding:
    names = ", ".join(variable.called for variable in lossy[:3])
    more = f" and {len(lossy) - 3} more" if len(lossy) > 3 else ""
    one = len(lossy) == 1
    return Finding(
        code="VS405",
        name="checkpoint-loses-remainder",
        severity=Severity.WARNING,
        message=(
            f"{names}{more} {'is an integer' if one else 'are integers'} of ON_READ and SUM: each"
            " replica is restored to 1/N of what was saved, and the remainder is lost"
            f" {where(lossy[0].context)}"
        ),
        span=place(call),
        related=tuple(created_here(variable) for variable in lossy[:3]),
        explanation=(
            "nothing is raised: the saved sum is divided by the number of replicas and cut to an"
            " integer, 7 saved in two replicas reads 6"
        ),
        remedy=(
            "use tf.float64 for the counter, or leave out synchronization so that each copy has the"
            " whole count"
        ),
    )
