"""Rules that are not ours: known wherever a rule is named, and one line where they are wrong."""

from __future__ import annotations

import importlib.metadata
import json
import re
from pathlib import Path

import pytest
from varsync.choices import OutputFormat
from varsync.configuration.config import Configuration
from varsync.configuration.settings import Options

from tests.cli.conftest import Shell

RULE = """\
from varsync_rules.changes import DropKeyword, Fix
from varsync_rules.findings import Finding, Severity
from varsync_rules.program import place
from varsync_rules.values import Const

from .shared import NAMES


def check(program):
    for creation in program.creations:
        given = creation.variable.arguments.value(None, "name")
        if any(isinstance(one, Const) and one.value in NAMES for one in given):
            yield Finding(
                "{code}",
                "{name}",
                Severity.WARNING,
                f"{{creation.variable.called}} has a bad name",
                place(creation),
                fix=Fix("leave the name out", DropKeyword(place(creation), "name")),
            )
"""
BAD = 'import tensorflow as tf\n\nbad = tf.Variable(0.0, name="bad")\n'
HEADINGS = (
    "What it does",
    "Why is this bad?",
    "Fix safety",
    "What TensorFlow says",
    "What it does not see",
    "References",
)


def page(code: str, name: str) -> str:
    """A page with one silent program and one that is not."""
    text = f"# {code}: {name}\n"
    for heading in ("What it does", "Why is this bad?"):
        text += f"\n## {heading}\nFinds bad names.\n"
    text += f"\n## Example\n```python\n{BAD.rstrip()}  # warning: {code}\n```\n"
    text += f"\n## Use instead\n```python\n{BAD.replace('bad', 'good')}```\n"
    text += "\n## Fix safety\nSafe: it is only a name.\n"
    text += "\n## What TensorFlow says\nNothing.\n\n## What it does not see\nMuch.\n"
    silent = BAD.replace("bad = ", "").replace('name="bad"', "name=read()")
    text += f"\n## More examples\nSilent:\n```python\n{silent}```\n"
    return text + "\n## References\nNone.\n"


def plugin(
    shell: Shell, folder: str = "ci/mine", code: str = "ABC101", name: str = "bad-name"
) -> str:
    """Writes a plugin with one rule; gives the path of the rule's files without their suffix."""
    stem = f"{folder}/{code.lower()}_{name.replace('-', '_')}"
    shell.write(f"{folder}/shared.py", 'NAMES = {"bad"}\n')
    shell.write(f"{stem}.py", RULE.format(code=code, name=name))
    shell.write(f"{stem}.md", page(code, name))
    return stem


@pytest.fixture
def project(real: Shell) -> Shell:
    """A project with a plugin, and a file with a finding of it."""
    plugin(real)
    real.write("pyproject.toml", '[tool.varsync]\nplugins = ["ci.mine"]\n')
    real.write("a.py", BAD)
    return real


def codes(shell: Shell, *words: str) -> list[str]:
    """The codes that are found, with their files."""
    ran = shell("lint", "--output-format", "json", *words)
    assert ran.code in (0, 1), ran.err
    return [f"{Path(one['filename']).name} {one['code']}" for one in json.loads(ran.out)]


class TestLikeOurs:
    """What works with a rule of ours works with one of a plugin."""

    def test_it_is_run_by_default(self, project: Shell) -> None:
        ran = project("lint", "--quiet", "--output-format", "concise")
        assert (ran.code, ran.out) == (
            1,
            "a.py:3:7: warning ABC101 `bad` has a bad name\n",
        )

    @pytest.mark.parametrize("shape", [shape.value for shape in OutputFormat])
    def test_every_report_names_it(self, project: Shell, shape: str) -> None:
        ran = project("lint", "--output-format", shape)
        assert ran.code == 1
        assert "ABC101" in ran.out

    def test_sarif_has_its_page(self, project: Shell) -> None:
        (run,) = json.loads(project("lint", "--output-format", "sarif").out)["runs"]
        (rule,) = run["tool"]["driver"]["rules"]
        assert (rule["id"], rule["name"]) == ("ABC101", "bad-name")
        assert rule["help"]["text"].startswith("# ABC101: bad-name\n")

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("--select ABC101", True),
            ("--select abc1", True),
            ("--select ABC", True),
            ("--select bad-name", True),
            ("--select ALL", True),
            ("--select VS", False),
            ("--select VS --extend-select ABC", True),
            ("--ignore ABC", False),
            ("--ignore ALL --extend-select bad-name", True),
            ("--select ABC101 --ignore ABC", True),
            ("--select ABC --ignore ABC101", False),
            ("--per-file-ignores a.py:ABC1", False),
        ],
    )
    def test_it_is_selected(self, project: Shell, words: str, found: bool) -> None:
        assert codes(project, *words.split()) == ["a.py ABC101"] * found

    @pytest.mark.parametrize("comment", ["noqa: ABC101", "varsync: ignore[bad-name]", "noqa:abc1"])
    def test_comments_silence_it(self, project: Shell, comment: str) -> None:
        project.write("a.py", f"{BAD.rstrip()}  # {comment}\n")
        assert codes(project) == []
        project.write("a.py", f"x = 1  # {comment}\n")
        assert codes(project) == ["a.py VS902"]

    def test_comments_are_written_and_removed(self, project: Shell) -> None:
        assert project("lint", "--add-noqa").code == 0
        text = (project.folder / "a.py").read_text()
        assert text == f"{BAD.rstrip()}  # varsync: ignore[ABC101]\n"
        project.write("a.py", text.replace('"bad"', '"good"').replace("bad =", "good ="))
        assert project("lint", "--fix").code == 0
        assert "#" not in (project.folder / "a.py").read_text()

    def test_it_is_fixed(self, project: Shell) -> None:
        assert codes(project, "--fix", "--unfixable", "ABC") == ["a.py ABC101"]
        assert project("lint", "--fix").code == 0
        assert (project.folder / "a.py").read_text().endswith("bad = tf.Variable(0.0)\n")

    @pytest.mark.parametrize(
        ("comment", "left"),
        [
            ("varsync: ignore[ABC101]", "varsync: ignore[ABC101]"),
            ("varsync: ignore[ABC101, VS999]", "varsync: ignore[ABC101]"),
            ("varsync: ignore[VS201, bad-name]", ""),
            ("noqa: ABC101", "noqa: ABC101"),
        ],
    )
    def test_comments_stay_where_it_is_not_installed(
        self, project: Shell, comment: str, left: str
    ) -> None:
        project.write("a.py", f"{BAD.rstrip()}  # {comment}\n")
        project("lint", "--isolated", "--fix")
        text = (project.folder / "a.py").read_text()
        assert text == (f"{BAD.rstrip()}  # {left}\n" if left else BAD)

    def test_a_baseline_has_it(self, project: Shell) -> None:
        project("baseline", "update")
        assert codes(project, "--baseline", ".varsync-baseline.json") == []

    def test_it_is_explained(self, project: Shell) -> None:
        text = page("ABC101", "bad-name")
        assert project("rule", "ABC101").out == project("rule", "bad-name").out == text
        assert text in project("rule", "--all").out
        entry = json.loads(project("rule", "abc101", "--output-format", "json").out)
        assert (entry["code"], entry["severities"], entry["fix"]) == ("ABC101", ["warning"], "safe")

    def test_a_page_of_somebody_else_is_text(self, project: Shell) -> None:
        stem = plugin(project)
        project.write(f"{stem}.md", page("ABC101", "bad-name").replace("Much", "M\x1b[31much"))
        assert "\\x1b[31m" in project("rule", "ABC101").out

    def test_the_settings_name_it(self, project: Shell) -> None:
        lines = project("lint", "--show-settings").out.splitlines()
        assert 'plugins = ["ci.mine"]  # pyproject.toml' in lines
        assert 'select = ["ALL"]' in lines

    def test_prefixes_have_all_letters(self, project: Shell) -> None:
        plugin(project, "ci/mine", "V101", "other-name")
        assert codes(project, "--select", "V") == ["a.py V101"]
        assert codes(project, "--select", "VS,V1") == ["a.py V101"]

    def test_a_change_of_it_is_seen(self, project: Shell) -> None:
        assert codes(project) == ["a.py ABC101"]
        project.write("ci/mine/shared.py", "NAMES = {}\n")
        assert codes(project) == []


class TestWhere:
    """Which plugins there are."""

    def test_isolated_knows_none(self, project: Shell) -> None:
        assert codes(project, "--isolated") == []
        ran = project("lint", "--isolated", "--select", "ABC101")
        assert (ran.code, ran.err) == (2, "varsync: --select: there is no rule 'ABC101'\n")

    def test_names_are_relative_to_the_file_that_has_them(self, real: Shell) -> None:
        plugin(real, "tools/rules")
        real.write("tools/lint.toml", 'plugins = ["rules"]\n')
        real.write("src/a.py", BAD)
        assert codes(real, "--config", "tools/lint.toml") == ["a.py ABC101"]
        real.write("src/pyproject.toml", '[tool.varsync]\nextend = "../tools/lint.toml"\n')
        assert codes(real, "src") == ["a.py ABC101"]
        assert codes(real, "src/a.py", "--config", 'plugins = ["tools.rules"]') == ["a.py ABC101"]

    def test_a_layer_names_rules_that_another_one_brings(self, real: Shell) -> None:
        plugin(real)
        real.write("pyproject.toml", '[tool.varsync]\nignore = ["ABC"]\n')
        real.write("a.py", BAD)
        assert codes(real, "--config", 'plugins = ["ci.mine"]') == []

    def test_folders_have_plugins_of_one_name(self, real: Shell) -> None:
        for folder, code in (("one", "ONE101"), ("two", "TWO101")):
            plugin(real, f"{folder}/ci/mine", code, f"{folder}-name")
            real.write(f"{folder}/pyproject.toml", '[tool.varsync]\nplugins = ["ci.mine"]\n')
            real.write(f"{folder}/{folder}.py", BAD)
        assert codes(real) == ["one.py ONE101", "two.py TWO101"]

    def test_one_that_is_named_twice_is_there_once(self, project: Shell) -> None:
        assert codes(project, "--config", 'plugins = ["ci.mine", "ci.mine"]') == ["a.py ABC101"]

    def test_an_installed_distribution_brings_its_own(
        self, real: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.install(real, monkeypatch, "lint_of_ours.rules")
        real.write("a.py", BAD)
        assert codes(real) == ["a.py ABC101"]
        assert codes(real, "--isolated") == []
        assert real("rule", "ABC101").code == 0
        # the same folder under both names is one plugin
        assert codes(real, "--config", 'plugins = ["lint_of_ours.rules"]') == ["a.py ABC101"]

    def test_an_installed_one_that_is_not_there(
        self, real: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.install(real, monkeypatch, "lint_of_nobody.rules")
        ran = real("lint")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == (
            "varsync: plugin lint_of_nobody.rules: it is installed, but there is no such package\n"
        )
        assert real("lint", "--isolated").code == 0
        assert real("rule", "VS101").code == 0

    @staticmethod
    def install(shell: Shell, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
        folder = shell.folder / ".installed"
        # a name of this test's own: packages stay imported
        plugin(shell, ".installed/lint_of_ours/rules")
        shell.write(
            ".installed/ours-1.0.dist-info/entry_points.txt", f"[varsync.rules]\na = {value}\n"
        )
        shell.write(".installed/ours-1.0.dist-info/METADATA", "Name: ours\nVersion: 1.0\n")
        shell.write(".gitignore", ".installed\n")
        monkeypatch.syspath_prepend(folder)

    def test_metadata_are_not_read_for_nothing(
        self, real: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(**_: str) -> None:
            raise AssertionError

        monkeypatch.setattr(importlib.metadata, "entry_points", fail)
        assert real("lint").code == 0


class TestRun:
    """A plugin's code is run when its rules are, and not before."""

    @pytest.mark.parametrize(
        "words",
        [
            ["lint", "--select", "VS"],
            ["lint", "--isolated"],
            ["lint", "--show-settings"],
            ["rule", "ABC101"],
            ["rule", "--all"],
        ],
    )
    def test_not_before(self, project: Shell, words: list[str]) -> None:
        project.write("ci/mine/__init__.py", "raise ValueError\n")
        assert project(*words).code == 0

    def test_what_is_read_is_not_run(self, project: Shell) -> None:
        project.write("a.py", f"{BAD}raise SystemExit(7)\n")
        assert codes(project) == ["a.py ABC101"]

    def test_the_fingerprint_is_that_of_the_files(self, project: Shell) -> None:
        def now() -> str:
            return Configuration(Options()).of(str(project.folder)).rules.fingerprint

        first = now()
        assert now() == first
        project.write("ci/mine/shared.py", "NAMES = {}\n")
        assert now() != first
        plugin(project)
        assert now() == first


CHECK = "ci/mine/abc101_bad_name.py"
FIRST = "def check(program):\n    "
FINDING = (
    "from dataclasses import replace\nfrom varsync_rules.findings import Finding, Severity\n"
    "from varsync_rules.program import place\n\n"
    "def check(program):\n"
    "    one = Finding('ABC101', 'bad-name', Severity.NOTE, 'm', place(program.creations[0]))\n"
)
# What a file holds, and what is said of it after the plugin's name
BROKEN = {
    "an import": ("import no_such_thing\n", r"abc101_bad_name.py:1: its import raised Mod.*thing'"),
    "no Python": ("def check(:\n", r"abc101_bad_name.py:1: its import raised SyntaxError: .*"),
    "an exit": ("exit(0)\n", r"abc101_bad_name.py:1: its import raised SystemExit: 0"),
    "no check": ("x = 1\n", r"abc101_bad_name.py: it has no function check\(program\)"),
    "raises": (f"{FIRST}1 / 0\n", r"abc101_bad_name.py:2: its check raised ZeroDivisionError: .*"),
    "raises later": (f"{FIRST}yield from [1 / 0]\n", r"abc101_bad_name.py:2: its check raised Z.*"),
    "leaves": (f"{FIRST}raise SystemExit\n", r"abc101_bad_name.py:2: its check raised SystemExit"),
    "nothing": (f"{FIRST}pass\n", r"abc101_bad_name.py: its check gives None and not findings"),
    "a word": (f"{FIRST}yield 'x'\n", r"abc101_bad_name.py: its check gives .* str and not a Fi.*"),
    "other code": (f"{FINDING}    yield replace(one, code='VS101')\n", r".*: its check gives a .*"),
    "no severity": (
        f"{FINDING}    yield replace(one, severity='error')\n",
        r".*: its check gives a finding whose severity is a value of type str",
    ),
    "two lines": (
        f"{FINDING}    yield replace(one, message='a\\nb')\n",
        r".*: its check gives a finding whose message is not one line",
    ),
    "elsewhere": (
        f"{FINDING}    yield replace(one, span=replace(one.span, path='b.py'))\n",
        r"a finding of ABC101 is in 'b.py', which is no file of the program",
    ),
    "related": (
        f"{FINDING}    yield replace(one, related=(one.span,))\n",
        r".*: its check gives a finding with related places that are not Related",
    ),
}


class TestMistakes:
    """One clear line that names the plugin, and exit code 2."""

    @pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
    def test_a_check(self, project: Shell, text: str, said: str) -> None:
        project.write(CHECK, text)
        self.refused(project, said)

    @pytest.mark.parametrize("jobs", ["1", "2"])
    def test_a_second_run_says_it_again(self, project: Shell, jobs: str) -> None:
        project.write(CHECK, f"{FIRST}1 / 0\n")
        for _ in range(2):
            self.refused(project, r".*ZeroDivisionError.*", "--jobs", jobs)

    @pytest.mark.parametrize(
        ("files", "said"),
        [
            ({"abc102_other.py": ""}, r"abc102_other.py has no page abc102_other.md beside it"),
            ({"abc102_other.md": ""}, r"abc102_other.md has no check abc102_other.py beside it"),
            ({"vs999_other": ""}, r"vs999_other.py: codes with VS are varsync's own; .*"),
            ({"abcd1_other": ""}, r"abcd1_other.py: a rule's files are called like abc123_.*"),
            ({"abc102_all": ""}, r"abc102_all.py: the name all reads like codes of rules"),
            ({"abc102_none_under_strategy": ""}, r".*: varsync has a rule with the name none-.*"),
            ({"abc101_other": ""}, r".*: plugin ci.mine has a rule with the code ABC101"),
        ],
    )
    def test_files(self, project: Shell, files: dict[str, str], said: str) -> None:
        for name, text in files.items():
            for suffix in ("",) if "." in name else (".py", ".md"):
                project.write(f"ci/mine/{name}{suffix}", text)
        self.refused(project, said)

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            ('["ci.other"]', r"plugin ci.other: there is no folder ci/other in .*"),
            ('["ci"]', r"plugin ci: there are no rules in .*"),
            ('["ci/mine"]', r"plugin 'ci/mine': write its folders with dots: ci.my_rules"),
            ('[""]', r"plugin '': write its folders .*"),
            ('["\\u001b.x"]', r"plugin '\\x1b.x': .*"),
            ('"ci.mine"', r"must be a list of strings"),
        ],
    )
    def test_names(self, project: Shell, value: str, said: str) -> None:
        project.write("pyproject.toml", f"[tool.varsync]\nplugins = {value}\n")
        ran = project("lint")
        assert (ran.code, ran.out) == (2, "")
        pattern = rf"varsync: pyproject.toml: \[tool.varsync\] plugins:? {said}\n"
        assert re.fullmatch(pattern, ran.err), ran.err

    def test_plugins_that_clash(self, project: Shell) -> None:
        plugin(project, "ci/more", "ABC101", "other-name")
        project.write("pyproject.toml", '[tool.varsync]\nplugins = ["ci.mine", "ci.more"]\n')
        self.refused(project, r".*: plugin ci.mine has a rule with the code ABC101", who="ci.more")

    def test_folders_whose_plugins_clash(self, project: Shell) -> None:
        plugin(project, "sub/ci/other", "ABC101", "other-name")
        project.write("sub/pyproject.toml", '[tool.varsync]\nplugins = ["ci.other"]\n')
        project.write("sub/b.py", BAD)
        self.refused(project, r".* has a rule with the code ABC101", who="ci.(mine|other)")
        assert codes(project, "sub") == ["b.py ABC101"]

    def test_a_page_without_form(self, project: Shell) -> None:
        project.write("ci/mine/abc101_bad_name.md", "# ABC101: bad-name\n")
        assert codes(project) == ["a.py ABC101"]
        said = r"abc101_bad_name.md:1: the heading '## What it does' is missing"
        self.refused(project, said, "--output-format", "sarif")
        ran = project("rule", "ABC101", "--output-format", "json")
        assert (ran.code, ran.err) == (
            2,
            "varsync: plugin ci.mine: abc101_bad_name.md:1: the heading '## What it does' is"
            " missing\n",
        )

    @staticmethod
    def refused(shell: Shell, said: str, *words: str, who: str = "ci.mine") -> None:
        ran = shell("lint", *words)
        assert (ran.code, ran.out) == (2, "")
        start = r"varsync: (pyproject.toml: \[tool.varsync\] plugins: )?plugin"
        assert re.fullmatch(f"{start} {who}: {said}\n", ran.err), ran.err
