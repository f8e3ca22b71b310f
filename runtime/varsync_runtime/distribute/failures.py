"""Exceptions on their way from one process to others."""

from __future__ import annotations

from dataclasses import dataclass

from varsync_runtime.distribute import pickling
from varsync_runtime.replicas import tracebacks


@dataclass
class Failure:
    """An exception of one process, for the others."""

    pickled: bytes
    name: str
    message: str
    frames: list[tracebacks.FrameLine]

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """The exception in a form that other processes understand."""
        frames = tracebacks.lines(error.__traceback__)
        try:
            pickled = pickling.dumps(error)
            pickling.loads(pickled)
        except Exception:
            pickled = b""
        return cls(pickled, type(error).__name__, str(error), frames)

    def exception(self) -> BaseException:
        """The exception, or one that looks the same."""
        if self.pickled:
            error: BaseException = pickling.loads(self.pickled)
        else:
            error = type(self.name, (Exception,), {})(self.message)
        return error.with_traceback(tracebacks.of_lines(self.frames))
