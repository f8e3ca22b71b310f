"""File patterns of the configuration, as ruff's users write them: `tests/*`, `**/gen_*.py`.

`*` matches slashes too. A pattern without a slash is held against the names of the file and of
the folders above it, one with a slash against their paths from the configuration's folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


class Patterns:
    """A list of patterns, as quick to ask as one."""

    __slots__ = ("_absolute", "_names", "_paths", "_words")

    def __init__(self, patterns: Iterable[str]) -> None:
        names: list[str] = []
        paths: list[str] = []
        absolute: list[str] = []
        for pattern in patterns:
            clean = pattern.strip().replace("\\", "/").removeprefix("./").rstrip("/")
            if not clean:
                continue
            if clean.startswith("/"):
                absolute.append(clean)
            elif "/" in clean:
                paths.append(clean)
            else:
                names.append(clean)
        self._words = frozenset(name for name in names if not _SPECIAL.search(name))
        self._names = _compile(name for name in names if name not in self._words)
        self._paths = _compile(paths)
        self._absolute = _compile(absolute)

    def match(self, name: str, relative: str, absolute: str) -> bool:
        """Whether one of the patterns means the file or folder with this name and paths itself."""
        return (
            name in self._words
            or (self._names is not None and self._names.fullmatch(name) is not None)
            or (self._paths is not None and self._paths.fullmatch(relative) is not None)
            or (self._absolute is not None and self._absolute.fullmatch(absolute) is not None)
        )

    def match_any_part(self, relative: str, absolute: str) -> bool:
        """Whether they mean a file or one of the folders that its relative path names."""
        above = absolute[: len(absolute) - len(relative)]
        end = 0
        while end >= 0:
            end = relative.find("/", end + 1)
            part = relative if end < 0 else relative[:end]
            if self.match(part.rpartition("/")[2], part, above + part):
                return True
        return False


_SPECIAL = re.compile(r"[*?\[\]{}]")
_PIECE = re.compile(r"\*\*/|\*+|\?|\[!?\]?[^\]]*\]|\{[^{}]*\}|.", re.DOTALL)


def _compile(patterns: Iterable[str]) -> re.Pattern[str] | None:
    expressions = [f"(?:{_translate(pattern)})" for pattern in patterns]
    return re.compile("|".join(expressions), re.DOTALL) if expressions else None


def _translate(pattern: str) -> str:
    """The regular expression of a pattern."""
    return "".join(_translate_piece(piece) for piece in _PIECE.findall(pattern))


def _translate_piece(piece: str) -> str:
    if piece == "**/":
        return "(?:.*/)?"
    if piece.startswith("*"):
        return ".*"
    if piece == "?":
        return "."
    if len(piece) > 1 and piece.startswith("["):
        return _translate_class(piece)
    if len(piece) > 1 and piece.startswith("{"):
        return "(?:" + "|".join(_translate(choice) for choice in piece[1:-1].split(",")) + ")"
    return re.escape(piece)


def _translate_class(piece: str) -> str:
    """A set of characters, `[ab]` or `[!a-z]`; one that makes no sense stands for itself."""
    inside = re.sub(r"[\\\[\]^&~|]", r"\\\g<0>", piece[1:-1].removeprefix("!"))
    expression = f"[{'^' if piece[1] == '!' else ''}{inside}]"
    try:
        re.compile(expression)
    except re.error:
        return re.escape(piece)
    return expression


def problem_of(pattern: str) -> str | None:
    """What makes no sense in a pattern; None where all is well."""
    clean = pattern.strip().removeprefix("!").replace("\\", "/").removeprefix("./").rstrip("/")
    if clean in ("", "."):
        return "it names nothing"
    for piece in _PIECE.findall(clean):
        if piece == "[":
            return "'[' without ']'"
        if piece == "{":
            return "'{' without '}'"
        if piece.startswith("[") and not _translate_class(piece).startswith("["):
            return f"{piece!r} is no set of characters"
    return None


def anchored(pattern: str, folder: str) -> str:
    """A pattern with a slash made absolute from a folder; others mean names, and stay."""
    negation = "!" if pattern.startswith("!") else ""
    clean = pattern.removeprefix("!").removeprefix("./")
    if "/" not in clean.rstrip("/") or clean.startswith(("/", "**/")):
        return negation + clean
    while clean.startswith("../"):
        folder, clean = folder.rpartition("/")[0], clean.removeprefix("../")
    literal = re.sub(r"[*?\[{]", r"[\g<0>]", folder.replace("\\", "/"))
    return f"{negation}{literal}/{clean}"
