"""How large the page of a long run is, and how soon a browser shows it.

    python -m tests.benchmarks.page_speed [--replicas 64] [--steps 1000] [--variables 60] [--runs 3]

The report is made of events as replicas tell them, with copies of all variables apart. Seconds are
from the navigation to the second frame after it, in a Chromium that is running already.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

from varsync.reports.html import render

from tests.cli.browser import Opened, launched
from tests.cli.test_simulation_html import large

SHOWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def main() -> None:
    """The command line: see the module's docstring."""
    parser = argparse.ArgumentParser(description="Time the page of a long run.")
    parser.add_argument("--replicas", type=int, default=64)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--variables", type=int, default=60)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    data = large(given.replicas, given.steps, given.variables)
    begun = time.perf_counter()
    page = render(data)
    print(f"made in {time.perf_counter() - begun:.2f} s, {len(page.encode()):,} bytes")
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        file = Path(folder, "report.html")
        file.write_text(page, encoding="utf-8")
        times = []
        for _ in range(given.runs):
            begun = time.perf_counter()
            opened = Opened(browser, file)
            opened.run(SHOWN)
            times.append(time.perf_counter() - begun)
            opened.close()
        print(f"opened in {median(times):.2f} s (median of {given.runs})")


if __name__ == "__main__":
    main()
