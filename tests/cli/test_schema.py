"""The JSON schema of the table says what the program accepts; `varsync config` tells the keys."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from varsync.configuration.schema import schema
from varsync.configuration.tables import KEYS, TARGET_KEYS, read_table
from varsync.errors import CannotRun

from tests.cli.conftest import Shell

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PUBLISHED = Path(__file__).parents[2] / "docs" / "varsync.schema.json"
GOOD = [
    "",
    "extend = '../base.toml'",
    "select = ['ALL']\nignore = ['VS2', 'none-under-strategy']\nextend-select = ['VS201']",
    "select = []",
    "per-file-ignores = {'tests/*' = ['VS2'], '!src/*' = []}",
    "exclude = ['a/*']\nextend-exclude = []\nforce-exclude = true\nrespect-gitignore = false",
    "output-format = 'sarif'\nfail-on = 'never'\nbaseline = 'old.json'",
    "fix = true\nunsafe-fixes = false\nshow-fixes = true\nfixable = ['VS1']\nunfixable = ['VS101']",
    "plugins = ['my_rules', 'acme.rules']",
    "target = {tensorflow = '2.21', keras = '>=3,<4', strategies = ['TPUStrategy', 'default']}",
    "target.strategies = 'used'\ntarget.keras = 'any'",
]
BAD = [
    "selct = []",
    "select = 'VS2'",
    "select = [1]",
    "per-file-ignores = ['a']",
    "per-file-ignores = {'a' = 'VS2'}",
    "exclude = [1]",
    "force-exclude = 1",
    "fix = 'yes'",
    "output-format = 'xml'",
    "output-format = ['full']",
    "fail-on = 'fatal'",
    "baseline = ''",
    "extend = 3",
    "plugins = 'a'",
    "target = 3",
    "target.torch = '2'",
    "target.tensorflow = 2.21",
    "target.keras = 'new'",
    "target.strategies = ['Mirrored']",
    "target.strategies = 'MirroredStrategy'",
    "target.strategies = []",
]


def is_accepted(text: str, file: Path) -> bool:
    file.write_text(f"[tool.varsync]\n{text}\n")
    try:
        read_table(file)
    except CannotRun:
        return False
    return True


def errors(text: str) -> list[Any]:
    return list(Draft7Validator(schema()).iter_errors(tomllib.loads(text)))


def test_it_is_one() -> None:
    Draft7Validator.check_schema(schema())


def test_the_published_one_is_this_one() -> None:
    """After a change: varsync config --schema > docs/varsync.schema.json"""
    assert json.loads(PUBLISHED.read_text()) == schema()


def test_it_has_all_keys() -> None:
    found = schema()["properties"]
    assert list(found) == list(KEYS)
    assert list(found["target"]["properties"]) == list(TARGET_KEYS)
    for name in found:
        assert any(f"{name} =" in text or f"{name}." in text for text in GOOD)


@pytest.mark.parametrize("text", GOOD)
def test_both_accept(text: str, tmp_path: Path) -> None:
    assert errors(text) == []
    assert is_accepted(text, tmp_path / "pyproject.toml")


@pytest.mark.parametrize("text", BAD)
def test_both_refuse(text: str, tmp_path: Path) -> None:
    assert errors(text)
    assert not is_accepted(text, tmp_path / "pyproject.toml")


@pytest.mark.parametrize("text", ["select = ['']", "select = ['VS 2']"])
def test_what_is_no_rule_is_refused_when_rules_are_known(text: str, real: Shell) -> None:
    assert errors(text)
    real.write("pyproject.toml", f"[tool.varsync]\n{text}\n")
    assert real("lint").code == 2


def test_its_defaults_are_those_that_hold(real: Shell) -> None:
    shown = tomllib.loads(real("lint", "--show-settings").out)
    defaults = {
        name: held["default"] for name, held in schema()["properties"].items() if "default" in held
    }
    assert {"exclude", "fix", "output-format", "respect-gitignore"} < set(defaults)
    assert {name: shown[name] for name in defaults} == defaults


class TestCommand:
    def test_the_schema(self, real: Shell) -> None:
        assert json.loads(real("config", "--schema").out) == schema()

    def test_the_keys(self, real: Shell) -> None:
        text = real("config").out
        for name in (*KEYS, *(f"target.{name}" for name in TARGET_KEYS)):
            assert f"{name}\n  " in text
        assert all(len(line) <= 80 for line in text.splitlines())
        assert real("config", "fix").out == (
            "fix\n  true or false\n  Mend what can be mended safely.\n"
        )
        assert "one of error, warning, note, never" in real("config", "fail-on").out

    @pytest.mark.parametrize("words", [("nosuch",), ("--schema", "fix"), ("tensorflow",)])
    def test_mistakes(self, real: Shell, words: tuple[str, ...]) -> None:
        ran = real("config", *words)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
