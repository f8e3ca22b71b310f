"""What files import is found in their text; what has to do with each other is evaluated together."""

from __future__ import annotations

import ast
import sysconfig
from collections.abc import Iterable
from pathlib import Path

import pytest
from varsync.configuration.settings import defaults
from varsync.files.discovery import Discovery, Found
from varsync.linting.checking import check as check_in_groups
from varsync_rules.facts import Facts, Import, facts_of
from varsync_rules.findings import Finding, Severity, Span
from varsync_rules.imports import Imports
from varsync_rules.lint import check
from varsync_rules.naming import Names
from varsync_rules.registry import rules
from varsync_rules.source import Source

from .test_generated_programs import program_of

LIBRARY = Path(sysconfig.get_path("stdlib"))


def facts(text: str) -> Facts:
    return facts_of(Source("a.py", Path("/p/a.py"), text.encode()))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import a, b.c as d\n", [Import(0, "a"), Import(0, "b.c")]),
        ("from . import x\n", [Import(1, "", ("x",))]),
        ("from ..p.q import (y,  # a) z\n  z as w)\n", [Import(2, "p.q", ("y", "z"))]),
        ("from q import *\n", [Import(0, "q")]),
        ("if x: import r; from s import t\n", [Import(0, "r"), Import(0, "s", ("t",))]),
        ("from a \\\n  import b, \\\n  c\n", [Import(0, "a", ("b", "c"))]),
        ("m = importlib.import_module('d.e')\n", [Import(0, "d.e")]),
        ("# import a\nimportant = 1\nx.import_(2)\n", []),
        ("\timport a\r\n\timport b\r\n", [Import(0, "a"), Import(0, "b")]),
    ],
)
def test_what_a_text_imports(text: str, found: list[Import]) -> None:
    assert list(facts(text).imports) == found


def test_nothing_is_missed_in_the_standard_library() -> None:
    files = sorted(LIBRARY.glob("[a-m]*.py"))
    assert len(files) > 60
    for file in files:
        source = Source(file.name, file, file.read_bytes())
        try:
            tree = ast.parse(source.text)
        except SyntaxError:
            continue
        found = facts_of(source).imports
        listed = {(each.level, each.base): set[str]() for each in found}
        for each in found:
            listed[each.level, each.base] |= set(each.names)
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                assert all((0, alias.name) in listed for alias in node.names), file
            elif isinstance(node, ast.ImportFrom):
                names = {alias.name for alias in node.names} - {"*"}
                assert names <= listed[node.level, node.module or ""], file


FILES = {
    "/p/train.py": "from lib.layers import Layer\n",
    "/p/lib/__init__.py": "",
    "/p/lib/layers.py": "from . import steps\n",
    "/p/lib/steps.py": "",
    "/p/serve.py": "import lib.steps\n",
    "/p/alone.py": "import numpy\n",
    "/p/same/alone.py": "import alone\n",
}


@pytest.fixture
def imports() -> Imports:
    names = Names(FILES, ["/p"])
    return Imports(names, {file: facts(text).imports for file, text in FILES.items()})


def test_groups(imports: Imports) -> None:
    groups = sorted(sorted(group) for group in imports.groups())
    together = sorted(file for file in FILES if "alone" not in file)
    assert groups == sorted([together, ["/p/alone.py", "/p/same/alone.py"]])


@pytest.mark.parametrize(
    ("wanted", "leading"),
    [
        ("/p/lib/steps.py", {"/p/train.py", "/p/lib/layers.py", "/p/lib/steps.py", "/p/serve.py"}),
        ("/p/lib/layers.py", {"/p/train.py", "/p/lib/layers.py"}),
        ("/p/alone.py", {"/p/alone.py", "/p/same/alone.py"}),
        ("/p/train.py", {"/p/train.py"}),
    ],
)
def test_what_leads_to_a_file(imports: Imports, wanted: str, leading: set[str]) -> None:
    assert imports.leading_to([wanted]) == leading


def test_names_of_two_files(imports: Imports) -> None:
    names = Names(["/p/a/x.py", "/p/b/x.py"], ["/p"])
    assert names.find("x") == "/p/a/x.py"
    assert names.of("/p/b/x.py") == ("x", "b.x")
    assert names.meaning("/p/b/x.py") == ("b.x",)


def said(findings: Iterable[Finding]) -> list[tuple[Span, str, str, Severity]]:
    """What is found, and where."""
    return sorted(
        ((each.span, each.code, each.message, each.severity) for each in findings), key=repr
    )


@pytest.mark.parametrize(
    "numbers", [range(40), pytest.param(range(40, 600), marks=pytest.mark.slow)]
)
def test_in_groups_nothing_else_is_found(numbers: range) -> None:
    codes = rules().codes - {"VS902"}
    for number in numbers:
        sources = program_of(number)
        whole = check(sources, codes=codes, roots=[Path("/program")]).findings
        settings = defaults("/program")
        files = {
            str(source.absolute): Found(str(source.absolute), source.path, settings)
            for source in sources
        }
        contents = {str(source.absolute): source.data for source in sources}
        report = check_in_groups(Discovery(files=files, roots=["/program"]), contents)
        found = report.findings + report.silenced
        # which of several chains of calls is told first may differ
        assert said(each for each in found if each.code in codes) == said(whole), number
