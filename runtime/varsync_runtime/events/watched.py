"""Whether lines that somebody asks for were run."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable
from types import CodeType, FrameType
from typing import Any, TypeAlias

from varsync_runtime.events.asked import Lines
from varsync_runtime.events.kinds import Reached
from varsync_runtime.events.recorder import tell
from varsync_runtime.events.sites import Site

_Trace: TypeAlias = Any
"""What `sys.settrace` takes: typeshed's type of it has no public name."""


def watch(asked: Iterable[Lines]) -> None:
    """Tells of each of these, once in a process, when the first of its lines is to be run.

    Python calls back for each function that is run, so the script takes longer.
    """
    waiting: dict[tuple[str, int], list[Lines]] = {}
    for lines in asked:
        waiting.setdefault((os.path.realpath(lines.filename), lines.cell), []).append(lines)
    if not waiting:
        return
    by_code: dict[CodeType, list[Lines]] = {}

    def of_code(code: CodeType) -> list[Lines]:
        filename, cell = Site(code.co_filename, 0).cell
        mine = waiting.get((os.path.realpath(filename), cell), [])
        held = {line for _, _, line in code.co_lines() if line is not None}
        return [lines for lines in mine if any(lines.first <= line <= lines.last for line in held)]

    def on_call(frame: FrameType, event: str, argument: object) -> _Trace:
        code = frame.f_code
        mine = by_code.get(code)
        if mine is None:
            mine = by_code[code] = of_code(code)
        return on_line if mine else None

    def on_line(frame: FrameType, event: str, argument: object) -> _Trace:
        if event != "line":
            return on_line
        mine = by_code[frame.f_code]
        for lines in [each for each in mine if each.first <= frame.f_lineno <= each.last]:
            mine.remove(lines)
            tell(Reached(Site(frame.f_code.co_filename, frame.f_lineno)))
        return on_line if mine else None

    threading.settrace(on_call)
    sys.settrace(on_call)
