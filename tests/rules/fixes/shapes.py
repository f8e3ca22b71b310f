"""Shapes of code that fixes change, or leave, with what is right on TensorFlow.

    python -m tests.rules.fixes.shapes      runs all of them on TensorFlow and writes shapes.json

Each begins with a comment that says what comes of it: `safe`, `unsafe`, or `left` where nothing is
changed, and, behind a colon, what the fixed program prints.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from varsync.authoring.proving import fix_program
from varsync_rules.registry import rules

FOLDER = Path(__file__).with_name("shape_texts")
RECORDED = Path(__file__).with_name("shapes.json")
HEAD = """\
import functools

import tensorflow as tf
from tensorflow import Variable as V

strategy = tf.distribute.MirroredStrategy()


def go(step, times=2):
    for _ in range(times):
        x = strategy.experimental_distribute_values_from_function(
            lambda context: tf.constant(float(context.replica_id_in_sync_group + 1))
        )
        strategy.run(step, args=(x,))


"""


@dataclass(frozen=True)
class Shape:
    """A program, how it is fixed, and what it prints then."""

    key: str
    fixed: str
    prints: str
    text: str


def shapes() -> dict[str, Shape]:
    """The shapes of all files, by the file's name and their number in it."""
    found = {}
    for path in sorted(FOLDER.glob("*.txt")):
        for number, part in enumerate(path.read_text(encoding="utf-8").split("#### ")[1:]):
            title, _, text = part.partition("\n")
            fixed, _, prints = title.partition(": ")
            key = f"{path.stem}-{number}"
            found[key] = Shape(key, fixed, prints, HEAD + text)
    return found


def fix(shape: Shape) -> tuple[str, set[bool], list[str]]:
    """The text with all fixes, whether they are safe, and which could not be written."""
    done = fix_program({"train.py": shape.text.encode()}, rules(), rules().codes)
    safe = {one.fix.is_safe for one in done.fixed.applied if one.fix is not None}
    return done.after()["train.py"].decode(), safe, list(done.fixed.refused.values())


def digest(text: str) -> str:
    """Tells one text from another."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def record() -> None:
    """Writes what TensorFlow makes of the programs, before and after."""
    from tests.catalog.page_runner import Run, Runner

    def said(run: Run) -> str:
        failed = run.failed
        return run.output + (f"raises {failed.error}" if failed is not None else "")

    kept = {}
    with Runner() as runner:
        for key, shape in shapes().items():
            after = fix(shape)[0]
            kept[key] = {
                "of": digest(after),
                "before": said(runner.run(shape.text)),
                "after": said(runner.run(after)),
            }
    RECORDED.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
