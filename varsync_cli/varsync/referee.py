"""`--engine`: the simulation, the installed TensorFlow, or both, and whether they agree."""

from __future__ import annotations

import sys
from collections.abc import Collection
from importlib.util import find_spec
from typing import Any

from varsync_runtime.engines.tensorflow import INSTALL

from varsync.choices import Engine
from varsync.errors import CannotRun
from varsync.simulation import NO_TENSORFLOW

SIMULATED = frozenset({"--max-steps"})
"""What only the simulation does with a script."""
REPORTED = frozenset({"--line", "--lint", "--trace"})
"""What is told of the simulation alone."""
NO_END = ("out of time", "interrupted", NO_TENSORFLOW)
"""How a run ends that did not come to an end of its own."""


def require(engine: Engine, given: Collection[str]) -> None:
    """Raises CannotRun if a script can't be run on this engine, or not with the options `given`."""
    if engine is Engine.NUMPY:
        return
    if find_spec("tensorflow") is None:
        raise CannotRun(
            f"--engine {engine.value}: TensorFlow is not installed for {sys.executable}: {INSTALL}"
        )
    installed = _version()
    if not installed.startswith("2."):
        raise CannotRun(
            f"--engine {engine.value} needs TensorFlow 2, and {sys.executable} has {installed}: "
            f"{INSTALL}"
        )
    missing = SIMULATED if engine is Engine.BOTH else SIMULATED | REPORTED
    for name in sorted(missing.intersection(given)):
        raise CannotRun(f"{name} is not there with --engine {engine.value}")


def _version() -> str:
    """Of the installed TensorFlow, whatever the package is called; 2 where nobody says."""
    from importlib.metadata import packages_distributions, version

    packages = packages_distributions().get("tensorflow", ())
    return next((version(package) for package in packages), "2.")


def together(simulated: dict[str, Any], real: dict[str, Any]) -> dict[str, Any]:
    """The report of the simulation, with TensorFlow's in it and where the two differ.

    Where one of them did not come to its own end, nobody knows what it would have come to: it is
    not said whether they agree.
    """
    from varsync_runtime.diagnosis.agreement import differences

    is_known = not any(one["outcome"]["status"] in NO_END for one in (simulated, real))
    found = differences(simulated, real) if is_known else []
    agreement = {
        "agrees": not found if is_known else None,
        "differences": [
            {
                "part": one.part,
                "subject": one.subject,
                "numpy": one.first,
                "tensorflow": one.second,
            }
            for one in found
        ],
    }
    return {**simulated, "engine": Engine.BOTH.value, "tensorflow": real, "agreement": agreement}


def disagree(document: dict[str, Any]) -> bool:
    """Whether a report is one of two engines that do not agree."""
    return "agreement" in document and document["agreement"]["agrees"] is False
