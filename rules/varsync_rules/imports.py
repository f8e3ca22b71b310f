"""Which files of a program have to do with each other, by what they import."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from varsync_rules.facts import Import
from varsync_rules.naming import Names, absolute, is_package


class Imports:
    """The files that each file of a program imports, directly: `of` is by absolute path."""

    def __init__(self, names: Names, imports: Mapping[str, Iterable[Import]]) -> None:
        self.of = {
            file: frozenset(_targets(names, file, statements))
            for file, statements in imports.items()
        }

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

    def leading_to(self, wanted: Collection[str], among: Iterable[str]) -> list[str]:
        """Those of `among` that are wanted or import what is wanted, directly or not, in order.

        What the wanted files import themselves is looked up when it is needed.
        """
        candidates = list(among)
        found = set(wanted)
        while True:
            new = {f for f in candidates if f not in found and not found.isdisjoint(self.of[f])}
            if not new:
                return [file for file in candidates if file in found]
            found |= new

    def reached_from(self, files: Iterable[str]) -> set[str]:
        """These files and those that they import, directly or not."""
        found: set[str] = set()
        waiting = list(files)
        while waiting:
            file = waiting.pop()
            if file not in found:
                found.add(file)
                waiting.extend(self.of.get(file, ()))
        return found


def _targets(names: Names, file: str, statements: Iterable[Import]) -> Iterator[str]:
    """The files that a file's import statements name; of a package its own one as well."""
    own = names.of(file)[0]
    of_package = is_package(file)
    for statement in statements:
        base = statement.base
        if statement.level:
            base = absolute(own, of_package, statement.level, base)
        dotted = [base, *(f"{base}.{name}" if base else name for name in statement.names)]
        if not statement.names:
            # `import a.b` binds a
            dotted += [base[:at] for at, character in enumerate(base) if character == "."]
        for name in dotted:
            target = names.find(name)
            if target is not None:
                yield target
