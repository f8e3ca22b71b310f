"""The programs of the pages, fixed, run right: on replicas as simulate has them, and on TensorFlow."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from tests.catalog.page_runner import Runner
from tests.rules.fixes.pages import PRINTED, Fixed, programs
from tests.runtime.programs.simulated import CLEAN, OBSERVED, simulate

RECORDED = json.loads(PRINTED.read_text(encoding="utf-8"))
# Use instead is another way to mend it than the fix is, or mends what no fix is for
OTHERWISE = {"VS101-0", "VS105-0"}


@pytest.fixture(scope="module")
def fixed_programs() -> dict[str, Fixed]:
    return {program.key: program for program in programs()}


@pytest.mark.slow
def test_the_record_is_of_these_programs(fixed_programs: dict[str, Fixed]) -> None:
    digests = {key: fixed_programs[key].digest for key in RECORDED if key in fixed_programs}
    assert digests == {key: one["of"] for key, one in RECORDED.items()}
    fixable = {one.code for one in fixed_programs.values() if one.code in one.codes}
    assert fixable == {key.partition("-")[0] for key in RECORDED} - {"VS601"}


@pytest.mark.slow
@pytest.mark.parametrize("key", RECORDED)
def test_fixed_programs_run_right(
    fixed_programs: dict[str, Fixed], key: str, tmp_path: Path
) -> None:
    program = fixed_programs[key]
    script = tmp_path / "train.py"
    script.write_text(program.after, encoding="utf-8")
    run = simulate(script, 2, workers=program.workers if program.workers > 1 else None)
    assert run.status in (CLEAN, OBSERVED), run.stderr
    assert run.stdout == RECORDED[key]["prints"]
    own = [one for one in run.observations if one.code == program.code]
    assert {one.line for one in own if one.severity != "note"} <= program.left
    if program.prints is not None and key not in OTHERWISE:
        # what raised in the Example raises no longer, but has nothing behind it to print
        assert program.prints.startswith(run.stdout.strip())


@pytest.mark.tensorflow
@pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"
)
def test_tensorflow_prints_what_is_recorded(fixed_programs: dict[str, Fixed]) -> None:
    with Runner() as runner:
        for key, one in RECORDED.items():
            run = runner.run(fixed_programs[key].after, fixed_programs[key].workers)
            assert run.failed is None, key
            assert run.output == one["prints"], key
