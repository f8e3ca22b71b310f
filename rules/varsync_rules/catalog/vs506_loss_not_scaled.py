"""VS506: the replicas' gradients are summed, and each is of a mean over that replica's part."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.predict import strategies
from varsync_rules.program import Call, Program, place, replica_chain, span, unique, where
from varsync_rules.surface import keras_generation
from varsync_rules.values import (
    Average,
    Const,
    Container,
    Data,
    LibraryObject,
    Symbol,
    Value,
    constants,
)

_STEPS = frozenset({"apply_gradients", "apply", "minimize"})
_WHAT = {
    "mean": "the mean over one replica's part of the batch",
    "ratio": "a sum divided by the size of one replica's part of the batch",
    "size": "an average that divides by the batch size of one replica",
    "regularization": "regularization that is not scaled by the number of replicas",
}
_REMEDY = {
    "regularization": "tf.nn.scale_regularization_loss divides it by the number of replicas",
    "size": "give tf.nn.compute_average_loss the global batch size",
}
_RAISED = (
    "ValueError: Please use tf.keras.losses.Reduction.SUM or tf.keras.losses.Reduction.NONE for"
    " loss reduction when losses are used with tf.distribute.Strategy"
)


def check(program: Program) -> Iterator[Finding]:
    """Averages over a replica's part whose gradients an optimizer sums; losses that raise."""
    is_regularized = any(_regularizes(call) for call in program.calls)
    found: list[Finding] = []
    for call in program.calls:
        if not call.context.in_replica or not _has_replicas(call):
            continue
        if _sums(call):
            for average in _averages(call):
                found.append(_unscaled(call, average, is_regularized))
        elif _raises(call):
            found.append(_loss_object(call))
    yield from unique(found)


def _has_replicas(call: Call) -> bool:
    """Whether replicas in sync run this: parameter servers have none."""
    return any(strategy.replicas > 1 for strategy in strategies(call.context))


def _sums(call: Call) -> bool:
    """Whether an optimizer of Keras sums gradients here that nothing has averaged."""
    if call.method not in _STEPS:
        return False
    of_model = isinstance(call.receiver, Data) and "optimizer" in call.receiver.tags
    if not call.symbol.startswith("keras.Optimizer.") and not of_model:
        return False
    skips = constants(call.arguments.value(None, "skip_gradients_aggregation"))
    sums = constants(call.arguments.value(None, "experimental_aggregate_gradients"))
    return True not in skips and False not in sums


def _averages(call: Call) -> list[Average]:
    """The averages that flow into the gradients, or into the loss that is minimized."""
    value = call.arguments.value(0, "grads_and_vars", "grads", "gradients", "loss")
    found = dict.fromkeys(
        average
        for data in data_within(value)
        for average in data.averages
        if not data.reduced and average.kind != "horovod"
    )
    return sorted(found, key=lambda average: span(average.module, average.node))


def data_within(value: Value, depth: int = 4) -> Iterator[Data]:
    """The data that a value is or holds in containers."""
    for atom in value:
        if isinstance(atom, Data):
            yield atom
        elif isinstance(atom, Container) and depth:
            yield from data_within(atom.elements(), depth - 1)


def _regularizes(call: Call) -> bool:
    """Whether something here makes a model have losses of its own."""
    if call.method == "add_loss":
        return True
    return any(
        name.endswith("_regularizer") and argument.value != (Const(None),)
        for name, argument in call.arguments.keywords
    )


def _unscaled(call: Call, average: Average, is_regularized: bool) -> Finding:
    is_sure = bool(call.context.strategies) or call.context.in_run
    if average.kind == "regularization" and not is_regularized:
        is_sure = False
    return Finding(
        code="VS506",
        name="loss-not-scaled",
        severity=Severity.WARNING if is_sure else Severity.NOTE,
        message=(
            f"the loss has {_WHAT[average.kind]}, and `{call.method}` sums the gradients:"
            f" {where(call.context)} it counts N times with N replicas"
        ),
        span=span(average.module, average.node),
        related=(
            Related(place(call), "the gradients of the replicas are summed here"),
            *replica_chain(call),
        ),
        explanation="nothing is raised; a sum of N means is N times the mean over the whole batch",
        remedy=_REMEDY.get(
            average.kind,
            "use tf.nn.compute_average_loss(losses, global_batch_size=...), or divide by"
            " strategy.num_replicas_in_sync",
        ),
    )


def _raises(call: Call) -> bool:
    """A loss object of Keras 2 that is to average over what it does not know the size of."""
    loss = call.receiver
    if call.symbol != "keras.Loss.__call__" or not isinstance(loss, LibraryObject):
        return False
    if (
        keras_generation(loss.symbol.spelled, loss.module.target) != 2
        or not call.context.strategies
    ):
        return False
    reduction = loss.args.get(None, "reduction")
    if reduction is None:
        return not loss.args.open
    spelled = [
        str(atom.value) if isinstance(atom, Const) else getattr(atom, "name", "?")
        for atom in reduction.value
        if isinstance(atom, (Const, Symbol))
    ]
    averages = ("auto", "sum_over_batch_size")
    return len(spelled) == len(reduction.value) and all(
        name.rsplit(".", 1)[-1].lower() in averages for name in spelled
    )


def _loss_object(call: Call) -> Finding:
    loss = call.receiver
    assert isinstance(loss, LibraryObject)
    return Finding(
        code="VS506",
        name="loss-not-scaled",
        severity=Severity.ERROR,
        message=(
            f"a loss of Keras 2 with its default reduction raises {where(call.context)}: it does"
            " not know by what to scale"
        ),
        span=place(call),
        related=(
            Related(span(loss.module, loss.node), "the loss is made here"),
            *replica_chain(call),
        ),
        explanation=_RAISED,
        remedy="give it reduction=Reduction.NONE, and average with tf.nn.compute_average_loss",
    )
