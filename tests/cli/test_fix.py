"""`varsync lint --fix`: what is written, and what never is."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

HEAD = """\
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    total = tf.Variable(0.0, trainable=False{})


def step(x):
{}

for x in strategy.experimental_distribute_dataset(dataset):
    strategy.run(step, args=(x,))
"""
SUM = ", aggregation=tf.VariableAggregation.SUM"
UNAGGREGATED = HEAD.format("", "    total.assign_add(tf.reduce_sum(x))\n")
AGGREGATED = HEAD.format(SUM, "    total.assign_add(tf.reduce_sum(x))\n")
# the first is unsafe, the second safe
NONE = HEAD.format("", "    pass\n").replace(
    "trainable=False", "trainable=False, synchronization=tf.VariableSynchronization.NONE"
)


def test_a_safe_fix(real: Shell) -> None:
    file = real.write("train.py", NONE)
    ran = real("lint", "--fix")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "Fixed 1 finding.\nAll checks passed in 1 file.\n"
    assert file.read_text() == HEAD.format("", "    pass\n")
    assert real("lint", "--fix").out == "All checks passed in 1 file.\n"


def test_an_unsafe_fix_is_asked_for_and_says_why(real: Shell) -> None:
    file = real.write("train.py", UNAGGREGATED)
    ran = real("lint", "--fix")
    assert ran.code == 1
    assert "unsafe fix: create `total` with aggregation SUM (--unsafe-fixes): " in ran.out
    assert ran.out.endswith(
        "Found 1 warning in 1 file.\n1 finding can be fixed with --fix --unsafe-fixes.\n"
    )
    assert file.read_text() == UNAGGREGATED
    ran = real("lint", "--fix", "--unsafe-fixes", "--show-fixes")
    assert ran.code == 0
    assert ran.out.splitlines()[:3] == [
        "Fixed 1 finding:",
        "- train.py:",
        "    1 × VS201 replica-update-without-aggregation",
    ]
    assert file.read_text() == AGGREGATED


def test_the_difference_is_a_patch(real: Shell, tmp_path: Path) -> None:
    file = real.write("src/train.py", UNAGGREGATED)
    ran = real("lint", "--diff", "--unsafe-fixes")
    assert (ran.code, ran.err) == (1, "Would fix 1 finding.\n")
    assert ran.out.startswith("--- src/train.py\n+++ src/train.py\n@@ ")
    assert file.read_text() == UNAGGREGATED
    subprocess.run(["patch", "-p0", "-s"], input=ran.out, text=True, check=True)
    assert file.read_text() == AGGREGATED
    assert real("lint", "--diff", "--unsafe-fixes").code == 0


def test_the_variable_may_be_in_another_file(real: Shell) -> None:
    made = "import tensorflow as tf\n\n\ndef make():\n    return tf.Variable(0.0)\n"
    library = real.write("made.py", made)
    real.write(
        "train.py",
        UNAGGREGATED.replace("tf.Variable(0.0, trainable=False)", "made.make()").replace(
            "import tensorflow as tf\n", "import made\nimport tensorflow as tf\n"
        ),
    )
    # a file that is only context is not written
    assert real("lint", "--fix", "--unsafe-fixes", "train.py").code == 1
    assert library.read_text() == made
    assert real("lint", "--fix", "--unsafe-fixes").code == 0
    assert library.read_text() == made.replace("0.0", f"0.0{SUM}")


def test_several_on_one_line_and_of_one_variable(real: Shell) -> None:
    body = "    total.assign_add(tf.reduce_sum(x)); total.assign_sub(tf.reduce_max(x))\n"
    file = real.write("train.py", HEAD.format("", body))
    assert real("lint", "--fix", "--unsafe-fixes").code == 0
    assert file.read_text() == HEAD.format(SUM, body)


def test_what_is_suppressed_is_not_fixed(real: Shell) -> None:
    text = NONE.replace(".NONE)", ".NONE)  # varsync: ignore[VS101] known")
    file = real.write("train.py", text)
    assert real("lint", "--fix").code == 0
    assert file.read_text() == text


def test_an_unused_suppression_goes(real: Shell) -> None:
    file = real.write("a.py", "x = 1  # varsync: ignore[VS201] it was needed\n# varsync: ignore\n")
    assert real("lint", "--fix").code == 0
    assert file.read_text() == "x = 1\n"


@pytest.mark.parametrize(
    ("words", "config", "is_fixed"),
    [
        (("--unfixable", "VS101"), "", False),
        (("--fixable", "VS2"), "", False),
        (("--fixable", "VS1", "--unfixable", "VS2"), "", True),
        ((), "unfixable = ['VS1']", False),
        ((), "fixable = ['VS1']", True),
        (("--fixable", "ALL"), "unfixable = ['VS1']", True),
    ],
)
def test_which_rules(real: Shell, words: tuple[str, ...], config: str, is_fixed: bool) -> None:
    real.write("pyproject.toml", f"[tool.varsync]\n{config}\n")
    file = real.write("train.py", NONE)
    assert real("lint", "--fix", *words).code == (0 if is_fixed else 1)
    assert (file.read_text() != NONE) is is_fixed


def test_the_configuration_may_ask_for_fixes(real: Shell) -> None:
    real.write("pyproject.toml", "[tool.varsync]\nfix = true\nunsafe-fixes = true\n")
    file = real.write("train.py", UNAGGREGATED)
    assert real("lint", "--no-fix").code == 1
    assert file.read_text() == UNAGGREGATED
    assert real("lint").code == 0
    assert file.read_text() == AGGREGATED


def test_exit_codes(real: Shell) -> None:
    file = real.write("train.py", NONE)
    assert real("lint", "--fix", "--exit-non-zero-on-fix").code == 1
    assert real("lint", "--fix", "--exit-non-zero-on-fix").code == 0
    file.write_text(NONE + UNAGGREGATED.replace("total", "other"))
    ran = real("lint", "--fix-only")
    assert (ran.code, ran.out) == (0, "Fixed 1 finding.\n")


def test_the_standard_input(real: Shell) -> None:
    left = UNAGGREGATED.replace("total", "other")
    ran = subprocess.run(
        [sys.executable, "-m", "varsync", "lint", "--fix", "-"],
        input=(NONE + left).encode(),
        capture_output=True,
        check=False,
    )
    assert ran.stdout.decode() == HEAD.format("", "    pass\n") + left
    assert b"VS201" in ran.stderr and ran.returncode == 1
    only = subprocess.run(
        [sys.executable, "-m", "varsync", "lint", "--fix-only", "-"],
        input=NONE.encode(),
        capture_output=True,
        check=False,
    )
    assert only.stdout.decode() == HEAD.format("", "    pass\n")
    assert (only.stderr, only.returncode) == (b"Fixed 1 finding.\n", 0)


def test_mode_links_and_line_ends_stay(real: Shell) -> None:
    file = real.write("real/train.py", NONE.replace("\n", "\r\n").encode())
    file.chmod(0o750)
    link = real.folder / "train.py"
    link.symlink_to(file)
    assert real("lint", "--fix", "train.py").code == 0
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o750
    assert file.read_bytes() == HEAD.format("", "    pass\n").replace("\n", "\r\n").encode()
    assert [one.name for one in file.parent.iterdir()] == ["train.py"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays(real: Shell) -> None:
    """A linter that runs as root, in a container, on files of somebody else's."""
    file = real.write("train.py", NONE)
    os.chown(file, 12345, 54321)
    file.chmod(0o640)
    assert real("lint", "--fix").out.startswith("Fixed 1 finding.")
    status = file.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (12345, 54321, 0o640)


def test_notebooks(real: Shell) -> None:
    cells = [
        {"cell_type": "code", "metadata": {}, "source": part.splitlines(keepends=True)}
        for part in NONE.split("\n\n\n")
    ]
    cells[0]["source"].insert(0, "%matplotlib inline\n")  # type: ignore[attr-defined]
    data = json.dumps({"cells": cells, "nbformat": 4}, indent=1)
    file = real.write("train.ipynb", data)
    ran = real("lint", "--diff")
    assert ran.out.startswith("--- train.ipynb:cell 1\n")
    assert real("lint", "--fix").code == 0
    expected = data.replace(", synchronization=tf.VariableSynchronization.NONE", "")
    assert file.read_text() == expected


def test_fixes_for_programs(real: Shell) -> None:
    real.write("train.py", UNAGGREGATED)
    (found,) = json.loads(real("lint", "--output-format", "json").out)
    fix = found["fix"]
    assert fix["applicability"] == "unsafe"
    assert fix["message"] == "create `total` with aggregation SUM"
    assert fix["reason"].startswith("the aggregation is chosen from how it is written")
    (edit,) = fix["edits"]
    assert edit["content"] == SUM
    assert (edit["location"], edit["end_location"]) == (
        {"row": 5, "column": 45},
        {"row": 5, "column": 45},
    )
    (result,) = json.loads(real("lint", "--output-format", "sarif").out)["runs"][0]["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "train.py"
    assert change["replacements"][0]["insertedContent"] == {"text": SUM}


def test_a_file_that_was_changed_meanwhile_is_left(
    real: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    import varsync.files.replacing

    file = real.write("train.py", NONE)
    whole = varsync.files.replacing.replace

    def late(path: str, old: bytes, new: bytes) -> None:
        file.write_text("x = 1\n")
        whole(path, old, new)

    monkeypatch.setattr(varsync.files.replacing, "replace", late)
    ran = real("lint", "--fix")
    assert ran.code == 2
    assert "train.py: not written: it was changed while it was checked" in ran.err
    assert file.read_text() == "x = 1\n"
    assert {one.name for one in real.folder.iterdir()} == {".git", ".varsync_cache", "train.py"}


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everything")
def test_a_file_that_may_not_be_written(real: Shell) -> None:
    file = real.write("train.py", NONE)
    file.chmod(0o444)
    ran = real("lint", "--fix")
    assert ran.code == 2 and "train.py: not written: permission denied" in ran.err
    assert file.read_text() == NONE


@pytest.mark.slow
def test_killed_at_any_moment_no_file_is_half_written(tmp_path: Path) -> None:
    """200 random moments: each file is as it was, or as it will be."""
    rng = random.Random(5)
    (tmp_path / ".git").mkdir()
    files = [tmp_path / f"train_{number}.py" for number in range(8)]
    before = NONE + "# é\n" * 2000
    after = HEAD.format("", "    pass\n") + "# é\n" * 2000
    changed = 0
    for _ in range(200):
        for file in files:
            file.write_text(before, encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-m", "varsync", "lint", "-q", "--fix", "."],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # most of the time is Python's start
        time.sleep(0.35 + rng.random() * 0.5)
        process.send_signal(rng.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
        process.wait()
        texts = [file.read_text(encoding="utf-8") for file in files]
        assert set(texts) <= {before, after}
        changed += after in texts
    assert changed
