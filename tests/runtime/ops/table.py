"""The cases that TensorFlow and the stand-in play: expressions over `tf`, inputs made by a seed.

A line is `expression` or `expression | gradient`: with `| gradient` every float input is watched,
and the gradients of the (summed, weighted) result by the inputs are kept, too. Inputs are written
`f(2,3)` (float32 normal), `p(2,3)` (positive), `u(2,3)` (between -0.9 and 0.9), `i(2,3)` (small
int32), `b(2,3)` (bool), `d(2,3)` (float64), `h(2,3)` (float16), `z(2,3)` (complex64); `c` is
tf.constant, `np` is NumPy, `tnp` tf.experimental.numpy, `e` makes the bytes of an example, `g`
those of a PNG file.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.runtime.ops import cases, cases_images, cases_numpy, cases_parsing, cases_strings

TEXTS = (
    *cases.TEXTS,
    *cases_images.TEXTS,
    *cases_numpy.TEXTS,
    *cases_parsing.TEXTS,
    *cases_strings.TEXTS,
)


@dataclass(frozen=True)
class Case:
    """One expression, and whether gradients are asked for."""

    expression: str
    gradient: bool

    @property
    def name(self) -> str:
        return self.expression + (" | gradient" if self.gradient else "")


def all_cases() -> list[Case]:
    """Every case, in the order of the table, none twice."""
    lines = [line.strip() for text in TEXTS for line in text.splitlines()]
    names = dict.fromkeys(line for line in lines if line and not line.startswith("#"))
    return [
        Case(line.removesuffix("| gradient").strip(), line.endswith("| gradient")) for line in names
    ]
