"""docs/ci.md: its commands do what it says of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.cli.test_fix import NONE

PAGE = (Path(__file__).parent.parent.parent / "docs" / "ci.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^(?:- run: | +- )?((?:git diff|varsync lint)[^\n]+)$", PAGE, re.M)


def test_all_commands_are_seen() -> None:
    assert len(COMMANDS) == 5


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command(real: Shell, command: str) -> None:
    folder = real.folder
    (folder / ".git").rmdir()
    real.write("clean.py", "x = 1\n")
    author = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    for words in (["init", "-qb", "main"], ["add", "."], ["commit", "-qm", "First"]):
        subprocess.run(["git", *author, *words], check=True)
    real.write("train.py", NONE)
    subprocess.run(["git", "add", "."], check=True)
    binaries = real.write("bin/varsync", f'#!/bin/sh\nexec {sys.executable} -m varsync "$@"\n')
    binaries.chmod(0o755)
    environment = {**os.environ, "PATH": f"{binaries.parent}:{os.environ['PATH']}"}
    ran = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, check=False, env=environment
    )
    # xargs has a code of its own for a command that fails
    expected = 0 if "--exit-zero" in command else 123 if "xargs" in command else 1
    assert (ran.returncode, ran.stderr) == (expected, "")
    written = re.search(r"--output-file (\S+)", command)
    text = (folder / written[1]).read_text() if written else ran.stdout
    assert "VS101" in text
    assert "train.py" in text
