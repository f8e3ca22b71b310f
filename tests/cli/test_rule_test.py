"""`varsync rule --test` holds rules to their pages: what is wrong in them is told, each where it is."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Shell
from tests.cli.test_plugins import BAD, CHECK, RULE, page, plugin

PAGE = page("ABC101", "bad-name")
CODE = RULE.format(code="ABC101", name="bad-name")
SILENT = "Silent:\n```python\n"
PASSED = "ci/mine/abc101_bad_name.md .....\n\n5 passed in 1 rule\n"


def edited(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


# What is wrong, the page, the check, and the lines that are printed, without FAILED and the file
BROKEN = {
    "heading": (
        edited(PAGE, "## What it does not see\nMuch.\n\n", ""),
        CODE,
        ["29 ABC101 form - expected the heading '## What it does not see' here, found '## More"],
    ),
    "title": (
        edited(PAGE, "# ABC101: bad", "# ABC101: worse"),
        CODE,
        ["1 ABC101 form - the title is not that of ABC101: bad-name"],
    ),
    "fix safety": (
        edited(PAGE, "Safe: it", "It"),
        CODE,
        [
            "23 ABC101 form - '## Fix safety' begins with one of 'No automatic fix', 'Safe', 'Unsafe'"
        ],
    ),
    "a rule that nobody has": (
        edited(PAGE, "# warning: ABC101", "# warning: ABC101, note: ABC102"),
        CODE,
        [
            "13 ABC101 form - a line is marked with ABC102, which is no rule",
            "13 ABC101 Example - no note ABC102 is found here",
        ],
    ),
    "too few silent programs": (
        edited(
            PAGE, SILENT, f"Found:\n```python\n{BAD.rstrip()}  # warning: ABC101\n```\n\n{SILENT}"
        ).replace(
            SILENT, f"Found:\n```python\n{BAD.rstrip()}  # warning: ABC101\n```\n\n{SILENT}", 1
        ),
        CODE,
        ["11 ABC101 form - 3 programs are marked with ABC101 and only 2 are not"],
    ),
    "no Python": (
        edited(PAGE, "name=read()", "name="),
        CODE,
        [
            "37 ABC101 form - not Python: ",
            "37 ABC101 example 1 - error VS901 is not marked: ",
        ],
    ),
    "nothing is found": (
        PAGE,
        edited(CODE, "in NAMES", "in ()"),
        [
            "13 ABC101 Example - no warning ABC101 is found here",
        ],
    ),
    "another severity": (
        PAGE,
        edited(CODE, "Severity.WARNING", "Severity.ERROR"),
        [
            "13 ABC101 Example - no warning ABC101 is found here",
            "13 ABC101 Example - error ABC101 is not marked: `bad` has a bad name",
        ],
    ),
    "more is found": (
        PAGE,
        edited(CODE, "one.value in NAMES", "True"),
        ["20 ABC101 Use instead - warning ABC101 is not marked: `good` has a bad name"],
    ),
    "a note is found": (
        PAGE,
        edited(CODE, "one.value in NAMES", "True").replace("WARNING", "NOTE"),
        [
            "13 ABC101 Example - no warning ABC101 is found here",
            "13 ABC101 Example - note ABC101 is not marked: `bad` has a bad name",
            "20 ABC101 Use instead - note ABC101 is not marked: `good` has a bad name",
        ],
    ),
    "the check raises": (
        PAGE,
        "def check(program):\n    1 / 0\n",
        [
            f"{line} ABC101 {name} - plugin ci.mine: abc101_bad_name.py:2: its check raised ZeroDiv"
            for line, name in ((11, "Example"), (18, "Use instead"), (35, "example 1"))
        ],
    ),
    "an unsafe fix": (
        PAGE,
        edited(CODE, '"name")),', '"name"), "it is used"),'),
        [
            "23 ABC101 fix safety - the page says that there are safe fixes, its programs show unsafe"
        ],
    ),
    "a fix that does not help": (
        PAGE,
        edited(
            CODE, 'DropKeyword(place(creation), "name")', "SetKeyword(place(creation), 'x', '1')"
        ).replace("DropKeyword", "SetKeyword"),
        [
            "11 ABC101 Example - the fix of ABC101 fails: it is written so already",
            "11 ABC101 Example - ABC101 is still found when it is fixed",
        ],
    ),
    "a fix that can't be made": (
        PAGE,
        edited(CODE, '"name")),', '"nome")),'),
        ["11 ABC101 Example - the fix of ABC101 fails: "],
    ),
}


@pytest.fixture
def project(real: Shell) -> Shell:
    plugin(real)
    return real


@pytest.mark.parametrize("words", ["ci.mine", "ci/mine", "ci/mine/", "ci.mine ci/mine"])
def test_a_rule_that_is_as_its_page_says(project: Shell, words: str) -> None:
    ran = project("rule", "--test", *words.split())
    assert (ran.code, ran.out, ran.err) == (0, PASSED, "")


def test_those_of_the_configuration(project: Shell) -> None:
    project.write("pyproject.toml", '[tool.varsync]\nplugins = ["ci.mine", "ci.more"]\n')
    plugin(project, "ci/more", "ABC102", "bad-too")
    # each finds what the other one's page shows, and is not asked
    ran = project("rule", "--test")
    assert ran.out == (
        "ci/mine/abc101_bad_name.md .....\nci/more/abc102_bad_too.md .....\n\n"
        "10 passed in 2 rules\n"
    )
    assert project("rule", "--test", "ci.mine").out == PASSED


@pytest.mark.parametrize(("text", "code", "said"), BROKEN.values(), ids=BROKEN)
def test_what_is_wrong_is_told(project: Shell, text: str, code: str, said: list[str]) -> None:
    project.write(CHECK, code)
    project.write(CHECK.replace(".py", ".md"), text)
    ran = project("rule", "--test", "ci.mine")
    assert (ran.code, ran.err) == (1, "")
    lines = [line for line in ran.out.splitlines() if line.startswith("FAILED ")]
    assert len(lines) == len(said), ran.out
    for line, words in zip(lines, said, strict=True):
        assert line.startswith(f"FAILED ci/mine/abc101_bad_name.md:{words}"), line
    assert " failed, " in ran.out.splitlines()[-1]
    assert "F" in ran.out.splitlines()[0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "there are no rules of plugins here: name a package or a folder to --test"),
        (["ci.other"], "plugin ci.other: there is no folder ci/other in "),
        (["ci/other"], "'ci/other': there is no such folder"),
        (["ci"], "plugin ci: there are no rules in "),
        (["ci.mine", "--new", "abc102-x-y"], "--test and --new go with"),
        (["ci.mine", "--all"], "--test and --new go with packages and folders of rules alone"),
        (["ci.mine", "--output-format", "json"], "--test and --new go with"),
    ],
)
def test_mistakes(project: Shell, words: list[str], said: str) -> None:
    ran = project("rule", "--test", *words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"varsync: {said}")
    assert ran.err.count("\n") == 1


def test_a_new_rule_passes(real: Shell) -> None:
    ran = real("rule", "--new", "OUR204-some-name", "ci/ours")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "Wrote ci/ours/our204_some_name.py\nWrote ci/ours/our204_some_name.md\n"
        "Now change them, and try: varsync rule --test ci/ours\n"
    )
    assert real("rule", "--test", "ci/ours").out == (
        "ci/ours/our204_some_name.md .....\n\n5 passed in 1 rule\n"
    )
    again = real("rule", "--new", "our204_some_name", "ci/ours")
    assert (again.code, again.err) == (
        2,
        "varsync: ci/ours/our204_some_name.py: it is there already\n",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["our204-some-name"], "name the folder for the new rule"),
        (["our204-some-name", "a", "b"], "name the folder for the new rule"),
        (["some-name", "a"], "'some-name': a rule's files are called like abc123_some_name"),
        (["vs204-some-name", "a"], "'vs204-some-name': codes with VS are varsync's own"),
        (["our204-some-name", "a.txt"], "a.txt: "),
    ],
)
def test_a_new_rule_that_can_not_be(real: Shell, words: list[str], said: str) -> None:
    real.write("a.txt", "")
    ran = real("rule", "--new", *words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"varsync: {said}")
    assert not (real.folder / "a").exists()
