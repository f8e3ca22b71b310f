"""`varsync simulate` as a function: a run in a process of its own, and what it came to.

The script's process is not the caller's, so nothing of the one is left in the other: no module that
stands in for TensorFlow, no replica, no handler of a signal.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from varsync.console.interrupt import unwound
from varsync.console.terminal import escape
from varsync.errors import CannotRun

if TYPE_CHECKING:
    from varsync_runtime.elements import Copies

_FRAME = re.compile(r'^  File "(.+)", line (\d+)', re.MULTILINE)
FINISHED = ("finished", "limit of steps")
NO_TENSORFLOW = "no TensorFlow"
"""How a run ends that can't begin, for TensorFlow can't be imported."""
COMMAND = (
    "import os, sys; sys.path[0] = os.path.dirname(sys.executable); "
    "from varsync.app import main; sys.exit(main())"
)
"""The installed command: with `-m`, modules of the current folder would be taken for others."""
CALLER = "VARSYNC_CALLER"
"""The process that waits for a run, which ends with it."""


@dataclass(frozen=True, slots=True)
class Location:
    """A line of a file, or of a notebook's cell: both count from 1; `cell` is None in a file."""

    filename: str
    row: int
    cell: int | None = None

    def __str__(self) -> str:
        return f"{self.filename}:{'' if self.cell is None else f'cell {self.cell}:'}{self.row}"

    @property
    def near(self) -> str:
        """The same without the file's folder."""
        return str(replace(self, filename=os.path.basename(self.filename)))  # noqa: PTH119


@dataclass(frozen=True, slots=True)
class Value:
    """A replica's value: up to eight items in C order, else None, and the Euclidean norm."""

    shape: tuple[int, ...]
    items: tuple[Any, ...] | None
    norm: float | None

    def __str__(self) -> str:
        if self.items is None:
            norm = "" if self.norm is None else f", norm {self.norm:.7g}"
            return f"shape {list(self.shape)}{norm}"
        # as many digits as a float32 has
        items = [float(f"{i:.7g}") if isinstance(i, float) else i for i in self.items]
        return str(items[0]) if self.shape == () else str(items)


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that was seen, under the code of the rule that speaks of it (None: there is none).

    `severity` is "error", "warning" or "note"; `values` are by replica, where they show it.
    """

    code: str | None
    severity: str
    message: str
    location: Location | None
    variable: str | None
    step: int | None
    times: int
    values: tuple[Value, ...]

    def __str__(self) -> str:
        return escape(f"{self.location}: {self.severity} {self.code or ''}: {self.message}")

    @property
    def is_bad(self) -> bool:
        """Whether it is an error or a warning."""
        return self.severity != "note"


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where a variable's copies differed first: step (None: not in one), line, values by replica."""

    step: int | None
    location: Location | None
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the script, or of a library that it uses; `label` is what reports call it.

    `initial` is what each copy held when it was made (None: not known), `final` what each replica's
    copy held at the end: of those that came to it.
    """

    id: int
    name: str
    label: str
    cls: str
    synchronization: str
    aggregation: str
    dtype: str
    shape: tuple[int, ...]
    copies: int
    location: Location | None
    synchronisations: int
    bytes_of_a_replica: int
    initial: Value | None
    final: tuple[Value, ...]
    diverged: Divergence | None


@dataclass(frozen=True, slots=True)
class Synchronisation:
    """A row of the ledger: what was exchanged at a line, and how often.

    `changed` is false where every replica gave the same, so that nothing was gained.
    """

    cause: str
    operation: str
    variables: tuple[str, ...]
    location: Location | None
    times: int
    bytes_of_a_replica: int
    changed: bool


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers that host code got by step, such as a loss; docs/report.md says of which kinds."""

    what: str
    name: str | None
    number: int
    location: Location | None
    steps: tuple[int, ...]
    values: tuple[float, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for what the same line of the script got in the same way in another run."""
        return self.what, self.name, self.number, self.location

    @property
    def title(self) -> str:
        """What it is, in words: `loss, train.py:12`."""
        number = f" ({self.number})" if self.number > 1 else ""
        row = "" if self.location is None else f", {self.location.near}"
        return f"{self.name or self.what}{number}{row}"


@dataclass(frozen=True, slots=True)
class Failure:
    """The exception that ended the script; `frames` are those of its traceback, outermost first."""

    cls: str
    message: str
    frames: tuple[Location, ...]

    def __str__(self) -> str:
        return f"{self.cls}: {self.message}" if self.message else self.cls


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a run came to.

    `status` is that of docs/report.md, `exit_code` the command's; `reached` are the first of the lines
    asked for that were run; `output` and `errors` are what the script printed. `document` is the
    whole report, as docs/report.md describes it. `elements` are those of the variables, if they were
    asked for: see `varsync_runtime.elements`.
    """

    status: str
    message: str
    failure: Failure | None
    steps: int
    exit_code: int
    observations: tuple[Observation, ...]
    variables: tuple[Variable, ...]
    ledger: tuple[Synchronisation, ...]
    series: tuple[Series, ...]
    reached: tuple[Location, ...]
    output: str
    errors: str
    document: Mapping[str, Any] = field(repr=False)
    elements: Copies = field(repr=False, default_factory=dict)

    @property
    def finished(self) -> bool:
        """Whether the script came to its end, or to that of the steps that were asked for."""
        return self.status in FINISHED

    @property
    def agrees(self) -> bool | None:
        """Whether TensorFlow does the same; None where it was not asked, or that can't be told."""
        agreement = self.document.get("agreement")
        return None if agreement is None else agreement["agrees"]

    def assert_in_sync(self) -> None:
        """Raises AssertionError unless it finished and the copies of each variable stayed equal."""
        __tracebackhide__ = True
        self._assert(
            f"{each.location}: the copies of `{each.label}` differ since step "
            f"{each.diverged.step}: {_listed(each.diverged.values)}"
            for each in self.variables
            if each.diverged is not None
        )

    def assert_clean(self) -> None:
        """Raises AssertionError unless it finished without an error or a warning."""
        __tracebackhide__ = True
        self._assert(str(seen) for seen in self.observations if seen.is_bad)

    def _assert(self, problems: Iterable[str]) -> None:
        __tracebackhide__ = True  # pytest shows the user's line
        found = list(problems)
        if not self.finished:
            last = self.errors.strip().rpartition("\n")[2]
            found.insert(0, f"it did not finish: {self.status}: {self.message or last}")
        if found:
            raise AssertionError("\n".join(map(escape, found)))


def simulate(
    script: str | os.PathLike[str],
    arguments: Sequence[str] = (),
    *,
    replicas: int | None = None,
    workers: int | None = None,
    max_steps: int | None = None,
    timeout: float | None = None,
    seed: int | None = None,
    engine: str = "numpy",
    module: bool = False,
    lines: Iterable[str] = (),
    modes: Iterable[str] = (),
    elements: bool = False,
    folder: str | os.PathLike[str] | None = None,
    modules: Iterable[str] = (),
) -> Simulation:
    """Runs a script or notebook on simulated replicas; the options are those of the command.

    `engine` is "numpy", "tensorflow" or "both"; with both, the rest is of the simulation, and
    `agrees` says whether TensorFlow's run is the same.
    `module`: the script is a module's name. `lines` are FILE:FIRST-LAST, see `reached`; `modes` are
    FILE:LINE:NAME=SYNCHRONIZATION,AGGREGATION in place of the script's (see `Variable`).
    `elements` asks for those of the variables, of which a report has few. `folder` is the one to
    run it in, in place of the current one. `modules` are folders in which modules are looked for
    before those of PYTHONPATH. It has no standard input. Raises varsync.errors.CannotRun where the
    command would not begin.
    """
    __tracebackhide__ = True  # pytest shows the user's line
    options = {
        "--replicas": replicas,
        "--workers": workers,
        "--max-steps": max_steps,
        "--timeout": timeout,
        "--seed": seed,
        "--engine": engine,
    }
    words = [f"{name}={value}" for name, value in options.items() if value is not None]
    words += [f"--line={line}" for line in lines]
    words += [f"--mode={mode}" for mode in modes]
    with unwound(), tempfile.TemporaryDirectory(prefix="varsync-") as scratch:
        report = Path(scratch, "report.json")
        command = [sys.executable, "-c", COMMAND, "simulate", "-q", f"--report-file={report}"]
        values = Path(scratch, "values.npz")
        words += [f"--values={values}"] if elements else []
        command += [*words, *(["--module"] if module else []), "--", os.fspath(script), *arguments]
        ran = subprocess.run(
            command,
            env={**os.environ, **_search(modules), CALLER: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="backslashreplace",
            cwd=folder,
            check=False,
        )
        try:
            document = json.loads(report.read_text(encoding="utf-8"))
        except FileNotFoundError:
            last = ran.stderr.strip().rpartition("\n")[2]
            raise CannotRun(last.removeprefix("varsync: ") or "it could not be run") from None
        held = _elements(values) if elements else {}
    real = document.get("tensorflow", document)["outcome"]
    if real["status"] == NO_TENSORFLOW:
        raise CannotRun(real["message"])
    return of_report(document, ran.returncode, ran.stdout, ran.stderr, held)


def _search(modules: Iterable[str]) -> dict[str, str]:
    folders = list(modules)
    given = [os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else []
    return {"PYTHONPATH": os.pathsep.join([*folders, *given])} if folders else {}


def _elements(values: Path) -> Copies:
    from varsync_runtime.elements import read

    return read(str(values))


def of_report(
    document: Mapping[str, Any],
    exit_code: int = 0,
    output: str = "",
    errors: str = "",
    elements: Copies | None = None,
) -> Simulation:
    """A run from its report, and what else the process gave."""
    return Simulation(
        status=document["outcome"]["status"],
        message=document["outcome"]["message"],
        failure=_failure(document["outcome"]["exception"]),
        steps=document["steps"],
        exit_code=exit_code,
        observations=tuple(map(_observation, document["observations"])),
        variables=tuple(map(_variable, document["variables"])),
        ledger=tuple(map(_synchronisation, document["ledger"])),
        series=tuple(map(_series, document["series"])),
        reached=tuple(filter(None, map(_location, document["reached"]))),
        output=output,
        errors=errors,
        document=document,
        elements=elements or {},
    )


def _failure(exception: Mapping[str, Any] | None) -> Failure | None:
    if exception is None or not exception["class"]:
        return None
    frames = tuple(_frame(*found) for found in _FRAME.findall(exception["traceback"]))
    return Failure(exception["class"], exception["message"], frames)


def _frame(filename: str, row: str) -> Location:
    notebook, _, cell = filename.rpartition(":cell ")
    return Location(notebook or filename, int(row), int(cell) if notebook else None)


def _observation(seen: Mapping[str, Any]) -> Observation:
    return Observation(
        code=seen["code"],
        severity=seen["severity"],
        message=seen["message"],
        location=_location(seen["location"]),
        variable=seen["variable"],
        step=seen["step"],
        times=seen["times"],
        values=_values(seen["values"]),
    )


def _variable(made: Mapping[str, Any]) -> Variable:
    first = made["diverged"]
    return Variable(
        id=made["id"],
        name=made["name"],
        label=made["label"],
        cls=made["class"],
        synchronization=made["synchronization"],
        aggregation=made["aggregation"],
        dtype=made["dtype"],
        shape=tuple(made["shape"]),
        copies=made["copies"],
        location=_location(made["location"]),
        synchronisations=made["synchronisations"],
        bytes_of_a_replica=made["bytes_of_a_replica"],
        initial=next(iter(_values([made["initial"]] if made["initial"] else ())), None),
        final=_values(made["final"] or ()),
        diverged=None
        if first is None
        else Divergence(first["step"], _location(first["location"]), _values(first["values"])),
    )


def _synchronisation(row: Mapping[str, Any]) -> Synchronisation:
    return Synchronisation(
        cause=row["cause"],
        operation=row["operation"],
        variables=tuple(row["variables"]),
        location=_location(row["location"]),
        times=row["times"],
        bytes_of_a_replica=row["bytes_of_a_replica"],
        changed=row["changed"],
    )


def _series(one: Mapping[str, Any]) -> Series:
    return Series(
        what=one["what"],
        name=one["name"],
        number=one["number"],
        location=_location(one["location"]),
        steps=tuple(one["steps"]),
        values=tuple(one["values"]),
    )


def _location(where: Mapping[str, Any] | None) -> Location | None:
    return None if where is None else Location(where["filename"], where["row"], where["cell"])


def _values(values: Sequence[Mapping[str, Any]]) -> tuple[Value, ...]:
    return tuple(
        Value(
            tuple(value["shape"]),
            None if value["items"] is None else tuple(value["items"]),
            value["norm"],
        )
        for value in values
    )


def _listed(values: Sequence[Value]) -> str:
    return ", ".join(f"replica {number} {value}" for number, value in enumerate(values))
