"""The bytes of a file. What is no ordinary file is not waited for, nor read without an end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

LARGEST = 256_000_000
"""In bytes: with its pictures a notebook is large, but never this large."""

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def contents(file: Path) -> bytes:
    """The bytes of an ordinary file.

    Raises OSError where the system refuses, and for pipes, sockets, devices and what is too large.
    """
    status = file.stat()
    kind = _KINDS.get(stat.S_IFMT(status.st_mode))
    if kind is not None:
        raise OSError(errno.EINVAL, f"it is {kind}, not a file")
    if status.st_size > LARGEST and stat.S_ISREG(status.st_mode):
        raise too_large()
    # the system has files that hold nothing until something happens: those give None
    data: bytes | None
    with open(file, "rb", buffering=0, opener=_at_once) as opened:
        data = opened.read()
    if data is None:
        raise OSError(errno.EINVAL, "it is not a file with an end")
    return data


def too_large() -> OSError:
    """The error for more than LARGEST bytes."""
    return OSError(
        errno.EFBIG, f"it is too large to be read (more than {LARGEST // 10**6} million bytes)"
    )


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
