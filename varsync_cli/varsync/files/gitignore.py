"""What Git ignores: the .gitignore files from the root of a repository down to a folder."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from varsync_rules.disk import contents

from varsync.files.repository import repository_of

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class GitIgnore:
    """The rules that hold in one folder, chained to those of the folders above it."""

    __slots__ = ("_above", "_any", "_prefix", "_spec")

    def __init__(self, folder: str, above: GitIgnore | None, spec: GitIgnoreSpec | None) -> None:
        self._prefix = len(folder.rstrip(os.sep)) + 1
        self._above = above
        self._spec = spec
        self._any = _any_of(spec) if spec is not None else None

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Whether an absolute path itself is ignored; what lies above it isn't asked."""
        rules: GitIgnore | None = self
        while rules is not None:
            decision = rules._decide(path, is_folder)
            if decision is not None:
                return decision
            rules = rules._above
        return False

    def _decide(self, path: str, is_folder: bool) -> bool | None:
        if self._spec is None:
            return None
        relative = path[self._prefix :].replace(os.sep, "/") + ("/" if is_folder else "")
        # most paths match nothing, and one expression says so ten times faster than one a rule
        if self._any is not None and self._any.match(relative) is None:
            return None
        return self._spec.check_file(relative).include

    def below(self, folder: str, has_file: bool) -> GitIgnore:
        """The rules that hold in a folder below this one, which may have a .gitignore itself."""
        spec = _read(f"{folder}{os.sep}.gitignore") if has_file else None
        return GitIgnore(folder, self, spec) if spec is not None else self


def gitignore_of(folder: str) -> GitIgnore:
    """The rules that hold in an absolute folder.

    Where Git ignores the folder itself, and it was asked for all the same, only its own count.
    """
    root = repository_of(folder)
    if root is None:
        return _rules(folder, None)
    rules = _rules(root, _exclude_file(root))
    path = root
    for part in os.path.relpath(folder, root).split(os.sep):
        if part == os.curdir:
            break
        path = os.path.join(path, part)
        if rules.ignores(path, is_folder=True):
            return _rules(folder, None)
        rules = rules.below(path, os.path.isfile(os.path.join(path, ".gitignore")))
    return rules


def _rules(folder: str, above: GitIgnore | None) -> GitIgnore:
    return GitIgnore(folder, above, _read(os.path.join(folder, ".gitignore")))


def _exclude_file(root: str) -> GitIgnore | None:
    spec = _read(os.path.join(root, ".git", "info", "exclude"))
    return GitIgnore(root, None, spec) if spec is not None else None


def _read(file: str) -> GitIgnoreSpec | None:
    """The rules of a file, or None where there are none; a file that can't be read has none."""
    try:
        text = contents(Path(file)).decode(errors="surrogateescape")
    except OSError:
        return None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    patterns = [line for line in lines if line.strip() and not line.startswith("#")]
    if not patterns:
        return None
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(patterns)
    except ValueError:
        valid = [pattern for pattern in patterns if _is_valid(pattern)]
        return GitIgnoreSpec.from_lines(valid)


def _any_of(spec: GitIgnoreSpec) -> re.Pattern[str] | None:
    """One expression that matches whatever one of the rules matches; None if it can't be made."""
    expressions = []
    for pattern in spec.patterns:
        regex = getattr(pattern, "regex", None)
        if regex is not None:
            expressions.append(re.sub(r"\(\?P<\w+>", "(?:", regex.pattern))
    try:
        return re.compile("|".join(f"(?:{expression})" for expression in expressions))
    except re.error:
        return None


def _is_valid(pattern: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([pattern])
    except ValueError:
        return False
    return True
