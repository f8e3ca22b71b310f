"""What TensorFlow shows of the pages' programs: recorded in proved.json, and held to it.

python -m tests.cli.proved_on_tensorflow               records all, with TensorFlow and Keras
python -m tests.cli.proved_on_tensorflow VS201 VS202   records these rules' again
python -m tests.cli.proved_on_tensorflow --sample 8    runs so many, and says where they differ
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from varsync_rules.pages import Page
from varsync_rules.registry import Rule, rules
from varsync_runtime.diagnosis.agreement import differences

from tests.runtime.engines.listed import Listed, listed
from tests.runtime.engines.playing import Job, play
from tests.runtime.programs import stage

FILE = Path(__file__).with_name("proved.json")
DIFFERING = Path(__file__).with_name("proved.toml")
SUBJECTS = ("example", "use-instead")
REPLICAS = 2
KEPT = ("outcome", "strategies", "steps", "observations", "variables", "ledger", "checkpoints")
FOLDER = "{folder}"
_FRAME = re.compile(r'^  File "\{folder\}.+", line \d+', re.MULTILINE)

Json = dict[str, Any]


def runnable() -> Iterator[Rule]:
    """The rules whose programs can be run."""
    for rule in rules():
        if not rule.read().not_run:
            yield rule


def written(page: Page, subject: str, folder: Path) -> Job:
    """A program of a page as a script in a folder, and how it is run."""
    program = page.example if subject == "example" else page.use_instead
    script = folder / page.code / f"{subject.replace('-', '_')}.py"
    script.parent.mkdir(exist_ok=True)
    script.write_text(program.text, encoding="utf-8")
    workers = program.workers if program.workers > 1 else None
    return Job(f"{page.code}/{subject}", script, REPLICAS, workers=workers)


def recorded(name: str, folder: Path) -> Json:
    """What TensorFlow showed of a program, as if it had been run in a folder."""
    text = json.dumps(_load()[name]).replace(FOLDER, str(folder))
    report: Json = {"series": [], "reached": [], **json.loads(text)}
    return report


def differing() -> dict[str, Listed]:
    """What is listed of the differences between the simulation and TensorFlow, and why."""
    return listed(DIFFERING)


def _load() -> Json:
    found: Json = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def _reduced(document: Json, folder: Path) -> Json:
    """What is kept of a report, with nothing of this machine in it."""
    kept = {part: document[part] for part in KEPT}
    reduced: Json = json.loads(json.dumps(kept).replace(str(folder), FOLDER))
    reduced["outcome"].pop("replicas")
    raised = reduced["outcome"]["exception"]
    if raised is not None:
        raised["traceback"] = "\n".join(_FRAME.findall(raised["traceback"]))
    return reduced


def _store(found: Json) -> None:
    known = _load() if FILE.exists() else {}
    merged = {**known, **found}
    lines = (f"{json.dumps(name)}: {json.dumps(merged[name])}" for name in sorted(merged))
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.cli.proved_on_tensorflow",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("codes", nargs="*", help="codes of rules; all if none is given")
    parser.add_argument("--sample", type=int, help="compare so many programs that chance chooses")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    pages = [rule.read() for rule in runnable() if rule.code in (chosen.codes or [rule.code])]
    programs = [(page, subject) for page in pages for subject in SUBJECTS]
    if chosen.sample:
        programs = random.Random(chosen.seed).sample(programs, chosen.sample)
    stage.prepare(keras=True)
    wrong, found = 0, {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for page, subject in programs:
            job = written(page, subject, folder)
            seen = _reduced(play(job, tensorflow=True).document, folder)
            print(job.name, flush=True)
            if not chosen.sample:
                found[job.name] = seen
                continue
            # as if it had been run where this one was
            again = json.loads(json.dumps(seen).replace(FOLDER, str(folder)))
            sometimes = differing().get(job.name, Listed("", ())).sometimes
            for one in differences(recorded(job.name, folder), again):
                if not str(one).startswith(sometimes):
                    wrong += 1
                    print(f"      {one}", flush=True)
    if found:
        _store(found)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
