"""Patterns mean what ruff's users mean with them."""

from __future__ import annotations

import pytest
from varsync.configuration.patterns import Patterns, anchored, problem_of


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("tests", "tests/a.py"),
        ("tests", "src/tests/deep/a.py"),
        ("tests/", "src/tests/a.py"),
        ("tests/*", "tests/a.py"),
        ("tests/*", "tests/deep/a.py"),
        ("./tests/*", "tests/a.py"),
        ("tests/**", "tests/deep/a.py"),
        ("**/tests/*", "tests/a.py"),
        ("**/tests/*", "src/tests/a.py"),
        ("src/**/a.py", "src/a.py"),
        ("*_test.py", "src/some_test.py"),
        ("test_?.py", "test_a.py"),
        ("[ab].py", "b.py"),
        ("[!ab].py", "c.py"),
        ("[[]x].py", "[x].py"),
        ("{a,b}.py", "b.py"),
        ("src/{a,b*}/x.py", "src/bc/x.py"),
        ("/root/src/*", "src/a.py"),
        ("src/gen", "src/gen/a.py"),
        ("a+b.(py)", "a+b.(py)"),
    ],
)
def test_matches(pattern: str, path: str) -> None:
    assert Patterns([pattern]).match_any_part(path, f"/root/{path}")


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("tests", "tests.py"),
        ("tests", "mytests/a.py"),
        ("tests/*", "src/tests/a.py"),
        ("tests/*", "root/tests.py"),
        ("*.pyi", "a.py"),
        ("src/gen", "other/src/gen/a.py"),
        ("[ab].py", "c.py"),
        ("[!ab].py", "a.py"),
        ("{a,b}.py", "c.py"),
        ("a.py", "axpy"),
        ("/root/src", "lib/src/a.py"),
        ("root", "src/a.py"),
        ("", "a.py"),
        ("/", "a.py"),
    ],
)
def test_does_not_match(pattern: str, path: str) -> None:
    assert not Patterns([pattern]).match_any_part(path, f"/root/{path}")


@pytest.mark.parametrize(
    "pattern", ["[", "[]", "[!]", "{", "}", "{a", "a]", "\\", "**", "[z-a].py"]
)
def test_an_odd_pattern_is_no_error(pattern: str) -> None:
    Patterns([pattern, "a.py"]).match_any_part("b/c.py", "/root/b/c.py")
    assert Patterns([pattern, "a.py"]).match_any_part("b/a.py", "/root/b/a.py")


@pytest.mark.parametrize(
    ("pattern", "path"),
    [("data/*", "/we[ird]/{x}/data/a.py"), ("./data/a.py", "/we[ird]/{x}/data/a.py")],
)
def test_anchored(pattern: str, path: str) -> None:
    absolute = Patterns([anchored(pattern, "/we[ird]/{x}")])
    assert absolute.match_any_part("data/a.py", path)
    assert not absolute.match_any_part(
        "data/a.py", path.replace("weird", "other").replace("we[", "w[")
    )


@pytest.mark.parametrize("pattern", ["build", "build/", "**/gen/*", "/abs/x"])
def test_names_and_absolute_patterns_are_not_anchored(pattern: str) -> None:
    assert anchored(pattern, "/here") == pattern


@pytest.mark.parametrize(
    "pattern",
    ["", " ", "/", "./", ".", "!", "[", "a[b", "{", "src/{a,b", "[z-a].py", "a/[", "[]", "[!]"],
)
def test_what_is_no_pattern(pattern: str) -> None:
    assert problem_of(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        *("tests", "tests/", "./tests/*", "**", "**/gen/*", "*.py", "test_?.py", "[ab].py", "a]"),
        *("[!ab].py", "[[]x].py", "[]]", "{a,b}.py", "src/{a,b*}/x.py", "a+b.(py)", "!tests/*"),
        anchored("data/*", "/we[ird]/{x}"),
    ],
)
def test_what_is_a_pattern(pattern: str) -> None:
    assert problem_of(pattern) is None
