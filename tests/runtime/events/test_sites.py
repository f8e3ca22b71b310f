"""The user's line: found through library code, also where a call of ours stands in between."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

from varsync_runtime.events import Site, here, sites

# code of a library's file, as a function that calls what it is given
LIBRARY = str(Path(sites.OWN[0], "library.py"))
OURS = """
from varsync_runtime.events.sites import calling
def through(function):
    return function()
def called(function):
    with calling:
        return through(function)
"""


def library() -> dict[str, Callable[[Callable[[], Site]], Site]]:
    space: dict[str, Callable[[Callable[[], Site]], Site]] = {}
    exec(compile(OURS, LIBRARY, "exec"), space)
    return space


def test_the_line_below_a_call_of_ours_is_known() -> None:
    called = library()["called"]
    site, now = called(here), sys._getframe().f_lineno
    assert site == Site(__file__, now)


def test_code_of_the_user_above_it_counts() -> None:
    def callback() -> Site:
        return library()["through"](here)

    first = callback.__code__.co_firstlineno
    assert library()["called"](callback) == Site(__file__, first + 1)


def test_calls_of_ours_in_each_other() -> None:
    space = library()

    def inner() -> Site:
        return space["called"](here)

    first = inner.__code__.co_firstlineno
    assert space["called"](inner) == Site(__file__, first + 1)
    assert here().line == sys._getframe().f_lineno


def test_another_thread_has_its_own() -> None:
    found: list[Site] = []

    def other() -> Site:
        thread = threading.Thread(target=lambda: found.append(here()))
        thread.start()
        thread.join()
        return here()

    library()["called"](other)
    assert found[0].line == other.__code__.co_firstlineno + 1
