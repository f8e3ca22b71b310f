"""A file with replacements in it, as bytes: encoding, marks and line ends stay as they were."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping

from varsync_rules.changes import Change
from varsync_rules.fixes.edits import CannotFix, Edit, apply, edits
from varsync_rules.source import Source, UnreadableSource

_LINE_END = re.compile("\r\n?|\n")


def edits_of(source: Source, cell: int, changes: Iterable[Change]) -> list[Edit | CannotFix]:
    """The replacement for each change of one file, or of one cell of a notebook."""
    return edits(source.text_of(cell), changes)


def rewritten(source: Source, replacements: Mapping[int, Iterable[Edit]]) -> bytes:
    """The bytes of a file with replacements, by cell (0 in an ordinary file).

    Raises CannotFix where the result would be no Python any more.
    """
    if source.is_notebook:
        from varsync_rules.fixes.notebooks import with_cells

        texts = {cell: apply(source.text_of(cell), own) for cell, own in replacements.items()}
        data = with_cells(source.data, texts)
    else:
        data = _with_text(source, replacements.get(0, ()))
    _require_python(source, data)
    return data


def _with_text(source: Source, replacements: Iterable[Edit]) -> bytes:
    original = source.data.decode(source.encoding)
    ends = list(_LINE_END.finditer(original))
    # a line end of two characters is one in the text that was checked
    long = [found.start() - number for number, found in enumerate(_long(ends))]
    end = ends[0][0] if ends else "\n"

    def moved(offset: int) -> int:
        return offset + bisect_left(long, offset)

    placed = [
        Edit(moved(edit.start), moved(edit.end), edit.text.replace("\n", end))
        for edit in replacements
    ]
    return apply(original, placed).encode(source.encoding)


def _long(ends: list[re.Match[str]]) -> list[re.Match[str]]:
    return [found for found in ends if len(found[0]) == 2]


def _require_python(source: Source, data: bytes) -> None:
    """Raises CannotFix where the new file has a syntax error that the old one had not."""
    from varsync_rules.parsing import problem_of

    try:
        new = Source(source.path, source.absolute, data)
    except UnreadableSource as problem:
        raise CannotFix(f"the file would not be readable: {problem.reason}") from None
    if len(new.broken_cells) > len(source.broken_cells) or problem_of(new.text) is not None:
        raise CannotFix("the file would be no Python any more")
