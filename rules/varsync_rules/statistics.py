"""What an evaluation saw, in numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Statistics:
    """What was seen: counts of distinct places.

    A creation is resolved when its modes are known, be it by a parameter's default; an update when
    the variable it writes is. `spelled` are creations that give a mode. `abandoned` entries were too
    large to evaluate; `cut` calls stand at the end of a chain of calls that is too long to follow.
    """

    files: int = 0
    parsed: int = 0
    creations: int = 0
    creations_resolved: int = 0
    spelled: int = 0
    spelled_resolved: int = 0
    updates: int = 0
    updates_unresolved: int = 0
    abandoned: int = 0
    cut: int = 0
