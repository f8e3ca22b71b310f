"""What fixing did, or would do: a difference, a table by file, a line."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator

from varsync_rules.source import Source

from varsync.console.style import Style
from varsync.console.terminal import escape
from varsync.linting.fixing import Fixed
from varsync.reports.summary import counted


def difference(fixed: Fixed, style: Style) -> str:
    """A unified difference of each file; of a notebook one of each cell."""
    lines: list[str] = []
    for path, after in sorted(fixed.after.items()):
        lines += _of_file(fixed.before[path], after)
    return "".join(f"{_painted(line, style)}\n" for line in lines)


def _of_file(before: Source, after: Source) -> Iterator[str]:
    cells = [block.cell for block in before.blocks]
    for cell in cells:
        name = f"{before.path}:cell {cell}" if cell else before.path
        yield from difflib.unified_diff(
            before.lines(cell), after.lines(cell), name, name, lineterm=""
        )


def _painted(line: str, style: Style) -> str:
    # a tab is text that a patch needs
    return style.difference("\t".join(map(escape, line.split("\t"))))


def table(fixed: Fixed) -> str:
    """How many findings of each rule were fixed, by file."""
    by_path: dict[str, Counter[tuple[str, str]]] = {}
    for finding in fixed.applied:
        by_path.setdefault(finding.span.path, Counter())[finding.code, finding.name] += 1
    lines = [f"Fixed {counted(len(fixed.applied))}:"]
    for path, counts in sorted(by_path.items()):
        lines.append(f"- {escape(path)}:")
        lines += [f"    {count} × {code} {name}" for (code, name), count in sorted(counts.items())]
    return "".join(f"{line}\n" for line in lines)
