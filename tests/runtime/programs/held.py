"""What lint says of the programs, held to what their runs show, and the other way round."""

from __future__ import annotations

import functools
from pathlib import Path

from varsync.configuration.config import Configuration
from varsync.configuration.settings import Options
from varsync.files.discovery import discover
from varsync.linting.checking import Report, check
from varsync.proof.trial import foreseen, prove
from varsync.proof.verdicts import Verdict
from varsync.simulation import of_report

from tests.cli.proved import names

from .simulated import Run
from .table import Program

# Where lint and a run speak of other lines, and why
ELSEWHERE = {
    ("keras_compiled_elsewhere", "VS403"): "lint names the call that leads to what raises",
    ("multi_worker_uneven_steps", "VS502"): "lint names the loop, the run where it waits in it",
}


@functools.cache
def linted(program: Program) -> Report:
    """What lint finds in the files of a program."""
    paths = [str(path) for path in program.sources]
    return check(discover(paths, Configuration(Options()), with_context=False))


def apart(program: Program, run: Run) -> list[str]:
    """Findings that a run refutes, or confirms of another variable; what lint missed of it.

    What it is known to miss is in the table.
    """
    report = linted(program)
    simulation = of_report(run.document)
    found = []
    for finding, proof in prove(report, [str(program.path)], lambda *_: simulation).items():
        place = f"{finding.code} {Path(finding.span.path).name}:{finding.span.line}"
        if proof.verdict is Verdict.REFUTED:
            found.append(f"refuted: {place}")
        elif proof.seen is not None and proof.verdict is Verdict.CONFIRMED:
            variable = proof.seen.variable
            if variable is not None and not names(finding, variable):
                found.append(f"{place} is about another variable than {variable}")
    document = {**run.document}
    foreseen(report, str(program.path), document)
    known = {(each.code, each.file.name, each.line) for each in program.unseen}
    for seen, row in zip(simulation.observations, document["observations"], strict=True):
        where = seen.location
        key = (seen.code, Path(where.filename).name, where.row) if where is not None else None
        is_elsewhere = (program.name, seen.code) in ELSEWHERE
        is_known = row["foreseen"] or is_elsewhere or key in known
        if seen.severity != "note" and not is_known:
            found.append(f"lint has missed {seen}")
    return found
