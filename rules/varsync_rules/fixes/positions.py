"""Lines and columns of a text as offsets."""

from __future__ import annotations

from bisect import bisect_right


class Positions:
    r"""Of a text whose lines end with \n."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def offset(self, line: int, column: int) -> int:
        """The offset of a line, from 1, and of a column in characters, from 0."""
        return self._starts[min(line, len(self._starts)) - 1] + column

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column of an offset, both from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1
