"""`tf.errors`: one class a code, with the message that TensorFlow gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from varsync_runtime import events
from varsync_runtime.events import Site, here
from varsync_runtime.events.kinds import REFUSAL
from varsync_runtime.events.sites import NOWHERE
from varsync_runtime.tensors.exports import export, provide

_TF = "tensorflow.python.framework.errors_impl"


@export("tf.errors.OpError")
class OpError(Exception):
    """What an op raises while it runs: the message, the op (None when eager) and the code."""

    __module__ = _TF

    def __init__(self, node_def: Any, op: Any, message: str, error_code: int, *args: Any) -> None:
        super().__init__()
        self._node_def = node_def
        self._op = op
        self._message = message
        self._error_code = error_code
        self._experimental_payloads: dict[Any, Any] = {}

    @property
    def message(self) -> str:
        return self._message

    @property
    def op(self) -> Any:
        return self._op

    @property
    def node_def(self) -> Any:
        return self._node_def

    @property
    def error_code(self) -> int:
        return self._error_code

    @property
    def experimental_payloads(self) -> dict[Any, Any]:
        return self._experimental_payloads

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return rebuild, (type(self).__name__, self._message, self._error_code)


class _Coded(OpError):
    """An OpError whose class gives the code."""

    __module__ = _TF
    code = 2

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, self.code, *args)


@export("tf.errors.CancelledError")
class CancelledError(_Coded):
    __module__ = _TF
    code = 1


@export("tf.errors.UnknownError")
class UnknownError(OpError):
    __module__ = _TF

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        code = args[0] if args else 2
        super().__init__(node_def, op, message, code, *args[1:])


@export("tf.errors.InvalidArgumentError")
class InvalidArgumentError(_Coded):
    __module__ = _TF
    code = 3


@export("tf.errors.DeadlineExceededError")
class DeadlineExceededError(_Coded):
    __module__ = _TF
    code = 4


@export("tf.errors.NotFoundError")
class NotFoundError(_Coded):
    __module__ = _TF
    code = 5


@export("tf.errors.AlreadyExistsError")
class AlreadyExistsError(_Coded):
    __module__ = _TF
    code = 6


@export("tf.errors.PermissionDeniedError")
class PermissionDeniedError(_Coded):
    __module__ = _TF
    code = 7


@export("tf.errors.ResourceExhaustedError")
class ResourceExhaustedError(_Coded):
    __module__ = _TF
    code = 8


@export("tf.errors.FailedPreconditionError")
class FailedPreconditionError(_Coded):
    __module__ = _TF
    code = 9


@export("tf.errors.AbortedError")
class AbortedError(_Coded):
    __module__ = _TF
    code = 10


@export("tf.errors.OutOfRangeError")
class OutOfRangeError(_Coded):
    __module__ = _TF
    code = 11


@export("tf.errors.UnimplementedError")
class UnimplementedError(_Coded):
    __module__ = _TF
    code = 12


@export("tf.errors.InternalError")
class InternalError(_Coded):
    __module__ = _TF
    code = 13


@export("tf.errors.UnavailableError")
class UnavailableError(_Coded):
    __module__ = _TF
    code = 14


@export("tf.errors.DataLossError")
class DataLossError(_Coded):
    __module__ = _TF
    code = 15


@export("tf.errors.UnauthenticatedError")
class UnauthenticatedError(_Coded):
    __module__ = _TF
    code = 16


for _class in (
    CancelledError, UnknownError, InvalidArgumentError, DeadlineExceededError, NotFoundError,
    AlreadyExistsError, PermissionDeniedError, ResourceExhaustedError, FailedPreconditionError,
    AbortedError, OutOfRangeError, UnimplementedError, InternalError, DataLossError,
    UnauthenticatedError, UnavailableError,
):  # fmt: skip
    _word = "".join("_" + c if c.isupper() else c for c in _class.__name__[:-5]).upper()[1:]
    provide(f"tf.errors.{_word}", getattr(_class, "code", 2))
provide("tf.errors.OK", 0)


def rebuild(name: str, message: str, code: int) -> OpError:
    """The error of the class called `name`, in the process that it was sent to."""
    found = globals().get(name, OpError)
    if found is UnknownError:
        return UnknownError(None, None, message, code)
    if isinstance(found, type) and issubclass(found, _Coded):
        return found(None, None, message)
    return OpError(None, None, message, code)


class Rejected(Exception):
    """What a kernel raises when it does not take its inputs: TensorFlow's words, and the class.

    The dispatcher makes the error of it that the user sees, since it knows the op and the mode.
    """

    def __init__(
        self,
        words: str,
        kind: type[OpError] = InvalidArgumentError,
        *,
        static: str | None = None,
        label: str = "",
    ) -> None:
        super().__init__(words)
        self.words = words
        self.kind = kind
        self.label = label
        self.static = static
        """What TensorFlow says instead, as a ValueError, when it builds a graph and sees it there."""


class NotModelled(NotImplementedError):
    """Something of TensorFlow that `varsync simulate` does not have; the message names it.

    `site` is the user's line. The report lists it also where the script catches the exception.
    """

    # what ends the simulation, and not the script, needs no traceback
    says_it_all = True

    def __init__(self, what: str, site: Site | None = None) -> None:
        self.what = what
        if REFUSAL in what:
            # Keras makes the exception anew, with more words around the first one's
            self.site = NOWHERE
            super().__init__(what)
            return
        self.site = here() if site is None else site
        name = Path(self.site.filename).name
        super().__init__(f"{REFUSAL}{what} ({name}:{self.site.line})")
        events.count(events.Refused, what, self.site)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.what, self.site)


@export("tf.errors.OperatorNotAllowedInGraphError")
class OperatorNotAllowedInGraphError(TypeError):
    """Python control flow on a symbolic tensor, where AutoGraph did not see it."""

    __module__ = _TF
