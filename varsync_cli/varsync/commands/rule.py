"""`varsync rule`: a rule's page in the terminal."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from varsync.choices import Color, PageFormat
from varsync.errors import CannotRun

if TYPE_CHECKING:
    from varsync_rules.registry import Rule, Rules


def rule(
    name: Annotated[
        str | None,
        typer.Argument(help="A rule's code or name.", metavar="RULE", show_default=False),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All rules.")] = False,
    output_format: Annotated[
        PageFormat, typer.Option("--output-format", help="How pages are shown.")
    ] = PageFormat.TEXT,
) -> int:
    """Explain a rule, or all of them: what it finds, why it is bad, how to write it."""
    from varsync.terminal import wants_color, write

    if (name is None) is not every:
        raise CannotRun("name one rule, or give --all")
    chosen = _known() if name is None else (_found(name),)
    if output_format is PageFormat.JSON:
        import json

        objects = [_object(one) for one in chosen]
        write(json.dumps(objects if every else objects[0], indent=2) + "\n")
    elif wants_color(Color.AUTO, sys.stdout):
        _render("\n\n".join(_page(one) for one in chosen))
    else:
        write("\n".join(_page(one) for one in chosen))
    return 0


def _known() -> Rules:
    """The rules that lint would know in this folder."""
    from varsync.config import Configuration
    from varsync.settings import Options

    return Configuration(Options()).of(str(Path.cwd())).rules


def _found(name: str) -> Rule:
    """The rule with this code or name; raises CannotRun."""
    from varsync_rules.registry import UnknownRuleError, rules

    from varsync.settings import unknown_rule

    # ours are explained wherever one is
    with suppress(UnknownRuleError):
        return rules().find(name)
    known = _known()
    try:
        return known.find(name)
    except UnknownRuleError:
        raise CannotRun(unknown_rule(name, known)) from None


def _page(one: Rule) -> str:
    return one.page.read_text(encoding="utf-8")


def _object(one: Rule) -> dict[str, Any]:
    """A rule for programs: the keys of ruff's `rule --output-format json`, where they fit."""
    from varsync_rules.pages import load

    page = load(one.page)
    markers = [marker for program in page.programs for marker in program.markers]
    severities = {marker.severity.value for marker in markers if marker.code == one.code}
    return {
        "name": one.name,
        "code": one.code,
        "summary": page.summary,
        "severities": sorted(severities),
        "fix": None,
        "explanation": _page(one),
    }


def _render(markdown: str) -> None:
    """Writes Markdown to the terminal as headings, lists and coloured programs."""
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(soft_wrap=False)
    console.print(Markdown(markdown, code_theme="ansi_dark"))
