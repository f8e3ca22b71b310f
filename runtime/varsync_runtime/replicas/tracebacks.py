"""The traceback of a script as Python shows it: without the frames of the simulator."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import TracebackType

_OURS = str(Path(__file__).resolve().parents[1])
_LAUNCHERS = ("varsync", "varsync_runtime")


def is_ours(filename: str, module: str) -> bool:
    """Whether a frame with this file and module belongs to the simulator."""
    return filename.startswith(_OURS) or module.partition(".")[0] in _LAUNCHERS


def without_our_frames(trace: TracebackType | None) -> TracebackType | None:
    """The traceback, but for the frames that are ours and what lies above the script."""
    kept: list[TracebackType] = []
    while trace is not None:
        frame = trace.tb_frame
        if not is_ours(frame.f_code.co_filename, str(frame.f_globals.get("__name__", ""))):
            kept.append(trace)
        trace = trace.tb_next
    below: TracebackType | None = None
    for trace in reversed(kept):
        below = TracebackType(below, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)
    return below


def clean(error: BaseException) -> BaseException:
    """Takes our frames out of an exception and of all that it is chained to; the same object."""
    seen: set[int] = set()
    rest: list[BaseException | None] = [error]
    while rest:
        one = rest.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        one.__traceback__ = without_our_frames(one.__traceback__)
        rest += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
    return error


def text(error: BaseException) -> str:
    """What Python prints for an exception that nobody catches."""
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def show(error: BaseException) -> None:
    """Prints it the way the script wants it: its `sys.excepthook`, or Python's."""
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except Exception:
        sys.stderr.write(text(error))
