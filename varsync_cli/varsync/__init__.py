"""varsync: shows what the distributed variables of a TensorFlow program will do wrong.

`varsync.lint(paths)` gives the findings that the command `varsync lint` prints, and
`varsync.simulate(script)` what `varsync simulate` reports; docs/python.md is about both. Nothing is
imported before it is used, so that the command starts quickly.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from varsync_rules.findings import Finding as Finding

    from varsync.api import lint as lint
    from varsync.errors import CannotRun as CannotRun
    from varsync.simulation import Simulation as Simulation
    from varsync.simulation import simulate as simulate

__version__ = "0.1.0"
__all__ = ["CannotRun", "Finding", "Simulation", "__version__", "lint", "simulate"]

_HOMES = {
    "CannotRun": "varsync.errors",
    "Finding": "varsync_rules.findings",
    "Simulation": "varsync.simulation",
    "lint": "varsync.api",
    "simulate": "varsync.simulation",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
