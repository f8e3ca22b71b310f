"""The files of a program by the names under which they can be imported."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

PACKAGE = "__init__.py"
_SOURCE_FOLDERS = ("src", "lib", "python")


class Names:
    """Which name means which file. Files are absolute paths; of two with one name the first counts.

    `roots` are the absolute paths of the folders in which absolute imports start.
    """

    def __init__(self, files: Iterable[str], roots: Iterable[str] = ()) -> None:
        self._of: dict[str, tuple[str, ...]] = {}
        self._files: dict[str, str] = {}
        ordered = sorted(files)
        packages = {folder: True for folder, _, name in map(_split, ordered) if name == PACKAGE}
        tops = [root.rstrip(os.sep) + os.sep for root in roots]
        for file in ordered:
            names = tuple(dict.fromkeys(_names(file, tops, packages)))
            self._of[file] = names
            for name in names:
                self._files.setdefault(name, file)

    def find(self, name: str) -> str | None:
        """The file with an absolute name, or None when it is not of the program."""
        return self._files.get(name)

    def of(self, file: str) -> tuple[str, ...]:
        """The names of a file, the most likely first."""
        return self._of[file]

    def meaning(self, file: str) -> tuple[str, ...]:
        """The names of a file that mean this file and no other one."""
        return tuple(name for name in self._of[file] if self._files[name] == file)


def is_package(file: str) -> bool:
    """Whether a file is what a package's own name means."""
    return os.path.basename(file) == PACKAGE


def absolute(module: str, of_package: bool, level: int, name: str) -> str:
    """The absolute name that a relative import in a module means; `level` is its number of dots."""
    parts = module.split(".")
    drop = level - 1 if of_package else level
    base = parts[: len(parts) - drop] if drop else parts
    return ".".join([*base, name] if name else base)


def _split(file: str) -> tuple[str, str, str]:
    return file.rpartition(os.sep)


def _names(file: str, roots: list[str], packages: dict[str, bool]) -> Iterator[str]:
    """The dotted names under which a file can be imported, the most likely first."""
    folder, _, base = _split(file)
    stem = base.rpartition(".")[0] or base
    own = [] if stem == "__init__" else [stem]
    parts = list(own)
    above = folder
    while above and _is_package(above, packages):
        above, _, name = _split(above)
        parts.insert(0, name)
    yield ".".join(parts) or _split(folder)[2]
    for root in roots:
        if not file.startswith(root):
            continue
        below = [*folder[len(root) :].split(os.sep), *own] if len(folder) > len(root) else own
        while below:
            yield ".".join(below)
            if below[0] not in _SOURCE_FOLDERS:
                break
            below = below[1:]


def _is_package(folder: str, packages: dict[str, bool]) -> bool:
    known = packages.get(folder)
    if known is None:
        known = os.path.exists(f"{folder}{os.sep}{PACKAGE}")
        packages[folder] = known
    return known
