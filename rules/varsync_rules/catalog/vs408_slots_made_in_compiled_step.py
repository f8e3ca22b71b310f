"""VS408: an optimizer makes the variables beside its weights in a compiled step, which raises."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime.semantics import StrategyKind

from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.predict import is_outside
from varsync_rules.program import Program, place, span, where
from varsync_rules.scopes import TrainingStep, has_slots, training_steps
from varsync_rules.values import Container, LibraryObject, Value

_APPLIES = frozenset({"apply_gradients", "apply", "minimize"})
_READS = frozenset({"get_config", "scale_loss"})
# They keep the optimizer and make nothing of it.
_KEEPERS = frozenset({"tf.train.Checkpoint", "tf.train.CheckpointManager"})
_EAGERLY = (
    "tf.config.run_functions_eagerly",
    "tf.config.experimental_run_functions_eagerly",
    "tf.compat.v1.disable_eager_execution",
    "tf.compat.v1.disable_v2_behavior",
)


def check(program: Program) -> Iterator[Finding]:
    """Optimizers of which nothing but compiled steps is seen."""
    steps = [step for step in training_steps(program) if _is_certain(step)]
    if not steps or any(program.calls_to(*_EAGERLY)):
        return
    prepared = {
        optimizer
        for optimizer in {step.optimizer for step in steps}
        if _may_have_slots(program, optimizer)
    }
    for step in steps:
        if step.optimizer not in prepared:
            yield _finding(step)


def _is_certain(step: TrainingStep) -> bool:
    """Whether a compiled step of several replicas in one process uses an optimizer of its scope."""
    optimizer, context = step.optimizer, step.call.context
    return (
        context.traced
        and optimizer.context.in_cross_replica
        and not optimizer.context.traced
        and has_slots((optimizer,)) is True
        and all(
            strategy.kind is StrategyKind.MIRRORED and strategy.replicates
            for strategy in step.strategies
        )
        and set(step.strategies) <= set(optimizer.context.strategies)
        # a model outside the scope is VS403's
        and not any(is_outside(weight, held) for weight in step.weights for held in step.strategies)
    )


def _may_have_slots(program: Program, optimizer: LibraryObject) -> bool:
    """Whether something may make the variables before: build, a step that is not compiled, others."""
    for call in program.calls:
        if call.receiver is optimizer:
            if call.method in _READS or (call.method in _APPLIES and call.context.traced):
                continue
            return True
        if call.symbol not in _KEEPERS and any(
            _holds(value, optimizer) for value in call.arguments.all_values()
        ):
            return True
    return False


def _holds(value: Value, optimizer: LibraryObject, depth: int = 3) -> bool:
    return any(
        atom is optimizer
        or (isinstance(atom, Container) and depth and _holds(atom.elements(), optimizer, depth - 1))
        for atom in value
    )


def _finding(step: TrainingStep) -> Finding:
    optimizer = step.optimizer
    name = optimizer.symbol.name.rsplit(".", 1)[-1]
    return Finding(
        code="VS408",
        name="slots-made-in-compiled-step",
        severity=Severity.ERROR,
        message=(
            f"the first step of {name} raises {where(step.call.context)}: it makes variables for"
            " each weight, which a tf.function of several replicas cannot"
        ),
        span=place(step.call),
        related=(Related(span(optimizer.module, optimizer.node), "the optimizer is made here"),),
        explanation=(
            "InvalidArgumentError: You must feed a value for placeholder tensor …; the copies' initial"
            " values cannot be lifted out of the tf.function"
        ),
        remedy="call optimizer.build(model.trainable_variables) in the scope, behind the model",
    )
