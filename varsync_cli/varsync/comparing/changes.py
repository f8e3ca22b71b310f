"""Other modes for variables, as `--set` asks for them, and the variables that they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from varsync.choices import AGGREGATIONS, SYNCHRONIZATIONS
from varsync.errors import CannotRun
from varsync.simulation import Variable

_CHANGE = re.compile(r"\s*(.+?)\s*:\s*((?:synchronization|aggregation)\s*=.*)", re.DOTALL)
MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class Change:
    """Other modes for variables, named as reports name them; None leaves the script's.

    In the name `*` stands for any text, and `?` for one character.
    """

    variable: str
    synchronization: str | None = None
    aggregation: str | None = None

    def __str__(self) -> str:
        modes = " ".join(filter(None, (self.synchronization, self.aggregation)))
        return f"{self.variable}: {modes}"

    def is_in(self, made: Variable) -> bool:
        """Whether a variable has these modes."""
        return (self.synchronization or made.synchronization) == made.synchronization and (
            self.aggregation or made.aggregation
        ) == made.aggregation


def changes_of(word: str) -> tuple[Change, ...]:
    """What 'VAR: synchronization=ON_READ, aggregation=MEAN' asks; with ';' of several variables.

    Raises CannotRun.
    """
    changes = []
    for part in word.split(";"):
        match = _CHANGE.fullmatch(part)
        if match is None:
            raise CannotRun(
                f"--set: {part.strip()!r} is not 'VARIABLE: synchronization=..., aggregation=...'"
            )
        modes = dict(_pairs(match[2]))
        changes.append(Change(match[1], modes.get("synchronization"), modes.get("aggregation")))
    return tuple(changes)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    known = {"synchronization": SYNCHRONIZATIONS, "aggregation": AGGREGATIONS}
    for pair in text.split(","):
        key, _, value = (word.strip() for word in pair.partition("="))
        if key not in known:
            raise CannotRun(f"--set: {key!r} is neither synchronization nor aggregation")
        if value not in known[key]:
            raise CannotRun(f"--set: {key} is one of {', '.join(known[key])}, not {value!r}")
        yield key, value


def found(name: str, variables: Iterable[Variable]) -> tuple[Variable, ...]:
    """The variables that a name means: those of this label, or else of this name, or else all alike.

    Raises CannotRun if there is none.
    """
    known = list(variables)
    for matches in (
        [each for each in known if each.label == name],
        [each for each in known if each.name == name],
        [each for each in known if _is_like(name, each)],
    ):
        there = tuple(each for each in matches if each.location is not None)
        if there:
            return there
        if matches:
            raise CannotRun(f"{name!r} is not made on a line of the script, so it keeps its modes")
    labels = list(dict.fromkeys(each.label for each in known if each.location is not None))
    if not labels:
        raise CannotRun(f"the script has no variable {name!r}: it made none")
    near = get_close_matches(name, labels, 3, 0.5)
    hint = f"did you mean {_or(near)}?" if near else f"it has {', '.join(labels[:MOST_NAMES])}"
    more = ", ..." if not near and len(labels) > MOST_NAMES else ""
    raise CannotRun(f"the script has no variable {name!r} ({hint}{more})")


def _is_like(pattern: str, made: Variable) -> bool:
    """Labels have brackets, as `layers[0].w`: they stand for themselves."""
    parts = re.split(r"([*?])", pattern)
    text = "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts)
    return len(parts) > 1 and re.fullmatch(text, made.label, re.DOTALL) is not None


def _or(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def mode(change: Change, made: Variable) -> str:
    """A change as the run of a script takes it."""
    return f"{made.location}:{made.name}={change.synchronization or ''},{change.aggregation or ''}"
