"""Names, values, paths and messages of others are text in every output, whatever is in them.

The outputs are looked for: each module of `varsync.reports` that renders something, each format that
an option takes, each command, each option that takes words.
"""

from __future__ import annotations

import inspect
import json
import math
import pkgutil
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest
import varsync.reports
from hypothesis import given, settings
from hypothesis import strategies as st
from varsync.checking import Report
from varsync.choices import OutputFormat
from varsync.comparing import Change, Comparison, Result, Variant
from varsync.networks import USUAL
from varsync.reports import wording
from varsync.reports.html.markup import text as as_html
from varsync.reports.summary import statistics
from varsync.simulation import Simulation, of_report
from varsync.style import Style
from varsync.terminal import escape
from varsync.verdicts import Proof, Verdict
from varsync_rules.changes import Fix, SetKeyword
from varsync_rules.findings import Finding, Related, Severity, Span
from varsync_rules.registry import rules
from varsync_rules.source import Source

from tests.cli.hostile import HOSTILE, TEXTS, controls
from tests.cli.test_simulation_html import everything, told

ALL = f"x{'x'.join(HOSTILE)}"
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
    strategy["class"] = text
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
    return str(module.render(compared(text), style)) + str(module.as_json(compared(text)))


def of_rule(module: ModuleType, text: str, style: Style) -> str:
    return str(module.render(rules().find("VS201").read(), run(text), run(text), 100, style))


WAYS: dict[str, Callable[[ModuleType, str, Style], str]] = {
    "Report": of_lint,
    "Json": of_simulate,
    "Comparison": of_compare,
    "Page": of_rule,
}
"""How a module's `render` is called, by what it takes."""


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


@pytest.mark.parametrize("text", [ALL, *HOSTILE], ids=ascii)
def test_what_programs_read_is_whole(text: str) -> None:
    """They get the very text, or, where their format has none of it, the text that is shown."""
    text = f"x{text}"
    words = text.replace("\n", " ")
    (first, _) = json.loads(rendered("json", text))
    assert first["message"] == text and first["related"][0]["message"] == text
    lines = rendered("json_lines", text).splitlines()
    assert [json.loads(line)["message"] for line in lines] == [text, text]
    (run,) = json.loads(rendered("sarif", text))["runs"]
    assert run["results"][0]["message"]["text"] == f"{text}\n{words}\n{words}\n{words}"
    (first, _) = json.loads(rendered("gitlab", text))
    assert first["description"] == f"VS201 {text}"
    suites = ElementTree.fromstring(rendered("junit", text))
    failures = [one.get("message") for one in suites.iter("failure")]
    assert failures == [escape(text), escape(text)]
    assert statistics(findings(text), "json") and not controls(statistics(findings(text), "full"))


def test_what_an_assertion_and_an_observation_say() -> None:
    for text in HOSTILE:
        ran = run(text)
        for check in (ran.assert_clean, ran.assert_in_sync):
            with pytest.raises(AssertionError) as raised:
                check()
            assert not controls(str(raised.value))
        assert not any(controls(str(seen)) for seen in ran.observations)
