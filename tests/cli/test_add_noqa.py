"""`varsync lint --add-noqa`: comments that silence what is found."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Shell
from tests.cli.test_fix import NONE


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("warning_vs201\n", "warning_vs201  # varsync: ignore[VS201]\n"),
        ("(warning_vs201,\n  1)\n", "(warning_vs201,\n  1)  # varsync: ignore[VS201]\n"),
        ("error_vs101; warning_vs201", "error_vs101; warning_vs201  # varsync: ignore[VS101, VS201]"),
        ("if warning_vs201:\n    pass\n", "if warning_vs201:  # varsync: ignore[VS201]\n    pass\n"),
        ("x = '''\n''', error_vs101\n", "x = '''\n''', error_vs101  # varsync: ignore[VS101]\n"),
        ("warning_vs201  # why\n", "warning_vs201  # why  # varsync: ignore[VS201]\n"),
        ("error_vs101; warning_vs201  # varsync: ignore[VS101] so\n",
         "error_vs101; warning_vs201  # varsync: ignore[VS101, VS201] so\n"),
        ("x = 1  # noqa: E501\nwarning_vs201\n", "x = 1  # noqa: E501\nwarning_vs201  # noqa: VS201\n"),
        ("warning_vs201; x = 1  # noqa: VS101\n", "warning_vs201; x = 1  # noqa: VS101, VS201\n"),
        ("warning_vs201\r\n", "warning_vs201  # varsync: ignore[VS201]\r\n"),
        ("warning_vs201 \\\n  + 1\n", "warning_vs201 \\\n  + 1  # varsync: ignore[VS201]\n"),
    ],
)  # fmt: skip
def test_a_comment(shell: Shell, before: str, after: str) -> None:
    file = shell.write("a.py", before.encode())
    ran = shell("lint", "--add-noqa", "--ignore", "VS902")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Silenced ")
    assert file.read_bytes() == after.encode()
    assert shell("lint", "--ignore", "VS902").code == 0
    assert shell("lint", "--add-noqa", "--ignore", "VS902").out == "Silenced 0 findings.\n"


def test_a_reason(shell: Shell) -> None:
    file = shell.write("a.py", "warning_vs201\n")
    assert shell("lint", "--add-noqa=old code").code == 0
    assert file.read_text() == "warning_vs201  # varsync: ignore[VS201] old code\n"


@pytest.mark.parametrize("option", ["--fix", "--fix-only", "--diff"])
def test_it_does_not_mend(real: Shell, option: str) -> None:
    file = real.write("a.py", NONE)
    ran = real("lint", "--add-noqa", option)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"varsync: --add-noqa does not go with {option}\n"
    assert file.read_text() == NONE
    # a configuration that mends does not hold
    real.write("pyproject.toml", "[tool.varsync]\nfix = true\n")
    assert real("lint", "--add-noqa").out == "Silenced 1 finding.\n"
    assert file.read_text() == NONE.replace(".NONE)", ".NONE)  # varsync: ignore[VS101]")
    assert real("lint").code == 0


def test_a_reason_is_one_line(shell: Shell) -> None:
    file = shell.write("a.py", "warning_vs201\n")
    ran = shell("lint", "--add-noqa=old\nimport os")
    assert ran.code == 2 and "one line" in ran.err
    assert file.read_text() == "warning_vs201\n"


def test_notebooks(shell: Shell) -> None:
    cells = [{"cell_type": "code", "source": ["%time\n", "warning_vs201"]}]
    file = shell.write("n.ipynb", json.dumps({"cells": cells}))
    assert shell("lint", "--add-noqa").out == "Silenced 1 finding.\n"
    (cell,) = json.loads(file.read_text())["cells"]
    assert cell["source"] == ["%time\n", "warning_vs201  # varsync: ignore[VS201]"]
    assert shell("lint").code == 0


def test_a_file_that_can_not_be_read_is_left(shell: Shell) -> None:
    file = shell.write("a.py", b"warning_vs201\0")
    assert shell("lint", "--add-noqa").out == "Silenced 0 findings.\n"
    assert file.read_bytes() == b"warning_vs201\0"
