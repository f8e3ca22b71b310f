"""`tf.io.gfile` on local files, and the ops that read and write whole files."""

from __future__ import annotations

import glob as globbing
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    PermissionDeniedError,
)
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor

MODES = ("r", "w", "a", "r+", "w+", "a+")


def text(path: Any) -> str:
    """A path that may be bytes, a tensor or an object."""
    if isinstance(path, Tensor):
        path = path._array.item()
    return path.decode() if isinstance(path, bytes) else os.fspath(path)


@contextmanager
def told() -> Iterator[None]:
    """Makes TensorFlow's exceptions of the system's."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFoundError(None, None, f"{error.filename}; No such file or directory") from None
    except FileExistsError as error:
        raise AlreadyExistsError(None, None, f"{error.filename}; File exists") from None
    except PermissionError as error:
        raise PermissionDeniedError(None, None, f"{error.filename}; Permission denied") from None
    except (IsADirectoryError, NotADirectoryError, OSError) as error:
        raise FailedPreconditionError(None, None, f"{error.filename}; {error.strerror}") from None


@export("tf.io.gfile.GFile", "tf.compat.v1.gfile.GFile", "tf.compat.v1.gfile.Open")
class GFile:
    """tensorflow/python/platform/gfile.py, `GFile`; the file is opened when it is first used."""

    __module__ = "tensorflow.python.platform.gfile"

    def __init__(self, name: Any, mode: str = "r", encoding: str = "utf-8") -> None:
        if mode.replace("b", "") not in MODES:
            raise InvalidArgumentError(
                None, None, "mode is not 'r' or 'w' or 'a' or 'r+' or 'w+' or 'a+'"
            )
        self._name = text(name)
        self._mode = mode
        self._encoding = encoding
        self._file: Any = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def mode(self) -> str:
        return self._mode

    def _open(self) -> Any:
        if self._file is None:
            encoding = None if "b" in self._mode else self._encoding
            with told():
                self._file = open(self._name, self._mode, encoding=encoding)  # noqa: PTH123, SIM115
        return self._file

    def read(self, n: int = -1) -> Any:
        """The contents, or the next `n` characters."""
        return self._open().read(n)

    def readline(self) -> Any:
        """The next line."""
        return self._open().readline()

    def readlines(self) -> list[Any]:
        """The lines that are left."""
        return list(self._open().readlines())

    def write(self, file_content: Any) -> None:
        """Appends to the file."""
        self._open().write(file_content)

    def size(self) -> int:
        """The bytes of the file."""
        with told():
            return os.path.getsize(self._name)  # noqa: PTH202

    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        """Goes to another place of the file."""
        self._open().seek(offset if offset is not None else position, whence)

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        """The place in the file."""
        place: int = self._open().tell()
        return place

    def flush(self) -> None:
        """Writes what is buffered."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
        elif "w" in self._mode:
            self._open().close()
            self._file = None

    def __enter__(self) -> GFile:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._open())

    def __next__(self) -> Any:
        return next(self._open())

    def next(self) -> Any:
        """The next line."""
        return next(self._open())


@export("tf.io.gfile.exists", "tf.compat.v1.gfile.Exists")
def exists(path: Any) -> bool:
    """Whether there is such a file or folder."""
    return os.path.exists(text(path))  # noqa: PTH110


@export("tf.io.gfile.isdir", "tf.compat.v1.gfile.IsDirectory")
def isdir(path: Any) -> bool:
    """Whether this is a folder."""
    return os.path.isdir(text(path))  # noqa: PTH112


@export("tf.io.gfile.makedirs", "tf.compat.v1.gfile.MakeDirs")
def makedirs(path: Any) -> None:
    """Makes a folder and those above it."""
    with told():
        os.makedirs(text(path), exist_ok=True)  # noqa: PTH103


@export("tf.io.gfile.mkdir", "tf.compat.v1.gfile.MkDir")
def mkdir(path: Any) -> None:
    """Makes a folder; one that exists is left as it is."""
    with told():
        if not os.path.isdir(text(path)):  # noqa: PTH112
            os.mkdir(text(path))  # noqa: PTH102


@export("tf.io.gfile.listdir", "tf.compat.v1.gfile.ListDirectory")
def listdir(path: Any) -> list[str]:
    """The names in a folder."""
    if not os.path.isdir(text(path)):  # noqa: PTH112
        raise NotFoundError(None, None, f"Could not find directory {text(path)}")
    return sorted(os.listdir(text(path)))  # noqa: PTH208


@export("tf.io.gfile.glob", "tf.compat.v1.gfile.Glob")
def glob(pattern: Any) -> list[str]:
    """The paths that match a pattern, or several."""
    patterns = pattern if isinstance(pattern, (list, tuple)) else [pattern]
    return [
        one
        for each in patterns
        for one in sorted(globbing.glob(text(each)))  # noqa: PTH207
    ]


@export("tf.io.gfile.remove", "tf.compat.v1.gfile.Remove")
def remove(path: Any) -> None:
    """Deletes a file."""
    with told():
        os.remove(text(path))  # noqa: PTH107


@export("tf.io.gfile.rmtree", "tf.compat.v1.gfile.DeleteRecursively")
def rmtree(path: Any) -> None:
    """Deletes a folder and what is in it."""
    if not os.path.exists(text(path)):  # noqa: PTH110
        raise NotFoundError(None, None, f"{text(path)} not found")
    with told():
        shutil.rmtree(text(path))


@export("tf.io.gfile.copy", "tf.compat.v1.gfile.Copy")
def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Copies a file."""
    if not overwrite and os.path.exists(text(dst)):  # noqa: PTH110
        raise AlreadyExistsError(None, None, "file already exists")
    with told():
        shutil.copyfile(text(src), text(dst))


@export("tf.io.gfile.rename", "tf.compat.v1.gfile.Rename")
def rename(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Renames a file or a folder."""
    if not overwrite and os.path.exists(text(dst)):  # noqa: PTH110
        raise AlreadyExistsError(None, None, "file already exists")
    with told():
        os.replace(text(src), text(dst))  # noqa: PTH105


class FileStatistics(NamedTuple):
    """What `stat` tells of a file."""

    length: int
    mtime_nsec: int
    is_directory: bool


@export("tf.io.gfile.stat", "tf.compat.v1.gfile.Stat")
def stat(path: Any) -> FileStatistics:
    """Size and time of a file."""
    with told():
        found = os.stat(text(path))  # noqa: PTH116
    is_directory = os.path.isdir(text(path))  # noqa: PTH112
    return FileStatistics(found.st_size, found.st_mtime_ns, is_directory)


@export("tf.io.gfile.walk", "tf.compat.v1.gfile.Walk")
def walk(
    top: Any, topdown: bool = True, onerror: Any = None
) -> Iterator[tuple[str, list[str], list[str]]]:
    """A folder and those below it, with their folders and files."""
    for folder, folders, names in os.walk(text(top), topdown, onerror):
        folders.sort()
        yield folder, list(folders), sorted(names)


@export("tf.io.gfile.join")
def join(path: Any, *paths: Any) -> str:
    """Paths put together."""
    return os.path.join(text(path), *map(text, paths))  # noqa: PTH118


@export("tf.io.gfile.get_registered_schemes")
def get_registered_schemes() -> list[str]:
    """Which file systems there are: the local one."""
    return ["", "file"]


@export("tf.io.read_file")
def read_file(filename: Any, name: str | None = None) -> Tensor:
    """The contents of a file, as a string tensor."""
    del name
    with told(), open(text(convert(filename)), "rb") as file:  # noqa: PTH123
        return convert(file.read())


@export("tf.io.write_file")
def write_file(filename: Any, contents: Any, name: str | None = None) -> None:
    """Writes a string tensor to a file; folders are made."""
    del name
    path = text(convert(filename))
    makedirs(os.path.dirname(path) or ".")  # noqa: PTH120
    with told(), open(path, "wb") as file:  # noqa: PTH123
        file.write(convert(contents)._array.item())


@export("tf.io.matching_files")
def matching_files(pattern: Any, name: str | None = None) -> Tensor:
    """The paths that match patterns, sorted."""
    del name
    patterns = np.atleast_1d(convert(pattern)._array).tolist()
    found = sorted(one for each in patterns for one in glob(each))
    return convert(np.array([one.encode() for one in found], dtype=object))
