"""Which of the modes that were tried to choose, and why."""

from __future__ import annotations

from varsync.comparing.comparison import Comparison, Result
from varsync.comparing.differing import final
from varsync.reports.wording import few

MOST_NAMES = 4


def suggestion(compared: Comparison) -> str:
    """The modes to choose: right first, then with the fewest synchronisations, then with least bytes."""
    written = compared.written()
    tried = [result for result in compared.results if result.variant.changes]
    names = {label for result in tried for label in result.asked}
    of = few(sorted(names), MOST_NAMES)
    right = [result for result in (written, *tried) if _is_right(compared, result, names)]
    if not right:
        return f"{of}: none of the modes gives what one replica has without an error or a warning"
    # what is written stays where nothing is won
    best = min(right, key=lambda result: (result.synchronisations, result.bytes_of_a_replica))
    if best is written or not _differs(best, written):
        return f"{of}: as it is written: {_reason(compared, best)}"
    return (
        f"{best.variant.title}: {_reason(compared, best)}; synchronisations: "
        f"{best.synchronisations} in place of {written.synchronisations}. "
        f"{_meaning(compared, written, best)}"
    )


def _differs(result: Result, written: Result) -> bool:
    """Whether the modes are others than the script's."""
    modes = {v.label: (v.synchronization, v.aggregation) for v in written.run.variables}
    return any(
        modes.get(v.label) != (v.synchronization, v.aggregation)
        for v in result.run.variables
        if v.label in result.asked
    )


def _reason(compared: Comparison, best: Result) -> str:
    against = compared.against_one(best)
    if against is None:
        return "no error or warning, and no run on one replica to hold it to"
    if against.is_same:
        return "it ends as on one replica"
    return "these variables end as on one replica, though others do not"


def _meaning(compared: Comparison, written: Result, best: Result) -> str:
    """Whether the program would compute something else, and what a mode asks of its code."""
    against = compared.against(written, best)
    if against is None:
        words = f"As written it does not finish: {written.run.status}."
    elif against.is_same:
        words = "The program computes the same as it does now."
    else:
        first = [f"{each.variable} is {each.many}, not {each.one}" for each in against.variables]
        first += [
            f"{each.series} is {each.many}, not {each.one}, in step {each.step}"
            for each in against.series
        ]
        more = f", and {len(first) - 2} more" if len(first) > 2 else ""
        replicas = best.variant.replicas
        words = (
            f"This changes what the program computes on {replicas} replicas: "
            f"{'; '.join(first[:2])}{more}."
        )
    if _own(best) - _own(written):
        words += (
            " A replica that reads an ON_READ variable gets its own share, and host code can no longer "
            "add to it."
        )
    return words


def _own(result: Result) -> set[str]:
    return {v.label for v in result.run.variables if v.synchronization == "ON_READ"}


def _is_right(compared: Comparison, result: Result, names: set[str]) -> bool:
    """Whether it finishes, has no new problem, and parts from one replica in nothing new."""
    if not result.run.finished:
        return False
    bad = {(o.code, o.variable) for o in result.run.observations if o.is_bad}
    written = compared.written()
    known = {(o.code, o.variable) for o in written.run.observations if o.is_bad}
    if any(variable in names for _, variable in bad) or bad - known:
        return False
    made = {v.label: v for v in result.run.variables}
    if any(name not in made or final(made[name]) is None for name in names):
        return False  # nobody can read or save it
    against, before = compared.against_one(result), compared.against_one(written)
    if against is None:
        return True
    apart = {each.variable for each in against.variables}
    partings = {each.series for each in against.series}
    if before is not None:
        apart -= {each.variable for each in before.variables} - names
        partings -= {each.series for each in before.series}
    return not apart and not partings
