"""Whether what happened on the runtime is what was recorded on TensorFlow."""

from __future__ import annotations

import re
from typing import Any

Json = Any

# What replica code notes in Python is known in its own process only
BY_REPLICA = ("returned",)
# Names that TensorFlow gives to the nodes of a graph, and numbers of its handles
NODES = (
    (re.compile(r"<tf\.Tensor '[^']*' "), "<tf.Tensor NODE "),
    (re.compile(r'Tensor\("[^"]*"'), 'Tensor("NODE"'),
    (re.compile(r"(Op\[dtype=\w+\])\([^)]*\)"), r"\1(NODES)"),
    (re.compile(r", device=/job:[^).]*"), ""),
    (re.compile(r"(?:\.\.\.|\)) into a structure"), " into a structure"),
    # what called it is another program here than in the recorder
    (re.compile(r"(defined at \(most recent call last\):).*"), r"\1 CALLS"),
)


# A set of strings, whose order is another in each process
SET = re.compile(r"\{('\w+'(?:, '\w+')*)\}")


def normal(text: str) -> str:
    """A message without names of nodes, its sets in order."""
    for pattern, replacement in NODES:
        text = pattern.sub(replacement, text)
    return SET.sub(lambda match: "{" + ", ".join(sorted(match[1].split(", "))) + "}", text)


# The end of a message that the recorder has cut
CUT = re.compile(r"(, d(e(v(i(c(e(=.*)?)?)?)?)?)?)?\.\.\.$")


def same_message(played: str, recorded: str) -> bool:
    """Whether two messages are equal, as far as the recorder has kept them."""
    ours, theirs = normal(played), normal(recorded)
    if ours == theirs or not theirs.endswith("..."):
        return ours == theirs
    return CUT.sub("", ours).startswith(CUT.sub("", theirs)[:250])


def same(played: Json, recorded: Json) -> bool:
    """Whether two outcomes are equal; messages but for the names of graph nodes."""
    if isinstance(played, dict) and isinstance(recorded, dict):
        if played.keys() != recorded.keys():
            return False
        return all(
            same_message(played[key], recorded[key])
            if key == "message" and isinstance(played[key], str)
            else same(played[key], recorded[key])
            for key in played
        )
    if isinstance(played, list) and isinstance(recorded, list):
        return len(played) == len(recorded) and all(map(same, played, recorded))
    return type(played) is type(recorded) and bool(played == recorded)


def as_seen(outcome: Json, replica: int) -> Json:
    """An outcome without what only another replica's process knows."""
    if not isinstance(outcome, dict):
        return outcome
    if "steps" in outcome:
        return {"steps": [as_seen(step, replica) for step in outcome["steps"]]}
    return {
        key: [value[replica]]
        if key in BY_REPLICA and isinstance(value, list) and replica < len(value)
        else value
        for key, value in outcome.items()
    }


LISTS = ("components", "hosts", "replicas", "returned", "values", "saved", "a", "b")


def of_worker(outcome: Json, worker: int, workers: int) -> Json:
    """What one worker sees of an outcome."""
    if workers == 1 or not isinstance(outcome, dict):
        return outcome
    if "workers" in outcome:
        return outcome["workers"][worker]
    if "steps" in outcome:
        return {"steps": [of_worker(step, worker, workers) for step in outcome["steps"]]}
    parts: dict[str, Json] = {}
    for key, value in outcome.items():
        if key in LISTS and isinstance(value, list):
            each = len(value) // workers
            parts[key] = value[worker * each : (worker + 1) * each]
        else:
            parts[key] = value
    return parts
