"""What a shell is offered, asked as the shells ask: through variables of the environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from varsync.app import command_names, main
from varsync.choices import OutputFormat
from varsync_rules.registry import rules

ALL_CODES = [rule.code for rule in rules()]


@pytest.fixture
def bash(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Asked:
    return Asked(monkeypatch, capsys)


class Asked:
    """Asks for what may follow the words of a command line; the last of them is not complete."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, line: str, shell: str = "bash") -> list[str]:
        words = line.split(" ")
        self._monkeypatch.setenv("_VARSYNC_COMPLETE", f"complete_{shell}")
        self._monkeypatch.setenv("COMP_WORDS", "\n".join(words))
        self._monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        self._monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
        self._monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
        with pytest.raises(SystemExit) as ended:
            main([])
        assert not ended.value.code
        out, err = self._capsys.readouterr()
        assert err == ""
        return [offered for offered in out.splitlines() if offered]


class TestBash:
    def test_commands(self, bash: Asked) -> None:
        assert bash("varsync ") == command_names()
        assert bash("varsync li") == ["lint"]

    def test_options(self, bash: Asked) -> None:
        assert bash("varsync lint --ex") == [
            "--extend-select",
            "--exit-zero",
            "--exclude",
            "--extend-exclude",
            "--exit-non-zero-on-fix",
        ]
        assert "--replicas" in bash("varsync simulate --")

    @pytest.mark.parametrize(
        "option", ["--select", "--ignore", "--extend-select", "--fixable", "--unfixable"]
    )
    def test_rules(self, bash: Asked, option: str) -> None:
        assert bash(f"varsync lint {option} ") == ["ALL", *ALL_CODES]
        assert bash(f"varsync lint {option} VS20") == [
            code for code in ALL_CODES if code.startswith("VS20")
        ]
        assert bash(f"varsync lint src {option} VS101,VS102,VS90") == [
            f"VS101,VS102,VS90{digit}" for digit in "123"
        ]
        assert bash(f"varsync lint {option} VS1,mean") == [
            "VS1,mean-of-integer",
            "VS1,mean-of-a-count",
        ]
        assert bash(f"varsync lint {option} zz") == []

    def test_a_rule_to_explain(self, bash: Asked) -> None:
        assert bash("varsync rule ") == ALL_CODES
        assert bash("varsync rule VS9") == ["VS901", "VS902", "VS903"]
        assert bash("varsync rule none-") == ["none-under-strategy"]

    def test_words(self, bash: Asked) -> None:
        assert bash("varsync lint --output-format ") == [each.value for each in OutputFormat]
        assert bash("varsync lint --output-format js") == ["json", "json-lines"]
        assert bash("varsync lint --fail-on n") == ["note", "never"]
        assert bash("varsync baseline ") == ["update", "prune"]

    @pytest.mark.parametrize(
        "line",
        ["varsync lint sr", "varsync lint --config py", "varsync simulate tr", "varsync lint -o x"],
    )
    def test_paths_are_the_shells(self, bash: Asked, line: str) -> None:
        """Where nothing is offered the shells complete file names."""
        assert bash(line) == []


class TestOtherShells:
    @pytest.mark.parametrize("name", command_names())
    def test_every_option_with_its_help(self, bash: Asked, name: str) -> None:
        fish = dict(line.split("\t", 1) for line in bash(f"varsync {name} --", "fish"))
        assert fish["--help"] == "Show this message and exit."
        assert list(fish) == bash(f"varsync {name} --")
        zsh = "\n".join(bash(f"varsync {name} --", "zsh"))
        assert re.findall(r'^(?:_arguments .*\(\()?"(--[\w-]+)"', zsh, re.M) == list(fish)

    def test_rules_with_their_names(self, bash: Asked) -> None:
        assert bash("varsync rule VS101", "fish") == ["VS101\tnone-under-strategy"]
        assert bash("varsync lint --select VS2,VS101", "zsh") == [
            """_arguments '*: :(("VS2,VS101":"none-under-strategy"))'"""
        ]

    def test_paths_are_the_shells(self, bash: Asked) -> None:
        assert bash("varsync lint sr", "zsh") == ["_files"]
        assert bash("varsync lint sr", "fish") == []


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not there")
def test_bash_completes_with_the_script_that_is_shown(tmp_path: Path) -> None:
    """Bash itself asks, by the function that `--show-completion` writes."""
    command = tmp_path / "varsync"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m varsync "$@"\n')
    command.chmod(0o755)
    script = """
    source <(varsync --show-completion)
    COMP_WORDS=(varsync lint --select VS10) COMP_CWORD=3
    _varsync_completion varsync
    echo "${COMPREPLY[*]}"
    complete -p varsync
    """
    ran = subprocess.run(
        ["bash", "--norc", "-c", script],
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    offered, complete = ran.stdout.splitlines()
    assert offered.split() == [code for code in ALL_CODES if code.startswith("VS10")]
    assert complete == "complete -o default -F _varsync_completion varsync"
