"""Plays the programs, and the expressions in a graph, on TensorFlow and stores what they gave.

python -m tests.runtime.tensors.record
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.runtime.ops.play import described, words
from tests.runtime.tensors.graph_cases import expressions
from tests.runtime.tensors.printing_cases import CASES as PRINTED
from tests.runtime.tensors.programs import PROGRAMS

RECORDED = Path(__file__).parent / "recorded.json"


def load() -> dict[str, Any]:
    return json.loads(RECORDED.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def tried(tf: Any, run: Callable[[], Any]) -> dict[str, Any]:
    """What `run` gives as plain data, or its exception."""
    try:
        return {"out": described(tf, run())}
    except Exception as error:
        return {"error": type(error).__name__, "words": words(str(error))}


def in_graph(tf: Any, x: Any, y: Any) -> dict[str, Any]:
    """The results of the expressions, `tf` being in the state that a traced function has."""
    found = {}
    for text in expressions():
        try:
            value = eval(text, {"tf": tf, "np": np, "c": tf.constant, "x": x, "y": y})
            shown = value if isinstance(value, (str, int, bool)) else type(value).__name__
            found[text] = {"out": shown}
        except Exception as error:
            found[text] = {"error": type(error).__name__, "words": words(str(error))}
    return found


def main() -> None:
    import tensorflow as tf

    programs = {name: tried(tf, partial(one, tf, tf.Variable)) for name, one in PROGRAMS.items()}
    found: dict[str, Any] = {}

    def traced(x: Any, y: Any) -> None:
        found.update(in_graph(tf, x, y))

    tf.function(traced, autograph=False)(tf.constant(1.0), tf.constant([1.0, 2.0]))
    lines = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(PRINTED):
            path = Path(folder) / f"{number}.txt"
            names = {"tf": tf, "np": np, "c": tf.constant}
            eval(f"tf.print({text}, output_stream={f'file://{path}'!r})", names)
            lines[text] = path.read_text(encoding="utf-8")
    data = {"programs": programs, "graph": found, "printed": lines}
    RECORDED.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
