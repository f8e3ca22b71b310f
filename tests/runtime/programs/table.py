"""The programs of tests/programs, as programs.toml describes them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).parents[2] / "programs"
REPLICAS = (1, 2, 4)


@dataclass(frozen=True)
class Expected:
    """What must be reported: its code, its file and the line on which it starts."""

    code: str
    file: Path
    line: int


@dataclass(frozen=True)
class Program:
    """A script, and how it is run. `misuse` says what is wrong in it, "" if nothing is.

    Lint reports `lint` and, though it should, not `unseen`; a run on several replicas shows `seen`.
    What it prints is the same to the byte if it is `exact`. It needs Keras if it is a `keras` one.
    """

    name: str
    arguments: tuple[str, ...]
    replicas: tuple[int, ...]
    workers: bool
    hangs: bool
    misuse: str
    lint: tuple[Expected, ...]
    unseen: tuple[Expected, ...]
    seen: tuple[Expected, ...]
    exact: bool
    keras: bool

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}.py"

    @property
    def sources(self) -> tuple[Path, ...]:
        """The files that belong to it: the script, and its folder's if it has one of its own."""
        if self.path.parent == FOLDER:
            return (self.path,)
        return tuple(sorted(self.path.parent.glob("*.py")))

    def arguments_for(self, replicas: int) -> list[str]:
        return [argument.format(replicas=replicas) for argument in self.arguments]

    def hangs_with(self, replicas: int) -> bool:
        """Whether TensorFlow is known to wait for ever."""
        return self.hangs and self.processes(replicas) > 1

    def processes(self, replicas: int) -> int:
        """How many processes TensorFlow needs for so many replicas."""
        return min(replicas, 2) if self.workers else 1


def programs() -> tuple[Program, ...]:
    """All programs, in the table's order."""
    with (FOLDER / "programs.toml").open("rb") as file:
        return tuple(_program(name, entry) for name, entry in tomllib.load(file).items())


def _program(name: str, entry: dict[str, Any]) -> Program:
    unknown = set(entry) - {
        "arguments", "replicas", "workers", "hangs", "misuse", "lint", "unseen", "seen", "exact",
        "keras",
    }  # fmt: skip
    if unknown:
        raise ValueError(f"{name} has unknown keys {unknown}")
    return Program(
        name=name,
        arguments=tuple(entry.get("arguments", ())),
        replicas=tuple(entry.get("replicas", REPLICAS)),
        workers=entry.get("workers", False),
        hangs=entry.get("hangs", False),
        misuse=entry.get("misuse", ""),
        lint=tuple(_expected(name, *each) for each in entry.get("lint", ())),
        unseen=tuple(_expected(name, *each) for each in entry.get("unseen", ())),
        seen=tuple(_expected(name, *each) for each in entry.get("seen", entry.get("lint", ()))),
        exact=entry.get("exact", False),
        keras=entry.get("keras", False),
    )


def _expected(name: str, code: str, *where: str) -> Expected:
    *other, text = where
    file = FOLDER / (other[0] if other else f"{name}.py")
    source = file.read_text(encoding="utf-8")
    if source.count(text) != 1:
        raise ValueError(f"{file.name} has {source.count(text)} places that begin with {text!r}")
    return Expected(code, file, source[: source.index(text)].count("\n") + 1)
