"""The fixture `varsync_simulate`, which pytest has wherever varsync is installed.

def test_train(varsync_simulate):
    report = varsync_simulate("train.py", replicas=4)
    report.assert_in_sync()
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from varsync.simulation import Simulation


class Simulate(Protocol):
    """`varsync.simulate`, with its options."""

    def __call__(self, script: str | os.PathLike[str], *words: Any, **options: Any) -> Simulation:
        """Runs a script; a path that is not below the current folder is the test file's."""


@pytest.fixture
def varsync_simulate(request: pytest.FixtureRequest) -> Simulate:
    """Runs a script on simulated replicas, see `varsync.simulate`."""

    def simulate(script: str | os.PathLike[str], *words: Any, **options: Any) -> Simulation:
        from varsync.simulation import simulate as run

        beside = Path(request.path.parent, script)
        if not options.get("module") and not Path(script).exists() and beside.exists():
            script = beside
        return run(script, *words, **options)

    return simulate
