"""`--mode`: other modes for variables of a run, and the variables that got them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from varsync_runtime.events.asked import ModeAsked
from varsync_runtime.events.sites import Site

from varsync.choices import AGGREGATIONS, SYNCHRONIZATIONS
from varsync.errors import CannotRun
from varsync.simulation import FINISHED, Location

MOST_NAMES = 3


def asked(word: str) -> ModeAsked:
    """FILE:LINE:NAME=SYNCHRONIZATION,AGGREGATION, of which one may be left out; raises CannotRun."""
    match = re.fullmatch(r"(.+?):(\d{1,9}):(.*)=(\w*),(\w*)", word, re.DOTALL)
    if match is None:
        raise CannotRun(f"--mode: {word!r} is not FILE:LINE:NAME=SYNCHRONIZATION,AGGREGATION")
    for value, known in ((match[4], SYNCHRONIZATIONS), (match[5], AGGREGATIONS)):
        if value and value not in known:
            raise CannotRun(f"--mode: {value!r} is not one of {', '.join(known)}")
    filename, cell = Site(match[1], 0).cell
    return ModeAsked(filename, cell, int(match[2]), match[3], match[4] or None, match[5] or None)


def met(modes: Iterable[ModeAsked], document: dict[str, Any]) -> list[dict[str, Any]]:
    """For each, the labels of the variables of a report that it means.

    If there are none in a run that came to its end, `message` says so.
    """
    made = [
        (Location(where["filename"], where["row"], where["cell"]), variable)
        for variable in document["variables"]
        if (where := variable["location"]) is not None
    ]
    whole = document["outcome"]["status"] in FINISHED
    rows = []
    for mode in modes:
        here = Location(mode.filename, mode.row, mode.cell or None)
        labels = [
            variable["label"]
            for place, variable in made
            if variable["name"] == mode.name and _real(place) == _real(here)
        ]
        known = [(place, variable["name"]) for place, variable in made]
        message = None if labels or not whole else _none_there(here, mode.name, known)
        rows.append({"asked": f"{here}:{mode.name}", "variables": labels, "message": message})
    return rows


def _real(place: Location) -> Location:
    return replace(place, filename=os.path.realpath(place.filename))


def _none_there(here: Location, name: str, made: Sequence[tuple[Location, str]]) -> str:
    """That the script makes no variable of this name on this line, and which ones were meant."""
    words = f"--mode: no variable {name!r} is made at {here}"
    if not made:
        return f"{words}: the script makes none"
    named = {f"{place.near}:{other}": other for place, other in made}
    same = [known for known, other in named.items() if other == name]
    near = same or get_close_matches(f"{here.near}:{name}", named, MOST_NAMES, 0.5)
    if near:
        return f"{words}; did you mean {' or '.join(near[:MOST_NAMES])}?"
    more = ", ..." if len(named) > MOST_NAMES else ""
    return f"{words}; there are {', '.join(list(named)[:MOST_NAMES])}{more}"
