"""A thousand programs that nobody wrote so, fixed: only what is wrong changes, and it is right then.

Half of them are programs of the rules' pages, half files of Keras with misuses put into them. All
are written oddly: tabs, comments in calls, backslashes, parentheses, semicolons, text that is not
ASCII, decorators, other line ends and encodings, notebooks. Of each file holds what `holding` says:
it is still Python, a second time changes nothing, no finding that has a fix is left, no error of
another rule comes, and nothing changes outside of the replacements.
"""

from __future__ import annotations

import functools
import importlib.util
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from varsync_rules.registry import rules

from tests.rules.fixes.holding import hold
from tests.rules.fixes.injected import INJECTIONS, candidates, followed_by
from tests.rules.fixes.odd import oddly, sound

CHUNKS = 10
IN_A_CHUNK = 50
QUICK = 4  # programs of each kind that run without `-m slow`


@functools.cache
def wrong() -> tuple[str, ...]:
    """The programs of the pages that show what has a fix."""
    pages = [(rule.code, rule.read()) for rule in rules()]
    return tuple(
        program.text
        for code, page in pages
        if page.fix != "none"
        for program in page.programs
        if code in {marker.code for marker in program.markers}
    )


@functools.cache
def real() -> tuple[str, ...]:
    """The files of Keras that can matter."""
    found = importlib.util.find_spec("keras")
    folders = (found and found.submodule_search_locations) or ()
    return tuple(text for folder in folders for text in candidates(Path(folder)))


def generated(number: int) -> tuple[str, bytes]:
    """Program `number` of the pages, as a file."""
    rng = random.Random(number)
    return oddly(rng.choice(wrong()), rng)


def mutated(number: int) -> tuple[str, bytes]:
    """Real file `number`, with misuses, as a file."""
    rng = random.Random(number)
    text = rng.choice(real())
    for injection in rng.choices(INJECTIONS, k=rng.randint(1, 4)):
        text = sound(text, injection, rng)
    if rng.random() < 0.4:
        text = sound(text, lambda held, rng: followed_by(held, rng.choice(wrong())), rng)
    return oddly(text, rng)


def problems(name: str, data: bytes) -> tuple[list[str], bool]:
    """What is wrong with how a file is fixed, and whether anything was fixed."""
    held = hold(name, data)
    return held.problems, bool(held.fixed.applied)


@pytest.mark.parametrize("number", range(QUICK))
def test_a_generated_program(number: int) -> None:
    assert problems(*generated(number))[0] == []


needs_keras = pytest.mark.skipif(
    importlib.util.find_spec("keras") is None, reason="Keras is not installed"
)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.parametrize("make", [generated, pytest.param(mutated, marks=needs_keras)])
def test_many(make: Callable[[int], tuple[str, bytes]], chunk: int) -> None:
    found = {}
    fixed = 0
    for number in range(chunk * IN_A_CHUNK, (chunk + 1) * IN_A_CHUNK):
        wrong_with_it, is_fixed = problems(*make(number))
        fixed += is_fixed
        if wrong_with_it:
            found[number] = wrong_with_it
    assert found == {}
    assert fixed > IN_A_CHUNK / 4
