"""How findings look: one module a format, with a function `render`.

`render(report, style)` gives the whole text. A format is found by its module's name, which has `_`
where the format has `-`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from varsync.console.style import Style
    from varsync.linting.checking import Report


def render(output_format: str, report: Report, style: Style) -> str:
    """A report in one of the formats of `varsync.choices.OutputFormat`."""
    module = import_module(f"varsync.reports.{output_format.replace('-', '_')}")
    function: Callable[[Report, Style], str] = module.render
    return function(report, style)
