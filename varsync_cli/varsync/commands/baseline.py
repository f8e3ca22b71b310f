"""`varsync baseline`: remembers what is found now, so that lint shows what is new."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

DEFAULT = ".varsync-baseline.json"


class Action(str, enum.Enum):
    """What to do with the file."""

    UPDATE = "update"
    PRUNE = "prune"


def baseline(
    action: Annotated[
        Action,
        typer.Argument(help="update: remember all that is found; prune: forget what is gone."),
    ],
    paths: Annotated[
        list[str] | None, typer.Argument(help="Files and folders.", show_default=".")
    ] = None,
    file: Annotated[
        str | None,
        typer.Option("--baseline", help="The file to write.", metavar="FILE", show_default=DEFAULT),
    ] = None,
    config: Annotated[
        list[str] | None,
        typer.Option(help="Use this TOML file, or set a key of it.", metavar="FILE|KEY=VALUE"),
    ] = None,
    isolated: Annotated[
        bool, typer.Option("--isolated", help="Read no configuration file.")
    ] = False,
) -> int:
    """Write a baseline of findings: `varsync lint --baseline FILE` shows what is not in it."""
    from varsync.configuration.config import Configuration
    from varsync.configuration.settings import Options
    from varsync.console.progress import on_terminal
    from varsync.console.terminal import escape, write
    from varsync.files.discovery import discover
    from varsync.files.whole import write_whole
    from varsync.linting.baseline import read, written
    from varsync.linting.checking import check
    from varsync.reports.summary import counted

    configuration = Configuration(Options(), config=config or [], isolated=isolated)
    settings = configuration.of(str(Path.cwd()))
    target = file or settings.baseline or DEFAULT
    with on_terminal() as told:
        report = check(discover(paths or ["."], configuration), told=told)
    before = read(target, must_exist=action is Action.PRUNE)
    counts = before.pruned(report) if action is Action.PRUNE else before.updated(report)
    write_whole(written(counts), Path(target))
    total = sum(number for of_file in counts.values() for number in of_file.values())
    write(f"{escape(target)}: {counted(total)} in {counted(len(counts), 'file')}.\n")
    return 0
