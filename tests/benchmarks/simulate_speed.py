"""How long `varsync simulate` takes, and how much memory, beside real TensorFlow, in one run.

    python -m tests.benchmarks.simulate_speed [--tensorflow PYTHON] [--runs 3]
        [--replicas 2 4] [--steps 10 1000] [--styles eager function]

The script is `loop.py` beside this file, run as a whole process by both: by TensorFlow's own
interpreter (by default the running one) with logical CPU devices, and by the simulator, which
writes its report. `processes.py` says how they are timed. A first run of each, which writes
bytecode, is not counted. Figures are medians, ratios are TensorFlow's to the simulator's.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.benchmarks.processes import MEASURES, compare, ready

SCRIPT = Path(__file__).with_name("loop.py")
WARM_UP = ("2", "1", "eager")  # writes the bytecode, reads the files


def main() -> None:
    """The command line: see the module's docstring."""
    parser = argparse.ArgumentParser(description="Time varsync simulate beside TensorFlow.")
    parser.add_argument("--tensorflow", metavar="PYTHON", default=sys.executable)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--replicas", type=int, nargs="+", default=[2, 4])
    parser.add_argument("--steps", type=int, nargs="+", default=[10, 1000])
    parser.add_argument("--styles", nargs="+", default=["eager", "function"])
    given = parser.parse_args()
    ready()
    compare(given.tensorflow, SCRIPT, WARM_UP, 1)
    print(f"{'TensorFlow / simulator = ratio':26}" + "".join(f"{name:>26}" for name in MEASURES))
    for style in given.styles:
        for replicas in given.replicas:
            for steps in given.steps:
                arguments = (str(replicas), str(steps), style)
                real, simulated = compare(given.tensorflow, SCRIPT, arguments, given.runs)
                cells = "".join(
                    f"{f'{one:.2f} / {other:.2f} = {one / other:5.1f}':>26}"
                    for one, other in zip(real.medians(), simulated.medians(), strict=True)
                )
                print(f"{style:9}{replicas:3} x {steps:<11}{cells}", flush=True)


if __name__ == "__main__":
    main()
