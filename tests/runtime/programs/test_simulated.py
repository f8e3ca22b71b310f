"""The simulator prints what TensorFlow printed: the whole programs, and the generated ones.

Without options every second whole program runs, with one number of replicas, and some generated
ones; with `-m slow` all others.
"""

from __future__ import annotations

import importlib.util
import os
import random
from collections.abc import Iterator

import pytest
from varsync.proof.trial import lines_of

from . import generated, held, simulated, store
from .compare import difference
from .table import REPLICAS, Program, programs

VERSION = store.versions()[-1]
# The number of replicas with which a program without a misuse runs in the quick tests, in turn
TURN = (4, 1, 2)
# The one program with Keras that runs in the quick tests
WITH_KERAS = "keras_custom_loop"
GROUPS = generated.groups(generated.SEEDS)
# Every so many-th group of generated programs runs in the quick tests, some 30 programs in all
QUICK = 14


def _runs() -> Iterator[object]:
    """Every program with every number of its replicas; one number of every second is quick."""
    for index, program in enumerate(programs()):
        turn = 2 if program.misuse else TURN[index % len(TURN)]
        quick = turn if turn in program.replicas else program.replicas[-1]
        rest = index % 2 == 1
        if program.keras:
            quick, rest = 2, program.name != WITH_KERAS
        for count in program.replicas:
            yield pytest.param(
                program,
                count,
                id=f"{program.name}-{count}",
                marks=() if count == quick and not rest else pytest.mark.slow,
            )


def _groups() -> Iterator[object]:
    """Every group of generated programs with every number of replicas; most are slow."""
    for index, seeds in enumerate(GROUPS):
        for count in REPLICAS:
            quick = index % QUICK == 0 and count == TURN[index // QUICK % len(TURN)]
            yield pytest.param(
                seeds,
                count,
                id=f"{seeds[0]}-{seeds[-1]}-{count}",
                marks=() if quick else pytest.mark.slow,
            )


@pytest.mark.parametrize(("program", "count"), list(_runs()))
def test_a_program_does_what_it_did_on_tensorflow(program: Program, count: int) -> None:
    if program.keras and importlib.util.find_spec("keras") is None:
        pytest.skip("Keras is not installed")
    recorded = store.load(program, VERSION)[count]
    run = simulated.run(program, count, lines=lines_of(held.linted(program)))
    assert simulated.differences(recorded, run) == []
    if program.exact:
        outputs = simulated.by_worker(run.stdout, len(recorded))
        assert outputs == [process.stdout for process in recorded]
    if program.processes(count) > 1 or (count > 1 and not program.workers):
        assert simulated.misjudged(program, run) == []
        assert simulated.disagreeing(program, run) == []
        assert held.apart(program, run) == []
    elif not program.misuse:
        assert {one.severity for one in run.observations} <= {"note"}


@pytest.mark.parametrize(("seeds", "count"), list(_groups()))
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
    # VARSYNC_SEED chooses others
    chance = random.Random(int(os.environ.get("VARSYNC_SEED", "1")))
    first = chance.randrange(generated.SEEDS.stop, 10**9)
    seeds = range(first, first + generated.GROUP)
    seen, live = generated.simulate(seeds, count), generated.play_apart(seeds, count)
    apart = {seed: difference(live[seed], seen[seed]) for seed in seeds}
    assert {seed: text for seed, text in apart.items() if text} == {}
