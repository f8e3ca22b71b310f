"""Options that nobody thought of together: a run does what it is asked for, or says in a line why not."""

from __future__ import annotations

import io
import json
import random
import sys

import pytest
from varsync.choices import OutputFormat

from tests.cli.conftest import Shell
from tests.cli.test_fix import NONE, UNAGGREGATED

WORDS: tuple[tuple[str, ...], ...] = (
    ("-",),
    ("bad.py",),
    ("folder",),
    ("train.ipynb",),
    ("nosuch",),
    ("--stdin-filename", "x.py"),
    ("--select", "VS1"),
    ("--ignore", "ALL"),
    ("--extend-select", "ALL"),
    ("--per-file-ignores", "*.py:VS1"),
    ("--fix",),
    ("--no-fix",),
    ("--unsafe-fixes",),
    ("--fix-only",),
    ("--diff",),
    ("--show-fixes",),
    ("--fixable", "VS9"),
    ("--unfixable", "ALL"),
    ("--exit-non-zero-on-fix",),
    ("--add-noqa",),
    ("--add-noqa=why",),
    ("--baseline", "baseline.json"),
    ("--baseline", "folder"),
    ("--statistics",),
    ("-o", "out.txt"),
    ("-o", "folder"),
    ("-o", "-"),
    ("-q",),
    ("-v",),
    ("--color", "always"),
    ("--exit-zero",),
    ("--fail-on", "never"),
    ("--fail-on", "note"),
    ("--show-files",),
    ("--show-settings",),
    ("--isolated",),
    ("--config", "fix = true"),
    ("--config", "nosuch.toml"),
    ("--exclude", "*.py"),
    ("--extend-exclude", "["),
    ("--force-exclude",),
    ("--no-context",),
    ("--no-cache",),
    ("--cache-dir", "cache"),
    ("--cache-dir", "."),
    ("--jobs", "1"),
    *(("--output-format", shape.value) for shape in OutputFormat),
)


class Input(io.TextIOWrapper):
    """A standard input that holds a program."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(NONE.encode()))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_any_of_them_together(real: Shell, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    for _ in range(40):
        real.write("bad.py", NONE)
        real.write("folder/train.py", f"{UNAGGREGATED}x = 1  # varsync: ignore\n")
        real.write("broken.py", "x = (")
        cell = {"cell_type": "code", "source": NONE}
        real.write("train.ipynb", json.dumps({"cells": [cell], "nbformat": 4}))
        real.write("baseline.json", '{"version": 1, "findings": {}}')
        monkeypatch.setattr(sys, "stdin", Input())
        words = [word for group in rng.sample(WORDS, rng.randint(1, 6)) for word in group]
        ran = real("lint", *words)
        assert ran.code in (0, 1, 2), words
        assert "bug in varsync" not in ran.err, words
        if ran.code == 2:
            assert (ran.out, ran.err.count("\n")) == ("", 1), words
