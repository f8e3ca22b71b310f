"""Runs programs with the simulation and on TensorFlow, and prints where the reports differ.

python -m tests.runtime.engines                  all programs, with each of the table's numbers of
                                                 replicas: exit 1 if there are differences that
                                                 differing.toml does not list
python -m tests.runtime.engines --only early     those whose name contains this
python -m tests.runtime.engines --every 6        every sixth
python -m tests.runtime.engines --replicas 4     with so many replicas alone
python -m tests.runtime.engines --all            show what is listed, too
python -m tests.runtime.engines --generated 0:50 generated programs of these seeds instead
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from varsync_runtime.diagnosis.agreement import differences

from tests.runtime.programs.generator import generate
from tests.runtime.programs.table import REPLICAS, programs

from .listed import listed, surprises
from .playing import Job, of_program, play_all, printed_otherwise


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.runtime.engines",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", default="", help="programs whose name contains this")
    parser.add_argument("--without", default="-", help="not those whose name contains this")
    parser.add_argument("--every", type=int, default=1, help="every so many-th of them")
    parser.add_argument("--replicas", type=int, nargs="*", help="only these numbers of replicas")
    parser.add_argument("--all", action="store_true", help="show what is listed, too")
    parser.add_argument("--generated", default="", help="first seed and the one after the last")
    chosen = parser.parse_args(arguments)
    known, wrong, count, began = listed(), 0, 0, time.monotonic()
    with ExitStack() as stack:
        if chosen.generated:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            jobs, keras = list(_generated(chosen, folder)), False
        else:
            jobs, keras = _of_table(chosen)
        for job, own, other in play_all(jobs, keras=keras):
            found = [str(one) for one in differences(own.document, other.document)]
            found += printed_otherwise(job, own, other)
            new = surprises(known.get(job.name), found)
            count += 1
            wrong += bool(new)
            mark = "!! " if new else "   " if not found else " ~ "
            print(f"{mark}{job.name} with {job.replicas} replicas", flush=True)
            for one in found if chosen.all else new:
                print(f"      {one}", flush=True)
    print(f"{count - wrong} of {count} as expected ({time.monotonic() - began:.0f} s)")
    return 1 if wrong else 0


def _of_table(chosen: argparse.Namespace) -> tuple[list[Job], bool]:
    """The table's programs that were asked for, and whether one of them needs Keras."""
    named = [
        one for one in programs() if chosen.only in one.name and chosen.without not in one.name
    ]
    jobs = [
        of_program(program, count)
        for program in named
        for count in program.replicas
        if not chosen.replicas or count in chosen.replicas
    ]
    keras = any(program.keras for program in named)
    return list(dict.fromkeys(jobs))[:: chosen.every], keras


def _generated(chosen: argparse.Namespace, folder: Path) -> Iterator[Job]:
    first, _, end = chosen.generated.partition(":")
    for seed in range(int(first), int(end)):
        script = folder / f"seed_{seed}.py"
        script.write_text(generate(seed), encoding="utf-8")
        for count in chosen.replicas or REPLICAS:
            yield Job(script.stem, script, count)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
