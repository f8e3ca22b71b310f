"""How large the page of a long run is, and how soon a browser shows it, beside a page of plain text.

    python -m tests.benchmarks.page_speed [--report report.json] [--runs 5]
        [--replicas 64] [--steps 1000] [--variables 60]

The report is one that `--report-file` wrote, or else is made of events as replicas tell them, with
copies of all variables apart. Seconds are from the navigation, in a Chromium that is running already:
"shown" to the second frame after the page is loaded, "usable" to the second frame after a key was
pressed on the slider and the numbers of the last steps stood there. The other page has as many bytes
of plain text, in one `pre`, and takes turns. Figures are medians, ratios are ours to the other's.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from varsync.reports.html import render

from tests.cli.browser import Opened, launched
from tests.cli.test_simulation_html import large

SHOWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
LINE = "0123456789 " * 12


def main() -> None:
    """The command line: see the module's docstring."""
    parser = argparse.ArgumentParser(description="Time the page of a long run.")
    parser.add_argument("--report", type=Path)
    parser.add_argument("--replicas", type=int, default=64)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--variables", type=int, default=60)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    if given.report is not None:
        data = json.loads(given.report.read_text(encoding="utf-8"))
    else:
        data = large(given.replicas, given.steps, given.variables)
    begun = time.perf_counter()
    page = render(data)
    size = len(page.encode())
    print(f"made in {time.perf_counter() - begun:.2f} s, {size:,} bytes")
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        ours, other = Path(folder, "report.html"), Path(folder, "text.html")
        ours.write_text(page, encoding="utf-8")
        lines = "\n".join([LINE] * (size // (len(LINE) + 1)))
        other.write_text(f"<!doctype html><title>text</title><pre>{lines}</pre>", encoding="utf-8")
        times: dict[str, list[float]] = {"text shown": [], "shown": [], "usable": []}
        for _ in range(given.runs):
            times["text shown"].append(_seconds(browser, other))
            times["shown"].append(_seconds(browser, ours))
            times["usable"].append(_seconds(browser, ours, _use))
        text = median(times.pop("text shown"))
        for name, seconds in times.items():
            ratio = median(seconds) / text
            print(f"{name}: {median(seconds):.2f} s / {text:.2f} s = {ratio:.1f}")


def _seconds(browser: Any, file: Path, use: Callable[[Opened], None] | None = None) -> float:
    begun = time.perf_counter()
    opened = Opened(browser, file)
    if use is not None:
        use(opened)
    opened.run(SHOWN)
    seconds = time.perf_counter() - begun
    opened.close()
    return seconds


def _use(opened: Opened) -> None:
    opened.page.focus("#step")
    opened.page.keyboard.press("End")
    assert opened.page.inner_text("#at-step p").startswith("Step")


if __name__ == "__main__":
    main()
