"""`differing.toml`: what the simulation and TensorFlow say differently of the test programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = Path(__file__).with_name("differing.toml")


@dataclass(frozen=True)
class Listed:
    """Why a program's reports differ, and how the lines begin that say where.

    `sometimes`: TensorFlow does not do the same each time.
    """

    why: str
    differs: tuple[str, ...]
    sometimes: tuple[str, ...] = ()


def listed(table: Path = FILE) -> dict[str, Listed]:
    """What is listed, by the program's name."""
    with table.open("rb") as file:
        entries = tomllib.load(file)
    return {
        name: Listed(
            entry["why"],
            tuple(entry.get("differs", ())),
            tuple(entry.get("sometimes", ())),
        )
        for name, entry in entries.items()
    }


def surprises(known: Listed | None, found: Iterable[str]) -> list[str]:
    """The differences that are not listed, and what is listed and does not differ."""
    lines = list(found)
    differs, sometimes = ((), ()) if known is None else (known.differs, known.sometimes)
    new = [line for line in lines if not line.startswith((*differs, *sometimes))]
    gone = [one for one in differs if not any(line.startswith(one) for line in lines)]
    return [*new, *(f"does not differ: {one}" for one in gone)]
