"""Which files of a program have to do with each other, by what they import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from varsync_rules.facts import Import
from varsync_rules.naming import Names, absolute, is_package


class Imports:
    """The files that each file of a program imports, directly: `of` is by absolute path."""

    def __init__(self, names: Names, imports: Mapping[str, Iterable[Import]]) -> None:
        self.of = {
            file: frozenset(_targets(names, file, statements))
            for file, statements in imports.items()
        }
        self._names = names
        self._imports = imports

    def groups(self) -> list[list[str]]:
        """The files in groups: what is in two of them has nothing to do with each other."""
        parent = {file: file for file in self.of}

        def top(file: str) -> str:
            while parent[file] != file:
                parent[file] = parent[parent[file]]
                file = parent[file]
            return file

        for file, targets in self.of.items():
            for target in targets:
                parent[top(target)] = top(file)
        groups: dict[str, list[str]] = {}
        for file in self.of:
            groups.setdefault(top(file), []).append(file)
        return list(groups.values())

    def any_of_library(self, files: Iterable[str]) -> bool:
        """Whether one of the files imports TensorFlow, or a library upon it."""
        return any(each.is_of_library for file in files for each in self._imports[file])

    def leading_to(self, wanted: Iterable[str]) -> set[str]:
        """The files that are wanted or import what is wanted, directly or not.

        What the wanted files import themselves is looked up when it is needed.
        """
        importers: dict[str, set[str]] = {}
        for file, statements in self._imports.items():
            for target in _targets(self._names, file, statements, with_packages=False):
                importers.setdefault(target, set()).add(file)
        return _all_from(wanted, importers)

    def reached_from(self, files: Iterable[str]) -> set[str]:
        """These files and those that they import, directly or not."""
        return _all_from(files, self.of)


def _all_from(files: Iterable[str], nexts: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(files)
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting.extend(nexts.get(file, ()))
    return found


def _targets(
    names: Names, file: str, statements: Iterable[Import], *, with_packages: bool = True
) -> Iterator[str]:
    """The files that a file's import statements name, and those of the packages that they are in."""
    own = names.of(file)[0]
    of_package = is_package(file)
    for statement in statements:
        base = statement.base
        if statement.level:
            base = absolute(own, of_package, statement.level, base)
        dotted = [base, *(f"{base}.{name}" if base else name for name in statement.names)]
        if not statement.names and with_packages:
            # `import a.b` binds a
            dotted += [base[:at] for at, character in enumerate(base) if character == "."]
        for name in dotted:
            target = names.find(name)
            if target is not None:
                yield target
