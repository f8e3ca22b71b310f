"""Plays the recorder's cases on the runtime, in lockstep in all replica processes.

    python -m tests.runtime.distribute.player                       # all of them
    python -m tests.runtime.distribute.player --only update/mirrored2
    python -m tests.runtime.distribute.player --sample 3000 --seed 7
    python -m tests.runtime.distribute.player --case update/mirrored2/AUTO-SUM-float32/assign/...

Each process runs the case as the recorder does on TensorFlow, and compares what it sees with what
was recorded. A case is equal if it is in every process.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
import types
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from varsync_runtime.replicas.endings import RunOver
from varsync_runtime.replicas.world import World

from tests.conformance.recorder import all_cases, axes, load
from tests.conformance.recorder.cases import Case
from tests.runtime.distribute.comparison import as_seen, of_worker, same
from tests.runtime.ranks import Ended, run_ranks

Json = Any
VERSION = "2.21"
# Keras comes later, and SavedModels are not modelled; these are counted by name
LEFT_OUT = ("keras", "saved_model")
WORKERS = {"mwms_2w": 2}
CHUNK = 4000  # cases that one set of processes plays
LIMIT = 600.0  # seconds for a chunk
# Whether a variable of a rejected tf.function has its value by now, nothing determines
UNDETERMINED = ("each_step_fn",)
ALONE = ("workers", "making")  # areas in which a case may end the run


@dataclass(frozen=True)
class Difference:
    """A case that went otherwise than recorded, as one process saw it."""

    case: str
    rank: int
    played: Json


def left_out(case: Case) -> bool:
    """Whether a case is about what the runtime does not have."""
    if case.area in LEFT_OUT:
        return True
    name = getattr(case, "name", "")
    return "keras" in name or name == "metric_result"


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
        return [Difference(cases[0][0].id, 0, ended(failed[0]))]
    half = len(cases) // 2
    return play(cases[:half]) + play(cases[half:])


def ended(result: Any) -> Json:
    """A run that ended before its time."""
    return {"ended": f"{type(result).__name__}: {result}"}


def size_of(cases: Sequence[tuple[Case, Json]]) -> int:
    """How many processes the cases need."""
    names = {case.strategy for case, _ in cases}
    names |= {case.target for case, _ in cases if hasattr(case, "target")}
    names |= {getattr(case, "context", "") for case, _ in cases if case.area == "mixed"}
    return max(1 if name == "ps" else axes.REPLICAS[name] for name in names)


def run(cases: Sequence[tuple[Case, Json]]) -> list[Any]:
    """Plays cases in new processes; by process, what differs or how it ended."""
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
    stage = live.make_stage(strategy, worker, ports)
    found = []
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
        replica = world.rank if workers == 1 and size_of(cases) > 1 else 0
        if not same(as_seen(outcome, replica), as_seen(wanted, replica)):
            found.append(Difference(case.id, world.rank, outcome))
    return found


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


def stand_in() -> Any:
    """The recorder's programs, with the stand-in as their tensorflow."""
    from varsync_runtime import standin

    standin.install()

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
    """How many cases of an area are equal."""

    equal: int = 0
    of: int = 0


def play_all(cases: Iterable[Case]) -> tuple[dict[str, Score], list[Difference], Counter[str]]:
    """Plays cases; by area how many are equal, what differs, and what was left out."""
    recorded = load(VERSION)
    groups: dict[tuple[str, bool], list[tuple[Case, Json]]] = defaultdict(list)
    skipped: Counter[str] = Counter()
    scores: dict[str, Score] = defaultdict(Score)
    for case in cases:
        if left_out(case):
            skipped[case.area] += 1
            continue
        wider = case.area in ("checkpoint", "mixed")
        groups[(case.strategy, wider)].append((case, recorded[case.id]))
        scores[case.area].of += 1
    differences: list[Difference] = []
    for group in groups.values():
        alone = [pair for pair in group if pair[0].area in ALONE]
        rest = [pair for pair in group if pair[0].area not in ALONE]
        start = time.monotonic()
        before = len(differences)
        for at in range(0, len(rest), CHUNK):
            differences += play(rest[at : at + CHUNK])
        for pair in alone:
            differences += play([pair])
        seconds = time.monotonic() - start
        if os.environ.get("VARSYNC_VERBOSE"):
            wrong = len({one.case for one in differences[before:]})
            print(f"{group[0][0].strategy}: {len(group)} cases, {wrong} differ, {seconds:.0f} s",
                  file=sys.stderr, flush=True)  # fmt: skip
    wrong_cases = {one.case for one in differences}
    for score_area, score in scores.items():
        wrong_here = sum(name.split("/")[0] == score_area for name in wrong_cases)
        score.equal = score.of - wrong_here
    return dict(scores), differences, skipped


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="an area, or area/strategy")
    parser.add_argument("--case", default="")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=10)
    arguments = parser.parse_args()
    cases = list(all_cases())
    if arguments.case:
        cases = [case for case in cases if case.id.startswith(arguments.case)]
    if arguments.only:
        area, _, strategy = arguments.only.partition("/")
        cases = [
            case
            for case in cases
            if (not area or case.area == area) and (not strategy or case.strategy == strategy)
        ]
    if arguments.sample:
        chosen = random.Random(arguments.seed).sample(cases, min(arguments.sample, len(cases)))
        cases = chosen
    scores, differences, skipped = play_all(cases)
    recorded = load(VERSION)
    shown: set[str] = set()
    for one in differences:
        if one.case not in shown and len(shown) < arguments.show:
            shown.add(one.case)
            print(f"{one.case} (rank {one.rank})\n  recorded {recorded[one.case]}\n"
                  f"  played   {one.played}")  # fmt: skip
    for area, score in sorted(scores.items()):
        print(f"{area:12} {score.equal:7} of {score.of:7} equal")
    total = Score(sum(s.equal for s in scores.values()), sum(s.of for s in scores.values()))
    print(f"{'all':12} {total.equal:7} of {total.of:7} equal")
    if skipped:
        print("left out:", ", ".join(f"{count} of {area}" for area, count in skipped.items()))
    return 0 if total.equal == total.of else 1


__all__ = ["RunOver", "main", "play", "play_all"]

if __name__ == "__main__":
    sys.exit(main())
