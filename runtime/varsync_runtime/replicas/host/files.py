"""Files: changed by the first rank, seen by all.

What the script writes through a file object reaches the disk when the first rank flushes it, at a
time that the others do not know. So whoever reads, or asks for the size of, a file that the script
has opened for writing meets the others first.
"""

from __future__ import annotations

import builtins
import errno
import functools
import gc
import io
import os
import tempfile
from collections.abc import Callable
from typing import Any

from varsync_runtime.replicas.host import together
from varsync_runtime.replicas.host.context import Role, role, situation
from varsync_runtime.replicas.host.patches import replace

# functions of os that change the file system and give back nothing that is a process's own
CHANGES = (
    "mkdir",
    "rmdir",
    "remove",
    "unlink",
    "rename",
    "replace",
    "link",
    "symlink",
    "truncate",
    "chmod",
    "lchmod",
    "chown",
    "lchown",
    "utime",
    "mkfifo",
    "mknod",
    "setxattr",
    "removexattr",
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

written: set[str] = set()  # paths that the script has opened for writing
_open = io.open
_os_open = os.open
_stat = os.stat


class Sink(io.FileIO):
    """A file for writing that keeps nothing but its position."""

    def __init__(self, path: Any, at: int = 0) -> None:
        super().__init__(os.devnull, "w")
        self.name = path
        self._at = self._end = at

    def write(self, data: Any, /) -> int:
        size = memoryview(data).nbytes
        self._at += size
        self._end = max(self._end, self._at)
        return size

    def seek(self, offset: int, whence: int = 0, /) -> int:
        base = (0, self._at, self._end)[whence]
        if base + offset < 0:
            raise OSError(errno.EINVAL, "Invalid argument")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def truncate(self, size: int | None = None, /) -> int:
        self._end = self._at if size is None else size
        return self._end

    def seekable(self) -> bool:
        return True


def install() -> None:
    """Replaces `open` and the functions of os."""
    replace(builtins, "open", _open_for_all)
    io.open = builtins.open
    for name in CHANGES:
        replace(os, name, functools.partial(_change, name))
    replace(os, "open", _low_open_for_all)
    for name in ("stat", "lstat"):
        replace(os, name, functools.partial(_look, name))


def _key(path: Any) -> str:
    try:
        return os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - for bytes and PathLike
    except TypeError:
        return ""


def note_written(path: Any) -> None:
    """Remembers that the script has opened a file for writing.

    What one rank writes for all is whole when the others go on, and they would not know of it.
    """
    if not situation.acting:
        written.add(_key(path))


def is_written(path: Any) -> bool:
    """Whether the script has opened a file for writing."""
    return _key(path) in written


def _change(name: str, original: Any) -> Callable[..., Any]:
    def change(*args: Any, **kwargs: Any) -> Any:
        what = role()
        if what is Role.REAL:
            return original(*args, **kwargs)
        if what is Role.MUTE:
            return None
        return together.once(f"os.{name}", lambda: original(*args, **kwargs))

    return change


def _look(name: str, original: Any) -> Callable[..., Any]:
    def look(path: Any, *args: Any, **kwargs: Any) -> Any:
        is_written = written and not isinstance(path, int) and _key(path) in written
        if is_written and role() is Role.TOGETHER:
            return together.once(f"os.{name}", lambda: original(path, *args, **kwargs))
        return original(path, *args, **kwargs)

    return look


def _low_open_for_all(original: Any) -> Callable[..., Any]:
    def open(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        if not flags & WRITING:
            return int(original(path, flags, *args, **kwargs))
        note_written(path)
        what = role()

        def do() -> int:
            return int(original(path, flags, *args, **kwargs))

        def pretend() -> int:
            if flags & os.O_RDWR:
                return _private(path if what is Role.TOGETHER else os.devnull)
            return _os_open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)

        if what is Role.REAL:
            return do()
        if what is Role.MUTE:
            return pretend()
        fd = together.once_for_first("os.open", do, pretend)
        if flags & os.O_RDWR:
            together.meet("os.open")  # the others have their copies
        return fd

    return open


def _open_for_all(original: Any) -> Callable[..., Any]:
    def open(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Any = None,
    ) -> Any:
        rest = (mode, buffering, encoding, errors, newline, closefd, opener)
        # a descriptor has gone through os.open, and an opener does
        if isinstance(file, int) or not isinstance(mode, str) or opener is not None:
            return original(file, *rest)
        key = _key(file)
        if not set(mode) & set("wxa+"):
            return _read(original, file, key, rest)
        note_written(file)
        what = role()
        if what is Role.REAL:
            return original(file, *rest)

        def pretend() -> Any:
            return _pretended(original, file, what, *rest[:5])

        if what is Role.MUTE:
            return pretend()
        result = together.once_for_first("open", lambda: original(file, *rest), pretend)
        if "+" in mode:
            together.meet("open")  # the others have their copies
        return result

    return open


def _read(original: Any, file: Any, key: str, rest: tuple[Any, ...]) -> Any:
    """Opens for reading; a file that is still being written is read as it is at this moment."""
    if key not in written or role() is not Role.TOGETHER:
        return original(file, *rest)
    together.meet("open")
    try:
        with _open(file, "rb"):
            pass
    except OSError:
        return original(file, *rest)
    fd = _private(file)
    together.meet("open")
    os.lseek(fd, 0, os.SEEK_SET)
    result = original(fd, *rest[:5], True)
    _rename(result, file)
    return result


def _pretended(
    original: Any,
    path: Any,
    what: Role,
    mode: str,
    buffering: int,
    encoding: str | None,
    errors: str | None,
    newline: str | None,
) -> Any:
    """A file object that does what one opened so does, but for the disk."""
    if "+" in mode:
        fd = _private(path if what is Role.TOGETHER else os.devnull)
        os.lseek(fd, 0, os.SEEK_END if "a" in mode else os.SEEK_SET)
        plain = mode.replace("x", "r").replace("w", "r")
        result = original(fd, plain, buffering, encoding, errors, newline, True)
        _rename(result, path)
        return result
    size = 0
    if "a" in mode:
        try:
            size = _stat(path).st_size
        except OSError:
            size = 0
    raw = Sink(path, size)
    if "b" in mode and buffering == 0:
        return raw
    buffered = io.BufferedWriter(raw)
    if "b" in mode:
        return buffered
    text = io.TextIOWrapper(buffered, encoding, errors, newline, line_buffering=buffering == 1)
    vars(text)["mode"] = mode
    return text


def _private(path: Any) -> int:
    """A descriptor for reading and writing of a copy without a name."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("varsync")
    else:
        fd, name = tempfile.mkstemp()
        os.unlink(name)  # noqa: PTH108
    try:
        with _open(path, "rb") as source:
            while block := source.read(1 << 20):
                os.write(fd, block)
    except OSError:
        pass
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _rename(file: Any, path: Any) -> None:
    raw = getattr(getattr(file, "buffer", file), "raw", file)
    raw.name = path


def flush_all() -> None:
    """Writes out what any file object holds back, before the process is copied."""
    for thing in gc.get_objects():
        # `isinstance` would ask the object for its class, at which some do more than answer
        if issubclass(type(thing), (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)):
            _flush(thing)


def _flush(file: Any) -> None:
    try:
        if not file.closed and file.writable():
            file.flush()
    except (OSError, ValueError):
        pass


def open_nowhere() -> int:
    """A descriptor for what nobody shall see."""
    return _os_open(os.devnull, os.O_RDWR | os.O_CLOEXEC)


def let_go_of_writers(nowhere: int) -> None:
    """In a copy of the first rank: files that were open for writing now lead nowhere."""
    for entry in os.listdir("/dev/fd") if os.path.isdir("/dev/fd") else ():  # noqa: PTH112, PTH208
        fd = int(entry)
        if fd > 2 and fd != nowhere and _is_written_file(fd):
            os.dup2(nowhere, fd, inheritable=os.get_inheritable(fd))


def _is_written_file(fd: int) -> bool:
    import fcntl
    import stat

    try:
        flags = fcntl.fcntl(fd, fcntl.F_GETFL)
        status = os.fstat(fd)
    except OSError:
        return False
    on_disk = stat.S_ISREG(status.st_mode) and status.st_nlink > 0
    return on_disk and flags & os.O_ACCMODE != os.O_RDONLY
