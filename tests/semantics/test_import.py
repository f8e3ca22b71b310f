"""The table is cheap to import and imports nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import varsync_runtime.semantics as semantics

USE_ALL = """
import sys
import __future__, dataclasses, enum, functools, importlib, typing
before = set(sys.modules)
import varsync_runtime.semantics as semantics
for name in semantics.__all__:
    getattr(semantics, name)
print(*(name for name in set(sys.modules) - before if not name.startswith("varsync_runtime")))
"""


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    return done.stdout.strip()


def test_the_whole_table_needs_a_few_modules_of_the_standard_library_only() -> None:
    assert run(USE_ALL).split() == []


def test_every_public_name_has_a_home() -> None:
    assert sorted(semantics.HOMES) == sorted(semantics.__all__)
    for name in semantics.__all__:
        value = getattr(semantics, name)
        assert value.__module__ == f"varsync_runtime.semantics.{semantics.HOMES[name]}", name
