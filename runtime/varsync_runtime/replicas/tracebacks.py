"""The traceback of a script as Python shows it: without the frames of the simulator."""

from __future__ import annotations

import contextlib
import io
import itertools
import linecache
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

_OURS = str(Path(__file__).resolve().parents[1])
_LAUNCHERS = ("varsync", "varsync_runtime")
# What the simulator is made with; frames of theirs below ours are no business of the script
_TOOLS = sys.stdlib_module_names | {"numpy"}


def is_ours(filename: str, module: str) -> bool:
    """Whether a frame with this file and module belongs to the simulator."""
    return filename.startswith(_OURS) or module.partition(".")[0] in _LAUNCHERS


def without_our_frames(trace: TracebackType | None) -> TracebackType | None:
    """The traceback, but for the frames that are ours, our tools' and what lies above the script."""
    kept: list[TracebackType] = []
    ours = False
    while trace is not None:
        frame = trace.tb_frame
        module = str(frame.f_globals.get("__name__", ""))
        ours = is_ours(frame.f_code.co_filename, module) or (
            ours and module.partition(".")[0] in _TOOLS
        )
        if not ours:
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


def joined(above: TracebackType | None, below: TracebackType | None) -> TracebackType | None:
    """A traceback that goes on with another one."""
    kept = []
    while above is not None:
        kept.append(above)
        above = above.tb_next
    for trace in reversed(kept):
        below = TracebackType(below, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)
    return below


class FrameLine(NamedTuple):
    """A frame of a traceback, as another process can be told of it; columns of no code are None."""

    filename: str
    name: str
    line: int
    end_line: int | None
    column: int | None
    end_column: int | None


def lines(trace: TracebackType | None) -> list[FrameLine]:
    """The frames of a traceback that are not ours, outermost first."""
    found = []
    trace = without_our_frames(trace)
    while trace is not None:
        code = trace.tb_frame.f_code
        end = column = end_column = None
        if sys.version_info >= (3, 11) and trace.tb_lasti >= 0:
            place = next(itertools.islice(code.co_positions(), trace.tb_lasti // 2, None))
            if place[0] == trace.tb_lineno:
                _, end, column, end_column = place
        found.append(
            FrameLine(code.co_filename, code.co_name, trace.tb_lineno, end, column, end_column)
        )
        trace = trace.tb_next
    return found


def of_lines(frames: Sequence[FrameLine]) -> TracebackType | None:
    """A traceback that prints as the one did of which these are the frames."""
    below: TracebackType | None = None
    for frame in reversed(frames):
        code = compile("_", frame.filename, "exec").replace(
            co_name=frame.name, co_firstlineno=frame.line
        )
        if sys.version_info >= (3, 11):
            code = code.replace(co_linetable=_positions(frame, len(code.co_code) // 2))
        try:
            exec(code, {"__builtins__": {}})  # a NameError in a frame of that name, at that line
        except NameError as error:
            made = error.__traceback__.tb_next if error.__traceback__ is not None else None
            assert made is not None
            below = TracebackType(below, made.tb_frame, made.tb_lasti, frame.line)
    return below


def _positions(frame: FrameLine, units: int) -> bytes:
    """A table of positions as Python 3.11 and later has it: one place for all instructions."""
    table = bytearray()
    while units > 0:
        size = min(units, 8)
        units -= size
        known = None not in (frame.end_line, frame.column, frame.end_column)
        table.append(0x80 | (14 if known else 13) << 3 | size - 1)
        table += _varint(0)  # no step to another line
        if known:
            table += _varint((frame.end_line or frame.line) - frame.line)
            table += _varint((frame.column or 0) + 1) + _varint((frame.end_column or 0) + 1)
    return bytes(table)


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value >= 64:
        parts.append(0x40 | value & 63)
        value >>= 6
    parts.append(value)
    return bytes(parts)


def text(error: BaseException) -> str:
    """What Python prints for an exception that nobody catches."""
    if _has_lines_of_no_file(error):
        return "".join(traceback.format_exception(type(error), error, error.__traceback__))
    # Python's own hook marks some syntax errors in another way than the module `traceback`
    written = io.StringIO()
    with contextlib.redirect_stderr(written):
        sys.__excepthook__(type(error), error, error.__traceback__)
    return written.getvalue()


def _has_lines_of_no_file(error: BaseException) -> bool:
    """Whether the source of a frame, as of a notebook's cell, is known to `linecache` alone."""
    names = {frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)}
    if isinstance(error, SyntaxError):
        names.add(error.filename or "")
    return any(name in linecache.cache and not Path(name).exists() for name in names)


def show(error: BaseException) -> None:
    """Prints it the way the script wants it: its `sys.excepthook`, or Python's."""
    if sys.excepthook is sys.__excepthook__ and sys.stderr is not None:
        # in one piece, or the lines of several workers mix
        sys.stderr.write(text(error))
        return
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except Exception:
        sys.stderr.write(text(error))
