"""VS217: the replicas meet as often, but in the update of another variable each."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime.semantics import ControlFlow

from varsync_rules.context import Condition
from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.meetings import Fork, Kind, Meeting, forks, meetings, outcomes
from varsync_rules.predict import differs
from varsync_rules.program import Choice, Program, Update, place, replica_chain, span


def check(program: Program) -> Iterator[Finding]:
    """Updates that meet another one on the other side of a condition, or whose variable differs."""
    for fork in forks(program):
        mixed = _mixed(fork)
        if mixed is not None:
            first, second = mixed
            yield _finding(
                second,
                f"replicas that `{fork.tested}` sends here meet others in {first.what}:"
                f" {second.what} is lost, its value goes there",
                (
                    Related(place(first.event), "what the other replicas update in this turn"),
                    _decides(fork.condition),
                ),
            )
    chosen = [choice for choice in program.choices if differs(choice.data)]
    if not chosen:
        return
    for meeting in program.once(meetings):
        choice = _chosen(meeting, chosen)
        if choice is not None:
            yield _finding(
                meeting,
                f"which variable `{choice.spelled}` is differs between the replicas: all their"
                " values go to the one that the first replica updates",
                (Related(place(choice), "each replica may take another variable here"),),
            )


def _mixed(fork: Fork) -> tuple[Meeting, Meeting] | None:
    """The first two updates that meet without being the same; None where it is not certain."""
    here, there = fork.sides
    if fork.is_loop or fork.unsure or len(here) != len(there):
        return None
    if any(meeting.kind is Kind.STEP for meeting in (*here, *there)):
        return None
    for one, two in zip(here, there, strict=True):
        if one.kind is not two.kind:
            return None
        if one.kind is Kind.UPDATE and one.key != two.key and _mixes(one) and _mixes(two):
            return one, two
    return None


def _chosen(meeting: Meeting, choices: list[Choice]) -> Choice | None:
    """The choice that an update's variable comes from."""
    event = meeting.event
    if not isinstance(event, Update) or not _mixes(meeting):
        return None
    for choice in choices:
        if (
            event.variable in choice.variables
            and event.spelled == choice.spelled
            and event.frame.key == choice.frame.key
        ):
            return choice
    return None


def _mixes(meeting: Meeting) -> bool:
    """Whether TensorFlow lets replicas meet in different updates."""
    met = outcomes(meeting, ControlFlow.DIFFERENT_ORDER)
    return bool(met) and all(outcome is None for outcome in met)


def _decides(condition: Condition) -> Related:
    return Related(span(condition.module, condition.node), "replicas may decide this differently")


def _finding(meeting: Meeting, message: str, related: tuple[Related, ...]) -> Finding:
    return Finding(
        code="VS217",
        name="update-order-differs",
        severity=Severity.WARNING,
        message=message,
        span=place(meeting.event),
        related=(*related, *replica_chain(meeting.event)),
        explanation=(
            "nothing is raised: updates are matched by turn, and the first replica says which"
            " variable is written and how"
        ),
        remedy=(
            "make the same updates in the same order on all replicas, with a value that changes"
            " nothing where a replica has none, or make the variables ON_READ"
        ),
    )
