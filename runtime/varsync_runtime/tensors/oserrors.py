"""What the system says of files, as TensorFlow says it."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from typing import Any

from varsync_runtime.tensors import errors

CODES: dict[int, type[errors.OpError]] = {
    errno.ENOENT: errors.NotFoundError,
    errno.EEXIST: errors.AlreadyExistsError,
    errno.EACCES: errors.PermissionDeniedError,
    errno.EPERM: errors.PermissionDeniedError,
    errno.EROFS: errors.PermissionDeniedError,
    errno.ENOSPC: errors.ResourceExhaustedError,
    errno.EISDIR: errors.FailedPreconditionError,
    errno.ENOTDIR: errors.FailedPreconditionError,
    errno.ENOTEMPTY: errors.FailedPreconditionError,
}


def error(code: int, path: Any, words: str) -> errors.OpError:
    """TensorFlow's exception for an error number of the system."""
    return CODES.get(code, errors.UnknownError)(None, None, f"{path}; {words}")  # type: ignore[call-arg]


@contextlib.contextmanager
def translated(path: Any) -> Iterator[None]:
    """What the system raises inside is raised as TensorFlow's exception that names `path`."""
    try:
        yield
    except OSError as found:
        raise error(found.errno or 0, path, found.strerror or str(found)) from None
