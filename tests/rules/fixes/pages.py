"""The programs of the rules' pages with all their fixes, and what they print on TensorFlow.

    python -m tests.rules.fixes.pages      runs them on TensorFlow and writes printed.json

Kept are those that show something: they print, or raised before they were fixed. Where no program of
a page is fixed that does, one stands here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from varsync.authoring.proving import fix_program
from varsync_rules.registry import rules

PRINTED = Path(__file__).with_name("printed.json")


BESIDE = {
    "VS213": """\
import keras
import tensorflow as tf


class Centre(keras.layers.Layer):
    def build(self, input_shape):
        self.mean = self.add_weight(
            name="mean", shape=(input_shape[-1],), initializer="zeros", trainable=False
        )

    def call(self, x, training=False):
        if training:
            batch_mean = tf.reduce_mean(x, axis=0)
            self.mean.assign(0.5 * self.mean + 0.5 * batch_mean)
        return x - self.mean


strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    layer = Centre()
    layer.build((None, 1))

dataset = tf.data.Dataset.from_tensor_slices([[10.0], [10.0], [20.0], [20.0]]).batch(4)
for batch in strategy.experimental_distribute_dataset(dataset):
    strategy.run(layer, args=(batch,), kwargs={"training": True})
copies = strategy.experimental_local_results(layer.mean.value)
print("one per replica:", [copy.numpy().tolist() for copy in copies])
""",
}


@dataclass(frozen=True)
class Fixed:
    """A program of a page, before and after; `key` is the rule's code with the program's number.

    `codes` are those of the findings that were fixed, `left` the lines of its rule's that have no fix.
    """

    code: str
    key: str
    codes: frozenset[str]
    left: frozenset[int]
    before: str
    after: str
    workers: int
    prints: str | None
    """What the page says that Use instead prints, beside the page's Example."""

    @property
    def digest(self) -> str:
        """Tells one text of the fixed program from another."""
        return hashlib.sha256(self.after.encode()).hexdigest()[:12]


def programs() -> Iterator[Fixed]:
    """The programs that fixes change."""
    for rule in rules():
        page = rule.read()
        printed = [e.text for e in page.expectations if e.subject == "use-instead"]
        texts = [(program.text, program.workers) for program in page.programs if not page.not_run]
        texts += [(BESIDE[rule.code], 1)] if rule.code in BESIDE else []
        for number, (text, workers) in enumerate(texts):
            done = fix_program({"train.py": text.encode()}, rules(), rules().codes)
            after = done.after()["train.py"].decode()
            if after != text:
                yield Fixed(
                    rule.code,
                    f"{rule.code}-{number}",
                    frozenset(finding.code for finding in done.fixed.applied),
                    frozenset(
                        finding.span.line
                        for finding in done.fixed.report.findings
                        if finding.code == rule.code
                    ),
                    text,
                    after,
                    workers,
                    printed[0] if printed and text == page.example.text else None,
                )


def record() -> None:
    """Writes what the fixed programs print on TensorFlow."""
    from tests.catalog.page_runner import Runner

    kept = {}
    with Runner() as runner:
        for program in programs():
            before = runner.run(program.before, program.workers, may_hang=True)
            after = runner.run(program.after, program.workers, may_hang=True)
            if after.failed is not None or after.hung:
                print(f"{program.key} is not right yet: {after.failed and after.failed.error}")
            elif after.output or before.failed is not None or before.hung:
                kept[program.key] = {"of": program.digest, "prints": after.output}
    PRINTED.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
