"""What an option of the command line can be."""

from __future__ import annotations

import enum


class OutputFormat(str, enum.Enum):
    """How findings are shown: each is a module of `varsync.reports`."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"


class SimulationFormat(str, enum.Enum):
    """How the report of a simulated run is written."""

    TEXT = "text"
    JSON = "json"


class PageFormat(str, enum.Enum):
    """How a rule's page is shown."""

    TEXT = "text"
    JSON = "json"


class Color(str, enum.Enum):
    """When to write colours."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"
