"""`varsync rule` prints the pages."""

from __future__ import annotations

import json

import pytest
from varsync_rules.registry import rules

from tests.cli.conftest import Shell

CODE = "VS201"
NAME = "replica-update-without-aggregation"


@pytest.mark.parametrize("word", [CODE, "vs201", NAME, NAME.upper()])
def test_a_page_is_printed_as_it_is(shell: Shell, word: str) -> None:
    ran = shell("rule", word)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == rules().find(CODE).page.read_text(encoding="utf-8")


def test_all_of_them(shell: Shell) -> None:
    out = shell("rule", "--all").out
    for rule in rules():
        assert f"# {rule.code}: {rule.name}\n" in out


def test_as_json(shell: Shell) -> None:
    entry = json.loads(shell("rule", CODE, "--output-format", "json").out)
    assert (entry["code"], entry["name"], entry["fix"]) == (CODE, NAME, "unsafe")
    assert "warning" in entry["severities"]
    assert entry["summary"].startswith("Finds")
    assert "\n" not in entry["summary"]
    assert entry["explanation"].startswith(f"# {CODE}: {NAME}\n")
    entries = json.loads(shell("rule", "--all", "--output-format", "json").out)
    assert [one["code"] for one in entries] == [rule.code for rule in rules()]
    assert entry in entries


def test_in_a_terminal_it_is_rendered(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = shell("rule", CODE).out
    assert "\x1b[" in out
    assert "```" not in out
    assert NAME in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["VS999"], "there is no rule 'VS999'"),
        (["VS2"], "there is no rule 'VS2'"),
        (["none-under-stratgy"], "did you mean none-under-strategy?"),
        ([], "name one rule, or give --all"),
        ([CODE, "--all"], "name one rule, or give --all"),
        ([CODE, "--output-format", "xml"], "xml"),
    ],
)
def test_mistakes(shell: Shell, words: list[str], message: str) -> None:
    ran = shell("rule", *words)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert ran.err.count("\n") == 1


class TestRun:
    def test_both_programs_side_by_side(self, real: Shell) -> None:
        ran = real("rule", "VS201", "--run")
        assert (ran.code, ran.err) == (0, "")
        rows = [line.split(" | ") for line in ran.out.splitlines() if " | " in line]
        cells = [(left.rstrip(), right.rstrip()) for left, right in rows]
        assert ("total: 14.0", "total: 36.0") in cells
        assert ("copy: 22.0", "copy: 36.0") in cells
        assert (
            "total: 14.0, 22.0 (differ since step 1)",
            "total: 36.0 (equal on all replicas)",
        ) in cells
        found = [left for left, _ in cells if "line 9: " in left and "VS201" in left]
        assert len(found) == 2  # by lint, and in the run
        assert max(map(len, ran.out.splitlines())) <= 120
        # no line of the program loses its place
        assert "        aggregation=tf.VariableAggregation.SUM)" in [right for _, right in cells]

    @pytest.mark.slow
    def test_what_costs_is_counted_on_both_sides(self, real: Shell) -> None:
        rows = real("rule", "VS603", "--run").out.partition("-- synchronisations -")[2]
        left, right = zip(*(row.split(" |") for row in rows.splitlines()[1:]), strict=True)
        bad = " ".join(" ".join(left).split())
        assert "line 12: update, ONLY_FIRST_REPLICA of average: 3 times, 36 bytes" in bad
        assert "of each replica (all gave the same)" in bad
        assert " ".join(right).strip() == "all: none"

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["--run"], "--run goes with one rule alone"),
            (["--run", "--all"], "--run goes with one rule alone"),
            (["--run", "VS201", "VS202"], "--run goes with one rule alone"),
            (["--run", "VS505"], "VS505: its programs can't be run: "),
            (["--run", "VS999"], "there is no rule 'VS999'"),
        ],
    )
    def test_what_can_not_be_run(self, shell: Shell, words: list[str], message: str) -> None:
        ran = shell("rule", *words)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert message in ran.err
