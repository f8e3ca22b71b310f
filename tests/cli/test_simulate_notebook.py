"""`varsync simulate train.ipynb`: the cells as one script, and notebooks that are none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from varsync.app import main

from tests.cli.simulations import PATH

MIRRORED = [
    "# Training with MultiWorkerMirroredStrategy",
    "%pip install -q tensorflow\nimport tensorflow as tf\nnames = !ls\nnames",
    """
    %%time
    strategy = tf.distribute.MirroredStrategy(["GPU:0", "GPU:1"])
    with strategy.scope():
        last = tf.Variable(0.0)
    """,
    """
    @tf.function
    def step():
        rank = tf.distribute.get_replica_context().replica_id_in_sync_group
        if rank > 0:  # a condition of the graph: it is looked up in the source
            value = 1.0
        else:
            value = 0.0
        last.assign(value)
        return rank
    """,
    "%%bash\nrm -r /nowhere",
    "ranks = strategy.run(step)\nprint(strategy.experimental_local_results(ranks)[1].numpy())",
    "import os, sys\nprint(os.path.basename(os.getcwd()), sys.argv[1:], '__file__' in globals())",
    "def wrong():\n    return strategy.missing\n\n\nwrong()",
]


def write(file: Path, cells: list[str], **metadata: Any) -> None:
    """A notebook; a cell whose text begins with # is no code."""
    written = [
        {"cell_type": "markdown" if text.startswith("#") else "code", "source": lines}
        for text in cells
        for lines in [textwrap.dedent(text).strip("\n").splitlines(keepends=True)]
    ]
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"cells": written, "metadata": metadata, "nbformat": 4}))


def simulate(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"}
    return subprocess.run(
        [sys.executable, "-m", "varsync", "simulate", *words],
        cwd=folder,
        env={**environment, "PYTHONPATH": PATH},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_cells_run_as_one_script(tmp_path: Path) -> None:
    """Compiled functions, the report's places and source lines, a traceback, and what is ignored."""
    write(tmp_path / "notes" / "train.ipynb", MIRRORED)
    done = simulate(tmp_path, "notes/train.ipynb", "--report-file", "report.json", "--", "-x")
    assert done.returncode == 3, done.stderr
    assert done.stdout == "[]\n1\nnotes ['-x'] False\n"
    name = tmp_path / "notes" / "train.ipynb"
    for part in (
        f'  File "{name}:cell 8", line 5, in <module>\n    wrong()\n',
        f'  File "{name}:cell 8", line 2, in wrong\n    return strategy.missing\n',
        "warning VS201 replica-update-without-aggregation  notes/train.ipynb:cell 4:8  step 1\n"
        "  | last.assign(value)\n",
        "  --> notes/train.ipynb:cell 3:4  `last` is created here\n",
        "  %pip install -q tensorflow (notes/train.ipynb:cell 2:1)\n"
        "  !ls (notes/train.ipynb:cell 2:3)\n"
        "  %%time (notes/train.ipynb:cell 3:1)\n"
        "  %%bash (notes/train.ipynb:cell 5:1)\n",
    ):
        assert part in done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    (seen,) = report["observations"]
    assert seen["location"] == {"filename": str(name), "cell": 4, "row": 8}
    assert [one["workers"] for one in report["strategies"]] == [1]


@pytest.mark.slow
def test_workers_are_asked_for_by_code(tmp_path: Path) -> None:
    cells = [
        "import tensorflow as tf\nstrategy = tf.distribute.MultiWorkerMirroredStrategy()",
        "def step():\n    return tf.distribute.get_replica_context().all_reduce('sum', 1.0)",
        "print(strategy.run(step).numpy())",
    ]
    write(tmp_path / "train.ipynb", cells)
    done = simulate(tmp_path, "train.ipynb")
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == ["2.0", "[worker 1] 2.0"]


@pytest.mark.slow
@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_processes_that_cells_start(tmp_path: Path, way: str) -> None:
    """A function of a module beside the notebook; those of cells are not known to a new Python."""
    (tmp_path / "beside.py").write_text("def double(x):\n    return 2 * x\n")
    cells = [
        "import multiprocessing, beside",
        f"context = multiprocessing.get_context({way!r})",
        "with context.Pool(1) as pool:\n    print(pool.map(beside.double, [1, 2]))",
    ]
    write(tmp_path / "train.ipynb", cells)
    done = simulate(tmp_path, "train.ipynb")
    assert (done.returncode, done.stdout) == (0, "[2, 4]\n"), done.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not a notebook's JSON: "),
        ("[]", "not a notebook's JSON: the top level is no object"),
        ("{}", "not a notebook's JSON: it has no cells"),
        ('{"cells": 3}', "not a notebook's JSON: its cells are no list"),
        (
            '{"cells": [{"cell_type": "code", "source": 3}]}',
            "not a notebook's JSON: the source of cell 1 is no text",
        ),
        (
            '{"cells": [], "metadata": {"kernelspec": {"language": "julia"}}}',
            "its language is julia, not Python",
        ),
    ],
)
def test_a_notebook_that_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    file = tmp_path / "train.ipynb"
    file.write_text(text)
    assert main(["simulate", str(file)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{file}: {told}" in line
