"""What of Keras fails on the stand-in, as docs/keras.md lists it.

python -m tests.runtime.keras.refused    # plays all cases, and writes the page anew
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tests.runtime.keras.recorded import Arrays, played

PAGE = Path(__file__).parents[3] / "docs" / "keras.md"
BEGIN, END = "<!-- made by tests.runtime.keras.refused -->", "<!-- end -->"
SAID = re.compile(
    r"varsync simulate does not model (?P<what>.*?) \((?:cases|expressions)\.py:\d+\)"
)
NAME = re.compile(r"\b(?:layers|losses|metrics|quantizers|random|ops(?:\.[a-z]+)?)\.\w+")


def refusal(case: Mapping[str, np.ndarray]) -> str:
    """What of TensorFlow a case lacks, as its error says it with the line; empty if nothing."""
    said = SAID.search(str(case.get("error", "")))
    return said["what"] if said else ""


def refused(seen: Arrays) -> dict[str, str]:
    """The cases that fail for what is not modelled, and what that is."""
    return {name: what for name, case in seen.items() if (what := refusal(case))}


def rows(failing: Mapping[str, str]) -> list[str]:
    """The lines of the table: what is lacking, and what of Keras needs it."""
    needed: dict[str, set[str]] = defaultdict(set)
    for expression, what in failing.items():
        found = NAME.search(expression)
        assert found is not None, expression
        needed[what].add(found[0])
    lines = []
    for what, names in sorted(needed.items()):
        first = what if "`" in what else f"`{what}`"
        lines.append(f"| {first} | {', '.join(f'`keras.{name}`' for name in sorted(names))} |")
    return lines


def listed() -> list[str]:
    """The lines of the page's table."""
    table = PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
    return [line for line in table.splitlines() if line.startswith("| ")][1:]


def write(failing: Mapping[str, str]) -> None:
    """Puts the table into the page."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    table = ["| what TensorFlow has | needed by |", "|---|---|", *rows(failing)]
    after = rest.split(END)[1]
    text = f"{before}{BEGIN}\n" + "\n".join(table) + f"\n{END}{after}"
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        failing = refused(played(Path(folder)))
    write(failing)
    sys.stdout.write(f"{len(failing)} cases fail\n")
