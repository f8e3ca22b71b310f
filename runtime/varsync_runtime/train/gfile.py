"""`tf.io.gfile`: files by path, with TensorFlow's exceptions.

After tensorflow/python/lib/io/file_io.py. The local file system only.
"""

from __future__ import annotations

import errno
import glob as globbing
import io
import os
import re
import shutil
from collections.abc import Iterator
from typing import Any, NamedTuple

from varsync_runtime.tensors import errors
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.oserrors import translated
from varsync_runtime.tensors.tensor import Tensor

# the functions of `os` are what the replicas agree on, and paths stay as they are written
# ruff: noqa: PTH102, PTH103, PTH105, PTH107, PTH110, PTH112, PTH116, PTH118, PTH120, PTH123
# ruff: noqa: PTH207, PTH208
WILD = re.compile(r"[*?\[\\]")
READS = ("r", "r+", "a+", "w+")
WRITES = ("a", "w", "r+", "a+", "w+")


def path_of(path: Any) -> str:
    """A path that may be bytes, a string tensor or a path object, as text."""
    if isinstance(path, Tensor):
        path = path._array.item()
    name = str(os.fsdecode(os.fspath(path)))
    scheme, colon, rest = name.partition("://")
    if not colon:
        return name
    if scheme == "file":
        return rest
    raise errors.UnimplementedError(
        None, None, f"File system scheme '{scheme}' not implemented (file: '{name}')"
    )


class FileIO:
    """A file; it is opened by the first read or write.

    Reads and writes go through handles of their own.
    """

    __module__ = "tensorflow.python.lib.io.file_io"

    def __init__(self, name: Any, mode: str, encoding: str = "utf-8") -> None:
        self._given = name
        self._given_mode = mode
        self._encoding = encoding
        self._is_binary = "b" in mode
        self._plain = mode.replace("b", "")
        self._reader: io.BufferedReader | None = None
        self._writer: Any = None
        if self._plain not in (*READS, *WRITES):
            words = "mode is not 'r' or 'w' or 'a' or 'r+' or 'w+' or 'a+'"
            raise errors.InvalidArgumentError(None, None, words)

    @property
    def name(self) -> Any:
        """The path as it was given."""
        return self._given

    @property
    def mode(self) -> str:
        """The mode as it was given."""
        return self._given_mode

    def _reading(self) -> io.BufferedReader:
        if self._reader is None:
            if self._plain not in READS:
                words = "File isn't open for reading"
                raise errors.PermissionDeniedError(None, None, words)
            path = path_of(self._given)
            with translated(path):
                self._reader = open(path, "rb")  # noqa: SIM115
        return self._reader

    def _writing(self) -> Any:
        if self._writer is None:
            if self._plain not in WRITES:
                words = "File isn't open for writing"
                raise errors.PermissionDeniedError(None, None, words)
            path = path_of(self._given)
            with translated(path):
                self._writer = open(path, "ab" if "a" in self._plain else "wb")  # noqa: SIM115
        return self._writer

    def _prepared(self, data: bytes) -> Any:
        return data if self._is_binary else data.decode(self._encoding)

    def size(self) -> int:
        """The bytes of the file."""
        return stat(self._given).length

    def write(self, file_content: Any) -> None:
        """Puts text or bytes at the end."""
        writer = self._writing()
        if isinstance(file_content, Tensor):
            file_content = file_content._array.item()
        if not isinstance(file_content, (str, bytes)):
            raise TypeError(f"Expected binary or unicode string, got {file_content!r}")
        data = file_content
        writer.write(data.encode(self._encoding) if isinstance(data, str) else data)

    def read(self, n: int = -1) -> Any:
        """The rest of the file, or `n` bytes of it."""
        return self._prepared(self._reading().read(n))

    def readline(self) -> Any:
        """The next line with its end, empty at the end of the file."""
        return self._prepared(self._reading().readline())

    def readlines(self) -> list[Any]:
        """The lines that are left."""
        return list(self)

    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        """Goes to another place for reading."""
        reader = self._reading()
        if offset is None and position is None:
            raise TypeError("seek(): offset argument required")
        if offset is not None and position is not None:
            raise TypeError("seek(): offset and position may not be set simultaneously.")
        if whence not in (0, 1, 2):
            words = f"Invalid whence argument: {whence}. Valid values are 0, 1, or 2."
            raise errors.InvalidArgumentError(None, None, words)
        reader.seek(position if offset is None else offset, whence)  # type: ignore[arg-type]

    def tell(self) -> int:
        """The place of the next read; for a file that is only written, of the next write."""
        handle = self._reading() if self._plain in READS else self._writing()
        return int(handle.tell())

    def seekable(self) -> bool:
        """Always."""
        return True

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def next(self) -> Any:
        """The next line."""
        return self.__next__()

    def flush(self) -> None:
        """Writes out what is held back."""
        if self._writer is not None:
            self._writer.flush()

    def close(self) -> None:
        """Closes the file; a file to which nothing was written is not made."""
        if self._reader is not None:
            self._reader.close()
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


@export("tf.io.gfile.GFile", "tf.compat.v1.gfile.GFile", "tf.compat.v1.gfile.Open")
class GFile(FileIO):
    """A file by path."""

    __module__ = "tensorflow.python.platform.gfile"

    def __init__(self, name: Any, mode: str = "r") -> None:
        super().__init__(name, mode)


class FileStatistics(NamedTuple):
    """What `stat` gives."""

    length: int
    mtime_nsec: int
    is_directory: bool


@export("tf.io.gfile.stat", "tf.compat.v1.gfile.Stat")
def stat(path: Any) -> FileStatistics:
    """The size and the time of a file."""
    path = path_of(path)
    with translated(path):
        found = os.stat(path)
    return FileStatistics(found.st_size, found.st_mtime_ns, os.path.isdir(path))


@export("tf.io.gfile.exists", "tf.compat.v1.gfile.Exists")
def exists(path: Any) -> bool:
    """Whether there is a file or a folder."""
    return os.path.exists(path_of(path))


@export("tf.io.gfile.isdir", "tf.compat.v1.gfile.IsDirectory")
def isdir(path: Any) -> bool:
    """Whether there is a folder."""
    return os.path.isdir(path_of(path))


@export("tf.io.gfile.mkdir", "tf.compat.v1.gfile.MkDir")
def mkdir(path: Any) -> None:
    """Makes a folder, if it is not there."""
    path = path_of(path)
    if not os.path.isdir(path):
        with translated(path):
            os.mkdir(path)


@export("tf.io.gfile.makedirs", "tf.compat.v1.gfile.MakeDirs")
def makedirs(path: Any) -> None:
    """Makes a folder and those above it."""
    path = path_of(path)
    if not path or os.path.isdir(path):
        return
    parent = path
    while parent and not os.path.exists(parent):
        parent = os.path.dirname(parent.rstrip(os.sep))
    if parent and not os.path.isdir(parent):
        words = f"{parent} is not a directory"
        raise errors.FailedPreconditionError(None, None, words)
    with translated(path):
        os.makedirs(path, exist_ok=True)


@export("tf.io.gfile.listdir", "tf.compat.v1.gfile.ListDirectory")
def listdir(path: Any) -> list[str]:
    """The names in a folder."""
    path = path_of(path)
    if not os.path.isdir(path):
        raise errors.NotFoundError(None, None, f"Could not find directory {path}")
    return sorted(os.listdir(path))


@export("tf.io.gfile.glob", "tf.compat.v1.gfile.Glob")
def glob(pattern: Any) -> list[str]:
    """The paths that match a pattern, or one of several."""
    patterns = [pattern] if isinstance(pattern, (str, bytes)) else list(pattern)
    return [path for one in patterns for path in sorted(globbing.glob(_with_folder(path_of(one))))]


def _with_folder(pattern: str) -> str:
    """The pattern, below `.` where it names no folder: so the paths that are found begin."""
    fixed = WILD.split(pattern)[0]
    return pattern if "/" in fixed or fixed == pattern else f"./{pattern}"


@export("tf.io.gfile.remove", "tf.compat.v1.gfile.Remove")
def remove(path: Any) -> None:
    """Deletes a file."""
    path = path_of(path)
    if os.path.isdir(path):
        raise errors.FailedPreconditionError(None, None, f"{path}; {os.strerror(errno.EISDIR)}")
    with translated(path):
        os.remove(path)


@export("tf.io.gfile.rmtree", "tf.compat.v1.gfile.DeleteRecursively")
def rmtree(path: Any) -> None:
    """Deletes a folder with all that is in it, or a file."""
    path = path_of(path)
    if not os.path.exists(path):
        raise errors.NotFoundError(None, None, f"{path} not found")
    with translated(path):
        if os.path.isdir(path):
            shutil.rmtree(path)
        else:
            os.remove(path)


def _require_free(path: str, overwrite: bool) -> None:
    if not overwrite and os.path.exists(path):
        raise errors.AlreadyExistsError(None, None, "file already exists")


@export("tf.io.gfile.copy", "tf.compat.v1.gfile.Copy")
def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Copies a file."""
    src, dst = path_of(src), path_of(dst)
    _require_free(dst, overwrite)
    with translated(src), open(src, "rb") as source:
        data = source.read()
    with translated(dst), open(dst, "wb") as out:
        out.write(data)


@export("tf.io.gfile.rename", "tf.compat.v1.gfile.Rename")
def rename(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Renames a file or a folder."""
    src, dst = path_of(src), path_of(dst)
    _require_free(dst, overwrite)
    with translated(src):
        os.replace(src, dst)


@export("tf.io.gfile.join")
def join(path: Any, *paths: Any) -> Any:
    """Puts the parts of a path together."""
    return os.path.join(path, *paths)


@export("tf.io.gfile.walk", "tf.compat.v1.gfile.Walk")
def walk(
    top: Any, topdown: bool = True, onerror: Any = None
) -> Iterator[tuple[str, list[str], list[str]]]:
    """A folder and all below it: path, folders, files."""
    top = path_of(top)
    try:
        names = listdir(top)
    except errors.NotFoundError as error:
        if onerror:
            onerror(error)
        return
    folders = [name for name in names if isdir(os.path.join(top, name))]
    files = [name for name in names if name not in folders]
    if topdown:
        yield top, folders, files
    for folder in folders:
        yield from walk(os.path.join(top, folder), topdown, onerror)
    if not topdown:
        yield top, folders, files


@export("tf.io.gfile.get_registered_schemes")
def get_registered_schemes() -> list[str]:
    """The file systems that there are: the local one."""
    return ["file", ""]
