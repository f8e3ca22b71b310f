"""Where a run does not come to what another one came to: its variables, and its losses by step."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from varsync.simulation import Series, Simulation, Value, Variable

TOLERANCE = 1e-5
"""Two numbers are the same where they differ by no more than this part of the larger one, or of 1."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A variable that does not end as it does in the other run, and its values as text.

    `elements` of `compared` differ, by `largest` at most (None: they are no numbers); every
    `stride`-th was compared. `moved` is how many times as far it went from where it began, where
    that can be told.
    """

    variable: str
    one: str
    many: str
    elements: int
    compared: int
    stride: int
    largest: float | None
    moved: float | None


@dataclass(frozen=True, slots=True)
class Parting:
    """Numbers by step, such as a loss, that are the same until `step` and not then.

    None is what has no number there: one of the runs got fewer of them.
    """

    series: str
    step: int
    one: float | None
    many: float | None


def variables(one: Simulation, many: Simulation, tolerance: float) -> Iterator[Difference]:
    """The variables of both that do not end alike, in the order in which they were made."""
    from varsync_runtime.elements import apart, moved, read_by_host

    others = {(made.label, made.name): made for made in many.variables}
    for made in one.variables:
        other = others.get((made.label, made.name))
        if other is None:
            continue
        modes = [(each.id, each.synchronization, each.aggregation) for each in (made, other)]
        first = read_by_host(one.elements, *modes[0])
        second = read_by_host(many.elements, *modes[1])
        if first is None or second is None:
            continue
        found = apart(first, second, tolerance)
        if found.elements:
            begun = one.elements.get((made.id, "initial", 0))
            yield Difference(
                made.label,
                str(final(made)),
                str(final(other)),
                found.elements,
                first.array.size,
                found.stride,
                found.largest,
                None if begun is None else moved(begun, first, second),
            )


def unknown(run: Simulation) -> list[str]:
    """The variables of a finished run of which the host can't read what they hold at the end."""
    return [made.label for made in run.variables if made.copies > 1 and final(made) is None]


def series(one: Simulation, many: Simulation, tolerance: float) -> Iterator[Parting]:
    """The numbers by step of both that are not the same all the time, in order."""
    others = {each.key: each for each in many.series}
    for own in one.series:
        other = others.get(own.key)
        if other is not None:
            yield from _parting(own, other, tolerance)


def _parting(one: Series, many: Series, tolerance: float) -> Iterator[Parting]:
    for step, first, other, second in zip(
        one.steps, one.values, many.steps, many.values, strict=False
    ):
        if step != other or not _is_close(first, second, tolerance):
            yield Parting(one.title, min(step, other), first, second)
            return
    shared = min(len(one.steps), len(many.steps))
    if shared < len(one.steps):
        yield Parting(one.title, one.steps[shared], one.values[shared], None)
    elif shared < len(many.steps):
        yield Parting(one.title, many.steps[shared], None, many.values[shared])


def _is_close(one: float, other: float, tolerance: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)


def final(made: Variable) -> Value | None:
    """What the host reads of a variable at the end, as far as a report has it; None: it can't be told."""
    copies = made.final
    if not copies or made.synchronization != "ON_READ" or made.copies == 1:
        return copies[0] if copies else None
    if made.aggregation == "ONLY_FIRST_REPLICA":
        return copies[0]
    if made.aggregation == "NONE":
        return None  # TensorFlow raises
    items = [copy.items for copy in copies]
    if any(of_copy is None or any(isinstance(i, str) for i in of_copy) for of_copy in items):
        return Value(copies[0].shape, None, None)
    sums = [sum(each) for each in zip(*(of_copy or () for of_copy in items), strict=True)]
    if made.aggregation == "MEAN":
        sums = [each / len(copies) for each in sums]
    return Value(copies[0].shape, tuple(sums), math.sqrt(sum(each * each for each in sums)))
