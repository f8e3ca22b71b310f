"""How many steps a run may take, and how it goes on when it has taken them.

While the budget lasts nothing is different. Once it is spent, a pass over a distributed dataset ends
at its next fetch, and a pass that begins after that gives one element; each of them is worth a step.
A step that nothing was fetched for ends the script, and so does the end of the data where nobody
catches it.
"""

from __future__ import annotations

from typing import TypeVar

AFTER = 100
"""So many steps more there may be, or as many again as the budget: epochs are counted, too."""

Error = TypeVar("Error", bound=BaseException)


class LimitOfSteps(SystemExit):
    """The script has taken the steps that it was given; it ends as by `sys.exit()`."""


class Budget:
    """The steps of a run; `most` is None where there is no limit, `steps` counts those taken.

    `cut` is the step after which something was left out, None up to then.
    """

    def __init__(self, most: int | None = None, steps: int = 0) -> None:
        self.most = most
        self.steps = steps
        self.cut: int | None = None
        self._last = 0 if most is None else most + max(most, AFTER)
        self._fetched = 0  # elements that no step has used
        self._fetching = False  # whether an element was the last that was asked for
        self._at_end = False  # whether it was refused

    @property
    def spent(self) -> bool:
        """Whether all steps are taken."""
        return self.most is not None and self.steps >= self.most

    def step(self) -> None:
        """A step begins. Raises LimitOfSteps where it is one too many."""
        if self.spent and (not self._fetched or self.steps >= self._last):
            self.refuse()
            raise LimitOfSteps
        self.steps += 1
        self._fetched = max(self._fetched - 1, 0)
        self._fetching = False

    def fetch(self) -> None:
        """An element of a distributed dataset is given."""
        self._fetched = self._fetched + 1 if self._fetching else 1
        self._fetching = True
        self._at_end = False

    def refuse(self) -> None:
        """Something that there would have been is left out."""
        self.cut = self.steps if self.cut is None else self.cut
        self._at_end = True

    def go_back(self, before: Budget) -> None:
        """What was since then is not to count: a trace that made variables is made again."""
        vars(self).update(vars(before))

    def ending(self, error: Error) -> Error:
        """An exception that says that a dataset has ended; if it was refused more, that is noted."""
        if self._at_end:
            error.of_limit = True  # type: ignore[attr-defined]
        return error


def of_limit(error: BaseException | None) -> bool:
    """Whether an exception is there, directly or not, because the budget is spent."""
    while error is not None:
        if isinstance(error, LimitOfSteps) or hasattr(error, "of_limit"):
            return True
        error = error.__cause__
    return False
