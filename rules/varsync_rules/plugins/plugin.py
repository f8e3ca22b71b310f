"""A plugin: a folder with rules that are not ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from varsync_rules.registry import UnusableRules


@dataclass(frozen=True, slots=True)
class Plugin:
    """A folder of rules. `package` is its name for imports; '' where it is to get one of its own.

    A configuration's folder gets a name of its own, so that what is imported is this folder as it
    is now, whatever else has its name.
    """

    name: str
    folder: str
    package: str = ""

    @property
    def origin(self) -> str:
        """What messages call it."""
        return f"plugin {self.name}"

    def fails(self, problem: str) -> NoReturn:
        """Raises UnusableRules."""
        raise UnusableRules(f"{self.origin}: {problem}")
