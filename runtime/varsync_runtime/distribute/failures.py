"""Exceptions on their way from one process to others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from varsync_runtime.distribute import pickling
from varsync_runtime.replicas import tracebacks


@dataclass
class Bare:
    """An exception of a class whose instances can't be pickled, with what of it can be."""

    cls: type[BaseException]
    args: tuple[Any, ...]
    attributes: dict[str, Any]

    @classmethod
    def of(cls, error: BaseException) -> Bare:
        """What others can get of the exception."""
        args = tuple(arg if _can_be_sent(arg) else str(arg) for arg in error.args)
        attributes = {name: one for name, one in vars(error).items() if _can_be_sent(one)}
        return cls(type(error), args, attributes)

    def exception(self) -> BaseException:
        """The exception; its class's `__init__` is not called, which may want other arguments."""
        error = self.cls.__new__(self.cls, *self.args)
        vars(error).update(self.attributes)
        return error


@dataclass
class Failure:
    """An exception of one process, for the others."""

    pickled: bytes
    module: str
    name: str
    message: str
    frames: list[tracebacks.FrameLine]

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """The exception in a form that other processes understand."""
        frames = tracebacks.lines(error.__traceback__)
        kind = type(error)
        pickled = _sent(error) or _sent(Bare.of(error))
        return cls(pickled, kind.__module__, kind.__qualname__, str(error), frames)

    def exception(self) -> BaseException:
        """The exception, or one that looks the same."""
        error: BaseException
        if self.pickled:
            sent = pickling.loads(self.pickled)
            error = sent.exception() if isinstance(sent, Bare) else sent
        else:
            error = type(self.name, (Exception,), {"__module__": self.module})(self.message)
        return error.with_traceback(tracebacks.of_lines(self.frames))


def _sent(value: BaseException | Bare) -> bytes:
    """The value as bytes; none if it can't be sent, or others could make nothing of it."""
    try:
        pickled = pickling.dumps(value)
        received = pickling.loads(pickled)
        if isinstance(received, Bare):
            received.exception()
        return pickled
    except Exception:
        return b""


def _can_be_sent(value: Any) -> bool:
    try:
        pickling.loads(pickling.dumps(value))
    except Exception:
        return False
    return True
