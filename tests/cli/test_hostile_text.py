"""Names, values, paths and messages of others are text in every output, whatever is in them.

The outputs are looked for: each module of `varsync.reports` that renders something, each format that
an option takes, each command, each option that takes words.
"""

from __future__ import annotations

import inspect
import json
import math
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest
import typer
import varsync.reports
from hypothesis import given, settings
from hypothesis import strategies as st
from varsync.app import application, command_names
from varsync.choices import OutputFormat
from varsync.comparing.changes import Change
from varsync.comparing.comparison import Comparison, Result, Variant
from varsync.comparing.networks import USUAL
from varsync.console.style import Style
from varsync.console.terminal import escape
from varsync.linting.checking import Report
from varsync.proof.verdicts import Proof, Verdict
from varsync.reports import wording
from varsync.reports.demonstration import Shown
from varsync.reports.html import comparison as comparison_page
from varsync.reports.html import render as page_of
from varsync.reports.html.markup import text as as_html
from varsync.reports.summary import statistics
from varsync.simulation import Simulation, of_report
from varsync_rules.changes import Fix, SetKeyword
from varsync_rules.findings import Finding, Related, Severity, Span
from varsync_rules.pages import Program
from varsync_rules.registry import rules
from varsync_rules.source import Source

from tests.cli.conftest import Ran, Shell
from tests.cli.hostile import HOSTILE, TEXTS, controls
from tests.cli.simulations import PATH
from tests.cli.test_simulation_html import Reader, everything, told

ALL = f"x{'x'.join(HOSTILE)}"
WORD = os.fsdecode(ALL.replace("\0", "").encode(errors="surrogatepass"))
"""The same as a command line may have it: of bytes."""
COLOUR = re.compile(r"\x1b\[[\d;]*m")


# What makes text of text --------------------------------------------------------------------------


@given(text=TEXTS)
def test_text_is_text_in_one_line(text: str) -> None:
    for written in (escape(text), wording.line(text)):
        assert not controls(written) and "\n" not in written
    for written in (wording.text(text), as_html(text)):
        assert not controls(written) and written.count("\n") == text.count("\n")
    assert not set("<>\"'") & set(as_html(text))


@given(text=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_ordinary_text_is_as_it_was(text: str) -> None:
    assert escape(text) == wording.line(text) == wording.text(text) == text


# Reports ------------------------------------------------------------------------------------------


def findings(text: str) -> Report:
    """What lint might say, with a text in every place where somebody's may be."""
    span = Span(text, 1, 1, 1, 3)
    cell = Span(f"{text}.ipynb", 1, 1, 1, 3, 2)
    words = text.replace("\n", " ")  # what has lines is a rule's own
    run = of_report(everything(text))
    (seen, *_) = run.observations
    own = []
    for at, where in enumerate((span, cell)):
        fix = Fix(text, SetKeyword(where, "name", text), text if at else "")
        related = (Related(span, text), Related(cell, text))
        own.append(
            Finding(
                "VS201", "replica-update-without-aggregation", list(Severity)[at], text, where,
                related, f"{words}\n{words}", words, fix=fix,
            )
        )  # fmt: skip
    proofs = {
        own[0]: Proof(Verdict.CONFIRMED, text, seen),
        own[1]: Proof(Verdict.CONFIRMED, text, failure=run.failure),
    }
    source = Source(text, Path("/x"), f"'{text}'\n".replace("\0", "").encode(errors="replace"))
    return Report(own, [text], {text: source}, silenced=own, baselined=own, proofs=proofs)


def simulation(text: str) -> dict[str, Any]:
    """What a run might come to."""
    document = everything(text, math.nan)
    (strategy,) = document["strategies"]
    strategy["class"] = document["outcome"]["exception"]["class"] = text
    for seen in document["observations"]:
        seen["foreseen"] = False
    (seen, *_) = document["observations"]
    lint = {key: seen[key] for key in ("code", "severity", "message", "location")}
    one = {"part": "ledger", "subject": text, "numpy": text, "tensorflow": text}
    agreement = {"agrees": False, "differences": [one]}
    return {**document, "lint": [{**lint, "verdict": "confirmed"}], "agreement": agreement}


def run(text: str) -> Simulation:
    """The same as the API has it."""
    return of_report(simulation(text), 3, text, text)


def compared(text: str) -> Comparison:
    """What a comparison might come to."""
    variants = (Variant(1), Variant(2), Variant(2, (Change(text, "ON_READ", "MEAN"),)))
    results = [Result(variant, run(text), 1.0) for variant in variants]
    return Comparison(text, USUAL, results, text)


def of_lint(module: ModuleType, text: str, style: Style) -> str:
    return str(module.render(findings(text), style))


def of_simulate(module: ModuleType, text: str, style: Style) -> str:
    more: dict[str, Any] = {"told": told(text), "color": style.color, "width": 100}
    wanted = inspect.signature(module.render).parameters
    given = {name: value for name, value in more.items() if name in wanted}
    return str(module.render(simulation(text), **given))


def of_compare(module: ModuleType, text: str, style: Style) -> str:
    page = comparison_page.render(compared(text))
    return str(module.render(compared(text), style)) + str(module.as_json(compared(text))) + page


def of_rule(module: ModuleType, text: str, style: Style) -> str:
    program = Program(text, "", text, 1, ())
    shown = Shown(program, findings(text).findings, run(text), text)
    return str(module.render(rules().find("VS201").read(), shown, shown, 100, style))


WAYS: dict[str, Callable[[ModuleType, str, Style], str]] = {
    "Report": of_lint,
    "Json": of_simulate,
    "Comparison": of_compare,
    "Page": of_rule,
}
"""How a module's `render` is called, by what it takes."""


def pages(text: str) -> list[str]:
    """The page of a run, and that of a comparison."""
    return [page_of(simulation(text)), comparison_page.render(compared(text))]


def renderers() -> list[str]:
    """The modules of `varsync.reports` that write something that is looked at."""
    names = [one.name for one in pkgutil.iter_modules(varsync.reports.__path__)]
    return [name for name in names if hasattr(import_module(f"varsync.reports.{name}"), "render")]


def rendered(name: str, text: str, *, color: bool = False) -> str:
    """What such a module writes."""
    module = import_module(f"varsync.reports.{name}")
    takes = next(iter(inspect.signature(module.render).parameters.values())).annotation
    return WAYS[takes](module, text, Style(color))


def test_all_formats_are_there() -> None:
    assert {shape.name.lower() for shape in OutputFormat} < set(renderers())


@pytest.mark.parametrize("name", renderers())
def test_reports_of_hostile_text(name: str) -> None:
    written = rendered(name, ALL)
    assert not controls(written)
    assert not controls(COLOUR.sub("", rendered(name, ALL, color=True)))


def test_pages_of_hostile_text_have_the_elements_of_others() -> None:
    free = ("code", "mark", "span", "pre")  # a message has more of them, or fewer
    for hostile, plain in zip(map(Reader, pages(ALL)), map(Reader, pages("x")), strict=True):
        assert {tag: number for tag, number in hostile.tags.items() if tag not in free} == {
            tag: number for tag, number in plain.tags.items() if tag not in free
        }
        names = [{(tag, name) for tag, name, _ in read.attributes} for read in (hostile, plain)]
        assert names[0] <= names[1] and hostile.comments == []


@pytest.mark.parametrize("shape", OutputFormat)
def test_what_nobody_has_run_gives_no_commands_to_a_workflow(shape: OutputFormat) -> None:
    """A line of a log that begins with two colons is one."""
    lines = rendered(shape.name.lower(), "x\n::error::owned").split("\n")
    commands = [line for line in lines if line.lstrip().startswith("::")]
    assert len(commands) == (2 if shape is OutputFormat.GITHUB else 0)
    if shape.is_for_people:
        assert escape(ALL) in rendered(shape.value, ALL)


@pytest.mark.slow
@pytest.mark.parametrize("name", renderers())
@settings(max_examples=15, deadline=None)
@given(text=TEXTS)
def test_reports_of_any_text(name: str, text: str) -> None:
    assert not controls(rendered(name, text))


@pytest.mark.parametrize("number", range(len(HOSTILE) + 1))
def test_what_programs_read_is_whole(number: int) -> None:
    """They get the very text, or, where their format has none of it, the text that is shown."""
    text = f"x{[ALL, *HOSTILE][number]}"
    words = text.replace("\n", " ")
    (first, _) = json.loads(rendered("json", text))
    found = [first["message"], first["related"][0]["message"]]
    lines = rendered("json_lines", text).splitlines()
    found += [json.loads(line)["message"] for line in lines]
    assert_same(found, [text] * 4)
    (run,) = json.loads(rendered("sarif", text))["runs"]
    assert_same([run["results"][0]["message"]["text"]], [f"{text}\n{words}\n{words}\n{words}"])
    (first, _) = json.loads(rendered("gitlab", text))
    assert_same([first["description"]], [f"VS201 {text} [confirmed]"])
    suites = ElementTree.fromstring(rendered("junit", text))
    failures = [one.get("message") for one in suites.iter("failure")]
    assert failures == [escape(text), escape(text)]
    assert statistics(findings(text), "json") and not controls(statistics(findings(text), "full"))


def assert_same(found: list[str], wanted: list[str]) -> None:
    """In words that a worker of xdist can send: it has no lone surrogates."""
    assert [ascii(text) for text in found] == [ascii(text) for text in wanted]


def test_what_an_assertion_and_an_observation_say() -> None:
    for text in HOSTILE:
        ran = run(text)
        for check in (ran.assert_clean, ran.assert_in_sync):
            with pytest.raises(AssertionError) as raised:
                check()
            assert not controls(str(raised.value))
        assert not any(controls(str(seen)) for seen in ran.observations)


# Commands -----------------------------------------------------------------------------------------

NAME = "[red]<img src=x onerror=alert(1)>\x1b[31m\x9b\u202e\n&'\"`%0A"
"""Of files and variables; the system takes it, and so does TensorFlow."""
SCRIPT = f"""
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    own = tf.Variable(0.0, name={NAME!r})


def step():
    i = tf.distribute.get_replica_context().replica_id_in_sync_group
    own.assign_add(tf.cast(i, tf.float32))  # </pre> \x1b[2J \u202e ::error::


if __name__ == "__main__":
    strategy.run(step)
"""
CELL: dict[str, Any] = {
    "cell_type": "code", "source": SCRIPT, "metadata": {}, "outputs": [], "execution_count": None,
}  # fmt: skip
NOTEBOOK = {"cells": [CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
FILES = (f"{NAME}.py", f"::warning::{NAME}.py", f"{NAME}.ipynb")


@pytest.fixture
def project(real: Shell) -> Shell:
    """A folder whose files and variables have such names."""
    for name in FILES[:-1]:
        real.write(name, SCRIPT)
    real.write(FILES[-1], json.dumps(NOTEBOOK))
    return real


def parameters(command: str) -> list[Any]:
    """The arguments and options of a command."""
    group: Any = typer.main.get_command(application([command]))
    return list(group.commands[command].params)


def choices(command: str) -> list[tuple[str, str]]:
    """The options of a command of which one word of some is to be given, with each of the words."""
    options = parameters(command)
    known = ((each.opts[0], getattr(each.type, "choices", ())) for each in options)
    return [(option, word) for option, words in known if option != "action" for word in words]


def texts(command: str) -> list[str]:
    """The options of a command that take any words, and '' for its first argument."""
    options = parameters(command)
    return ["", *(each.opts[0] for each in options if each.opts[0][0] == "-" and not each.is_flag)]


def is_plain(ran: Ran, *, writes: str = "") -> None:
    """What a command said, and what it wrote to a file, has nothing but text in it."""
    for text in (ran.out, ran.err, writes):
        assert not controls(COLOUR.sub("", text)), ascii(text)
        commands = [line for line in text.split("\n") if line.lstrip().startswith("::")]
        assert [line for line in commands if not line.startswith("::warning title=vars")] == []
    assert "bug" not in ran.err


@pytest.mark.parametrize("words", choices("lint"), ids=" ".join)
def test_lint_in_each_of_its_ways(project: Shell, words: tuple[str, str]) -> None:
    ran = project("lint", *words)
    assert ran.code == (0 if words in (("--fail-on", "error"), ("--fail-on", "never")) else 1)
    is_plain(ran)


@pytest.mark.parametrize(
    "words", ["--statistics", "--show-files", "--show-settings", "--diff --unsafe-fixes", "-v", "."]
)
def test_lint_says_more(project: Shell, words: str) -> None:
    config = {"ignore": ["VS9"], "per-file-ignores": {"y\x9b\n": ["VS1"]}, "exclude": ["x\x9b"]}
    lines = [f"{key} = {json.dumps(value).replace(': ', ' = ')}" for key, value in config.items()]
    project.write("pyproject.toml", "\n".join(["[tool.varsync]", *lines]))
    assert project("baseline", "update", "--baseline", f"{NAME}.json").code == 0
    ran = project("lint", *words.split(), "--baseline", f"{NAME}.json")
    assert ran.code in (0, 1), ran.err
    is_plain(ran, writes=(project.folder / f"{NAME}.json").read_text())


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (command, option)
        for command in command_names()
        if command not in ("server", "compare")
        for option in texts(command)
    ],
)
def test_a_wrong_word_is_named_as_text(project: Shell, command: str, option: str) -> None:
    """One line says what is wrong with it; it may be right, as a name that a file can have."""
    before = ["update"] if command == "baseline" and option else []
    needed = ["nosuch.py"] if command == "simulate" and option else []
    ran = project(command, *before, *([option, WORD] if option else [WORD]), *needed)
    assert ran.code in (0, 1, 2)
    assert ran.code != 2 or ran.err.count("\n") == 1
    is_plain(ran)


@pytest.mark.parametrize("key", ["select", "baseline", "extend", ALL.partition("\n")[0]])
def test_a_wrong_configuration_is_named_as_text(project: Shell, key: str) -> None:
    text = f'{json.dumps(key)} = {json.dumps(NAME)}\n"\\u001b" = 1'
    (project.folder / NAME).mkdir()
    file = project.write(
        f"{NAME}/pyproject.toml", f"[tool.varsync]\n{text}".encode(errors="replace")
    )
    for words in (["--config", str(file)], [str(file.parent)]):
        ran = project("lint", *words)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        is_plain(ran)


def simulate_and_compare() -> list[tuple[str, ...]]:
    """The ways of the commands that run scripts; each takes a second or more."""
    formats = [("simulate", *words) for words in choices("simulate") if words[0] == "--format"]
    formats += [("compare", *words) for words in choices("compare") if words[0] == "--format"]
    return [*formats, ("lint", "--prove"), ("compare", "--each-mode", NAME)]


@pytest.mark.slow
@pytest.mark.parametrize("words", simulate_and_compare(), ids=ascii)
@pytest.mark.parametrize("name", [FILES[0], FILES[-1]], ids=("script", "notebook"))
def test_scripts_that_are_run(project: Shell, words: tuple[str, ...], name: str) -> None:
    written = {"--html": f"{NAME}.html", "--trace": f"{NAME}.json", "--report-file": f"{NAME}.r"}
    command = [*words]
    if words[0] == "simulate":
        command += ["--lint", *(word for pair in written.items() for word in pair)]
    done = subprocess.run(
        [sys.executable, "-m", "varsync", *command, name],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": PATH},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    files = [path for path in map(project.folder.joinpath, written.values()) if path.exists()]
    assert len(files) == (3 if words[0] == "simulate" else 0)
    texts = "\n".join(path.read_text(encoding="utf-8") for path in files)
    is_plain(Ran(done.returncode, done.stdout, done.stderr), writes=texts)
    assert done.returncode == (0 if words[0] == "compare" else 1), done.stderr
    shown = done.stdout + done.stderr
    assert (json.dumps(NAME)[1:-1] if "json" in words else escape(NAME)) in shown


@pytest.mark.slow
@pytest.mark.parametrize("option", texts("compare"))
def test_a_wrong_word_of_compare_is_named_as_text(project: Shell, option: str) -> None:
    test_a_wrong_word_is_named_as_text(project, "compare", option)
