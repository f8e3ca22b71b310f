"""Cases that are played on TensorFlow and on the stand-in, and must say the same.

A module of cases has functions `case_…(tf, say)`. `say(value)` notes a value, `say(lambda: …)` what
the call gives, raises or prints. `python -m tests.runtime.referee` plays them on the installed
TensorFlow and writes what they said beside them.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import io
import json
import re
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Case = Callable[[Any, Callable[[Any], None]], None]
PARTS = ("function", "data", "random")
VERSION = "2.21"
HERE = Path(__file__).parents[1]

# what differs between two runs, or is not claimed to be the same
CHANGES = (
    (re.compile(r"0x[0-9a-f]+"), "0x"),
    (re.compile(re.escape(str(HERE))), "."),
    (re.compile(r"\{\{function_node [^}]*\}\} "), ""),
    (re.compile(r" \[Op:\w+\]( name: )?"), ""),
    (re.compile(r"\n\t \[\[\{\{node [^}]*\}\}\]\]"), ""),
    (re.compile(r"Detected at node (.|\n)*?\n\n(?=\S)"), ""),
    (re.compile(r"Detected at node (.|\n)*?(?=End of sequence|assertion failed)"), ""),
    (re.compile(r"(timestamps?: )[0-9.]+"), r"\1…"),
    (re.compile(r"\nTraceback \(most recent call last\):(.|\n)*"), ""),
)


def cases(part: str) -> dict[str, Case]:
    """The cases of a part, by name."""
    found: dict[str, Case] = {}
    for file in sorted((HERE / part).glob("cases*.py")):
        module = importlib.import_module(f"tests.runtime.{part}.{file.stem}")
        names = [name for name in vars(module) if name.startswith("case_")]
        found.update({f"{file.stem}.{name}": getattr(module, name) for name in names})
    return found


def play(case: Case, tf: Any) -> list[str]:
    """What a case says with this module `tensorflow`."""
    said: list[str] = []

    def say(value: Any) -> None:
        if not isinstance(value, types.FunctionType):
            said.append(normal(text(value, tf)))
            return
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                given = text(value(), tf)
        except Exception as error:
            given = f"{type(error).__name__}: {error}"
        if printed.getvalue():
            said.append(normal(f"prints {printed.getvalue()}"))
        said.append(normal(given))

    tf.random.set_seed(1)
    case(tf, say)
    return said


def normal(words: str) -> str:
    """Words without what differs between runs."""
    for pattern, other in CHANGES:
        words = pattern.sub(other, words)
    return words.strip()


def text(value: Any, tf: Any) -> str:
    """A value in words that tell dtype, shape and contents."""
    if isinstance(value, tf.Variable):
        return f"variable {value.name} {text(value.numpy(), tf)}"
    if isinstance(value, tf.Tensor):
        kind = "tensor" if hasattr(value, "numpy") else "symbolic"
        return f"{kind} {value.dtype.name}{_shape(value)}{_contents(value, kind)}"
    if isinstance(value, (np.ndarray, np.generic)):
        return f"{np.asarray(value).dtype}{np.shape(value)} {array(np.asarray(value))}"
    if isinstance(value, tf.data.Dataset):
        return f"{type(value).__name__} {[text(one, tf) for one in value.take(30)]}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {text(value[key], tf)}" for key in value) + "}"
    if isinstance(value, (list, tuple)) and type(value) is not tf.TensorShape:
        parts = ", ".join(text(one, tf) for one in value)
        return f"[{parts}]" if isinstance(value, list) else f"({parts})"
    return repr(value)


def _shape(tensor: Any) -> str:
    return str(tensor.shape)


def _contents(tensor: Any, kind: str) -> str:
    return f" {array(np.asarray(tensor.numpy()))}" if kind == "tensor" else ""


def array(values: np.ndarray) -> str:
    """The contents of an array: all of them, or a digest."""
    if values.size <= 24:
        return str(values.tolist())
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:16]


def recorded(part: str) -> dict[str, list[str]]:
    """What the cases of a part said on TensorFlow."""
    file = HERE / part / f"recorded-{VERSION}.json"
    told: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8"))
    return told


def record(part: str) -> None:
    """Plays the cases of a part on the installed TensorFlow and keeps what they said."""
    import tensorflow as tf

    told = {name: play(case, tf) for name, case in cases(part).items()}
    file = HERE / part / f"recorded-{VERSION}.json"
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@contextlib.contextmanager
def standing_in() -> Iterator[Any]:
    """The stand-in as `tensorflow`."""
    from varsync_runtime import standin

    standin.install()
    try:
        yield importlib.import_module("tensorflow")
    finally:
        standin.uninstall()
