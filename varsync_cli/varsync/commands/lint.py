"""`varsync lint`: finds misused distributed variables."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from varsync.choices import Color, FailOn, OutputFormat
from varsync.completion import rules_in_a_list
from varsync.errors import CannotRun, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from varsync_rules.findings import Finding
    from varsync_rules.source import Source

    from varsync.checking import Report
    from varsync.config import Configuration
    from varsync.discovery import Discovery
    from varsync.fixing import Fixed
    from varsync.settings import Settings
    from varsync.simulation import Simulation
    from varsync.style import Style
    from varsync.verdicts import Proof

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
            "--prove", help="Run the scripts on simulated replicas, and say what they show."
        ),
    ] = False,
    replicas: Annotated[
        int, typer.Option(min=1, max=64, help="How many replicas --prove has.")
    ] = 2,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=64, help="How many workers --prove has.", show_default=False),
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
            help="Read the rest of the project when files are passed by name.",
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

    from varsync import inputs
    from varsync.checking import check
    from varsync.config import Configuration
    from varsync.memory.place import memory
    from varsync.progress import on_terminal
    from varsync.style import Style
    from varsync.terminal import wants_color

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
    if watch:
        others = {"-": "-" in (paths or []), "--add-noqa": add_noqa is not None}
        _refuse("--watch", others | {"--show-files": show_files, "--show-settings": show_settings})
        from varsync.terminal import clear
        from varsync.watching import watch as run_and_wait

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
        return _show_what_holds(found, settings, files=show_files)
    style = Style(output_file is None and wants_color(color, sys.stdout))
    known = memory(cache_dir, configuration.project_root(here) or here, forget=no_cache)
    processes = jobs or available()
    fixed = None
    with on_terminal(quiet=quiet) as told:
        if add_noqa is None and (diff or fix_only or settings.fix):
            from varsync.fixing import fix as fix_all
            from varsync.fixing import wanted

            fixed = fix_all(found, wanted(found), contents, memory=known, jobs=processes, told=told)
            report = fixed.report
        else:
            report = check(found, contents, memory=known, jobs=processes, told=told)
    if settings.baseline is not None:
        from varsync.baseline import read

        before = read(settings.baseline)
        report.set_aside(before.known(report), before.stale(report))
    if prove:
        if contents:
            raise CannotRun("--prove runs files, not the standard input")
        report.proofs = _proofs(report, found, paths or [], replicas, workers)
    report.seconds["all"] = time.perf_counter() - started

    if add_noqa is not None:
        return _silence(report, add_noqa, contents, quiet)
    if fixed is not None and diff:
        return _show_difference(fixed, style, output_file, quiet)
    if fixed is not None:
        _replace(fixed, contents)
    shape = OutputFormat(settings.output_format)
    output = Output(shape, style, output_file, aside=bool(contents) and fixed is not None)
    if not fix_only:
        _show(report, output, statistics)
    _sum_up(report, fixed, output, found, quiet=quiet, findings=not fix_only)
    if verbose:
        _explain(report, configuration)
    if exit_non_zero_on_fix and fixed is not None and fixed.applied:
        return 1
    return 1 if report.fails(settings.fail_on) and not exit_zero and not fix_only else 0


def _refuse(option: str, others: Mapping[str, bool | None]) -> None:
    """Raises CannotRun where one of the others is given, which the option does not go with."""
    for name, is_given in others.items():
        if is_given:
            raise CannotRun(f"{option} does not go with {name}")


def _proofs(
    report: Report, found: Discovery, paths: list[str], replicas: int, workers: int | None
) -> dict[Finding, Proof]:
    """Holds the findings to runs of the scripts: the files passed by name, or those with a guard."""
    from varsync_rules.source import UnreadableSource, read

    from varsync import proof
    from varsync.simulation import simulate
    from varsync.terminal import complain

    named = [path for path in paths if Path(path).is_file()]
    files = []
    for file in found.files.values() if not named else ():
        with suppress(UnreadableSource):
            files.append((file.display, read(Path(file.absolute)).data))
    scripts = named or list(proof.runnable(files))
    if not report.findings:
        return {}
    if not scripts:
        raise CannotRun("--prove: no file has `if __name__ == '__main__'`; name the script to run")

    def run(script: str, lines: Iterable[str]) -> Simulation:
        run = simulate(
            script,
            replicas=replicas,
            workers=workers,
            max_steps=proof.MOST_STEPS,
            timeout=proof.MOST_SECONDS,
            lines=lines,
        )
        if not run.finished:
            why = run.message or run.errors.strip().rpartition("\n")[2]
            complain(f"{script}: {run.status}: {why}")
        return run

    return proof.prove(report, scripts, run)


def _show_what_holds(found: Discovery, settings: Settings, *, files: bool) -> int:
    """Lists the files that would be checked, or the settings of the first of them."""
    from varsync.settings import as_lines
    from varsync.terminal import escape, write

    if files:
        write("".join(f"{escape(file.display)}\n" for file in found.files.values()))
        return 0
    first = next(iter(found.files.values()), None)
    of = settings if first is None else first.settings
    write("".join(f"{escape(line)}\n" for line in as_lines(of)))
    return 0


@dataclass(frozen=True)
class Output:
    """Where findings go and how; `aside`: the standard output is for the fixed file."""

    shape: OutputFormat
    style: Style
    file: Path | None
    aside: bool

    def write(self, text: str) -> None:
        """Writes to the file, or the standard output, or the standard error; raises CannotRun."""
        from varsync.terminal import write, write_error

        if self.file is None:
            (write_error if self.aside else write)(text)
            return
        try:
            self.file.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise CannotRun(f"{self.file}: {refusal(error)}") from None


def _show(report: Report, output: Output, statistics: bool) -> None:
    """Writes the findings, or their counts."""
    from varsync.reports import render
    from varsync.reports.summary import statistics as counts

    shape = output.shape.value
    output.write(counts(report, shape) if statistics else render(shape, report, output.style))


def _sum_up(
    report: Report,
    fixed: Fixed | None,
    output: Output,
    found: Discovery,
    *,
    quiet: bool,
    findings: bool,
) -> None:
    """Says what the run came to, and how much was or could be fixed."""
    from varsync.reports.summary import idle, summary
    from varsync.terminal import complain, write, write_error

    if quiet or not output.shape.is_for_people:
        if nothing := idle(report):
            complain(nothing)
        return
    text = ""
    if fixed is not None:
        from varsync.reports.fixes import table
        from varsync.reports.summary import counted

        show = found.files and next(iter(found.files.values())).settings.show_fixes
        if fixed.applied:
            text += table(fixed) if show else f"Fixed {counted(len(fixed.applied))}.\n"
        for finding, reason in fixed.refused.items():
            complain(f"{finding.span.path}:{finding.span.line}: {finding.code} not fixed: {reason}")
    if findings:
        text += summary(report, output.style)
        if any(finding.fix for finding in report.findings):
            from varsync.fixing import wanted
            from varsync.reports.summary import offered

            text += offered(
                report.findings, wanted(found, unsafe=False), wanted(found, unsafe=True)
            )
    (write_error if output.aside else write)(text)


def _silence(report: Report, reason: str, contents: dict[str, bytes], quiet: bool) -> int:
    """Writes comments that silence what is found."""
    from varsync.reports.summary import counted
    from varsync.silencing import silence
    from varsync.terminal import write

    if contents:
        raise CannotRun("--add-noqa writes files, not the standard input")
    if any(not character.isprintable() for character in reason):
        raise CannotRun("--add-noqa: the reason has to be one line of text")
    files, count = silence(report, reason)
    _write({report.absolute[path]: (report.sources[path], new) for path, new in files.items()})
    if not quiet:
        write(f"Silenced {counted(count)}.\n")
    return 0


def _show_difference(fixed: Fixed, style: Style, output_file: Path | None, quiet: bool) -> int:
    """Writes what `--fix` would change; 1 where that is something."""
    from varsync.reports.fixes import difference
    from varsync.reports.summary import counted
    from varsync.terminal import write_error

    Output(OutputFormat.FULL, style, output_file, False).write(difference(fixed, style))
    if not quiet:
        write_error(
            f"Would fix {counted(len(fixed.applied))}.\n" if fixed.applied else "Nothing to fix.\n"
        )
    return 1 if fixed.after else 0


def _replace(fixed: Fixed, contents: dict[str, bytes]) -> None:
    """Writes the fixed files; the standard input's goes to the standard output."""
    from varsync.terminal import write_bytes

    for path in contents:
        after = fixed.after.get(path)
        write_bytes(after.data if after is not None else contents[path])
    _write(
        {
            path: (fixed.before[path], after)
            for path, after in fixed.after.items()
            if path not in contents
        }
    )


def _write(files: dict[str, tuple[Source, Source]]) -> None:
    """Replaces files, by absolute path what each was and will be; raises CannotRun in the end."""
    from varsync.replacing import Changed, replace
    from varsync.terminal import complain

    failed = False
    for path, (before, after) in files.items():
        try:
            replace(path, before.data, after.data)
        except Changed:
            complain(f"{after.path}: not written: it was changed while it was checked")
            failed = True
        except OSError as error:
            complain(f"{after.path}: not written: {refusal(error)}")
            failed = True
    if failed:
        raise CannotRun("not all files were written")


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
