"""Files that are there whole, or as they were before."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from varsync.console.interrupt import undisturbed
from varsync.errors import CannotRun, refusal


def check_writable(file: Path, read: str | os.PathLike[str]) -> None:
    """Before hours of work: raises CannotRun unless there is a place for a file.

    It must not be the one that is `read`.
    """
    try:
        if file.is_dir():
            raise CannotRun(f"{file}: is a directory")
        if file.exists() and Path(read).exists() and file.samefile(read):
            raise CannotRun(f"{file}: is the script, which would be overwritten")
        if not file.absolute().parent.is_dir():
            raise CannotRun(f"{file}: no such folder")
        if is_written_in_place(file):
            if not os.access(file, os.W_OK):
                raise CannotRun(f"{file}: permission denied")
            return
        part = _part(file)
        part.touch()
        part.unlink()
    except (OSError, ValueError) as error:
        raise CannotRun(f"{file}: {refusal(error)}") from None


def is_written_in_place(file: Path) -> bool:
    """Whether it is something that must not be replaced: a pipe, a terminal, /dev/null."""
    try:
        return not stat.S_ISREG(file.stat().st_mode)
    except FileNotFoundError:
        return False


def _part(file: Path) -> Path:
    """Where a report is written before it is put in its place; a link stays one."""
    whole = file.resolve()
    return whole.with_name(f".{whole.name}.{os.getpid()}.part")


def write_whole(contents: str | bytes, file: Path) -> None:
    """Writes a file beside its place and then puts it there, whole; raises CannotRun."""
    data = contents
    if isinstance(data, str):
        data = data.encode("utf-8", errors="backslashreplace")
    with undisturbed():
        try:
            if is_written_in_place(file):
                file.write_bytes(data)
                return
        except BrokenPipeError:
            return  # who asked for it has gone
        except OSError as error:
            raise CannotRun(f"{file}: {refusal(error)}") from None
        part = _part(file)
        try:
            part.write_bytes(data)
            part.replace(file.resolve())
        except OSError as error:
            with contextlib.suppress(OSError):
                part.unlink()
            raise CannotRun(f"{file}: {refusal(error)}") from None
