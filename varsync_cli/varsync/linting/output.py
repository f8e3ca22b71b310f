"""What a lint run says: findings, what was or could be fixed, and what it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from varsync.choices import OutputFormat

if TYPE_CHECKING:
    from varsync.configuration.config import Configuration
    from varsync.configuration.settings import Settings
    from varsync.console.style import Style
    from varsync.files.discovery import Discovery
    from varsync.linting.checking import Report
    from varsync.linting.fixing import Fixed


@dataclass(frozen=True)
class Output:
    """Where findings go and how; `aside`: the standard output is for the fixed file."""

    shape: OutputFormat
    style: Style
    file: Path | None
    aside: bool

    def write(self, text: str) -> None:
        """Writes to the file, or the standard output, or the standard error; raises CannotRun."""
        from varsync.console.terminal import write, write_error

        if self.file is None:
            (write_error if self.aside else write)(text)
            return
        from varsync.files.whole import write_whole

        write_whole(text, self.file)


def show(report: Report, output: Output, statistics: bool) -> None:
    """Writes the findings, or their counts."""
    from varsync.reports import render
    from varsync.reports.summary import statistics as counts

    shape = output.shape.value
    output.write(counts(report, shape) if statistics else render(shape, report, output.style))


def sum_up(
    report: Report,
    fixed: Fixed | None,
    output: Output,
    found: Discovery,
    *,
    quiet: bool,
    findings: bool,
) -> None:
    """Says what the run came to, and how much was or could be fixed."""
    from varsync.console.terminal import complain, write, write_error
    from varsync.reports.summary import idle, summary

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
            from varsync.linting.fixing import wanted
            from varsync.reports.summary import offered

            text += offered(
                report.findings, wanted(found, unsafe=False), wanted(found, unsafe=True)
            )
    (write_error if output.aside else write)(text)


def show_difference(fixed: Fixed, style: Style, output_file: Path | None, quiet: bool) -> int:
    """Writes what `--fix` would change; 1 where that is something."""
    from varsync.console.terminal import write_error
    from varsync.reports.fixes import difference
    from varsync.reports.summary import counted

    Output(OutputFormat.FULL, style, output_file, False).write(difference(fixed, style))
    if not quiet:
        write_error(
            f"Would fix {counted(len(fixed.applied))}.\n" if fixed.applied else "Nothing to fix.\n"
        )
    return 1 if fixed.after else 0


def explain(report: Report, configuration: Configuration) -> None:
    """Says on the standard error what was read and how long each step took."""
    from varsync.console.terminal import complain

    files = ", ".join(dict.fromkeys(str(file) for file in configuration.files)) or "none"
    complain(f"configuration: {files}")
    complain(f"files: {report.checked} checked, {report.context} read for context")
    for name, count in report.counters.items():
        complain(f"{name.replace('_', ' ')}: {count}")
    for step, seconds in report.seconds.items():
        complain(f"time to {step}: {seconds:.3f} s" if step != "all" else f"time: {seconds:.3f} s")


def show_what_holds(found: Discovery, settings: Settings, *, files: bool) -> int:
    """Lists the files that would be checked, or the settings of the first of them."""
    from varsync.configuration.settings import as_lines
    from varsync.console.terminal import escape, write

    if files:
        write("".join(f"{escape(file.display)}\n" for file in found.files.values()))
        return 0
    first = next(iter(found.files.values()), None)
    of = settings if first is None else first.settings
    write("".join(f"{escape(line)}\n" for line in as_lines(of)))
    return 0
