"""Records what the programs do on the installed TensorFlow.

python -m tests.runtime.programs                      record every script of tests/programs
python -m tests.runtime.programs --only early         those whose name contains this, here and below
python -m tests.runtime.programs --check              record again and compare: exit 1 if different
python -m tests.runtime.programs --show --only early  print what they do, and store nothing
python -m tests.runtime.programs --simulate           compare the simulator with what is recorded
                                                      (no TensorFlow; also with --generated)
python -m tests.runtime.programs --generated          record the generated programs
python -m tests.runtime.programs --generated --check  play and compare them; those that are not
                                                      recorded are played twice
python -m tests.runtime.programs --generated --print --seeds 420:450 --replicas 2
                                                      what programs print, as JSON
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence

from . import generated, simulated, stage, store
from .compare import difference
from .outcome import Outcome, Process
from .table import REPLICAS, Program, programs


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.runtime.programs",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", default="", help="programs whose name contains this")
    parser.add_argument("--check", action="store_true", help="compare with what is recorded")
    parser.add_argument("--simulate", action="store_true", help="compare `varsync simulate`")
    parser.add_argument("--show", action="store_true", help="print the outcome, store nothing")
    parser.add_argument("--print", action="store_true", help="print outputs as JSON, store nothing")
    parser.add_argument("--generated", action="store_true", help="the generated programs instead")
    known = f"0:{generated.SEEDS.stop}"
    parser.add_argument("--seeds", default=known, help="first seed and the one after the last")
    parser.add_argument("--replicas", type=int, nargs="*", help="only these numbers of replicas")
    chosen = parser.parse_args(arguments)
    began = time.monotonic()
    if chosen.simulate:
        return _simulate(chosen)
    scripts = [program for program in programs() if chosen.only in program.name]
    stage.prepare(keras=any(program.keras for program in scripts) and not chosen.generated)
    if chosen.generated:
        first, _, end = chosen.seeds.partition(":")
        seeds = range(int(first), int(end))
        counts = chosen.replicas or REPLICAS
        if chosen.print:
            outputs = generated.play(seeds, counts[:1])
            print(json.dumps({seed: output[counts[0]] for seed, output in outputs.items()}))
            return 0
        wrong = generated.check(seeds, counts) if chosen.check else generated.record(seeds)
    else:
        wrong = sum(_script(program, chosen) for program in scripts)
    print(f"{time.monotonic() - began:.0f} s, {wrong} different", flush=True)
    return 1 if wrong else 0


def _simulate(chosen: argparse.Namespace) -> int:
    """Compares `varsync simulate` with what is recorded; needs no TensorFlow."""
    version = store.versions()[-1]
    equal = runs = exact = 0
    if chosen.generated:
        first, _, end = chosen.seeds.partition(":")
        recorded = generated.load(version)
        seeds = range(int(first), int(end))
        for count in chosen.replicas or REPLICAS:
            for group in generated.groups(seeds):
                for seed, seen in generated.simulate(group, count).items():
                    runs += 1
                    apart = difference(recorded[seed][count], seen)
                    equal += not apart
                    if apart:
                        print(f"!! program {seed} with {count} replicas: {apart}", flush=True)
    else:
        for program in programs():
            for count in program.replicas if chosen.only in program.name else ():
                if not chosen.replicas or count in chosen.replicas:
                    runs += 1
                    recorded_here = store.load(program, version)[count]
                    run = simulated.run(program, count)
                    wrong = simulated.differences(recorded_here, run)
                    equal += not wrong
                    outputs = simulated.by_worker(run.stdout, len(recorded_here))
                    exact += outputs == [process.stdout for process in recorded_here]
                    if wrong:
                        print(f"!! {program.name} with {count} replicas:", *wrong, sep="\n   ")
    to_the_byte = "" if chosen.generated else f", {exact} of them to the byte"
    print(f"{equal} of {runs} runs are as on TensorFlow {version}{to_the_byte}")
    return 0 if equal == runs else 1


def _script(program: Program, chosen: argparse.Namespace) -> int:
    """Records or checks one script; how many runs were not as recorded."""
    counts = [n for n in program.replicas if not chosen.replicas or n in chosen.replicas]
    began = time.monotonic()
    outcomes = {count: run(program, count) for count in counts}
    seconds = time.monotonic() - began
    states = [", ".join(_state(process) for process in outcomes[count]) for count in counts]
    print(f"{program.name}: {' | '.join(states)} ({seconds:.1f} s)", flush=True)
    if chosen.show:
        for count, outcome in outcomes.items():
            for index, process in enumerate(outcome):
                print(f"--- {count} replicas, process {index}\n{process.stdout}", end="")
                for name, text in process.files.items():
                    print(f"--- file {name}\n{text}", end="")
        return 0
    if chosen.check:
        recorded = store.load(program, stage.version())
        wrong = 0
        for count, outcome in outcomes.items():
            for apart in differences(recorded[count], outcome):
                wrong += 1
                print(f"!! {program.name} with {count} replicas: {apart}", flush=True)
        return wrong
    known = store.load(program, stage.version()) if chosen.replicas else {}
    store.save(program, stage.version(), {**known, **outcomes})
    return 0


def run(program: Program, count: int) -> Outcome:
    """Runs a script on TensorFlow with so many replicas."""
    return stage.play(
        stage.Job(
            script=program.path,
            devices=count,
            arguments=tuple(program.arguments_for(count)),
            processes=program.processes(count),
            workers=program.workers,
            may_hang=program.hangs_with(count),
        )
    )


def differences(recorded: Outcome, seen: Outcome) -> list[str]:
    """What of an outcome on TensorFlow is not as recorded."""
    found = []
    for index, (old, new) in enumerate(zip(recorded, seen, strict=True)):
        if apart := difference(old.stdout, new.stdout):
            found.append(f"process {index} prints otherwise: {apart}")
        if (old.status, old.error) != (new.status, new.error) or difference(
            old.message, new.message
        ):
            found.append(f"process {index} ends otherwise: {_state(old)}, now {_state(new)}")
        if old.files != new.files:
            found.append(f"process {index} leaves other files: {old.files}, now {new.files}")
    return found


def _state(process: Process) -> str:
    ended = "hangs" if process.status is None else str(process.status)
    return f"{ended} {process.error}: {process.message}" if process.error else ended


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
