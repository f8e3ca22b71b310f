"""docs/custom-rules.md says what is so: its files are a project, its commands print what it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from varsync_rules import changes, program
from varsync_rules.context import Context
from varsync_rules.values import Variable

from tests.cli.conftest import Shell

TEXT = (Path(__file__).parents[2] / "docs" / "custom-rules.md").read_text(encoding="utf-8")
FILES = re.findall(r"^`(\S+)`:\n\n(`{3,})\w+\n(.*?)^\2$", TEXT, re.M | re.S)
SESSIONS = re.findall(r"^```console\n\$ varsync (.*?)\n(.*?)^```$", TEXT, re.M | re.S)


@pytest.fixture
def project(real: Shell) -> Shell:
    for name, _, text in FILES:
        real.write(name, text)
    return real


def test_it_has_files_and_commands() -> None:
    assert [Path(name).suffix for name, _, _ in FILES] == [".toml", ".py", ".md", ".py"]
    assert [words.split()[0] for words, _ in SESSIONS] == ["lint", "rule"]


@pytest.mark.parametrize(("words", "output"), SESSIONS)
def test_its_commands_print_what_it_shows(project: Shell, words: str, output: str) -> None:
    ran = project(*shlex.split(words))
    assert (ran.out, ran.err) == (output, "")


def test_what_it_says_of_a_program_is_there() -> None:
    names = re.findall(r"`program\.(\w+)", TEXT)
    assert len(names) > 8
    assert [name for name in names if not hasattr(program.Program, name)] == []
    events = {
        "creations": program.Creation,
        "updates": program.Update,
        "reads": program.Read,
        "calls": program.Call,
        "rebinds": program.Rebind,
        "branches": program.Branch,
    }
    for row in re.findall(r"^\| `program\.(\w+)` \|.*\| (.*?) \|$", TEXT, re.M):
        for attribute in re.findall(r"`(\w+)`", row[1]):
            assert hasattr(events[row[0]], attribute), attribute
    for name in ("called", "api", "dtype", "arguments", "synchronizations", "aggregations"):
        assert f"`{name}`" in TEXT
        assert hasattr(Variable, name)
    for name in ("strategies", "in_replica"):
        assert f"`{name}`" in TEXT
        assert hasattr(Context, name)
    for name in ("place", "where", "created_here", "replica_chain"):
        assert f"`{name}(" in TEXT
        assert hasattr(program, name)
    for name in ("SetKeyword", "DropKeyword", "AugmentedToMethod"):
        assert f"`{name}`" in TEXT
        assert hasattr(changes, name)
