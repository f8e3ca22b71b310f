"""What host code got step by step: the loss that it reduced, the number that it fetched."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from varsync_runtime.diagnosis.run import Run
from varsync_runtime.events import Obtained, Site


@dataclass(frozen=True)
class Series:
    """The numbers that one line got in the same way, each with its step (0: before the first).

    `number` tells those apart that it got in the same step.
    """

    what: str
    name: str
    number: int
    site: Site
    points: tuple[tuple[int, float], ...]


def series(run: Run) -> list[Series]:
    """All of a run, in the order in which they begin.

    What was fetched is left out where it is what was reduced or logged, or fetched before.
    """
    in_step: Counter[tuple[str, str, Site, int]] = Counter()
    met: dict[tuple[str, str, int, Site], list[tuple[int, float]]] = {}
    for event, count in run.counted(Obtained):
        for _ in range(count.times):
            of_step = event.what, event.name, event.site, event.step
            in_step[of_step] += 1
            key = event.what, event.name, in_step[of_step], event.site
            met.setdefault(key, []).append((event.step, event.value))
    order = ("reduce", "log", "fetch")
    kept: list[Series] = []
    for key, points in sorted(met.items(), key=lambda item: order.index(item[0][0])):
        made = Series(*key, tuple(points))
        if made.what != "fetch" or all(other.points != made.points for other in kept):
            kept.append(made)
    return kept
