"""The lines that show a run while it goes on: how far it is, and who does what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from rich.cells import cell_len, set_cell_size
from varsync_runtime.course import Moment, Replica

from varsync.console.progress import line
from varsync.console.style import Style
from varsync.console.terminal import escape

PART = 2
"""It takes no more than the half of a terminal's lines."""

PART_OF_ROW = 3
"""Replicas are counted where their numbers would take more than this part of a row."""


@dataclass(frozen=True)
class Shown:
    """What is shown: `most` steps are asked for (None: nobody knows), `title` says what runs.

    `observations` is how many there are so far, None where that is not known yet.
    """

    title: str
    moment: Moment
    most: int | None
    seconds: float
    observations: int | None


def draw(shown: Shown, columns: int, lines: int, style: Style) -> list[str]:
    """At most half as many lines as there are, all narrower than the terminal."""
    room, width = max(lines // PART, 1), max(columns - 1, 0)
    steps, replicas, seen = shown.moment.steps, shown.moment.replicas, shown.observations
    seconds = int(shown.seconds)
    facts = [
        f"{shown.title} {seconds // 60}:{seconds % 60:02}",
        *([] if shown.most else [f"step {steps}"]),
        *([] if seen is None else [f"{seen} observation{'' if seen == 1 else 's'}"]),
        *([f"{len(replicas)} replicas"] if len(replicas) > 1 else []),
    ]
    while len(facts) > 1 and len("  ".join(facts)) > width:
        facts.pop()  # the last one matters least
    head = [_cut("  ".join(facts), width)]
    if shown.most:
        head.append(line(min(steps, shown.most), shown.most, "step", width))
    # of one process there is nothing to tell apart
    groups = _groups(replicas) if len(replicas) > 1 else []
    fit = len(groups) if len(head) + len(groups) <= room else max(room - len(head) - 1, 0)
    rows = [_row(words, ranks, width, style) for words, ranks in groups[:fit]]
    if rest := sum(len(ranks) for _, ranks in groups[fit:]):
        rows.append(_cut(f"  and {rest} more", width))
    return [*map(style.bold, head), *rows][:room]


def _groups(replicas: Iterable[Replica]) -> list[tuple[tuple[str, str], list[int]]]:
    """What replicas do, and where, each with those that do it."""
    found: dict[tuple[str, str], list[int]] = {}
    for one in replicas:
        where = f" at {PurePath(one.site.filename).name}:{one.site.line}" if one.site.line else ""
        what = f"in {one.what}{where}" if one.what else ""
        found.setdefault((one.doing.value, what.replace("`", "")), []).append(one.rank)
    return list(found.items())


def _row(words: tuple[str, str], ranks: Sequence[int], width: int, style: Style) -> str:
    doing, what = words
    who = _spans(ranks)
    if len(who) > width // PART_OF_ROW:
        who = f"{len(ranks)} of them"
    row = _cut(f"  {doing:<12} {who}  {what}".rstrip(), width)
    end = 2 + len(doing)
    return row[:2] + style.quiet(row[2:end]) + row[end:]


def _spans(ranks: Sequence[int]) -> str:
    """`0-3, 5`."""
    spans: list[list[int]] = []
    for rank in ranks:
        if spans and spans[-1][1] == rank - 1:
            spans[-1][1] = rank
        else:
            spans.append([rank, rank])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


def _cut(text: str, width: int) -> str:
    """A text of somebody's as one line of at most so many columns."""
    own = escape(text)
    return own if cell_len(own) <= width else set_cell_size(own, width).rstrip()
