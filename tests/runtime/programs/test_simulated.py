"""The simulator prints what TensorFlow printed: the whole programs, and the generated ones."""

from __future__ import annotations

import importlib.util
import random

import pytest

from . import generated, simulated, store
from .compare import difference
from .table import REPLICAS, Program, programs

pytestmark = pytest.mark.skipif(bool(simulated.missing()), reason=simulated.missing() or "-")

RUNS = [(program, count) for program in programs() for count in program.replicas]
VERSION = store.versions()[-1]
# Programs that one process of the simulator runs one after the other
GROUP = 10
GROUPS = [range(start, start + GROUP) for start in range(0, 300, GROUP)]


@pytest.mark.parametrize(
    ("program", "count"), RUNS, ids=[f"{program.name}-{count}" for program, count in RUNS]
)
def test_a_program_does_what_it_did_on_tensorflow(program: Program, count: int) -> None:
    recorded = store.load(program, VERSION)[count]
    assert simulated.differences(recorded, simulated.run(program, count)) == []


@pytest.mark.parametrize("count", REPLICAS)
@pytest.mark.parametrize("seeds", GROUPS, ids=[f"{seeds[0]}-{seeds[-1]}" for seeds in GROUPS])
def test_generated_programs_do_what_they_did_on_tensorflow(seeds: range, count: int) -> None:
    recorded = generated.load(VERSION)
    seen = generated.simulate(seeds, count)
    apart = {seed: difference(recorded[seed][count], seen[seed]) for seed in seeds}
    assert {seed: text for seed, text in apart.items() if text} == {}


@pytest.mark.tensorflow
@pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"
)
@pytest.mark.parametrize("count", REPLICAS)
def test_new_programs_do_what_they_do_on_tensorflow(count: int) -> None:
    # the seeds are in the message of a failure
    first = random.SystemRandom().randrange(300, 10**9)
    seeds = range(first, first + GROUP)
    seen, live = generated.simulate(seeds, count), generated.play_apart(seeds, count)
    apart = {seed: difference(live[seed], seen[seed]) for seed in seeds}
    assert {seed: text for seed, text in apart.items() if text} == {}
