"""A baseline: what is old is not shown, what is new is."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Shell

FILE = ".varsync-baseline.json"


def test_what_is_old_is_not_shown_wherever_it_moves(shell: Shell) -> None:
    shell.write("src/a.py", "warning_vs201\nerror_vs101\n")
    ran = shell("baseline", "update")
    assert (ran.code, ran.out) == (0, f"{FILE}: 2 findings in 1 file.\n")
    assert json.loads((shell.folder / FILE).read_text()) == {
        "version": 1,
        "findings": {"src/a.py": {"VS101": 1, "VS201": 1}},
    }
    shell.write("src/a.py", "import os\n\nerror_vs101\nx = 1; warning_vs201\n")
    ran = shell("lint", "--baseline", FILE)
    assert (ran.code, ran.out) == (0, "All checks passed in 1 file, 2 findings in the baseline.\n")
    assert shell("lint").code == 1


def test_where_there_are_more_all_are_shown(shell: Shell) -> None:
    shell.write("a.py", "warning_vs201\nerror_vs101\n")
    shell("baseline", "update")
    shell.write("a.py", "warning_vs201\nerror_vs101\nwarning_vs201\n")
    assert shell.found("--baseline", FILE) == ["a.py:1 VS201", "a.py:3 VS201"]
    shell.write("b.py", "error_vs101\n")
    assert shell.found("--baseline", FILE)[2:] == ["b.py:1 VS101"]


def test_prune_forgets_what_is_gone_and_learns_nothing(shell: Shell) -> None:
    shell.write("a.py", "warning_vs201\nwarning_vs201\n")
    gone = shell.write("b.py", "error_vs101\n")
    shell("baseline", "update")
    shell.write("a.py", "warning_vs201\nerror_vs101\n")
    gone.unlink()
    assert (
        "in the baseline, which has 2 more: varsync baseline prune"
        in shell("lint", "--baseline", FILE).out
    )
    assert shell("baseline", "prune").out == f"{FILE}: 1 finding in 1 file.\n"
    assert shell.found("--baseline", FILE) == ["a.py:2 VS101"]


def test_files_that_are_not_checked_keep_their_counts(shell: Shell) -> None:
    shell.write("a.py")
    shell.write("b.py")
    shell("baseline", "update")
    for action in ("update", "prune"):
        assert shell("baseline", action, "a.py").out == f"{FILE}: 2 findings in 2 files.\n"


def test_the_configuration_names_it(shell: Shell) -> None:
    shell.write("pyproject.toml", "[tool.varsync]\nbaseline = 'known.json'\n")
    shell.write("src/a.py")
    assert shell("baseline", "update").code == 0
    assert (shell.folder / "known.json").exists()
    assert shell("lint").code == shell("lint", "src/a.py").code == 0


def test_programs_see_it_in_sarif(shell: Shell) -> None:
    shell.write("a.py")
    shell("baseline", "update")
    document = json.loads(shell("lint", "--baseline", FILE, "--output-format", "sarif").out)
    (result,) = document["runs"][0]["results"]
    assert result["suppressions"] == [{"kind": "external"}]


def test_what_could_not_be_checked_is_never_old(shell: Shell) -> None:
    shell.write("a.py", b"\0")
    assert shell("baseline", "update").out == f"{FILE}: 0 findings in 0 files.\n"
    assert shell.found("--baseline", FILE) == ["a.py:1 VS903"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "no such file: make it with varsync baseline update"),
        ("{", "not a baseline: it is not JSON"),
        ("[]", "not a baseline: it has no findings"),
        ('{"version": 2, "findings": {}}', "a baseline of version 2, not 1"),
        ('{"version": 1, "findings": {"a.py": 3}}', "not a baseline: 'a.py' has no counts"),
    ],
)
def test_what_is_no_baseline(shell: Shell, text: str | None, words: str) -> None:
    shell.write("a.py")
    if text is not None:
        shell.write(FILE, text)
    ran = shell("lint", "--baseline", FILE)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err and ran.err.count("\n") == 1
