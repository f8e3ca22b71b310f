"""`varsync rule`: a rule's page in the terminal, and rules held to their pages."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from varsync.choices import Color, PageFormat
from varsync.completion import one_rule
from varsync.errors import CannotRun, rules_in_use

if TYPE_CHECKING:
    from varsync_rules.pages import Program
    from varsync_rules.plugins.plugin import Plugin
    from varsync_rules.registry import Rule, Rules

    from varsync.reports.demonstration import Shown


def rule(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            autocompletion=one_rule,
            help="A rule's code or name; with --test packages or folders of rules, with --new a folder.",
            metavar="RULE",
            show_default=False,
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All rules.")] = False,
    test: Annotated[
        bool,
        typer.Option(
            "--test", help="Hold rules of your own to their pages, which are their tests."
        ),
    ] = False,
    run: Annotated[
        bool,
        typer.Option(
            "--run",
            help="Lint and simulate the page's program and the right one, side by side.",
        ),
    ] = False,
    new: Annotated[
        str | None,
        typer.Option(
            "--new",
            help="Write the two files of a rule to begin with, in a folder that is named.",
            metavar="CODE-NAME",
        ),
    ] = None,
    output_format: Annotated[
        PageFormat | None,
        typer.Option("--output-format", help="How pages are shown.", show_default="text"),
    ] = None,
) -> int:
    """Explain a rule, or all of them: what it finds, why it is bad, how to write it.

    With --test it exits with 1 where a rule does not do what its page says.
    """
    from varsync.console.terminal import wants_color, write

    if test or new is not None:
        if every or output_format is not None or (test and new is not None):
            raise CannotRun("--test and --new go with packages and folders of rules alone")
        return _test(names or []) if new is None else _begin(new, names or [])
    if run:
        if every or output_format is not None or len(names or []) != 1:
            raise CannotRun("--run goes with one rule alone")
        with rules_in_use():
            return _run(_found((names or [])[0]))
    if len(names or []) != (0 if every else 1):
        raise CannotRun("name one rule, or give --all")
    chosen = tuple(_known()) if not names else (_found(names[0]),)
    with rules_in_use():
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
    from varsync.configuration.config import Configuration
    from varsync.configuration.settings import Options

    return Configuration(Options()).of(str(Path.cwd())).rules


def _found(name: str) -> Rule:
    """The rule with this code or name; raises CannotRun."""
    from varsync_rules.registry import UnknownRuleError, rules

    from varsync.configuration.settings import unknown_rule

    # ours are explained whatever the configuration is
    with suppress(UnknownRuleError):
        return rules().find(name)
    known = _known()
    try:
        return known.find(name)
    except UnknownRuleError:
        raise CannotRun(unknown_rule(name, known)) from None


def _page(one: Rule) -> str:
    from varsync.console.terminal import escape

    return "\n".join(escape(line) for line in one.text().split("\n"))


def _object(one: Rule) -> dict[str, Any]:
    """A rule for programs: the keys of ruff's `rule --output-format json`, where they fit."""
    page = one.read()
    markers = [marker for program in page.programs for marker in program.markers]
    severities = {marker.severity.value for marker in markers if marker.code == one.code}
    return {
        "name": one.name,
        "code": one.code,
        "summary": page.summary,
        "severities": sorted(severities),
        "fix": page.fix,
        "explanation": one.text(),
    }


def _render(markdown: str) -> None:
    """Writes Markdown to the terminal as headings, lists and coloured programs."""
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(soft_wrap=False)
    console.print(Markdown(markdown, code_theme="ansi_dark"))


def _begin(name: str, folders: list[str]) -> int:
    """Writes the files of a new rule."""
    from varsync.authoring.beginning import begin
    from varsync.console.terminal import escape, write

    if len(folders) != 1:
        raise CannotRun("name the folder for the new rule")
    for file in begin(name, Path(folders[0])):
        write(f"Wrote {escape(str(file))}\n")
    write(f"Now change them, and try: varsync rule --test {escape(folders[0])}\n")
    return 0


def _run(one: Rule) -> int:
    """Lints and simulates the two programs of a page, and shows what came of them."""
    import shutil

    from varsync_rules.registry import rules

    from varsync.console.style import Style
    from varsync.console.terminal import wants_color, write
    from varsync.reports.demonstration import render

    page = one.read()
    if page.not_run:
        raise CannotRun(f"{one.code}: its programs can't be run: {page.not_run}")
    known = rules() if one.origin == "varsync" else _known()
    bad, good = (_shown(program, known) for program in (page.example, page.use_instead))
    width = shutil.get_terminal_size((120, 24)).columns
    write(render(page, bad, good, width, Style(wants_color(Color.AUTO, sys.stdout))))
    return 0


def _shown(program: Program, known: Rules) -> Shown:
    """A program of a page, linted with these rules and simulated in a folder of its own."""
    from tempfile import TemporaryDirectory

    from varsync.authoring.proving import fix_program
    from varsync.console.interrupt import unwound
    from varsync.reports.demonstration import Shown
    from varsync.simulation import simulate

    linted = fix_program({"program.py": program.text.encode()}, known, set()).first
    with unwound(), TemporaryDirectory(prefix="varsync-") as folder:
        Path(folder, "program.py").write_text(program.text, encoding="utf-8")
        run = simulate("program.py", folder=folder, replicas=2, workers=program.workers)
    return Shown(program, linted.findings, run, folder)


def _test(names: list[str]) -> int:
    """Holds rules to their pages: those of these plugins, or of all that there are here."""
    from varsync_rules.plugins.listing import rules_of
    from varsync_rules.registry import rules

    from varsync.authoring.proving import trials
    from varsync.console.terminal import write
    from varsync.reports.trials import Trials

    # a page is about our rules and those beside it, whatever else is installed
    by_folder: dict[Path, list[Rule]] = {}
    with rules_in_use():
        named = [one for name in names for one in rules_of(_plugin(name))]
        for one in named or (one for one in _known() if one.origin != "varsync"):
            by_folder.setdefault(one.page.parent, []).append(one)
        known = {folder: rules().joined(own) for folder, own in by_folder.items()}
    if not known:
        raise CannotRun("there are no rules of plugins here: name a package or a folder to --test")
    report = Trials(write)
    for folder, those in known.items():
        for one in those:
            if one.page.parent == folder:
                report.add(one, trials(one, those))
    report.sum_up()
    return 1 if report.failed else 0


def _plugin(name: str) -> Plugin:
    """The plugin in a folder, or with a dotted name from here."""
    from varsync_rules.plugins.places import named
    from varsync_rules.plugins.plugin import Plugin

    folder = Path(name)
    if folder.is_dir():
        return Plugin(name, str(folder.resolve()))
    if not name.replace(".", "").isidentifier():
        raise CannotRun(f"{name!r}: there is no such folder")
    return named(name, str(Path.cwd()))
