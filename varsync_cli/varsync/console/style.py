"""Colours by hand: the few ANSI sequences that a report needs."""

from __future__ import annotations

from dataclasses import dataclass

from varsync_rules.findings import Severity

_CODES = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}


@dataclass(frozen=True, slots=True)
class Style:
    """Gives text a look, or leaves it as it is where there are no colours."""

    color: bool = False

    def severity(self, text: str, severity: Severity) -> str:
        """In the colour of a severity."""
        return self._in(text, _CODES[severity])

    def bold(self, text: str) -> str:
        """What the eye should find first."""
        return self._in(text, "1")

    def quiet(self, text: str) -> str:
        """Line numbers and rulers."""
        return self._in(text, "34")

    def related(self, text: str) -> str:
        """Marks under the places that a finding is also about."""
        return self._in(text, "34;1")

    def difference(self, line: str) -> str:
        """A line of a unified difference."""
        codes = {"---": "1", "+++": "1", "@@": "36", "-": "31", "+": "32"}
        code = next((code for start, code in codes.items() if line.startswith(start)), "")
        return self._in(line, code) if code else line

    def _in(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text else text
