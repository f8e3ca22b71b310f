"""Exceptions of code that is traced, as AutoGraph words them: "in user code: …"."""

from __future__ import annotations

import linecache
from types import CodeType, FrameType, TracebackType
from typing import NoReturn
from weakref import WeakSet

from varsync_runtime.events.sites import is_users
from varsync_runtime.function.places import is_ours
from varsync_runtime.tensors.errors import NotModelled, OperatorNotAllowedInGraphError, OpError

# tensorflow/python/autograph/pyct/error_utils.py
WITH_ONE_STRING = (
    AssertionError,
    AttributeError,
    NameError,
    NotImplementedError,
    RuntimeError,
    StopIteration,
    TypeError,
    UnboundLocalError,
    ValueError,
    OperatorNotAllowedInGraphError,
)
# the code of dry runs, which stands for a part of the function that it was made of
dry_codes: WeakSet[CodeType] = WeakSet()


class StagingError(Exception):
    """tensorflow/python/autograph/impl/api.py: stands for an exception that can't be made anew."""

    __module__ = "tensorflow.python.autograph.impl.api"


class MultilineMessageKeyError(KeyError):
    """A KeyError that shows its message as it is."""

    __module__ = "tensorflow.python.autograph.pyct.error_utils"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self._message = message

    def __str__(self) -> str:
        return self._message


MultilineMessageKeyError.__name__ = "KeyError"


def reraise(error: Exception) -> NoReturn:
    """Raises the exception that TensorFlow makes of one that left a traced function."""
    known = isinstance(error, (OpError, NotModelled))
    if known or hasattr(error, "ag_error_metadata") or not _frames(error.__traceback__):
        raise error
    worded = _reworded(error, describe(error))
    worded.ag_error_metadata = error  # type: ignore[attr-defined]
    raise worded.with_traceback(error.__traceback__) from None


def _reworded(error: Exception, message: str) -> Exception:
    kind = type(error)
    if kind in WITH_ONE_STRING or kind.__init__ is Exception.__init__:
        return kind(message)
    return MultilineMessageKeyError(message) if kind is KeyError else StagingError(message)


def describe(error: Exception) -> str:
    """The message: where the user's code was, and what it raised."""
    lines = ["in user code:", ""]
    outside = False
    for frame, line in _frames(error.__traceback__):
        filename = frame.f_code.co_filename
        mark = "  *"
        if not is_users(filename):
            mark, outside = ("" if outside else "  **"), True
        lines.append(f'    File "{filename}", line {line}, in {frame.f_code.co_name}{mark}')
        lines.append(f"        {linecache.getline(filename, line).strip()}")
    told = f"{type(error).__name__}: {error}"
    lines += ["", *(f"    {line}" for line in told.split("\n")), ""]
    return "\n".join(lines)


def _frames(traceback: TracebackType | None) -> list[tuple[FrameType, int]]:
    """The frames that are shown, the outermost first, below the call of the compiled function."""
    frames: list[tuple[FrameType, int]] = []
    inside = False
    while traceback is not None:
        frame = traceback.tb_frame
        if is_ours(frame.f_code.co_filename):
            inside = True
        elif inside and not frame.f_code.co_name.startswith("<"):
            if frame.f_code in dry_codes and frames:
                frames.pop()
            frames.append((frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    return _one_of_each_conversion(frames)


def _one_of_each_conversion(frames: list[tuple[FrameType, int]]) -> list[tuple[FrameType, int]]:
    """Functions that are converted together, as those within others are: the innermost alone is named."""
    shown: dict[int, tuple[FrameType, int]] = {}
    together: list[int] = []
    for index, (frame, line) in enumerate(frames):
        outer = (at for at in together if _is_within(frame.f_code, frames[at][0].f_code))
        together.append(next(outer, index))
        shown[together[-1]] = frame, line
    return list(shown.values())


def _is_within(code: CodeType, outer: CodeType) -> bool:
    own = [each for each in outer.co_consts if isinstance(each, CodeType)]
    return code in own or any(_is_within(code, each) for each in own)
