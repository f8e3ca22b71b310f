"""What an option of the command line can be."""

from __future__ import annotations

import enum


class OutputFormat(str, enum.Enum):
    """How findings are shown: each is a module of `varsync.reports`."""

    FULL = "full"
    CONCISE = "concise"
    GROUPED = "grouped"
    JSON = "json"
    JSON_LINES = "json-lines"
    SARIF = "sarif"
    GITHUB = "github"
    GITLAB = "gitlab"
    JUNIT = "junit"
    PYLINT = "pylint"

    @property
    def is_for_people(self) -> bool:
        """Whether a line that says what a run came to may follow the findings."""
        return self in (OutputFormat.FULL, OutputFormat.CONCISE, OutputFormat.GROUPED)


class FailOn(str, enum.Enum):
    """The least severity of a finding with which a run exits with 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NEVER = "never"


class SimulationFormat(str, enum.Enum):
    """How the report of a simulated run is written."""

    TEXT = "text"
    JSON = "json"


class Engine(str, enum.Enum):
    """What a script runs on."""

    NUMPY = "numpy"
    TENSORFLOW = "tensorflow"
    BOTH = "both"


class PageFormat(str, enum.Enum):
    """How a rule's page is shown."""

    TEXT = "text"
    JSON = "json"


class Color(str, enum.Enum):
    """When to write colours."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class NetworkName(str, enum.Enum):
    """What connects the replicas: `varsync.comparing.networks` has the figures."""

    NVLINK = "nvlink"
    PCIE = "pcie"
    ETHERNET_100 = "100gbe"
    ETHERNET_10 = "10gbe"


SYNCHRONIZATIONS = ("AUTO", "NONE", "ON_WRITE", "ON_READ")
AGGREGATIONS = ("NONE", "SUM", "MEAN", "ONLY_FIRST_REPLICA")
"""What a variable's modes can be, as TensorFlow spells them."""
