"""`varsync lint` as a function."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from varsync_rules.findings import Finding
from varsync_rules.processes import available

from varsync.configuration.config import Configuration
from varsync.configuration.settings import Options
from varsync.errors import CannotRun
from varsync.files.discovery import discover
from varsync.linting.checking import check
from varsync.memory.place import memory


def lint(
    paths: Iterable[str | os.PathLike[str]] | str | os.PathLike[str] = (".",),
    *,
    select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    extend_select: Sequence[str] | None = None,
    per_file_ignores: Mapping[str, Sequence[str]] | None = None,
    exclude: Sequence[str] | None = None,
    extend_exclude: Sequence[str] | None = None,
    force_exclude: bool | None = None,
    respect_gitignore: bool | None = None,
    config: str | os.PathLike[str] | None = None,
    isolated: bool = False,
    context: bool = True,
    jobs: int | None = 1,
    cache: bool = False,
    cache_dir: str | os.PathLike[str] | None = None,
) -> list[Finding]:
    """The findings in these files and folders, sorted, without those that comments suppress.

    The options are those of the command `varsync lint`, rules are named by code, prefix or name.
    `context` false leaves out the rest of the project that paths are a part of. Raises
    varsync.errors.CannotRun where the command would exit with 2: a path that does not exist, an
    unknown rule, a broken configuration.
    """
    if isinstance(paths, (str, os.PathLike)):
        paths = (paths,)
    options = Options(
        select=_tuple(select),
        ignore=_tuple(ignore),
        extend_select=_tuple(extend_select),
        per_file_ignores=None
        if per_file_ignores is None
        else tuple((pattern, tuple(words)) for pattern, words in per_file_ignores.items()),
        exclude=_tuple(exclude),
        extend_exclude=_tuple(extend_exclude),
        force_exclude=force_exclude,
        respect_gitignore=respect_gitignore,
    )
    configuration = Configuration(
        options, config=[os.fspath(config)] if config is not None else [], isolated=isolated
    )
    found = discover([os.fspath(path) for path in paths], configuration, with_context=context)
    known = None
    if cache or cache_dir is not None:
        here = str(Path.cwd())
        project = configuration.project_root(here) or here
        known = memory(None if cache_dir is None else os.fspath(cache_dir), project, forget=False)
    return check(found, memory=known, jobs=_processes(jobs)).findings


def _processes(jobs: int | None) -> int:
    """How many processes there may be: those of a process with threads might wait for ever."""
    if jobs is not None and jobs < 1:
        raise CannotRun(f"jobs: {jobs} is no number of processes")
    if threading.active_count() > 1:
        return 1
    return available() if jobs is None else jobs


def _tuple(words: Sequence[str] | None) -> tuple[str, ...] | None:
    if isinstance(words, str):
        return (words,)
    return None if words is None else tuple(words)
