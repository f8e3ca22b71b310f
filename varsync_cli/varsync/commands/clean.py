"""`varsync clean`: removes the cache."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def clean(
    cache_dir: Annotated[
        str | None,
        typer.Option(
            "--cache-dir",
            help="The cache folder.",
            metavar="DIR",
            show_default=".varsync_cache in the project",
        ),
    ] = None,
) -> int:
    """Remove what `varsync lint` remembers of the project."""
    from varsync.configuration.config import Configuration
    from varsync.configuration.settings import Options
    from varsync.console.terminal import escape, write
    from varsync.errors import CannotRun, refusal
    from varsync.memory.place import folder
    from varsync.memory.store import remove

    here = str(Path.cwd())
    configuration = Configuration(Options(), isolated=True)
    target = folder(cache_dir, configuration.project_root(here) or here)
    try:
        was_there = remove(target)
    except OSError as error:
        raise CannotRun(f"{target}: {refusal(error)}") from None
    if not was_there and Path(target).exists():
        raise CannotRun(f"{target}: it is no cache of varsync")
    write(f"Removed {escape(target)}\n" if was_there else f"{escape(target)} is not there\n")
    return 0
