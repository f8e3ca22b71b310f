"""`--engine`: the simulation, the installed TensorFlow, or both, and whether they agree."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from varsync.choices import Engine
from varsync.errors import CannotRun

INSTALL = "pip install 'varsync[tensorflow]'"
ENDED = ("out of time", "interrupted")
"""How a run ends that somebody ends."""


def require(
    engine: Engine,
    max_steps: int | None,
    trace: Path | None = None,
    values: Path | None = None,
) -> None:
    """Raises CannotRun if a script can't be run on this engine."""
    if engine is Engine.NUMPY:
        return
    if find_spec("tensorflow") is None:
        raise CannotRun(f"--engine {engine.value} needs TensorFlow: {INSTALL}")
    if max_steps is not None:
        raise CannotRun(f"--max-steps is not there with --engine {engine.value}")
    for name, file in (("--trace", trace), ("--values", values)):
        if file is not None and engine is Engine.TENSORFLOW:
            raise CannotRun(f"{name} is not there with --engine tensorflow")


def together(simulated: dict[str, Any], real: dict[str, Any]) -> dict[str, Any]:
    """The report of the simulation, with TensorFlow's in it and where the two differ.

    Where one of them was ended from outside, nobody knows what it would have come to: it is not said
    whether they agree.
    """
    from varsync_runtime.diagnosis.agreement import differences

    is_known = not any(one["outcome"]["status"] in ENDED for one in (simulated, real))
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
