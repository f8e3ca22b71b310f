"""The fixture `varsync_simulate`, which pytest has wherever varsync is installed.

def test_train(varsync_simulate):
    report = varsync_simulate("train.py", replicas=4)
    report.assert_in_sync()

Nothing of varsync is imported before a test asks for the fixture.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from varsync.simulation import Simulation


class Simulate(Protocol):
    """`varsync.simulate`, with its options."""

    def __call__(self, script: str | os.PathLike[str], *words: Any, **options: Any) -> Simulation:
        """Runs a script; where it is looked for, `varsync_simulate` says."""


@pytest.fixture(scope="module")
def varsync_simulate(request: pytest.FixtureRequest) -> Simulate:
    """Runs a script on simulated replicas, see `varsync.simulate`.

    A relative path is looked for beside the test's file, then in pytest's rootdir, then in the
    current folder, in which the script runs; with `folder`, there alone. Modules are looked for in
    the folders of pytest's `pythonpath`, too.
    """
    folders = [str(folder) for folder in request.config.getini("pythonpath")]

    def simulate(script: str | os.PathLike[str], *words: Any, **options: Any) -> Simulation:
        __tracebackhide__ = True
        from varsync.simulation import simulate as run

        if not options.get("module") and options.get("folder") is None:
            places = (request.path.parent, request.config.rootpath)
            found = (place / script for place in places)
            script = next((path for path in found if path.exists()), script)
        return run(script, *words, modules=folders, **options)

    return simulate
