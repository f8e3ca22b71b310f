"""Puts a file's new bytes in the place of its old ones: all of them, or none."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path
from typing import TypeAlias

from varsync_rules.disk import contents
from varsync_rules.source import Source

from varsync.console.interrupt import undisturbed
from varsync.console.terminal import complain
from varsync.errors import CannotRun, refusal

Stamp: TypeAlias = tuple[int, int, int]
"""What is not the same when a file was written: when that was, its size, which file it is."""

written: dict[str, Stamp | None] = {}
"""The files that this process wrote, by the path that it was given, as it left them."""


def stamp(path: str) -> Stamp | None:
    """The stamp of a file; None where there is none."""
    try:
        return _stamp(os.stat(path))
    except OSError:
        return None


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_mtime_ns, status.st_size, status.st_ino


class Changed(Exception):
    """The file is not any more what was read."""


def replace(path: str, old: bytes, new: bytes) -> None:
    """Replaces a file that holds `old`; its mode and owner stay, and a link to it stays a link.

    Raises Changed, and OSError where the system refuses.
    """
    file = Path(os.path.realpath(path))
    status = file.stat()
    # whoever may not write a file may still replace it: that is not what was meant
    if not os.access(file, os.W_OK):
        raise PermissionError(13, "Permission denied", str(file))
    with undisturbed():
        descriptor, temporary = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(new)
                opened.flush()
                os.fsync(opened.fileno())
            with contextlib.suppress(PermissionError):  # who is not root has its own alone
                os.chown(temporary, status.st_uid, status.st_gid)
            os.chmod(temporary, stat.S_IMODE(status.st_mode))
            if contents(file) != old:
                raise Changed
            new_status = os.stat(temporary)
            os.replace(temporary, file)
            written[path] = _stamp(new_status)
        except BaseException:
            os.unlink(temporary)
            raise


def replace_all(files: dict[str, tuple[Source, Source]]) -> None:
    """Replaces files, by absolute path what each was and will be; raises CannotRun in the end."""
    failed = False
    for path, (before, after) in files.items():
        try:
            replace(path, before.data, after.data)
        except Changed:
            complain(f"{after.path}: not written: it was changed while it was checked")
            failed = True
        except OSError as error:
            complain(f"{after.path}: not written: {refusal(error)}")
            failed = True
    if failed:
        raise CannotRun("not all files were written")
