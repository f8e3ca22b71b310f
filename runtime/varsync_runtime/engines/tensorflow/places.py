"""Which line of the user runs, as `events.here` says it, in threads and compiled code, too."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from varsync_runtime.engines.tensorflow.wrapping import wrap
from varsync_runtime.events import Site
from varsync_runtime.events.sites import NOWHERE, is_installed, is_users

TENSORFLOW = "/tensorflow/python/"  # Keras has a folder of that name, too
GENERATED = "__autograph_generated_file"
LINE = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')
_lines: dict[tuple[str, int], Site] = {}
"""The user's line of each line that AutoGraph made."""
_files: dict[str, str] = {}
"""The file of which AutoGraph made each of its own."""


class _Thread(threading.local):
    """`below` stands for the user's line where this thread has none: it works for another one."""

    below: Site | None = None


_thread = _Thread()


def install() -> None:
    """Notes from which lines AutoGraph makes its own."""
    from tensorflow.python.autograph.impl import api

    def convert(original: Any, *args: Any, **kwargs: Any) -> Any:
        made = original(*args, **kwargs)
        for generated, origin in made.ag_source_map.items():
            place = (generated.filename, generated.lineno)
            _lines[place] = Site(origin.loc.filename, origin.loc.lineno)
            _files[generated.filename] = origin.loc.filename
        return made

    wrap(api, "_convert_actual", convert)


@contextmanager
def works_for(site: Site | None) -> Iterator[None]:
    """In this thread code runs for another one's line; None: for whoever runs the graph."""
    before, _thread.below = _thread.below, site
    try:
        yield
    finally:
        _thread.below = before


def _written(frame: FrameType) -> Site | None:
    """The line that a frame runs, as it was written; None of one that AutoGraph added."""
    filename = frame.f_code.co_filename
    if GENERATED not in filename:
        return Site(filename, frame.f_lineno)
    return _lines.get((filename, frame.f_lineno))


def _site(frame: FrameType) -> Site | None:
    """The line if it is the user's."""
    site = _written(frame)
    return site if site is not None and is_users(site.filename) else None


def _is_of_library(frame: FrameType) -> bool:
    """Whether the code is of an installed package, but TensorFlow."""
    filename = frame.f_code.co_filename
    filename = _files.get(filename, filename)
    return TENSORFLOW not in filename and is_installed(filename)


TRACING = ("_create_concrete_function",)


def instead_of_main_thread(fn: Any, *args: Any, **kwargs: Any) -> Any:
    """Calls a function in the main thread for a replica: what is around it is not its caller."""
    return fn(*args, **kwargs)


_BOUNDARY = instead_of_main_thread.__code__


def frames() -> Iterator[FrameType]:
    """The frames of this thread, the innermost first."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not _BOUNDARY:
        yield frame
        frame = frame.f_back


def here() -> Site | None:
    """The innermost line of the user; None in code that is being compiled, if it is the caller's.

    The line that calls what is compiled may be another one each time.
    """
    tracing = False
    for frame in frames():
        site = _site(frame)
        if site is not None:
            return None if tracing else site
        tracing = tracing or frame.f_code.co_name in TRACING
    return None if tracing else _thread.below


def now() -> Site:
    """The line that the main thread runs: who calls what is compiled."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    while frame is not None:
        site = _site(frame)
        if site is not None:
            return site
        frame = frame.f_back
    return NOWHERE


def through() -> tuple[Site, ...]:
    """The lines of installed packages between the user's line and what runs, the innermost first."""
    lines = []
    for frame in frames():
        if _site(frame) is not None:
            break
        site = _written(frame)
        if site is not None and _is_of_library(frame):
            lines.append(site)
    return tuple(lines)


def is_replica_code_of_user() -> bool:
    """Whether the user's line that runs is in this thread, which is a replica's."""
    return any(_site(frame) is not None for frame in frames())


def callees() -> Iterator[object]:
    """The objects of libraries, but TensorFlow's, whose methods the user's line runs."""
    for frame in frames():
        if _site(frame) is not None:
            return
        code = frame.f_code
        is_method = code.co_argcount and code.co_varnames[0] == "self"
        if is_method and _is_of_library(frame):
            owner = frame.f_locals.get("self")
            if owner is not None:
                yield owner


def named(message: str) -> Site | None:
    """The innermost line of the user in the stack that a message of TensorFlow's shows."""
    sites = [Site(found["file"], int(found["line"])) for found in LINE.finditer(message)]
    return next((site for site in reversed(sites) if is_users(site.filename)), None)
