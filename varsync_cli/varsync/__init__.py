"""varsync: shows what the distributed variables of a TensorFlow program will do wrong.

`varsync.lint(paths)` gives the findings that the command `varsync lint` prints, and
`varsync.simulate(script)` what `varsync simulate` reports. Nothing is imported before it is used, so
that the command starts quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from varsync.api import lint as lint
    from varsync.simulation import simulate as simulate

__version__ = "0.1.0"
__all__ = ["__version__", "lint", "simulate"]


def __getattr__(name: str) -> Any:
    if name == "lint":
        from varsync.api import lint

        return lint
    if name == "simulate":
        from varsync.simulation import simulate

        return simulate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
