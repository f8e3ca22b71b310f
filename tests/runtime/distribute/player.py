"""Plays the recorder's cases on the runtime, in lockstep in all replica processes.

    python -m tests.runtime.distribute.player                       # all of them
    python -m tests.runtime.distribute.player --only update/mirrored2
    python -m tests.runtime.distribute.player --sample 3000 --seed 7
    python -m tests.runtime.distribute.player --random 1000 --seed 7    # against the table
    python -m tests.runtime.distribute.player --case update/mirrored2/AUTO-SUM-float32/assign/...

Each process runs the case as the recorder does on TensorFlow, and compares what it sees with what
was recorded. A case is equal if it is in every process. At the end stands a count for each area and
strategy: how many cases are equal, how many differ, and how many are left out and why.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import importlib.util
import os
import random
import sys
import time
import types
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from varsync_runtime.replicas.endings import RunOver, Stuck
from varsync_runtime.replicas.world import World
from varsync_runtime.tensors.state import state

from tests.conformance.recorder import all_cases, axes, load, parse, random_case
from tests.conformance.recorder.cases import Case
from tests.runtime.distribute.comparison import as_seen, of_worker, same
from tests.runtime.ranks import Ended, run_ranks
from tests.semantics.prediction import agrees, predicted

Json = Any
VERSION = "2.21"
NO_KERAS = "Keras is not installed"
WORKERS = {"mwms_2w": 2}
CHUNK = 4000  # cases that one set of processes plays
LIMIT = 600.0  # seconds for a chunk
# Whether a variable of a rejected tf.function has its value by now, nothing determines
UNDETERMINED = ("each_step_fn",)
TWO_STRATEGIES = ("saved_model", "mixed")  # areas in which a case's context may name a second one
ALONE = ("workers", "making")  # areas in which a case may end the run
# What a worker sees of another that is not there: it waits, or is told so after ten seconds or more
ABANDONED = ({"hangs": True}, {"takes_part": True, "raises": "UnavailableError"})


@dataclass(frozen=True)
class Difference:
    """A case that went otherwise than recorded, as one process saw it."""

    case: str
    rank: int
    played: Json


def left_out(case: Case) -> str:
    """Why a case is not played. "" if it is."""
    return NO_KERAS if needs_keras(case) and not keras_installed() else ""


def needs_keras(case: Case) -> bool:
    """Whether a case uses Keras."""
    name = getattr(case, "name", "")
    return case.area == "keras" or name.startswith("keras_") or name == "metric_result"


@functools.cache
def keras_installed() -> bool:
    """Whether there is the real Keras 3, for the cases that use it."""
    return importlib.util.find_spec("keras") is not None


def play(cases: Sequence[tuple[Case, Json]]) -> list[Difference]:
    """Plays cases of one strategy; those that went otherwise."""
    if not cases:
        return []
    results = run(cases)
    failed = [result for result in results if not isinstance(result, list)]
    broken = [result for result in failed if not isinstance(result, (RunOver, Ended))]
    if broken:
        raise broken[0]
    if not failed:
        return [difference for result in results for difference in result]
    if len(cases) == 1:
        return of_abandoned(*cases[0], results)
    half = len(cases) // 2
    return play(cases[:half]) + play(cases[half:])


def of_abandoned(case: Case, recorded: Json, results: Sequence[Any]) -> list[Difference]:
    """What differs in a run that ended before its time: where it did, a worker has to hang."""
    found = []
    for rank, result in enumerate(results):
        if isinstance(result, list):
            found += result
            continue
        wanted = of_worker(recorded, rank, WORKERS.get(case.strategy, 1))
        seen = {key: part for key, part in wanted.items() if key != "message"}
        if not (isinstance(result, Stuck) and seen in ABANDONED):
            found.append(Difference(case.id, rank, ended(result)))
    return found


def ended(result: Any) -> Json:
    """A run that ended before its time."""
    return {"ended": f"{type(result).__name__}: {result}"}


def size_of(cases: Sequence[tuple[Case, Json]]) -> int:
    """How many processes the cases need."""
    names = {case.strategy for case, _ in cases}
    names |= {case.target for case, _ in cases if hasattr(case, "target")}
    others = {getattr(case, "context", "") for case, _ in cases if case.area in TWO_STRATEGIES}
    names |= others & axes.REPLICAS.keys()
    return max(1 if name == "ps" else axes.REPLICAS[name] for name in names)


def run(cases: Sequence[tuple[Case, Json]]) -> list[Any]:
    """Plays cases in new processes; by process, what differs or how it ended."""
    loaded()
    strategy = cases[0][0].strategy
    workers = WORKERS.get(strategy, 1)

    def in_rank(world: World) -> list[Difference]:
        return played(world, strategy, workers, cases)

    timeout = LIMIT if len(cases) > 1 else 20.0
    return run_ranks(size_of(cases), in_rank, workers=workers, timeout=timeout)


def played(
    world: World, strategy: str, workers: int, cases: Sequence[tuple[Case, Json]]
) -> list[Difference]:
    """What goes otherwise in this process."""
    live = stand_in()
    worker = world.worker if workers > 1 else 0
    ports = (1, 2) if workers > 1 else ()
    state.begun = False  # each run is a program of its own
    stage = live.make_stage(strategy, worker, ports)
    found = []
    replica = world.rank if workers == 1 and size_of(cases) > 1 else 0
    for case, recorded in cases:
        wanted = of_worker(recorded, worker, workers)
        outcome = in_case(live, stage, case, world)
        if world.rank >= stage.replicas and strategy != "ps":
            continue  # an observer
        if case.area == "making" and workers == 1 and world.rank:
            continue  # replica 0's variables are all there are; the others may not know them
        if case.area == "making" and case.id.endswith(UNDETERMINED):
            outcome, wanted = without_values(outcome), without_values(wanted)
        outcome = as_stored(case, outcome)
        equal = same if case.area != "random" else as_predicted
        if not equal(as_seen(outcome, replica), as_seen(wanted, replica)):
            found.append(Difference(case.id, world.rank, outcome))
    return found


def as_predicted(played: Json, wanted: Json) -> bool:
    """Whether an outcome is what the table says, which has the exceptions' classes and words."""
    return agrees(wanted, played)


@functools.cache
def recorded_cases() -> dict[str, Json]:
    """All recordings by case."""
    return load(VERSION)


def wanted_of(case: Case) -> Json:
    """What was recorded; of a case that nobody recorded, what the table says."""
    return predicted(case) if case.area == "random" else recorded_cases()[case.id]


def without_values(outcome: Json) -> Json:
    """An outcome of `making` without what the variables hold."""
    made = [{key: part for key, part in one.items() if key != "holds"} for one in outcome["made"]]
    return {**outcome, "made": made}


def as_stored(case: Case, outcome: Json, key: str = "") -> Json:
    """An outcome as the recordings keep it: of a float32 variable they keep no integers."""
    if getattr(getattr(case, "subject", None), "dtype", "") != "float32":
        return outcome
    if isinstance(outcome, dict):
        return {key: as_stored(case, part, key) for key, part in outcome.items()}
    if isinstance(outcome, list):
        return [as_stored(case, part) for part in outcome]
    if isinstance(outcome, int) and not isinstance(outcome, bool) and key != "trainable":
        return float(outcome)
    return outcome


def in_case(live: Any, stage: Any, case: Case, world: World) -> Json:
    """The outcome of one case."""
    in_replica = case.area == "create" and getattr(case, "place", "").startswith("replica")
    if (case.area == "making" or in_replica) and case.strategy != "ps":
        # a list in which replica code keeps what it made is each process's own
        local, first = stage.local, stage.first
        stage.local, stage.first = 1, world.rank if world.size > 1 else 0
        try:
            return live.run(stage, case)
        finally:
            stage.local, stage.first = local, first
    return live.run(stage, case)


@functools.cache
def loaded() -> None:
    """Loads the runtime and Keras, so that the processes are forked with them."""
    from varsync_runtime import standin

    standin.install()
    if keras_installed():
        importlib.import_module("keras")
    standin.uninstall()


def stand_in() -> Any:
    """The recorder's programs, with the stand-in as their tensorflow."""
    from varsync_runtime import standin

    standin.install()
    if not keras_installed():
        sys.modules.setdefault("keras", absent("keras"))
    from tests.conformance.recorder import live

    return live


def absent(name: str) -> types.ModuleType:
    """A module whose names do nothing: for what is not played."""
    module = types.ModuleType(name)

    def get(attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return absent(f"{name}.{attribute}")

    module.__getattr__ = get  # type: ignore[method-assign]
    return module


# Many cases --------------------------------------------------------------------------------------


@dataclass
class Score:
    """What became of the cases of one area under one strategy, or of several of these."""

    equal: int = 0
    differing: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Score) -> Score:
        return Score(
            self.equal + other.equal,
            self.differing + other.differing,
            self.left_out + other.left_out,
        )

    def __str__(self) -> str:
        reasons = "; ".join(f"{count} left out: {why}" for why, count in self.left_out.items())
        return f"{self.equal:7} equal {self.differing:6} differ   {reasons}".rstrip()


Scores = dict[tuple[str, str], Score]


def play_all(cases: Iterable[Case]) -> tuple[Scores, list[Difference]]:
    """Plays cases; what became of them by area and strategy, and what differs."""
    groups: dict[tuple[str, bool, bool], list[tuple[Case, Json]]] = defaultdict(list)
    scores: Scores = defaultdict(Score)
    for case in cases:
        score = scores[case.area, case.strategy]
        if reason := left_out(case):
            score.left_out[reason] += 1
            continue
        # those that need more processes than their strategy go together
        wider = case.area in ("checkpoint", *TWO_STRATEGIES)
        groups[case.strategy, wider, case.area in ALONE].append((case, wanted_of(case)))
        score.equal += 1
    differences: list[Difference] = []
    for (strategy, _, alone), group in groups.items():
        start = time.monotonic()
        found: list[Difference] = []
        step = 1 if alone else CHUNK
        for at in range(0, len(group), step):
            found += play(group[at : at + step])
        if os.environ.get("VARSYNC_VERBOSE"):
            seconds = time.monotonic() - start
            wrong = len({one.case for one in found})
            print(f"{strategy}: {len(group)} cases, {wrong} differ, {seconds:.0f} s",
                  file=sys.stderr, flush=True)  # fmt: skip
        differences += found
    for name in {one.case for one in differences}:
        area, strategy, _ = name.split("/", 2)
        scores[area, strategy].equal -= 1
        scores[area, strategy].differing += 1
    return dict(scores), differences


def chosen(cases: Iterable[Case], only: str, prefix: str) -> list[Case]:
    """The cases of an area, or of area/strategy, whose id begins with the prefix."""
    area, _, strategy = only.partition("/")
    return [
        case
        for case in cases
        if area in ("", case.area)
        and strategy in ("", case.strategy)
        and case.id.startswith(prefix)
    ]


def spread(cases: Iterable[Case], count: int, seed: int) -> list[Case]:
    """About `count` cases that chance chooses, some of each area under each strategy."""
    dice = random.Random(seed)
    groups: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.area, case.strategy].append(case)
    whole = sum(map(len, groups.values()))
    found: list[Case] = []
    for group in groups.values():
        found += dice.sample(group, min(len(group), -(-count * len(group) // whole)))
    return found


def random_cases(count: int, seed: int) -> list[Case]:
    """Cases of one to three operations that nobody recorded."""
    return [random_case(seed + number) for number in range(count)]


def shown(differences: Iterable[Difference], count: int) -> Iterator[str]:
    """The first differences in words, one for each case."""
    first = {one.case: one for one in reversed(list(differences))}
    for name in sorted(first)[:count]:
        one = first[name]
        yield (
            f"{name} (rank {one.rank})\n  recorded {wanted_of(parse(name))}\n  played   {one.played}"
        )


def table(scores: Scores, strategies: bool = True) -> Iterator[str]:
    """A line for each area (without `strategies` these alone) under each strategy, and for all."""
    for area in dict.fromkeys(area for area, _ in scores):
        parts = {strategy: score for (its, strategy), score in scores.items() if its == area}
        for strategy, score in parts.items() if strategies else ():
            yield f"{area:12} {strategy:12} {score}"
        yield f"{area:12} {'':12} {sum(parts.values(), Score())}"
    yield f"{'all':12} {'':12} {sum(scores.values(), Score())}"


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="an area, or area/strategy")
    parser.add_argument("--case", default="", help="cases whose id begins so")
    parser.add_argument("--sample", type=int, default=0, help="about so many, chosen by chance")
    parser.add_argument("--random", type=int, default=0, help="so many that nobody recorded")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=10, help="how many differences are printed")
    arguments = parser.parse_args()
    if arguments.random:
        cases = random_cases(arguments.random, arguments.seed)
    else:
        cases = chosen(all_cases(), arguments.only, arguments.case)
    if arguments.sample:
        cases = spread(cases, arguments.sample, arguments.seed)
    scores, differences = play_all(cases)
    for text in (*shown(differences, arguments.show), *table(scores)):
        print(text)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
