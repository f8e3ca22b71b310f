"""Shapes of code: fixed as they say, and right then; what is called safe raised before."""

from __future__ import annotations

import json

import pytest

from tests.rules.fixes.shapes import RECORDED, Shape, digest, fix, shapes

SEEN = json.loads(RECORDED.read_text(encoding="utf-8"))
SHAPES = shapes()


def test_all_are_recorded() -> None:
    assert set(SEEN) == set(SHAPES)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_shapes(shape: Shape) -> None:
    after, safe, _ = fix(shape)
    seen = SEEN[shape.key]
    assert digest(after) == seen["of"], after
    if shape.fixed == "left":
        assert after == shape.text
        return
    assert shape.fixed == ("unsafe" if False in safe else "safe")
    assert " ".join(seen["after"].split()) == shape.prints
    if shape.fixed == "safe":
        assert "raises" in seen["before"]
