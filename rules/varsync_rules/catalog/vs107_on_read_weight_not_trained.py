"""VS107: a gradient is None, because ON_READ made the variable non-trainable."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime.semantics import Synchronization

from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.predict import has, is_trainable
from varsync_rules.program import Call, Event, Program, created_here, place
from varsync_rules.values import Container, Data, Value, Variable, without_none

_APPLIES = frozenset({"apply_gradients", "apply"})
_OPTIMIZERS = ("keras.Optimizer.", "tf.train.Optimizer.", "sonnet.Optimizer.")


def check(program: Program) -> Iterator[Finding]:
    """Gradients of ON_READ variables that no tape watches, where they are used."""
    for call in program.calls_to("tf.GradientTape.gradient"):
        sources = list(_atoms(call.arguments.value(1, "sources")))
        untrained = [s for s in sources if isinstance(s, Variable) and _is_untrained(s)]
        if not untrained or any(isinstance(s, Data) and "weights" in s.tags for s in sources):
            continue
        if _is_watched(program, call, untrained):
            continue
        alone = len(untrained) == len(sources)
        use = _use(program, call, untrained)
        if use is not None:
            yield _finding(call, untrained[0], use, alone)


def _atoms(value: Value, depth: int = 2) -> Iterator[object]:
    """The sources of a gradient: what the argument is, or what its lists hold."""
    for atom in without_none(value):
        if isinstance(atom, Container) and depth:
            yield from _atoms(atom.elements(), depth - 1)
        else:
            yield atom


def _is_untrained(variable: Variable) -> bool:
    return has(variable, [Synchronization.ON_READ]) and is_trainable(variable) is False


def _is_watched(program: Program, call: Call, untrained: list[Variable]) -> bool:
    """Whether the tape may have been told to watch one of them."""
    for watch in program.calls_to("tf.GradientTape.watch"):
        if watch.receiver is call.receiver:
            given = list(_atoms(watch.arguments.value(0, "tensor")))
            if any(v in given for v in untrained) or any(isinstance(a, Data) for a in given):
                return True
    return False


def _use(program: Program, call: Call, untrained: list[Variable]) -> Event | None:
    """Where the gradients are applied: by an optimizer, or to one of the variables by hand."""
    gradients = [atom for atom in _atoms(call.result) if isinstance(atom, Data)]
    for applied in program.methods(*_APPLIES):
        if applied.symbol.startswith((*_OPTIMIZERS, "?.")) and _is_near(applied, call):
            given = [atom for value in applied.arguments.all_values() for atom in _atoms(value, 3)]
            if any(_is_made_of(atom, gradients) for atom in given):
                return applied
    for update in program.updates:
        if (
            update.variable in untrained
            and _is_made_of(update.data, gradients)
            and _is_near(update, call)
            and update.context.conditions == call.context.conditions
            and update.context.guarded == call.context.guarded
        ):
            return update
    return None


def _is_made_of(atom: object, gradients: list[Data]) -> bool:
    return (
        isinstance(atom, Data)
        and "gradient" in atom.tags
        and any(gradient.reads <= atom.reads for gradient in gradients)
    )


def _is_near(one: Event, other: Event) -> bool:
    """Whether one of two events happens in what calls the other."""
    return _calls(one.frame, other.frame) or _calls(other.frame, one.frame)


def _calls(outer: object, frame: object) -> bool:
    while frame is not None:
        if frame is outer:
            return True
        frame = frame.caller  # type: ignore[attr-defined]
    return False


def _finding(call: Call, variable: Variable, use: Event, alone: bool) -> Finding:
    name = variable.called
    by_hand = not isinstance(use, Call)
    known = by_hand or (isinstance(use, Call) and use.symbol.startswith(_OPTIMIZERS))
    if by_hand:
        consequence = "the update raises"
    elif alone and known:
        consequence = "the optimizer raises"
    else:
        consequence = "the optimizer leaves it alone"
    raises = known and (alone or by_hand)
    return Finding(
        code="VS107",
        name="on-read-weight-not-trained",
        severity=Severity.ERROR if raises else Severity.WARNING,
        message=(
            f"the gradient of {name} is None: an ON_READ variable is not trainable unless it is"
            f" created with trainable=True, and {consequence}"
        ),
        span=place(call),
        related=(created_here(variable), Related(place(use), "the gradient is used here")),
        explanation=(
            "a GradientTape watches trainable variables only"
            + (
                "; ValueError: No gradients provided for any variable."
                if alone and known and not by_hand
                else ""
            )
        ),
        remedy="leave synchronization out for a weight that is trained",
    )
