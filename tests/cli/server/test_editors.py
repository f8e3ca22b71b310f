"""Real editors, set up as docs/editors.md says: Neovim and Emacs, without their windows."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from varsync_rules.registry import rules

from tests.cli.conftest import Shell
from tests.cli.test_fix import HEAD, NONE, UNAGGREGATED

pytest.importorskip("pygls", reason="the extra lsp is not installed")
pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "editors.md"
PATIENCE = 240
# an emoji before it: columns are in other units than characters
PROGRAM = UNAGGREGATED.replace("    total.assign", "    s = '😀'; total.assign")


def documented(language: str) -> list[str]:
    """The blocks of this language in the page, in order."""
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def environment(shell: Shell) -> dict[str, str]:
    """One in which `varsync` is the one that is tested, and nobody's settings are read."""
    bin_folder = shell.folder.parent / "bin"
    bin_folder.mkdir(exist_ok=True)
    command = bin_folder / "varsync"
    path = os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path if entry)
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{path}" exec "{sys.executable}" -m varsync "$@"\n')
    command.chmod(0o755)
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("XDG_")},
        "HOME": str(shell.folder.parent),
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
        "VARSYNC_FILE": "train.py",
    }


def run(shell: Shell, *command: str, given: Mapping[str, str]) -> None:
    (shell.folder / ".git").rmdir()
    subprocess.run(["git", "init", "-q"], check=True)
    ran = subprocess.run(
        command,
        env=dict(given),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def seen_by(shell: Shell, *command: str) -> dict[str, Any]:
    """What the editor's script wrote."""
    shell.write("train.py", PROGRAM)
    file = shell.folder.parent / "seen.json"
    run(shell, *command, given={**environment(shell), "VARSYNC_SEEN": str(file)})
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def expect(seen: dict[str, Any], text: str) -> None:
    assert "`total` has no aggregation: under MirroredStrategy each replica" in seen["message"]
    assert "`total` is created here" not in seen["message"]
    assert seen["hover"].strip() == rules().find("VS201").page.read_text(encoding="utf-8").strip()
    assert seen["actions"][0].startswith("VS201: create `total` with aggregation SUM (unsafe: ")
    assert "Silence VS201 on this line" in seen["actions"]
    aggregation = ", aggregation=tf.VariableAggregation.SUM"
    assert text == PROGRAM.replace("trainable=False", f"trainable=False{aggregation}")
    assert seen["left"] == 0


def neovim() -> tuple[int, int]:
    """The version of the Neovim that there is."""
    found = shutil.which("nvim")
    if found is None:
        pytest.skip("there is no Neovim")
    shown = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.match(r"NVIM v(\d+)\.(\d+)", shown)
    assert version is not None
    return int(version[1]), int(version[2])


def settings(shell: Shell) -> str:
    """What the page has one write into init.lua, for a Neovim that takes it."""
    if neovim() < (0, 11):
        return "NONE"
    file = shell.folder.parent / "init.lua"
    file.write_text("vim.o.swapfile = false\n" + "".join(documented("lua")), encoding="utf-8")
    return str(file)


def test_neovim_shows_and_mends(real: Shell) -> None:
    init = settings(real)
    seen = seen_by(real, "nvim", "--headless", "-n", "-u", init, "-S", str(HERE / "neovim.lua"))
    expect(seen, "\n".join([*seen["text"], ""]))
    assert (seen["code"] or "VS201", seen["source"]) == ("VS201", "varsync")
    # its own columns are bytes
    before = len("    s = '😀'; ".encode())
    line = PROGRAM.splitlines().index("    s = '😀'; total.assign_add(tf.reduce_sum(x))")
    assert seen["place"] == [line, before, line, before + len("total.assign_add(tf.reduce_sum(x))")]


def test_neovim_mends_when_it_saves(real: Shell) -> None:
    if neovim() < (0, 11):
        pytest.skip("the page is for Neovim 0.11 or later")
    file = real.write("train.py", NONE)
    init = settings(real)
    command = ("nvim", "--headless", "-n", "-u", init, "-S", str(HERE / "neovim.lua"))
    run(real, *command, given=environment(real))
    assert file.read_text() == HEAD.format("", "    pass\n")


def test_emacs_shows_and_mends(real: Shell) -> None:
    found = shutil.which("emacs")
    if found is None:
        pytest.skip("there is no Emacs")
    has_eglot = "(progn (require 'package) (package-initialize) (require 'eglot))"
    if subprocess.run(
        [found, "--batch", "-q", "--eval", has_eglot], capture_output=True
    ).returncode:
        pytest.skip("this Emacs has no eglot")
    init = real.folder.parent / "init.el"
    init.write_text(documented("elisp")[0], encoding="utf-8")
    script = str(HERE / "emacs.el")
    seen = seen_by(real, found, "--batch", "-q", "-l", str(init), "-l", script)
    expect(seen, seen["text"])
    start = PROGRAM.index("total.assign") + 1
    assert seen["range"] == [start, start + len("total.assign_add(tf.reduce_sum(x))")]
