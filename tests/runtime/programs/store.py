"""The recorded outcomes of the programs: one file for each, recorded/<version>/<program>.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from .outcome import Outcome, from_json
from .table import FOLDER, Program

RECORDED = FOLDER / "recorded"


def file_of(program: Program, version: str) -> Path:
    return RECORDED / version / f"{program.name.replace('/', '.')}.json"


def load(program: Program, version: str) -> dict[int, Outcome]:
    """What was recorded, by the number of replicas."""
    entries = json.loads(file_of(program, version).read_text(encoding="utf-8"))
    return {int(count): tuple(map(from_json, each)) for count, each in entries.items()}


def save(program: Program, version: str, outcomes: Mapping[int, Outcome]) -> None:
    entries = {
        str(count): [process.to_json() for process in outcome]
        for count, outcome in sorted(outcomes.items())
    }
    file = file_of(program, version)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def versions() -> list[str]:
    """The versions of TensorFlow that were recorded."""
    return sorted(path.name for path in RECORDED.iterdir() if path.is_dir())
