"""`varsync simulate`: runs a script on simulated replicas and reports what they did."""

from __future__ import annotations

import math
import os
import re
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from varsync.choices import Color, Engine, SimulationFormat
from varsync.errors import CannotRun, refusal
from varsync.files.whole import check_writable, is_written_in_place, write_whole
from varsync.referee import disagree, require, together
from varsync.simulation import CALLER

if TYPE_CHECKING:
    from varsync_runtime.course import Onlooker
    from varsync_runtime.events.asked import Lines
    from varsync_runtime.replicas.modules import Module
    from varsync_runtime.replicas.notebook import Notebook
    from varsync_runtime.session import Session

    from varsync.linting.checking import Report

COULD_NOT = 2
INTERRUPTED = 130
NARROWEST = 60
NOT_A_TERMINAL = 120
NUMBERS = re.compile(r"\[\n([-+.\w,\s]+)\]")
"""A list of nothing but numbers, which has a line of its own; texts have no raw line ends."""


def simulate(
    script: Annotated[str, typer.Argument(help="The script or notebook to run.", metavar="SCRIPT")],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(help="The script's own arguments, after '--'.", show_default=False),
    ] = None,
    replicas: Annotated[
        int | None,
        typer.Option(
            "--replicas", "-n", min=1, max=64, help="How many; else the script's devices."
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=64, help="Workers of a multi-worker script; else TF_CONFIG's."),
    ] = None,
    max_steps: Annotated[
        int | None, typer.Option("--max-steps", min=1, help="End loops after so many strategy.run.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(min=0.001, help="End after so many seconds.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of random, NumPy and TensorFlow before the script.")
    ] = None,
    engine: Annotated[
        Engine,
        typer.Option(help="The simulation, the installed TensorFlow, or one after the other."),
    ] = Engine.NUMPY,
    output_format: Annotated[
        SimulationFormat, typer.Option("--format", help="How the report is written.")
    ] = SimulationFormat.TEXT,
    report_file: Annotated[
        Path | None, typer.Option("--report-file", help="Write the report as JSON to a file.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write the report as a page to a file.")
    ] = None,
    trace: Annotated[
        Path | None, typer.Option("--trace", help="Write a trace, which Perfetto opens, to a file.")
    ] = None,
    values: Annotated[
        Path | None,
        typer.Option("--values", help="Write what variables hold to a file for NumPy."),
    ] = None,
    line: Annotated[
        list[str] | None,
        typer.Option(
            help="Say in the report whether one of these lines was run.",
            metavar="FILE:FIRST[-LAST]",
        ),
    ] = None,
    mode: Annotated[
        list[str] | None,
        typer.Option(
            help="Give variables that a line makes other modes: see varsync compare.",
            metavar="FILE:LINE:NAME=SYNCHRONIZATION,AGGREGATION",
        ),
    ] = None,
    lint: Annotated[
        bool, typer.Option("--lint", help="Hold what lint says of the script to what it does.")
    ] = False,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 whatever was observed.")
    ] = False,
    module: Annotated[
        bool, typer.Option("--module", "-m", help="SCRIPT is a module's name, as of python -m.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No report.")] = False,
    color: Annotated[Color, typer.Option(help="When to use colours.")] = Color.AUTO,
) -> int:
    """Run a training script on simulated replicas, without TensorFlow.

    The script's output stays on the standard output, the report goes to the standard error.
    docs/simulate.md tells what a replica is and what of TensorFlow is modelled.
    """
    from varsync_runtime.diagnosis.endings import COULD_NOT_RUN, Status
    from varsync_runtime.replicas.endings import NoRoom
    from varsync_runtime.session import Wishes
    from varsync_runtime.session import simulate as run

    from varsync import modes
    from varsync.console.terminal import complain, give_output_back

    _end_with_caller()
    code: Module | Notebook | None
    if module:
        code = module_named(script)
        path = code.path
    else:
        _check_script(script)
        code, path = _notebook(script), script
    if timeout is not None and math.isnan(timeout):
        raise CannotRun("--timeout nan is no number of seconds")
    if workers is not None and replicas is not None and replicas % workers:
        raise CannotRun(f"--replicas {replicas} can't be divided among --workers {workers}")
    files = [file for file in (report_file, html, trace, values) if file is not None]
    for file in files:
        check_writable(file, path)
        same = [other for other in files if os.path.realpath(other) == os.path.realpath(file)]
        if len(same) > 1 and not is_written_in_place(file):
            raise CannotRun(f"{file}: --report-file, --html, --trace and --values need a file each")
    asks = {
        "--max-steps": max_steps,
        "--mode": mode,
        "--line": line,
        "--lint": lint or None,
        "--trace": trace,
        "--values": values,
    }
    require(engine, [name for name, value in asks.items() if value is not None])
    findings = _findings(path) if lint else None
    asked = [] if findings is None else findings[1]
    wishes = Wishes(
        replicas,
        workers,
        max_steps,
        timeout,
        seed,
        detailed=trace is not None,
        tensorflow=engine is Engine.TENSORFLOW,
        lines=tuple(_lines(word) for word in [*(line or ()), *asked]),
        modes=tuple(modes.asked(word) for word in mode or ()),
        elements=values is not None,
    )
    give_output_back()
    seen = not quiet and output_format is SimulationFormat.TEXT
    try:
        title = "TensorFlow" if engine is Engine.TENSORFLOW else "varsync"
        with _view(title, max_steps, color, wanted=seen) as onlooker:
            session = run(path, arguments or (), wishes, code, _ready_to_report, onlooker)
        if session.ending.status is Status.NO_TENSORFLOW:
            raise CannotRun(session.ending.message)
        sessions = [session]
        document = _document(session, script, arguments or [], engine)
        if engine is Engine.BOTH and not session.interrupted:
            wishes = replace(wishes, tensorflow=True)
            with _view("TensorFlow", max_steps, color, wanted=seen) as onlooker:
                sessions.append(run(path, arguments or (), wishes, code, None, onlooker))
            beside = _document(sessions[-1], script, arguments or [], Engine.TENSORFLOW)
            document = together(document, beside)
    except NoRoom as error:
        raise CannotRun(str(error)) from None
    if findings is not None:
        from varsync.proof.trial import foreseen

        foreseen(findings[0], script, document)
    unmet: list[str] = []
    if wishes.modes:
        document["modes"] = modes.met(wishes.modes, document)
        unmet = [one["message"] for one in document["modes"] if one["message"]]
    if not quiet:
        _show(document, output_format, color)
    if report_file is not None:
        write_whole(_json(document), report_file)
    if html is not None:
        from varsync.reports.html import render as page

        write_whole(page(document), html)
    if trace is not None:
        from varsync.reports.trace import render as traced

        write_whole(traced(document, session.told), trace)
    if values is not None:
        from varsync_runtime.elements import npz

        write_whole(npz(session.told), values)
    could_not = [one.ending.message for one in sessions if one.ending.status in COULD_NOT_RUN]
    if quiet:
        for message in could_not or unmet:
            complain(message)
    if sessions[-1].interrupted:
        return INTERRUPTED
    if could_not or unmet:
        return COULD_NOT
    return _exit_code(session, document, exit_zero=exit_zero)


def _end_with_caller() -> None:
    """Where `varsync.simulate` started this process, nothing of it outlives that one."""
    from varsync_runtime.replicas import lineage

    caller = os.environ.pop(CALLER, None)
    if caller is not None:
        lineage.die_with_parent()
        if lineage.LINUX and caller != str(os.getppid()):
            raise CannotRun("who asked for it has gone")


def _view(
    title: str, max_steps: int | None, color: Color, *, wanted: bool
) -> AbstractContextManager[Onlooker | None]:
    """What shows a run while it goes on, where somebody looks."""
    from varsync.console.terminal import takes_what_moves, wants_color

    if not wanted or sys.stderr is None or not takes_what_moves(sys.stderr):
        return nullcontext()
    from varsync.console.live.view import on_terminal
    from varsync.console.style import Style

    return on_terminal(title, max_steps, Style(wants_color(color, sys.stderr)))


def _findings(script: str) -> tuple[Report, list[str]]:
    """What lint says of a script, and the lines that it is about."""
    from varsync.proof.trial import lines_of, program

    report = program(script)
    return report, lines_of(report)


def _lines(word: str) -> Lines:
    """FILE:FIRST-LAST, where the file may be a cell: train.ipynb:cell 3."""
    from varsync_runtime.events.asked import Lines
    from varsync_runtime.events.sites import Site

    match = re.fullmatch(r"(.+):(\d{1,9})(?:-(\d{1,9}))?", word, re.DOTALL)
    if match is None or int(match[2]) > int(match[3] or match[2]):
        raise CannotRun(f"--line: {word!r} is not FILE:LINE or FILE:FIRST-LAST")
    filename, cell = Site(match[1], 0).cell
    return Lines(filename, cell, int(match[2]), int(match[3] or match[2]))


def _ready_to_report() -> None:
    """Loads what the report needs, while the script is on its way."""
    for module in ("varsync_runtime.diagnosis.report", "varsync.reports.simulation"):
        import_module(module)


def _check_script(script: str) -> None:
    """Whether there is something to run; what it is shows when Python reads it."""
    try:
        path = Path(script)
        if not script or not path.exists():
            raise CannotRun(f"{script or repr(script)}: no such file")
        if path.is_dir() and not (path / "__main__.py").is_file():
            raise CannotRun(f"{script}: is a directory without a __main__.py")
    except (OSError, ValueError) as error:
        raise CannotRun(f"{script}: {refusal(error)}") from None
    if not os.access(path, os.R_OK):
        raise CannotRun(f"{script}: permission denied")


def module_named(name: str) -> Module:
    """The module that `python -m` would run; raises CannotRun."""
    from varsync_runtime.replicas.modules import find

    try:
        found = find(name)
    except (ImportError, ValueError):
        found = None
    if found is None:
        raise CannotRun(f"{name}: no such module, or not one that can be run")
    return found


def _notebook(script: str) -> Notebook | None:
    """The cells of a notebook as Python; None of an ordinary script."""
    if not script.endswith(".ipynb"):
        return None
    from varsync_rules import notebook
    from varsync_rules.disk import contents
    from varsync_runtime.replicas.notebook import Cell, Notebook

    try:
        cells = notebook.code_cells(contents(Path(script)))
    except OSError as error:
        raise CannotRun(f"{script}: {refusal(error)}") from None
    except (notebook.NotANotebookError, notebook.NotPythonError) as error:
        raise CannotRun(f"{script}: {error}") from None
    python = tuple(Cell(cell.number, notebook.python_of(cell.text)) for cell in cells)
    return Notebook(os.path.abspath(script), python, notebook.SKIPPED)  # noqa: PTH100 - links stay


def _document(
    session: Session, script: str, arguments: list[str], engine: Engine
) -> dict[str, Any]:
    from varsync_runtime.diagnosis.report import report

    from varsync import __version__

    data = report(session.told, session.ending)
    return {
        "version": data.pop("version"),
        "varsync": __version__,
        "engine": engine.value,
        "script": script,
        "arguments": arguments,
        "seconds": round(session.seconds, 3),
        **data,
    }


def _show(document: dict[str, Any], output_format: SimulationFormat, color: Color) -> None:
    """The report on the standard error; where nobody reads it, that is no error."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(_text(document, output_format, color))
        sys.stderr.flush()
    except OSError:
        return


def _text(document: dict[str, Any], output_format: SimulationFormat, color: Color) -> str:
    if output_format is SimulationFormat.JSON:
        return _json(document)
    import shutil

    from varsync.console.terminal import wants_color
    from varsync.reports.simulation import render

    terminal = sys.stderr.isatty()
    fallback = (NOT_A_TERMINAL, 24)
    columns = shutil.get_terminal_size(fallback).columns if terminal else fallback[0]
    return render(
        document,
        color=wants_color(color, sys.stderr),
        width=max(columns, NARROWEST),
        fold=terminal,  # a table in a log is looked through by line
    )


def _json(document: dict[str, Any]) -> str:
    import json

    text = json.dumps(document, indent=2)
    return NUMBERS.sub(lambda row: f"[{' '.join(row[1].split())}]", text) + "\n"


def _exit_code(session: Session, document: dict[str, Any], *, exit_zero: bool) -> int:
    from varsync_runtime.diagnosis.endings import Status
    from varsync_runtime.diagnosis.report import fails

    if session.ending.status in (Status.FAILED, Status.LOST, Status.TIMEOUT):
        return 3
    wrong = fails(document) or disagree(document)
    return 1 if wrong and not exit_zero else 0
