"""The objects of the JSON list, one a line: for what reads them one by one."""

from __future__ import annotations

import json

from varsync.console.style import Style
from varsync.linting.checking import Report
from varsync.reports.json import objects


def render(report: Report, style: Style) -> str:
    """The findings, one a line."""
    del style  # JSON has no colours
    return "".join(f"{json.dumps(one)}\n" for one in objects(report))
