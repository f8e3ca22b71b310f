"""Runs programs with the simulation and on TensorFlow, and prints where the reports differ.

python -m tests.runtime.engines                  all programs, with two replicas: exit 1 if there are
                                                 differences that differing.toml does not list
python -m tests.runtime.engines --only early     those whose name contains this
python -m tests.runtime.engines --every 6        every sixth
python -m tests.runtime.engines --replicas 4     with so many replicas
python -m tests.runtime.engines --all            show what is listed, too
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from varsync_runtime.diagnosis.agreement import differences

from tests.runtime.programs.table import programs

from .listed import listed, surprises
from .playing import play_all, printed_otherwise


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.runtime.engines",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", default="", help="programs whose name contains this")
    parser.add_argument("--without", default="-", help="not those whose name contains this")
    parser.add_argument("--every", type=int, default=1, help="every so many-th of them")
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--all", action="store_true", help="show what is listed, too")
    chosen = parser.parse_args(arguments)
    count = chosen.replicas
    named = [
        one for one in programs() if chosen.only in one.name and chosen.without not in one.name
    ]
    runs = [
        (program, count if count in program.replicas else program.replicas[-1])
        for program in named[:: chosen.every]
    ]
    known, wrong, began = listed(), 0, time.monotonic()
    for program, replicas, own, other in play_all(runs):
        found = [str(one) for one in differences(own.document, other.document)]
        found += printed_otherwise(program, replicas, own, other)
        new = surprises(known.get(program.name), found)
        wrong += bool(new)
        mark = "!! " if new else "   " if not found else " ~ "
        print(f"{mark}{program.name} with {replicas} replicas", flush=True)
        for one in found if chosen.all else new:
            print(f"      {one}", flush=True)
    print(f"{len(runs) - wrong} of {len(runs)} as expected ({time.monotonic() - began:.0f} s)")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
