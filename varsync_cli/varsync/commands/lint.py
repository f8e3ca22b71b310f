"""`varsync lint`: finds misused distributed variables."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from varsync.choices import Color, OutputFormat
from varsync.errors import CannotRun

if TYPE_CHECKING:
    from varsync.checking import Given, Report
    from varsync.config import Configuration
    from varsync.discovery import Discovery
    from varsync.settings import Options
    from varsync.style import Style

STANDARD_INPUT = "-"


Rules = list[str] | None


def lint(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Files and folders; '-' is the standard input.", show_default="."),
    ] = None,
    select: Annotated[
        Rules, typer.Option(help="Rules to run: codes, prefixes, names or ALL; a comma list.")
    ] = None,
    ignore: Annotated[Rules, typer.Option(help="Rules not to run.")] = None,
    extend_select: Annotated[
        Rules, typer.Option("--extend-select", help="Rules to run besides those selected.")
    ] = None,
    per_file_ignores: Annotated[
        Rules, typer.Option("--per-file-ignores", help="Pairs PATTERN:RULE; a comma list.")
    ] = None,
    output_format: Annotated[
        OutputFormat | None, typer.Option("--output-format", help="How findings are shown.")
    ] = None,
    output_file: Annotated[
        Path | None, typer.Option("--output-file", "-o", help="Write the findings to a file.")
    ] = None,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", "-e", help="Exit with 0 whatever is found.")
    ] = False,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Show how often each rule was broken.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the findings.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say what was read and how long it took.")
    ] = False,
    color: Annotated[Color, typer.Option(help="When to use colours.")] = Color.AUTO,
    isolated: Annotated[
        bool, typer.Option("--isolated", help="Read no configuration file.")
    ] = False,
    config: Annotated[
        Path | None, typer.Option(help="Use this TOML file for everything.", metavar="FILE")
    ] = None,
    exclude: Annotated[Rules, typer.Option(help="Patterns of what to leave out.")] = None,
    extend_exclude: Annotated[
        Rules, typer.Option("--extend-exclude", help="More patterns of what to leave out.")
    ] = None,
    force_exclude: Annotated[
        bool | None,
        typer.Option(
            "--force-exclude/--no-force-exclude", help="Leave out files passed by name too."
        ),
    ] = None,
    respect_gitignore: Annotated[
        bool | None,
        typer.Option(
            "--respect-gitignore/--no-respect-gitignore", help="Leave out what Git ignores."
        ),
    ] = None,
    stdin_filename: Annotated[
        str | None, typer.Option("--stdin-filename", help="What '-' is called.", metavar="FILE")
    ] = None,
    context: Annotated[
        bool,
        typer.Option(
            "--context/--no-context",
            help="Read the rest of the project when files are passed by name.",
        ),
    ] = True,
) -> int:
    """Find misused distributed variables in TensorFlow programs.

    Exits with 0 when nothing is wrong, 1 when there are errors or warnings, 2 when it can't run.
    """
    started = time.perf_counter()
    from varsync.checking import check
    from varsync.config import Configuration
    from varsync.style import Style
    from varsync.terminal import complain, wants_color, write

    options = _options(
        select=select,
        ignore=ignore,
        extend_select=extend_select,
        per_file_ignores=per_file_ignores,
        exclude=exclude,
        extend_exclude=extend_exclude,
        force_exclude=force_exclude,
        respect_gitignore=respect_gitignore,
        output_format=output_format.value if output_format else None,
    )
    configuration = Configuration(options, config=config, isolated=isolated)
    found, given = _find(paths or ["."], configuration, stdin_filename, context)
    if output_file is not None and os.path.realpath(output_file) in {
        os.path.realpath(file) for file in [*found.files, *found.context]
    }:
        raise CannotRun(f"--output-file: {output_file} is one of the files to read")
    shape = OutputFormat(configuration.of(str(Path.cwd())).output_format)
    report = check(found, given)
    report.seconds["all"] = time.perf_counter() - started

    style = Style(output_file is None and wants_color(color, sys.stdout))
    _show(report, shape, style, output_file, statistics)
    if not report.checked and (quiet or not shape.is_for_people):
        complain("nothing to check: no Python files found")
    elif not quiet and shape.is_for_people:
        from varsync.reports.summary import summary

        write(summary(report, style))
    if verbose:
        _explain(report, configuration)
    return 1 if report.fails and not exit_zero else 0


def _options(
    *,
    select: Rules,
    ignore: Rules,
    extend_select: Rules,
    per_file_ignores: Rules,
    exclude: Rules,
    extend_exclude: Rules,
    force_exclude: bool | None,
    respect_gitignore: bool | None,
    output_format: str | None,
) -> Options:
    """The command line as a layer of settings; patterns with a slash are from this folder."""
    from varsync.patterns import anchored
    from varsync.settings import Options, require_pattern

    try:
        here = str(Path.cwd())
    except FileNotFoundError:
        raise CannotRun("the current folder does not exist any more") from None

    def patterns(values: Rules, option: str) -> tuple[str, ...] | None:
        words = _words(values)
        # before it is made absolute, so that it is named as it was written
        for word in words or ():
            require_pattern(word, option)
        return None if words is None else tuple(anchored(word, here) for word in words)

    return Options(
        select=_words(select),
        ignore=_words(ignore),
        extend_select=_words(extend_select),
        per_file_ignores=_pairs(per_file_ignores, here),
        exclude=patterns(exclude, "--exclude"),
        extend_exclude=patterns(extend_exclude, "--extend-exclude"),
        force_exclude=force_exclude,
        respect_gitignore=respect_gitignore,
        output_format=output_format,
    )


def _words(values: Rules) -> tuple[str, ...] | None:
    """The words of an option that is a comma list and repeatable; None when it was not given."""
    if not values:
        return None
    # a comma in braces is a pattern's: {a,b}.py
    return tuple(word.strip() for value in values for word in re.split(r",(?![^{}]*\})", value))


def _pairs(values: Rules, here: str) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    """PATTERN:RULE pairs; a word without a colon is one more rule for the pattern before it."""
    from varsync.patterns import anchored
    from varsync.settings import require_pattern

    words = _words(values)
    if words is None:
        return None
    pairs: list[tuple[str, tuple[str, ...]]] = []
    for word in words:
        pattern, colon, rule = word.rpartition(":")
        if pattern and rule:
            require_pattern(pattern, "--per-file-ignores")
            pairs.append((anchored(pattern, here), (rule,)))
        elif word and not colon and pairs:
            pairs[-1] = (pairs[-1][0], (*pairs[-1][1], word))
        else:
            raise CannotRun(f"--per-file-ignores: {word!r} is not PATTERN:RULE")
    return tuple(pairs)


def _find(
    paths: list[str], configuration: Configuration, stdin_filename: str | None, context: bool
) -> tuple[Discovery, Given | None]:
    """The files to check, and the standard input if it is one of them."""
    from varsync.discovery import discover

    if STANDARD_INPUT not in paths:
        if stdin_filename is not None:
            raise CannotRun("--stdin-filename needs the path '-'")
        return discover(paths, configuration, with_context=context), None
    if len(paths) > 1:
        raise CannotRun("'-' can't be checked together with other paths")
    return _standard_input(configuration, stdin_filename, context)


def _standard_input(
    configuration: Configuration, name: str | None, context: bool
) -> tuple[Discovery, Given | None]:
    """The standard input in the place of the file that it is said to be."""
    from varsync.checking import Given
    from varsync.discovery import Discovery, Found, add_context, locate, shown

    if name is not None and (not name or Path(name).is_dir()):
        raise CannotRun(f"--stdin-filename: {name!r} is no file's name")
    found = Discovery()
    absolute = locate(name or STANDARD_INPUT)
    folder = str(Path(absolute).parent)
    settings = configuration.of(folder)
    if name is not None and settings.force_exclude and settings.excludes(absolute):
        return found, None
    data = _input()
    if name is not None:
        add_context(folder, configuration, found, read=context)
        found.context.pop(absolute, None)
    display = shown(absolute) if name is not None else STANDARD_INPUT
    return found, Given(Found(absolute, display, settings), data)


def _input() -> bytes:
    """The bytes of the standard input; raises CannotRun where there is none, or no end of it."""
    from varsync_rules.disk import LARGEST, too_large

    if sys.stdin is None:
        raise CannotRun("there is no standard input")
    try:
        data = sys.stdin.buffer.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise too_large()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CannotRun(f"the standard input can't be read: {reason}") from None
    return data


def _show(
    report: Report, shape: OutputFormat, style: Style, output_file: Path | None, statistics: bool
) -> None:
    """Writes the findings, or their counts, to the standard output or to a file."""
    from varsync.reports import render
    from varsync.reports.summary import statistics as counts
    from varsync.terminal import write

    text = counts(report, shape.value) if statistics else render(shape.value, report, style)
    if output_file is None:
        write(text)
        return
    try:
        output_file.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CannotRun(f"{output_file}: {reason}") from None


def _explain(report: Report, configuration: Configuration) -> None:
    """Says on the standard error what was read and how long each step took."""
    from varsync.terminal import complain

    files = ", ".join(dict.fromkeys(str(file) for file in configuration.files)) or "none"
    complain(f"configuration: {files}")
    complain(f"files: {report.checked} checked, {report.context} read for context")
    for name, count in report.counters.items():
        complain(f"{name.replace('_', ' ')}: {count}")
    for step, seconds in report.seconds.items():
        complain(f"time to {step}: {seconds:.3f} s" if step != "all" else f"time: {seconds:.3f} s")
