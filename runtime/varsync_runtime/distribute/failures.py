"""Exceptions on their way from one process to others."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

from varsync_runtime.distribute import pickling


@dataclass
class Failure:
    """An exception of one process, for the others."""

    pickled: bytes
    name: str
    message: str
    trace: str

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """The exception in a form that other processes understand."""
        trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        try:
            pickled = pickling.dumps(error)
            pickling.loads(pickled)
        except Exception:
            pickled = b""
        return cls(pickled, type(error).__name__, str(error), trace)

    def exception(self) -> BaseException:
        """The exception, or one that looks the same."""
        if self.pickled:
            error: BaseException = pickling.loads(self.pickled)
        else:
            error = type(self.name, (Exception,), {})(self.message)
        error.__dict__["_replica_traceback"] = self.trace
        return error
