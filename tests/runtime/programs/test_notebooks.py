"""Programs as notebooks do what the scripts did on TensorFlow: whole, and up to where they are cut."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from . import notebooks, simulated, store
from .compare import difference
from .table import Program, programs

VERSION = store.versions()[-1]
PROGRAMS = {program.name: program for program in programs() if notebooks.has_cells(program)}


@dataclass(frozen=True)
class Cut:
    """After how many steps a program is cut, and how many lines of each worker come before that.

    With `to_the_end` the script goes on: it prints as many lines as the whole one.
    """

    max_steps: int
    lines: int
    replicas: int = 2
    to_the_end: bool = True


CUTS = {
    # in the third epoch
    "keras_callbacks": Cut(10, 3),
    "keras_custom_loop": Cut(14, 2),
    # in the last `fit` but one: a step without data comes before it
    "keras_guide": Cut(56, 11),
    # in the last `fit`
    "keras_input": Cut(10, 9),
    # in `fit` of the first epoch; one worker, since Keras fails with several
    "keras_multi_worker_fit": Cut(3, 1, replicas=1),
    # the end of the data is not caught
    "keras_multi_worker_loop": Cut(8, 2, to_the_end=False),
    # where the model is evaluated without a strategy
    "keras_save_and_load": Cut(19, 4),
}

needs_keras = pytest.mark.skipif(
    importlib.util.find_spec("keras") is None, reason="Keras is not installed"
)


def test_the_tutorials_are_notebooks() -> None:
    assert PROGRAMS.keys() == CUTS.keys()


def test_a_notebook_has_cells_of_text_and_code_and_magics(tmp_path: Path) -> None:
    file = notebooks.write(PROGRAMS["keras_guide"], tmp_path)
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    assert {cell["cell_type"] for cell in cells} == {"markdown", "code"}
    sources = ["".join(cell["source"]) for cell in cells]
    assert sources[1].startswith("# Training with several devices\n\nA strategy")
    assert sources[2].startswith("%pip install -q tensorflow\nimport numpy as np")
    script = PROGRAMS["keras_guide"].path.read_text(encoding="utf-8")
    code = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert not [line for line in code if line not in "\n".join(sources).splitlines()]


@pytest.mark.slow
@needs_keras
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_notebook_does_what_the_script_did_on_tensorflow(
    program: Program, tmp_path: Path
) -> None:
    count = CUTS[program.name].replicas
    run = simulated.run(program, count, notebooks.write(program, tmp_path))
    assert simulated.differences(store.load(program, VERSION)[count], run) == []
    assert run.cut is None
    assert "\nIgnored\n" in run.stderr  # its magics


@pytest.mark.slow
@needs_keras
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_notebook_that_is_cut_does_the_same_up_to_there(program: Program, tmp_path: Path) -> None:
    cut = CUTS[program.name]
    notebook = notebooks.write(program, tmp_path)
    run = simulated.run(program, cut.replicas, notebook, cut.max_steps)
    assert run.status in (simulated.CLEAN, simulated.OBSERVED), run.stderr
    assert run.cut == cut.max_steps
    recorded = store.load(program, VERSION)[cut.replicas]
    outputs = simulated.by_worker(run.stdout, len(recorded))
    for process, output in zip(recorded, outputs, strict=True):
        wanted, seen = process.stdout.splitlines(), output.splitlines()
        assert difference("\n".join(wanted[: cut.lines]), "\n".join(seen[: cut.lines])) == ""
        assert len(seen) == (len(wanted) if cut.to_the_end else cut.lines)
        assert difference(process.stdout, output) != ""
