"""What if: a script with other numbers of replicas, and other modes for its variables, side by side."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from varsync.choices import AGGREGATIONS
from varsync.comparing import differing
from varsync.comparing.changes import Change, found, mode
from varsync.comparing.differing import Difference, Parting
from varsync.comparing.networks import Network
from varsync.simulation import Simulation, Variable

MODES = tuple(itertools.product(("ON_WRITE", "ON_READ"), AGGREGATIONS))
"""What `each_mode` tries."""


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
    """What became of a variant, and how long its synchronisations would take, in seconds.

    `asked` has the variables of which other modes were asked for, by label.
    """

    variant: Variant
    run: Simulation
    seconds: float
    asked: Mapping[str, Change] = field(default_factory=dict)

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
        codes = [seen.code or seen.severity for seen in self.run.observations if seen.is_bad]
        ended = [] if self.run.failure is None else [self.run.failure.cls]
        return list(dict.fromkeys(codes + ended))

    @property
    def kept(self) -> list[str]:
        """The variables that did not take the modes that were asked for, by label."""
        return [
            made.label
            for made in self.run.variables
            if self.run.finished and made.label in self.asked
            if not self.asked[made.label].is_in(made)
        ]


@dataclass(frozen=True, slots=True)
class Against:
    """In what a run does not come to what another one came to."""

    variables: tuple[Difference, ...]
    series: tuple[Parting, ...]

    @property
    def is_same(self) -> bool:
        """Whether there is nothing."""
        return not self.variables and not self.series


@dataclass(slots=True)
class Comparison:
    """All variants of a script, in the order in which they were run."""

    script: str
    network: Network
    results: list[Result] = field(default_factory=list)
    suggestion: str = ""
    tolerance: float = differing.TOLERANCE
    _known: dict[tuple[int, int], Against] = field(default_factory=dict)

    @property
    def refereed(self) -> bool:
        """Whether each run was held to the same one on TensorFlow."""
        return any("agreement" in result.run.document for result in self.results)

    def alone(self) -> Result | None:
        """The script as it is written, on one replica."""
        return next((r for r in self.results if r.variant == Variant(1)), None)

    def written(self) -> Result:
        """The script as it is written, on the most replicas."""
        unchanged = [r for r in self.results if not r.variant.changes]
        return max(unchanged, key=lambda result: result.variant.replicas)

    def against_one(self, result: Result) -> Against | None:
        """In what a run differs from one replica; None where that can't be told."""
        one = self.alone()
        return None if one is None or one is result else self.against(one, result)

    def against(self, one: Result, other: Result) -> Against | None:
        """In what two runs differ; None where one of them did not finish."""
        if not (one.run.finished and other.run.finished):
            return None
        key = id(one), id(other)
        if key not in self._known:
            runs = one.run, other.run, self.tolerance
            self._known[key] = Against(
                tuple(differing.variables(*runs)), tuple(differing.series(*runs))
            )
        return self._known[key]


Run = Callable[[Variant, Iterable[str]], Simulation]


def compare(
    compared: Comparison,
    replicas: Sequence[int],
    sets: Sequence[tuple[Change, ...]],
    each_mode: str | None,
    run: Run,
) -> None:
    """Runs the script as it is written with each number of replicas, then with each set of changes.

    The changes, and all modes of the variables `each_mode`, are tried with the most replicas. `run`
    runs a variant with modes as `varsync.simulate` takes them. Raises CannotRun.
    """
    from varsync.comparing.suggesting import suggestion

    def add(
        variant: Variant, modes: Iterable[str] = (), asked: Mapping[str, Change] | None = None
    ) -> None:
        ran = run(variant, modes)
        nbytes = sum(row.bytes_of_a_replica for row in ran.ledger)
        times = sum(row.times for row in ran.ledger)
        seconds = compared.network.seconds(variant.replicas, times, nbytes)
        compared.results.append(Result(variant, ran, seconds, asked or {}))

    if each_mode is not None and 1 not in replicas:
        replicas = (1, *replicas)  # what is right is what it comes to
    for number in replicas:
        add(Variant(number))
    trials = list(sets)
    if each_mode is not None:
        trials += [(Change(each_mode, *modes),) for modes in MODES]
    variables = compared.written().run.variables
    # before the first of them is run: an unknown variable is told at once
    meant = [[_named(change, variables) for change in changes] for changes in trials]
    for trial in meant:
        pairs = [(change, made) for change, all_made in trial for made in all_made]
        add(
            Variant(max(replicas), tuple(change for change, _ in trial)),
            [mode(change, made) for change, made in pairs],
            {made.label: change for change, made in pairs},
        )
    if trials:
        compared.suggestion = suggestion(compared)


def _named(change: Change, variables: Sequence[Variable]) -> tuple[Change, tuple[Variable, ...]]:
    """A change under the label of its variable, if it is one, and the variables that it means."""
    meant = found(change.variable, variables)
    named = replace(change, variable=meant[0].label) if len(meant) == 1 else change
    return named, meant
