"""Programs on two replicas with the oldest Keras 3, against what they did on TensorFlow.

python -m tests.runtime.keras.test_oldest    # records them, with that Keras and TensorFlow installed
"""

from __future__ import annotations

import json

import pytest

from tests.runtime.keras.recorded import FOLDER, OLDEST, installed
from tests.runtime.programs import simulated, stage
from tests.runtime.programs.__main__ import run
from tests.runtime.programs.outcome import from_json
from tests.runtime.programs.table import Program, programs

# those that do not rest on what Keras 3.0 cannot do beside NumPy 2, nor on XLA, which it
# leaves out on a CPU and not on GPUs, which `--replicas` shows
NAMES = ("keras_batch_norm", "keras_custom_loop", "keras_embedding", "keras_input")
RECORDED = FOLDER / f"programs-{OLDEST}.json"
REPLICAS = 2


def chosen() -> list[Program]:
    return [program for program in programs() if program.name in NAMES]


@pytest.mark.slow
@pytest.mark.parametrize("program", chosen(), ids=lambda program: program.name)
def test_a_program_does_what_it_did_on_tensorflow(program: Program) -> None:
    if installed() != OLDEST:
        pytest.skip(f"it is for Keras {OLDEST}")
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))[program.name]
    outcome = tuple(map(from_json, recorded))
    assert simulated.differences(outcome, simulated.run(program, REPLICAS)) == []


if __name__ == "__main__":
    stage.prepare(keras=True)
    found = {
        program.name: [process.to_json() for process in run(program, REPLICAS)]
        for program in chosen()
    }
    RECORDED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
