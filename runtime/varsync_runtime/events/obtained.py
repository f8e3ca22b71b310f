"""How many of the numbers that host code gets are told."""

from __future__ import annotations

from collections import Counter

from varsync_runtime.events.sites import Site

MOST = 10_000  # of one line

_told: Counter[tuple[str, str, Site]] = Counter()


def is_one_of_the_first(what: str, name: str, site: Site) -> bool:
    """Whether the number that a line gets now is to be told; `what` and `name` as in `Obtained`."""
    _told[what, name, site] += 1
    return _told[what, name, site] <= MOST
