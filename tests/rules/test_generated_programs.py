"""Two thousand programs that nobody wrote: no crash, the same findings twice, in any order of files.

They are the programs of the rules' pages, broken: lines left out, doubled, swapped and indented,
names exchanged, two programs spliced. Most of them are still Python.
"""

from __future__ import annotations

import ast
import random
import re
from pathlib import Path

import pytest
from varsync_rules.findings import Finding
from varsync_rules.lint import check
from varsync_rules.pages import load
from varsync_rules.registry import CATALOG, rules
from varsync_rules.source import Source

CODES = rules().codes
PROGRAMS = [
    program.text for path in sorted(CATALOG.glob("vs[1-6]*.md")) for program in load(path).programs
]
CHUNKS = 20
QUICK = 2  # chunks that run without `-m slow`
IN_A_CHUNK = 100
NAME = re.compile(r"\b[a-z_][a-z_0-9]{3,}\b")


def broken(text: str, rng: random.Random) -> str:
    """The program with one to four random changes."""
    lines = text.splitlines()
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(lines))
        change = rng.randrange(7)
        if change == 0:
            del lines[at]
        elif change == 1:
            lines.insert(at, lines[rng.randrange(len(lines))])
        elif change == 2:
            other = rng.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        elif change == 3:
            lines[at] = "    " + lines[at]
        elif change == 4:
            names = NAME.findall("\n".join(lines)) or ["x"]
            old, new = rng.choice(names), rng.choice(names)
            lines = [re.sub(rf"\b{old}\b", new, line) for line in lines]
        elif change == 5:
            lines[at:at] = rng.choice(PROGRAMS).splitlines()
        else:
            lines[at] = lines[at].replace("=", rng.choice(("+=", "==", "=")), 1)
        if not lines:
            lines = ["pass"]
    return "\n".join(lines) + "\n"


def mostly_sound(rng: random.Random) -> str:
    """A broken program that is still Python, but for one in ten."""
    for _ in range(12):
        text = broken(rng.choice(PROGRAMS), rng)
        try:
            ast.parse(text)
        except SyntaxError:
            if rng.random() < 0.02:
                return text
        else:
            return text
    return text


def program_of(number: int) -> list[Source]:
    """Program `number`: one to three files that import one another under their own names."""
    rng = random.Random(number)
    names = ["main", "layers", "steps"][: rng.randint(1, 3)]
    texts = {name: mostly_sound(rng) for name in names}
    for name in names:
        others = "".join(f"from {o} import *\n" for o in names if o != name and rng.random() < 0.5)
        texts[name] = others + texts[name]
    return [
        Source(f"{name}.py", Path("/program") / f"{name}.py", text.encode())
        for name, text in texts.items()
    ]


def findings(sources: list[Source]) -> list[Finding]:
    return check(sources, codes=CODES, roots=[Path("/program")]).findings


@pytest.mark.parametrize(
    "chunk",
    [
        chunk if chunk < QUICK else pytest.param(chunk, marks=pytest.mark.slow)
        for chunk in range(CHUNKS)
    ],
)
def test_generated_programs(chunk: int) -> None:
    for number in range(chunk * IN_A_CHUNK, (chunk + 1) * IN_A_CHUNK):
        sources = program_of(number)
        first = findings(sources)
        again = findings(list(reversed(program_of(number))))
        assert first == again, f"program {number} depends on the order of its files"


def test_most_of_them_are_python() -> None:
    sound = 0
    for number in range(60):
        sound += all(f.code != "VS901" for f in findings(program_of(number)))
    assert sound > 48
