"""What if: a script with other numbers of replicas, and other modes for its variables, side by side."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from varsync.choices import AGGREGATIONS, SYNCHRONIZATIONS
from varsync.errors import CannotRun
from varsync.networks import Network
from varsync.simulation import Simulation, Value, Variable

TOLERANCE = 1e-5
"""Two numbers are the same where they differ by no more than this part of the larger one."""

_MODES = tuple(itertools.product(("ON_WRITE", "ON_READ"), AGGREGATIONS))
_CHANGE = re.compile(r"\s*(.+?)\s*:\s*((?:synchronization|aggregation)\s*=.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Change:
    """Other modes for a variable, named as reports name it; None leaves the script's."""

    variable: str
    synchronization: str | None = None
    aggregation: str | None = None

    def __str__(self) -> str:
        modes = " ".join(filter(None, (self.synchronization, self.aggregation)))
        return f"{self.variable}: {modes}"


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to run the script: without changes as it is written."""

    replicas: int
    changes: tuple[Change, ...] = ()

    @property
    def title(self) -> str:
        """What is changed, in words."""
        return "; ".join(map(str, self.changes)) or "as written"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a variant, and how long its synchronisations would take, in seconds."""

    variant: Variant
    run: Simulation
    seconds: float

    @property
    def synchronisations(self) -> int:
        """How often the replicas exchanged something."""
        return sum(row.times for row in self.run.ledger)

    @property
    def bytes_of_a_replica(self) -> int:
        """What one replica gave, all times together."""
        return sum(row.bytes_of_a_replica for row in self.run.ledger)

    @property
    def problems(self) -> list[str]:
        """The codes of errors and warnings, and the exception that ended it."""
        codes = [
            seen.code or seen.severity for seen in self.run.observations if _is_bad(seen.severity)
        ]
        ended = [] if self.run.failure is None else [self.run.failure.cls]
        return list(dict.fromkeys(codes + ended))


@dataclass(frozen=True, slots=True)
class Difference:
    """A variable that does not end as it does on one replica.

    `moved` is how many times as far it went from where it began, where that can be told.
    """

    variable: str
    one: str
    many: str
    moved: float | None


@dataclass(slots=True)
class Comparison:
    """All variants of a script, in the order in which they were run."""

    script: str
    network: Network
    results: list[Result] = field(default_factory=list)
    suggestion: str = ""

    def alone(self) -> Result | None:
        """The script as it is written, on one replica."""
        return next((r for r in self.results if r.variant == Variant(1)), None)

    def differences(self, result: Result) -> list[Difference] | None:
        """In what a variant ends otherwise than one replica; None where that can't be told."""
        one = self.alone()
        if one is None or one is result or not (one.run.finished and result.run.finished):
            return None
        return list(_differences(one.run, result.run))


Run = Callable[[Variant, Iterable[str]], Simulation]


def compare(
    script: str,
    replicas: Sequence[int],
    sets: Sequence[tuple[Change, ...]],
    each_mode: str | None,
    network: Network,
    run: Run,
) -> Comparison:
    """Runs the script as it is written with each number of replicas, then with each set of changes.

    The changes, and all modes of the variable `each_mode`, are tried with the most replicas. `run`
    runs a variant with modes as `varsync.simulate` takes them. Raises CannotRun.
    """
    compared = Comparison(script, network)

    def add(variant: Variant, modes: Iterable[str] = ()) -> Result:
        ran = run(variant, modes)
        nbytes = sum(row.bytes_of_a_replica for row in ran.ledger)
        times = sum(row.times for row in ran.ledger)
        result = Result(variant, ran, network.seconds(variant.replicas, times, nbytes))
        compared.results.append(result)
        return result

    for number in replicas:
        written = add(Variant(number))
    trials = list(sets)
    if each_mode is not None:
        trials += [(Change(each_mode, *mode),) for mode in _MODES]
    # before the first of them is run: an unknown variable is told at once
    found = [[_found(change, written.run) for change in changes] for changes in trials]
    tried = []
    for changes, made in zip(trials, found, strict=True):
        named = [
            replace(change, variable=variable.label)
            for change, variable in zip(changes, made, strict=True)
        ]
        modes = [_mode(change, variable) for change, variable in zip(named, made, strict=True)]
        tried.append(add(Variant(replicas[-1], tuple(named)), modes))
    if each_mode is not None:
        compared.suggestion = _suggestion(compared, found[-1][0], written, tried[-len(_MODES) :])
    return compared


def change_of(word: str) -> tuple[Change, ...]:
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


def _found(change: Change, run: Simulation) -> Variable:
    """The variable that a change names, by its label, or else its name."""
    known = [variable for variable in run.variables if variable.location is not None]
    found = [each for each in known if change.variable == each.label]
    found += [each for each in known if change.variable == each.name]
    if not found:
        labels = list(dict.fromkeys(variable.label for variable in known))
        near = get_close_matches(change.variable, labels, 1, 0.5)
        hint = f" (did you mean {near[0]}?)" if near else f" (it has {', '.join(labels[:20])})"
        raise CannotRun(f"the script has no variable {change.variable!r}{hint if labels else ''}")
    return found[0]


def _mode(change: Change, made: Variable) -> str:
    """A change as the run of a script takes it."""
    return f"{made.location}:{made.name}={change.synchronization or ''},{change.aggregation or ''}"


def final(variable: Variable) -> Value | None:
    """What the host reads of a variable at the end; None where that can't be told."""
    copies = variable.final
    if not copies or (variable.synchronization != "ON_READ" and variable.copies > 1):
        return copies[0] if copies else None
    if variable.copies == 1 or variable.aggregation not in ("SUM", "MEAN"):
        return copies[0]
    items = [copy.items for copy in copies]
    if any(of_copy is None or any(isinstance(i, str) for i in of_copy) for of_copy in items):
        return None
    sums = [sum(each) for each in zip(*(of_copy or () for of_copy in items), strict=True)]
    if variable.aggregation == "MEAN":
        sums = [each / len(copies) for each in sums]
    return Value(copies[0].shape, tuple(sums), math.sqrt(sum(each * each for each in sums)))


def _differences(one: Simulation, many: Simulation) -> Iterator[Difference]:
    others = {(v.label, v.name): v for v in many.variables}
    for variable in one.variables:
        other = others.get((variable.label, variable.name))
        if other is None:
            continue
        first, second = final(variable), final(other)
        if first is not None and second is not None and not _is_same(first, second):
            yield Difference(
                variable.label, str(first), str(second), _moved(variable, first, second)
            )


def _moved(variable: Variable, one: Value, many: Value) -> float | None:
    begun = variable.initial
    if begun is None or any(value.items is None for value in (begun, one, many)):
        return None
    try:
        near = math.dist(one.items or (), begun.items or ())
        far = math.dist(many.items or (), begun.items or ())
    except (TypeError, ValueError):
        return None
    return far / near if near else None


def _is_same(one: Value, other: Value) -> bool:
    if one.shape != other.shape:
        return False
    if one.items is None or other.items is None:
        return one.norm is None or other.norm is None or _is_close(one.norm, other.norm)
    return all(_is_close(*pair) for pair in zip(one.items, other.items, strict=True))


def _is_close(one: object, other: object) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return one == other


def _is_bad(severity: str) -> bool:
    return severity != "note"


def _suggestion(
    compared: Comparison, made: Variable, written: Result, tried: Sequence[Result]
) -> str:
    """The mode to choose for a variable: right first, then with the fewest synchronisations."""
    name = made.label
    right = [result for result in tried if _is_right(compared, result, name)]
    if not right:
        return f"{name}: none of the modes gives what one replica has without an error or a warning"
    best = min(right, key=lambda result: result.synchronisations)
    change = best.variant.changes[0]
    reason = "no error or warning"
    if compared.differences(best) is not None:
        reason = "it ends as on one replica"
    if (made.synchronization, made.aggregation) == (change.synchronization, change.aggregation):
        return f"{change}, as it is written: {reason}"
    counts = f"synchronisations: {best.synchronisations} in place of {written.synchronisations}"
    return f"{change}: {reason}; {counts}"


def _is_right(compared: Comparison, result: Result, name: str) -> bool:
    seen = [o for o in result.run.observations if _is_bad(o.severity) and o.variable == name]
    differences = compared.differences(result)
    same = differences is None or all(each.variable != name for each in differences)
    return result.run.finished and not seen and same
