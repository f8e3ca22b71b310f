"""How long Keras takes under `varsync simulate`, beside real TensorFlow with Keras, in one run.

    python -m tests.benchmarks.keras_speed [--tensorflow PYTHON] [--runs 3] [--only NAME ...]

The script is `fit.py` beside this file, unmodified Keras 3 on both: as a whole process on
TensorFlow's interpreter (by default the running one) with logical CPU devices, and in the simulator
on this interpreter, which writes its report. `processes.py` says how they are timed. A first run of
each, which writes bytecode, is not counted.

What is printed is a table in Markdown: TensorFlow / simulator = ratio, of medians. A run of two
epochs also gives the milliseconds of a step, of its second epoch, by the script's own clock.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
from pathlib import Path

from tests.benchmarks.processes import MEASURES, Timed, compare, ready

SCRIPT = Path(__file__).with_name("fit.py")
STEP = re.compile(r"^# (\S+) ms a step$", re.MULTILINE)
# model, replicas, steps in an epoch, epochs
CASES = {
    "small fit": ("mlp", "2", "10", "1"),
    "small fit, 4 replicas": ("mlp", "4", "10", "1"),
    "MLP": ("mlp", "2", "100", "2"),
    "conv net": ("conv", "2", "50", "2"),
    "LSTM": ("lstm", "2", "50", "2"),
    "conv net, 4 replicas": ("conv", "4", "20", "2"),
}


def milliseconds(timed: Timed) -> float | None:
    """The median of what the runs say of a step; None if they had one epoch."""
    found = [match for printed in timed.printed for match in STEP.findall(printed)]
    return statistics.median(map(float, found)) if found else None


def cell(real: float | None, simulated: float | None) -> str:
    """One comparison, as it stands in the table."""
    if real is None or simulated is None:
        return ""
    ratio = real / simulated
    return f"{real:.3g} / {simulated:.3g} = {ratio:.{1 if ratio < 10 else 0}f}"


def main() -> None:
    """The command line: see the module's docstring."""
    parser = argparse.ArgumentParser(description="Time Keras in varsync simulate.")
    parser.add_argument("--tensorflow", metavar="PYTHON", default=sys.executable)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    given = parser.parse_args()
    ready()
    compare(given.tensorflow, SCRIPT, CASES["small fit"], 1)
    heads = ("run", "replicas × steps × epochs", *MEASURES, "ms a step")
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads), flush=True)
    for name in given.only:
        arguments = CASES[name]
        real, simulated = compare(given.tensorflow, SCRIPT, arguments, given.runs)
        cells = [cell(*pair) for pair in zip(real.medians(), simulated.medians(), strict=True)]
        cells.append(cell(milliseconds(real), milliseconds(simulated)))
        print("| " + " | ".join([name, " × ".join(arguments[1:]), *cells]) + " |", flush=True)


if __name__ == "__main__":
    main()
