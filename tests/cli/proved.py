"""What lint reports of the pages' programs, and what runs show of it: docs/proved.md.

python -m tests.cli.proved        writes it anew (with Keras installed)

What TensorFlow shows is recorded: see `proved_on_tensorflow`.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from varsync.linting.checking import Report
from varsync.proof.trial import lines_of, program, prove
from varsync.proof.verdicts import Proof, Verdict
from varsync.simulation import Simulation, of_report, simulate
from varsync_rules.findings import Finding
from varsync_rules.pages import Page
from varsync_rules.registry import Rule
from varsync_runtime.diagnosis.agreement import differences

from tests.runtime.engines.listed import surprises

from .proved_on_tensorflow import SUBJECTS, differing, recorded, runnable, written

TABLE = Path(__file__).parents[2] / "docs" / "proved.md"
# (the page, the finding's rule, its line): why a run does not show what lint says
NOT_SHOWN = {
    ("VS211", "VS211", 13): "the line before it raises",
    (
        "VS506",
        "VS506",
        12,
    ): "it shows beside a run of one replica: `varsync compare --replicas 1,2`",
    ("VS507", "VS204", 9): "with one replica in each worker nothing is dropped within one",
}
NAME = re.compile(r"`([\w.]+)`")
HEAD = """\
# What lint reports, and runs show

Each rule's page has a program with the misuse and one to write instead. Here both are linted, simulated
on two replicas (of two workers where the page says so), and run on TensorFlow 2.21 with two logical
devices.

- **lint**: the severity of what `varsync lint` reports at the line.
- **simulated**: what `varsync lint --prove` says of it. *Confirmed*: the run shows the same at the same
  line, under the same code, or ends there with the exception. *Not shown* and *not reached* say why.
  *Refuted* would be an error whose line was run without raising: there is none.
- **TensorFlow**: the same, of the report of `varsync simulate --engine tensorflow`.
- **both**: whether the two reports agree, as `varsync simulate --engine both` compares them: values,
  synchronisations, observations, checkpoints, and how the script ends. `differ` has a note below.

`python -m tests.cli.proved` makes these tables, and tests hold them to what all of them say now. What
TensorFlow says is recorded by `python -m tests.cli.proved_on_tensorflow`; a test records a sample again.
The programs of VS505 need Horovod and are not run.

## Programs with the misuse

| rule | line | lint | simulated | TensorFlow | both |
|---|---|---|---|---|---|
"""
MIDDLE = """
## Programs to write instead

Nothing may be found but notes, by lint or in a run.

| rule | lint | simulated | TensorFlow | both |
|---|---|---|---|---|
"""
NOTES = "\n## Where the two differ, and why\n\n"


@dataclass(frozen=True)
class Program:
    """One program of a page: what lint says of it, and its runs."""

    page: Page
    subject: str
    report: Report
    simulated: Simulation
    real: Simulation
    differences: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.page.code}/{self.subject}"

    def surprises(self) -> list[str]:
        """Differences between the runs that nobody has listed, and the other way round."""
        return surprises(differing().get(self.name), self.differences)

    def proofs(self, run: Simulation) -> dict[Finding, Proof]:
        """The verdicts of one of the two runs."""
        return prove(self.report, [self.script], lambda *_: run)

    @property
    def script(self) -> str:
        return next(iter(self.report.absolute.values()))

    @property
    def both(self) -> str:
        return "differ" if self.differences else "agree"


def played(page: Page, subject: str, folder: Path) -> Program:
    """Lints and simulates a program in a folder; what TensorFlow showed was recorded."""
    job = written(page, subject, folder)
    report = program(str(job.script))
    run = simulate(
        job.script,
        replicas=job.replicas,
        workers=job.workers,
        lines=lines_of(report),
        folder=job.script.parent,
    )
    real = recorded(job.name, folder)
    found = tuple(map(str, differences({**run.document}, real)))
    return Program(page, subject, report, run, of_report(real), found)


def of_example(example: Program) -> list[str]:
    """The rows of a program with the misuse: one for each finding."""
    simulated = example.proofs(example.simulated)
    real = example.proofs(example.real)
    return [
        f"| {finding.code} "
        f"| {finding.span.line} | {finding.severity.value} "
        f"| {_verdict(example, finding, simulated[finding])} "
        f"| {_on_tensorflow(real[finding])} | {example.both} |"
        for finding in example.report.findings
    ]


def _verdict(example: Program, finding: Finding, proof: Proof) -> str:
    if proof.verdict is Verdict.CONFIRMED:
        return "confirmed"
    why = NOT_SHOWN.get((example.page.code, finding.code, finding.span.line))
    return proof.verdict.value if why is None else f"{proof.verdict.value}: {why}"


def _on_tensorflow(proof: Proof) -> str:
    if proof.failure is not None and proof.seen is None:
        return f"raises {proof.failure.cls}"
    return "confirmed" if proof.verdict is Verdict.CONFIRMED else "not shown"


def of_other(other: Program) -> str:
    """The row of a program to write instead."""
    lint = [f"{one.severity.value} {one.code}" for one in other.report.findings]
    runs = [
        [f"{seen.severity} {seen.code or ''}".strip() for seen in run.observations]
        for run in (other.simulated, other.real)
    ]
    cells = [", ".join(dict.fromkeys(found)) or "nothing" for found in (lint, *runs)]
    return f"| {other.page.code} | {' | '.join(cells)} | {other.both} |"


def names(finding: Finding, variable: str) -> bool:
    """Whether a finding speaks of a variable, as a run calls it; one that names none speaks of all."""
    words = [finding.message, *(related.message for related in finding.related)]
    named = [name for text in words for name in NAME.findall(text)]
    # Keras calls `self.mean` of a layer "centre/mean"
    own = re.split("[./]", re.sub(r" \(\d+\)$", "", variable))[-1]
    return not named or any(name.rpartition(".")[2] == own for name in named)


def rows(rule: Rule, folder: Path) -> Iterator[tuple[Program, list[str]]]:
    """The programs of a rule's page, each with its rows."""
    page = rule.read()
    for subject in SUBJECTS:
        one = played(page, subject, folder)
        yield one, of_example(one) if subject == "example" else [of_other(one)]


def notes() -> str:
    """Why the two runs of some programs differ."""
    return "".join(f"- {name}: {entry.why}.\n" for name, entry in differing().items())


def table() -> str:
    """The whole page."""
    parts: dict[str, list[str]] = {subject: [] for subject in SUBJECTS}
    with tempfile.TemporaryDirectory() as folder:
        for rule in runnable():
            for one, lines in rows(rule, Path(folder)):
                parts[one.subject] += lines
                for text in one.surprises():
                    print(f"{one.name}: {text}")
    first, second = ("\n".join(parts[subject]) + "\n" for subject in SUBJECTS)
    why = notes()
    return HEAD + first + MIDDLE + second + (NOTES + why if why else "")


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
