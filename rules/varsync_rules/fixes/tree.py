"""The code at one place as LibCST's tree, with the offset of each of its nodes in the text.

Only that code is parsed: it is a call or a statement, while a file may be large, deeply nested or
hold what only a notebook understands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from varsync_rules.fixes.edits import CannotFix, Edit
from varsync_rules.fixes.positions import Positions

if TYPE_CHECKING:
    from varsync_rules.findings import Span

Node = TypeVar("Node", bound=cst.CSTNode)

LARGEST = 4_000
"""In characters: LibCST is slow, and what is nested deeply ends it."""


class Tree:
    """What stands at `span` of a text, which is a node of a kind. Raises CannotFix."""

    def __init__(self, text: str, positions: Positions, span: Span) -> None:
        self._places = positions
        start, end = self.extent(span)
        self.text = text
        self._start = start
        code = text[start:end]
        if len(code) > LARGEST:
            raise CannotFix(f"the code to change has more than {LARGEST:,} characters")
        try:
            # in parentheses an expression may go over lines as it does where it stands
            self._parse(f"({code})", 1)
        except cst.ParserSyntaxError:
            self._parse(code, 0)

    def _parse(self, code: str, shift: int) -> None:
        self._shift = shift
        self._positions = Positions(code)
        try:
            self._module = cst.parse_module(code)
            wrapper = MetadataWrapper(self._module, unsafe_skip_copy=True)
            self._ranges = wrapper.resolve(PositionProvider)
        except (RecursionError, MemoryError, KeyError):
            # where it recurses too deeply, LibCST loses what it has to clean up
            raise CannotFix("the code to change is nested too deeply") from None

    def root(self, kind: type[Node]) -> Node:
        """The node; raises CannotFix where it is of another kind."""
        line = self._module.body[0] if len(self._module.body) == 1 else None
        small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
        for node in (small, small.value if isinstance(small, cst.Expr) else None):
            if isinstance(node, kind):
                return node
        raise CannotFix("the code at this place is not what the fix is for")

    def extent(self, span: Span) -> tuple[int, int]:
        """The offsets at which a place in the text begins and ends."""
        start = self._places.offset(span.line, span.column - 1)
        return start, self._places.offset(span.end_line, span.end_column - 1)

    def strings(self) -> list[tuple[int, int]]:
        """Where the strings begin and end, one in another's braces left out."""
        kinds = (cst.SimpleString, cst.FormattedString)
        return [
            (self.start(node), self.end(node)) for node in self._ranges if isinstance(node, kinds)
        ]

    def start(self, node: cst.CSTNode) -> int:
        """The offset of a node's first character, its own parentheses left out."""
        place = self._ranges[node].start
        return self._offset(place.line, place.column)

    def end(self, node: cst.CSTNode) -> int:
        """The offset after a node's last character, its own parentheses left out."""
        place = self._ranges[node].end
        return self._offset(place.line, place.column)

    def _offset(self, line: int, column: int) -> int:
        return self._start + self._positions.offset(line, column) - self._shift

    def whole(self, node: cst.BaseExpression) -> str:
        """The text of an expression with its own parentheses."""
        start = self.start(node.lpar[0] if node.lpar else node)
        return self.text[start : self.end(node.rpar[-1] if node.rpar else node)]

    def text_of(self, node: cst.CSTNode) -> str:
        """The text of a node."""
        return self.text[self.start(node) : self.end(node)]

    def replace(self, start: int, end: int, text: str) -> Edit:
        """A replacement; raises CannotFix where a comment would be lost."""
        old = self.text[start:end]
        if old.count("#") > text.count("#"):
            raise CannotFix("a comment stands in the code to replace")
        return Edit(start, end, text)
