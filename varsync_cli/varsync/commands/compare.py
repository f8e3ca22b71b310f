"""`varsync compare`: runs a script in several ways, side by side."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from varsync.choices import Color, Engine, NetworkName, SimulationFormat
from varsync.commands.simulate import module_named
from varsync.errors import CannotRun
from varsync.files.whole import check_writable, write_whole
from varsync.referee import require

if TYPE_CHECKING:
    from varsync.comparing.comparison import Comparison, Variant
    from varsync.simulation import Simulation


def compare(
    script: Annotated[str, typer.Argument(help="The script or notebook to run.", metavar="SCRIPT")],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(help="The script's own arguments, after '--'.", show_default=False),
    ] = None,
    replicas: Annotated[
        str, typer.Option("--replicas", "-n", help="How many: a comma list.", metavar="N,...")
    ] = "1,2",
    set_modes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="Run it once more with other modes: see the examples.",
            metavar="VARIABLE: MODES",
        ),
    ] = None,
    each_mode: Annotated[
        str | None,
        typer.Option(
            "--each-mode", help="Try all modes of this variable, and choose.", metavar="VARIABLE"
        ),
    ] = None,
    network: Annotated[
        NetworkName, typer.Option(help="What connects the replicas, for the time.")
    ] = NetworkName.PCIE,
    latency: Annotated[
        float | None, typer.Option(help="Of a message, in microseconds.", min=0.0)
    ] = None,
    bandwidth: Annotated[
        float | None, typer.Option(help="Of a connection, in GB/s.", min=0.000001)
    ] = None,
    max_steps: Annotated[
        int | None, typer.Option("--max-steps", min=1, help="End loops after so many strategy.run.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(min=0.001, help="End each run after so many seconds.")
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Seed of random, NumPy and TensorFlow before the script.")
    ] = 1,
    engine: Annotated[
        Engine, typer.Option(help="The simulation, the installed TensorFlow, or both for each run.")
    ] = Engine.NUMPY,
    module: Annotated[
        bool, typer.Option("--module", "-m", help="SCRIPT is a module's name, as of python -m.")
    ] = False,
    output_format: Annotated[
        SimulationFormat, typer.Option("--format", help="How the comparison is written.")
    ] = SimulationFormat.TEXT,
    output_file: Annotated[
        Path | None, typer.Option("--output-file", "-o", help="Write the comparison to a file.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write the comparison as a page to a file.")
    ] = None,
    tolerance: Annotated[
        float, typer.Option(help="Numbers that differ by such a part are the same.", min=0.0)
    ] = 1e-5,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only the comparison: no progress, no complaints.")
    ] = False,
    color: Annotated[Color, typer.Option(help="When to use colours.")] = Color.AUTO,
) -> int:
    """Run a script with several numbers of replicas, or other modes, and compare.

    What it prints and writes is not shown; what its variables hold at the end, what was observed,
    and what the synchronisations cost is.
    """
    from varsync.comparing import comparison
    from varsync.comparing.changes import changes_of
    from varsync.comparing.networks import NETWORKS
    from varsync.console.progress import on_terminal
    from varsync.console.terminal import complain
    from varsync.simulation import simulate

    require(engine, [] if max_steps is None else ["--max-steps"])
    read = module_named(script).path if module else script
    for file in (output_file, html):
        if file is not None:
            check_writable(file, read)
    if html is not None and output_file is not None and html.resolve() == output_file.resolve():
        raise CannotRun(f"{html}: --html and --output-file need a file each")
    numbers_given = {"--latency": latency, "--bandwidth": bandwidth, "--tolerance": tolerance}
    for option, number in numbers_given.items():
        if number is not None and not math.isfinite(number):
            raise CannotRun(f"{option} {number} is no number")
    chosen = NETWORKS[network.value]
    if latency is not None:
        chosen = replace(chosen, name="a network", latency=latency / 1e6)
    if bandwidth is not None:
        chosen = replace(chosen, name="a network", bandwidth=bandwidth * 1e9)
    numbers = _numbers(replicas)
    sets = [changes_of(word) for word in set_modes or ()]
    compared = comparison.Comparison(script, chosen, tolerance=tolerance)
    trials = len(sets) + (len(comparison.MODES) if each_mode is not None else 0)

    with on_terminal(quiet=quiet) as told:

        def run(variant: Variant, modes: Iterable[str]) -> Simulation:
            done = len(compared.results)
            what = f"runs, now {variant.title} on {variant.replicas}"
            told(done, max(len(numbers) + trials, done + 1), what)
            return simulate(
                script,
                arguments or (),
                replicas=variant.replicas,
                max_steps=max_steps,
                timeout=timeout,
                seed=seed,
                engine=engine.value,
                module=module,
                modes=modes,
                elements=True,
            )

        comparison.compare(compared, numbers, sets, each_mode, run)
    for result in compared.results:
        if not (quiet or result.run.finished or result.variant.changes):
            last = result.run.errors.strip().rpartition("\n")[2]
            complain(f"{script}: {result.run.status}: {result.run.message or last}")
    _write(compared, output_format, output_file, html, color)
    return 1 if any(result.run.agrees is False for result in compared.results) else 0


def _write(
    compared: Comparison,
    output_format: SimulationFormat,
    output_file: Path | None,
    html: Path | None,
    color: Color,
) -> None:
    from varsync.console.style import Style
    from varsync.console.terminal import wants_color, write
    from varsync.reports.comparison import as_json, render

    if output_format is SimulationFormat.JSON:
        text = as_json(compared)
    else:
        text = render(compared, Style(output_file is None and wants_color(color, sys.stdout)))
    if html is not None:
        from varsync.reports.html.comparison import render as page

        write_whole(page(compared), html)
    if output_file is None:
        write(text)
    else:
        write_whole(text, output_file)


def _numbers(words: str) -> list[int]:
    numbers = []
    for word in words.split(","):
        # no more digits than Python reads
        if not word.strip().isdecimal() or len(word) > 9 or not 1 <= int(word) <= 64:
            raise CannotRun(f"--replicas: {word.strip()!r} is no number from 1 to 64")
        numbers.append(int(word))
    return list(dict.fromkeys(numbers))
