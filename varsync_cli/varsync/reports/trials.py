"""How `varsync rule --test` tells what it tried: a line a rule, and a line for what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from varsync_rules.registry import Rule

from varsync.authoring.proving import Trial
from varsync.console.terminal import escape
from varsync.reports.summary import counted


class Trials:
    """Writes each rule's line as it is tried, and in the end what is wrong."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._lines: list[str] = []
        self._rules = 0
        self._passed = 0
        self.failed = 0

    def add(self, rule: Rule, trials: Iterable[Trial]) -> None:
        """Writes a rule's line: a dot for what is as it should be, an F for what is not."""
        page = _shown(rule.page)
        self._rules += 1
        self._write(f"{page} ")
        for trial in trials:
            self._write("F" if trial.problems else ".")
            self.failed += bool(trial.problems)
            self._passed += not trial.problems
            self._lines += [
                f"FAILED {page}:{one.line} {rule.code} {trial.name} - {escape(one.text)}\n"
                for one in trial.problems
            ]
        self._write("\n")

    def sum_up(self) -> None:
        """Writes what is wrong, and the counts."""
        self._write("".join(["\n", *self._lines]))
        failed = f"{self.failed} failed, " if self.failed else ""
        self._write(f"{failed}{self._passed} passed in {counted(self._rules, 'rule')}\n")


def _shown(page: Path) -> str:
    """A page's path from the current folder, where it is below it."""
    here = Path.cwd()
    return escape(str(page.relative_to(here) if page.is_relative_to(here) else page))
