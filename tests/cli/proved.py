"""What lint reports of the pages' Examples, and what a simulated run shows of it: docs/proved.md.

python -m tests.cli.proved        writes it anew (with Keras installed)
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from varsync_rules.pages import Page
from varsync_rules.registry import Rule, rules

TABLE = Path(__file__).parents[2] / "docs" / "proved.md"
HEAD = """\
# What lint reports, and a run shows

`varsync lint --prove` on the Example of each rule's page, simulated on two replicas (of two workers
where the page says so). *Confirmed*: the run shows the same at the same line, under the same code,
or ends there with the exception. *Not shown*: it ran the line, and what lint says does not show in
a run, or not in this one. *Not reached*: the run had ended before. *Refuted* is an error whose line
was run, and nothing was raised: there is none here. `python -m tests.cli.proved` makes this table,
and tests hold it to what both say now. The Example that needs Horovod is not run.

| rule | line | lint | the run |
|---|---|---|---|
"""


def runnable() -> Iterator[Rule]:
    """The rules whose Example can be run."""
    for rule in rules():
        if not rule.read().not_run:
            yield rule


def rows(rule: Rule, folder: Path) -> list[str]:
    """The rows of a rule: one for each finding of its page's Example."""
    found = proved(rule.read(), folder)
    return [
        f"| {item['code']} | {item['location']['row']} | {item['severity']} | "
        f"{item['proof']['verdict']} |"
        for item in found
    ]


def proved(page: Page, folder: Path) -> list[dict[str, Any]]:
    """The findings of a page's Example, each with its proof."""
    (folder / "train.py").write_text(page.example.text, encoding="utf-8")
    words = ["lint", "--isolated", "--no-cache", "--prove", "--output-format", "json", "train.py"]
    words += ["--workers", str(page.example.workers)]
    ran = subprocess.run(
        [sys.executable, "-m", "varsync", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    findings: list[dict[str, Any]] = json.loads(ran.stdout)
    return findings


def table() -> str:
    """The whole page."""
    with tempfile.TemporaryDirectory() as folder:
        lines = [row for rule in runnable() for row in rows(rule, Path(folder))]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
