"""The help of every command: it says all that the command takes, in 80 columns, as plain text."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer.main
from varsync.app import application, command_names
from varsync.manual import Manual, with_manual

from tests.cli.conftest import Shell

COMMANDS = command_names()
SOURCES = Path(import_module("varsync").__path__[0])


def manual_of(name: str) -> Manual:
    manual = import_module(f"varsync.manuals.{name}").MANUAL
    assert isinstance(manual, Manual)
    return manual


def parameters(name: str) -> Iterator[Any]:
    """The parameters of a command, as click has them."""
    command: Any = typer.main.get_command(application([name]))
    chosen = command.commands[name]
    yield from chosen.params


def options(name: str) -> set[str]:
    return {word for param in parameters(name) for word in [*param.opts, *param.secondary_opts]} | {
        "-h",
        "--help",
    }


@pytest.mark.parametrize("name", COMMANDS)
class TestOfACommand:
    def test_it_fits_and_is_plain(self, real: Shell, name: str) -> None:
        for word in ("--help", "-h"):
            ran = real(name, word)
            assert (ran.code, ran.err) == (0, "")
            assert ran.out.isascii()
            assert all(len(line) <= 80 for line in ran.out.splitlines())
            assert all(line == line.rstrip() for line in ran.out.splitlines())
            assert "\x1b" not in ran.out

    def test_everything_that_it_takes_is_told_once(self, real: Shell, name: str) -> None:
        text = real(name, "--help").out
        told = re.findall(r"^  (?:-\w, )?(--[\w-]+)", text, re.MULTILINE)
        assert len(told) == len(set(told))
        for param in parameters(name):
            assert (param.help or "").endswith("."), param.name
            if param.param_type_name == "option":
                assert param.opts[0] in told or param.opts[-1] in told

    def test_its_manual_is_of_its_options(self, real: Shell, name: str) -> None:
        manual = manual_of(name)
        grouped = " ".join(manual.groups.values()).split()
        assert len(grouped) == len(set(grouped))
        assert set(grouped) <= {param.name for param in parameters(name)} | {"help"}
        text = real(name, "--help").out
        for heading in (*manual.groups, "Exit codes", "Variables"):
            assert f"\n{heading}:\n" in text
        for words in (*manual.examples, *manual.examples.values()):
            assert " ".join(words.split()) in " ".join(text.split())

    def test_its_examples_name_what_there_is(self, real: Shell, name: str) -> None:
        for example in manual_of(name).examples:
            varsync, command, *words = shlex.split(example)
            assert (varsync, command in COMMANDS) == ("varsync", True)
            own = words[: words.index("--")] if "--" in words else words
            given = {word for word in own if re.match(r"--?[a-z]", word)}
            assert given <= options(command)

    def test_it_says_no_default_that_is_none(self, real: Shell, name: str) -> None:
        assert "None" not in real(name, "--help").out


def test_the_list_of_commands(real: Shell) -> None:
    text = real("--help").out
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "..." not in text.replace("[ARGS]...", "")
    for name in COMMANDS:
        assert re.search(rf"^  {name}\s+[A-Z]", text, re.MULTILINE)


def test_every_variable_that_is_read_is_told() -> None:
    read = {
        name
        for file in SOURCES.rglob("*.py")
        for name in re.findall(r"environ[^\n]*\"(VARSYNC_\w+)\"", file.read_text())
    }
    assert read
    assert read <= {variable for name in COMMANDS for variable in manual_of(name).environment}


def test_words_in_brackets_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    app = typer.Typer(rich_markup_mode=None, add_completion=False)

    def command(value: str = typer.Option("[bold]x[/bold]", help="[red]red[/red] [x] [/]")) -> None:
        """[link=https://example.com]Text[/link]"""

    manual = Manual({}, {"varsync [green]x[/green]": "[b]does[/b]"}, {"[0]": "[/x]"})
    app.command(cls=with_manual(manual))(command)
    app(["--help"], standalone_mode=False)
    out = capsys.readouterr().out
    for text in ("[bold]x[/bold]", "[red]red[/red] [x] [/]", "[link=https://example.com]Text"):
        assert text in out
    for text in ("varsync [green]x[/green]", "[b]does[/b]", "[0]  [/x]"):
        assert text in out
