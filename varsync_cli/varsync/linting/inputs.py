"""What the words of a lint command mean: a layer of settings, and the files to check."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from varsync.errors import CannotRun, refusal

if TYPE_CHECKING:
    from varsync.configuration.config import Configuration
    from varsync.configuration.settings import Options
    from varsync.files.discovery import Discovery

STANDARD_INPUT = "-"

Rules = list[str] | None


def options(
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
    fix: bool | None,
    unsafe_fixes: bool | None,
    show_fixes: bool | None,
    fixable: Rules,
    unfixable: Rules,
    baseline: str | None,
    fail_on: str | None,
    ignore_noqa: bool | None,
) -> Options:
    """The command line as a layer of settings; patterns with a slash are from this folder."""
    from varsync.configuration.patterns import anchored
    from varsync.configuration.settings import Options, require_pattern

    here = current_folder()

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
        fix=fix,
        unsafe_fixes=unsafe_fixes,
        show_fixes=show_fixes,
        fixable=_words(fixable),
        unfixable=_words(unfixable),
        fail_on=fail_on,
        ignore_noqa=ignore_noqa,
        baseline=None if baseline is None else str(Path(here, baseline)),
    )


def current_folder() -> str:
    """The absolute path of the current folder; raises CannotRun where somebody removed it."""
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        raise CannotRun("the current folder does not exist any more") from None


def _words(values: Rules) -> tuple[str, ...] | None:
    """The words of an option that is a comma list and repeatable; None when it was not given."""
    if not values:
        return None
    # a comma in braces is a pattern's: {a,b}.py
    return tuple(word.strip() for value in values for word in re.split(r",(?![^{}]*\})", value))


def _pairs(values: Rules, here: str) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    """PATTERN:RULE pairs; a word without a colon is one more rule for the pattern before it."""
    from varsync.configuration.patterns import anchored
    from varsync.configuration.settings import require_pattern

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


def find(
    paths: list[str], configuration: Configuration, stdin_filename: str | None, context: bool
) -> tuple[Discovery, dict[str, bytes]]:
    """The files to check, and the bytes of the standard input, by its path, if it is one."""
    from varsync.files.discovery import discover

    if STANDARD_INPUT not in paths:
        if stdin_filename is not None:
            raise CannotRun("--stdin-filename needs the path '-'")
        return discover(paths, configuration, with_context=context), {}
    if len(paths) > 1:
        raise CannotRun("'-' can't be checked together with other paths")
    return _standard_input(configuration, stdin_filename, context)


def _standard_input(
    configuration: Configuration, name: str | None, context: bool
) -> tuple[Discovery, dict[str, bytes]]:
    """The standard input in the place of the file that it is said to be."""
    from varsync.files.discovery import Discovery, Found, add_context, locate, shown

    if name is not None and (not name or Path(name).is_dir()):
        raise CannotRun(f"--stdin-filename: {name!r} is no file's name")
    found = Discovery()
    absolute = locate(name or STANDARD_INPUT)
    folder = str(Path(absolute).parent)
    settings = configuration.of(folder)
    if name is not None and settings.force_exclude and settings.excludes(absolute):
        return found, {}
    data = _input()
    if name is not None:
        add_context(folder, configuration, found, read=context)
        found.context.pop(absolute, None)
    display = shown(absolute) if name is not None else STANDARD_INPUT
    found.files[absolute] = Found(absolute, display, settings)
    return found, {absolute: data}


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
        raise CannotRun(f"the standard input can't be read: {refusal(error)}") from None
    return data
