"""`varsync lint`: finds misused distributed variables."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from varsync.choices import Color, FailOn, OutputFormat
from varsync.completion import rules_in_a_list
from varsync.errors import CannotRun

if TYPE_CHECKING:
    from collections.abc import Mapping

    from varsync.configuration.config import Configuration
    from varsync.files.discovery import Discovery

Rules = list[str] | None


def lint(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Files and folders; '-' is the standard input.", show_default="."),
    ] = None,
    select: Annotated[
        Rules,
        typer.Option(
            help="Rules to run: codes, prefixes, names or ALL; a comma list.",
            metavar="RULES",
            autocompletion=rules_in_a_list,
            show_default="ALL",
        ),
    ] = None,
    ignore: Annotated[
        Rules,
        typer.Option(help="Rules not to run.", metavar="RULES", autocompletion=rules_in_a_list),
    ] = None,
    extend_select: Annotated[
        Rules,
        typer.Option(
            "--extend-select",
            help="Rules to run besides those selected.",
            metavar="RULES",
            autocompletion=rules_in_a_list,
        ),
    ] = None,
    per_file_ignores: Annotated[
        Rules,
        typer.Option(
            "--per-file-ignores",
            help="Rules not to run on the files that a pattern matches; a comma list.",
            metavar="PATTERN:RULE",
        ),
    ] = None,
    output_format: Annotated[
        OutputFormat | None,
        typer.Option("--output-format", help="How findings are shown.", show_default="full"),
    ] = None,
    output_file: Annotated[
        Path | None,
        typer.Option("--output-file", "-o", help="Write the findings to a file.", metavar="FILE"),
    ] = None,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(
            "--fail-on",
            help="The least severity that makes it exit with 1.",
            show_default="warning",
        ),
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
        list[str] | None,
        typer.Option(
            help="Use this TOML file for everything, or set a key: 'fix = true'.",
            metavar="FILE|KEY=VALUE",
        ),
    ] = None,
    exclude: Annotated[
        Rules,
        typer.Option(
            help="Patterns of what to leave out.",
            metavar="PATTERNS",
            show_default=".git, .venv, build and others",
        ),
    ] = None,
    extend_exclude: Annotated[
        Rules,
        typer.Option(
            "--extend-exclude", help="More patterns of what to leave out.", metavar="PATTERNS"
        ),
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
    fix: Annotated[
        bool | None, typer.Option("--fix/--no-fix", help="Mend what can be mended safely.")
    ] = None,
    unsafe_fixes: Annotated[
        bool | None,
        typer.Option(
            "--unsafe-fixes/--no-unsafe-fixes",
            help="Mend also where the result may not be what is meant.",
        ),
    ] = None,
    fix_only: Annotated[
        bool, typer.Option("--fix-only", help="Mend, and do not show what is left.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what --fix would change; write nothing.")
    ] = False,
    show_fixes: Annotated[
        bool | None,
        typer.Option("--show-fixes/--no-show-fixes", help="List what was mended, by file."),
    ] = None,
    fixable: Annotated[
        Rules,
        typer.Option(
            help="Rules that may be mended.", metavar="RULES", autocompletion=rules_in_a_list
        ),
    ] = None,
    unfixable: Annotated[
        Rules,
        typer.Option(help="Rules that may not.", metavar="RULES", autocompletion=rules_in_a_list),
    ] = None,
    exit_non_zero_on_fix: Annotated[
        bool, typer.Option("--exit-non-zero-on-fix", help="Exit with 1 when something was mended.")
    ] = False,
    baseline: Annotated[
        str | None, typer.Option(help="Show only what this file does not have.", metavar="FILE")
    ] = None,
    show_files: Annotated[
        bool, typer.Option("--show-files", help="List the files to check; check nothing.")
    ] = False,
    show_settings: Annotated[
        bool, typer.Option("--show-settings", help="Show the settings that hold; check nothing.")
    ] = False,
    add_noqa: Annotated[
        str | None,
        typer.Option(
            help="Silence all that is found with comments, which may give a reason.",
            metavar="[=REASON]",
        ),
    ] = None,
    ignore_noqa: Annotated[
        bool, typer.Option("--ignore-noqa", help="Let no comment silence anything.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Check again whenever a file changes.")
    ] = False,
    prove: Annotated[
        bool,
        typer.Option(
            "--prove",
            help="Run the scripts on replicas, with what follows '--', and say what they show.",
        ),
    ] = False,
    argument: Annotated[
        list[str] | None,
        typer.Option(
            help="An argument of the scripts, as after '--'.", metavar="WORD", show_default=False
        ),
    ] = None,
    replicas: Annotated[
        int, typer.Option(min=1, max=64, help="How many replicas the scripts have.")
    ] = 2,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=64, help="How many workers they have.", show_default=False),
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", "-n", help="Neither use nor write the cache.")
    ] = False,
    cache_dir: Annotated[
        str | None, typer.Option("--cache-dir", help="Where the cache is.", metavar="DIR")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", help="How many processes to use.", min=1, metavar="N"),
    ] = None,
    context: Annotated[
        bool,
        typer.Option(
            "--context/--no-context",
            help="Read the rest of the project that paths are a part of.",
        ),
    ] = True,
) -> int:
    """Find misused distributed variables in TensorFlow programs.

    The program is read, not run. Settings come from [tool.varsync] in the nearest pyproject.toml
    at or above a file; options on the command line come over them.
    """
    given = locals().copy()
    if str(output_file) == "-":
        output_file = None
    started = time.perf_counter()
    from varsync_rules.processes import available

    from varsync.configuration.config import Configuration
    from varsync.console.progress import on_terminal
    from varsync.console.style import Style
    from varsync.console.terminal import wants_color
    from varsync.linting import inputs, output
    from varsync.linting.checking import check
    from varsync.memory.place import memory

    options = inputs.options(
        select=select,
        ignore=ignore,
        extend_select=extend_select,
        per_file_ignores=per_file_ignores,
        exclude=exclude,
        extend_exclude=extend_exclude,
        force_exclude=force_exclude,
        respect_gitignore=respect_gitignore,
        output_format=output_format.value if output_format else None,
        fix=fix,
        unsafe_fixes=unsafe_fixes,
        show_fixes=show_fixes,
        fixable=fixable,
        unfixable=unfixable,
        baseline=baseline,
        fail_on=fail_on.value if fail_on else None,
        ignore_noqa=ignore_noqa or None,
    )

    def look() -> tuple[Configuration, Discovery, dict[str, bytes]]:
        configuration = Configuration(options, config=config or [], isolated=isolated)
        return configuration, *inputs.find(paths or ["."], configuration, stdin_filename, context)

    if add_noqa is not None:
        others = {"--fix": fix, "--fix-only": fix_only, "--diff": diff}
        _refuse("--add-noqa", others | {"--ignore-noqa": ignore_noqa})
    if prove:
        others = {"--fix": fix, "--fix-only": fix_only, "--diff": diff, "--watch": watch}
        _refuse("--prove", others | {"--add-noqa": add_noqa is not None})
    if watch:
        others = {"-": "-" in (paths or []), "--add-noqa": add_noqa is not None}
        _refuse("--watch", others | {"--show-files": show_files, "--show-settings": show_settings})
        from varsync.console.terminal import clear
        from varsync.linting.watching import watch as run_and_wait

        again = {**given, "watch": False}
        return run_and_wait(lambda: lint(**again), lambda: look()[:2], quiet=quiet, clear=clear)
    configuration, found, contents = look()
    if output_file is not None and os.path.realpath(output_file) in {
        os.path.realpath(file) for file in [*found.files, *found.context]
    }:
        raise CannotRun(f"--output-file: {output_file} is one of the files to read")
    here = str(Path.cwd())
    settings = configuration.of(here)
    if show_files or show_settings:
        return output.show_what_holds(found, settings, files=show_files)
    style = Style(output_file is None and wants_color(color, sys.stdout))
    known = memory(cache_dir, configuration.project_root(here) or here, forget=no_cache)
    processes = jobs or available()
    fixed = None
    with on_terminal(quiet=quiet) as told:
        if add_noqa is None and (diff or fix_only or settings.fix):
            from varsync.linting.fixing import fix as fix_all
            from varsync.linting.fixing import wanted

            fixed = fix_all(found, wanted(found), contents, memory=known, jobs=processes, told=told)
            report = fixed.report
        else:
            report = check(found, contents, memory=known, jobs=processes, told=told)
    if settings.baseline is not None:
        from varsync.linting.baseline import read

        before = read(settings.baseline)
        report.set_aside(before.known(report), before.stale(report))
    if prove:
        if contents:
            raise CannotRun("--prove runs files, not the standard input")
        from varsync.proof.trial import proofs

        report.proofs = proofs(
            report, found, paths or [], argument or [], replicas, workers, quiet=quiet
        )
    report.seconds["all"] = time.perf_counter() - started

    if add_noqa is not None:
        if contents:
            raise CannotRun("--add-noqa writes files, not the standard input")
        from varsync.linting.silencing import silence_files

        return silence_files(report, add_noqa, quiet=quiet)
    if fixed is not None and diff:
        return output.show_difference(fixed, style, output_file, quiet)
    if fixed is not None:
        from varsync.linting.fixing import write_fixed

        write_fixed(fixed, contents)
    shape = OutputFormat(settings.output_format)
    to = output.Output(shape, style, output_file, aside=bool(contents) and fixed is not None)
    if not fix_only:
        output.show(report, to, statistics)
    output.sum_up(report, fixed, to, found, quiet=quiet, findings=not fix_only)
    if verbose:
        output.explain(report, configuration)
    if exit_non_zero_on_fix and fixed is not None and fixed.applied:
        return 1
    return 1 if report.fails(settings.fail_on) and not exit_zero and not fix_only else 0


def _refuse(option: str, others: Mapping[str, bool | None]) -> None:
    """Raises CannotRun where one of the others is given, which the option does not go with."""
    for name, is_given in others.items():
        if is_given:
            raise CannotRun(f"{option} does not go with {name}")
