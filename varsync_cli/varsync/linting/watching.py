"""`varsync lint --watch`: checks, and checks again whenever something changed that it reads.

Files are looked at a few times a second: that needs no library, works on network drives, and costs
a tenth of a processor at most, as large trees are looked at less often.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

from varsync.configuration.config import Configuration
from varsync.configuration.requirements import candidates
from varsync.console.terminal import complain, escape, is_read, write_error
from varsync.errors import CannotRun
from varsync.files.discovery import Discovery, shown
from varsync.files.replacing import Stamp, stamp, written
from varsync.linting.inputs import current_folder

Look: TypeAlias = Callable[[], tuple[Configuration, Discovery]]
"""Finds the files and their configuration as they are now."""
Seen: TypeAlias = dict[str, Stamp | None]
"""The files, by absolute path; where the run can't be done, the reason, too."""

INTERVAL = 0.3
"""In seconds, between two looks."""
SHARE = 10
"""Between two looks there is at least so many times what one took."""
MOST_NAMES = 3


def watch(
    once: Callable[[], int],
    look: Look,
    *,
    quiet: bool,
    clear: Callable[[], None],
) -> int:
    """Runs `once` now and after each change, until Ctrl-C ends the process.

    `clear` empties the screen before each run. Where nobody reads the output any more, gives the
    last exit code. Raises CannotRun where there is nothing to begin with.
    """
    # a run that ends leaves its garbage to the system; this one does not end
    gc.enable()
    look()
    before = _seen(look, {})
    changed = "checking"
    while True:
        clear()
        if not quiet:
            write_error(f"[{time.strftime('%H:%M:%S')}] {changed}\n")
        written.clear()
        code = _attempt(once)
        if not is_read():
            return code
        # what this run wrote itself is no news
        before.update(written)
        if not quiet:
            write_error("Watching for changes; Ctrl-C ends it.\n")
        now = _changed(look, before)
        changed = difference(before, now)
        before = now


def _attempt(once: Callable[[], int]) -> int:
    try:
        return once()
    except CannotRun as error:
        complain(str(error))
        return 2


def _changed(look: Look, before: Seen) -> Seen:
    """Waits until something is not as it was, and nothing changes any more."""
    last = before
    while True:
        started = time.perf_counter()
        now = _seen(look, before)
        took = time.perf_counter() - started
        if now == last and now != before:
            return now
        # what has begun to change is looked at again soon
        time.sleep(INTERVAL if now != before else max(INTERVAL, SHARE * took))
        last = now


def _seen(look: Look, before: Seen) -> Seen:
    """What is there now; where that can't be found out, what has become of what was there.

    Raises CannotRun where it never will be found out.
    """
    current_folder()
    try:
        configuration, found = look()
    except CannotRun as error:
        known = {path: stamp(path) for path in before if Path(path).is_absolute()}
        return {**known, str(error): None}
    every = [*found.files.values(), *found.context.values()]
    paths = {*found.files, *found.context, *(str(file.absolute()) for file in configuration.files)}
    paths |= {file.settings.baseline for file in every if file.settings.baseline is not None}
    roots = {file.settings.root for file in every}
    paths |= {str(Path(root, name)) for root in roots for name in candidates(root)}
    return {path: stamp(path) for path in sorted(paths)}


def difference(before: Seen, now: Seen) -> str:
    """What changed, in words: a line. Without a word of reasons, which the run tells."""
    both = before.keys() & now.keys()
    words = [
        f"{names} {what}"
        for paths, what in (
            ([path for path in both if now[path] != before[path]], "changed"),
            (now.keys() - both, "added"),
            (before.keys() - both, "removed"),
        )
        if (names := _names(paths))
    ]
    return ", ".join(words) or "checking"


def _names(paths: Iterable[str]) -> str:
    names = sorted(escape(shown(path)) for path in paths if Path(path).is_absolute())
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
