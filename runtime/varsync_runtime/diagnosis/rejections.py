"""Observations of what TensorFlow rejects: which rule speaks of which words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from varsync_runtime.diagnosis.observations import Observation, Severity
from varsync_runtime.diagnosis.run import Run
from varsync_runtime.events import Rejected
from varsync_runtime.semantics.words import (
    DIFFERENT_NUMBER,
    MERGE_CALL_IN_GRAPH,
    NO_DEVICE,
    NO_HANDLE,
    NO_REDUCE_OP,
    NOT_FED,
    NOT_LIFTED,
    ONE_VALUE,
    TOO_LATE,
)

ADDRESS = re.compile(r"0x[0-9a-f]+")
# The first whose words are in the message
WORDS = (
    ("VS101", "variable synchronization mode is not supported"),
    ("VS102", NO_REDUCE_OP.message),
    # the same of a variable for which no aggregation was named
    ("VS102", "VariableAggregation.NONE to`tf.distribute.ReduceOp` type"),
    ("VS104", "aggregation=MEAN and a non-floating dtype"),
    ("VS105", "Invalid variable synchronization mode"),
    ("VS105", "Invalid variable aggregation mode"),
    ("VS105", "Expecting a string device name"),
    ("VS205", MERGE_CALL_IN_GRAPH.message),
    ("VS214", DIFFERENT_NUMBER.message),
    ("VS202", ONE_VALUE.message),
    ("VS202", NO_DEVICE.message),
    ("VS202", "'float' object has no attribute 'shape'"),
    ("VS202", "'int' object has no attribute 'shape'"),
    ("VS206", "is only supported for mirrored variable"),
    ("VS206", "Variables with `synchronization=ON_READ` doesn't support"),
    ("VS207", "in cross-replica context when aggregation is set to"),
    ("VS208", "`variable += value` with `tf.Variable`s is not supported"),
    ("VS201", "You must specify an aggregation method to update a"),
    ("VS209", "unsupported operand type(s) for /: 'PerReplica'"),
    ("VS209", "'PerReplica' object has no attribute"),
    ("VS209", "Attempt to convert a value (PerReplica"),
    ("VS209", " or a real number, not '"),
    ("VS209", "must be real number, not "),
    ("VS209", "complex() first argument must be"),
    ("VS215", NO_HANDLE.message),
    ("VS408", NOT_FED.message),
    ("VS408", NOT_LIFTED.message),
    ("VS402", "only supports singleton tf.Variables created on the first call"),
    ("VS402", "with mismatching name on device"),
    ("VS403", "Mixing different tf.distribute.Strategy objects"),
    ("VS403", "`colocate_vars_with` must only be passed a variable created in this"),
    ("VS403", "Must not nest tf.distribute.Strategy scopes"),
    ("VS407", "Unable to save function"),
    ("VS504", TOO_LATE.message),
    ("VS211", "replica context"),
    ("VS211", "replica_context"),
)


def code_of(event: Rejected) -> str:
    """The rule that speaks of what TensorFlow raises; empty if none does."""
    if event.operation != "create" and NOT_FED.message in event.message:
        # no initial value of a variable, but replicas that meet in a branch
        return "VS205"
    if event.exception == "NotImplementedError" and event.operation.startswith("scatter"):
        return "VS206"  # mostly without words
    return next((code for code, words in WORDS if words in event.message), "")


def rejected(run: Run) -> Iterator[Observation]:
    """What TensorFlow raises, in its words: once, whatever objects the replicas name in them."""
    seen: set[Rejected] = set()
    for event in run.of(Rejected):
        key = replace(event, message=ADDRESS.sub("", event.message))
        if key in seen:
            continue
        seen.add(key)
        subject = run.name(event.variable) if event.variable is not None else event.operation
        words = " ".join(event.message.split()) or "(no message)"
        yield Observation(
            code_of(event) or _of_scope(run, event),
            Severity.ERROR,
            f"TensorFlow rejects {event.operation or 'the use'} of {subject}: "
            f"{event.exception}: {words}"
            if event.variable is not None
            else f"TensorFlow rejects {subject}: {event.exception}: {words}",
            event.site,
            event.variable,
            event.step,
        )


def _of_scope(run: Run, event: Rejected) -> str:
    """VS403 for an assertion without words: a strategy updates a variable made outside its scope."""
    made = None if event.variable is None else run.variables.get(event.variable)
    outside = made is not None and made.cls == "ResourceVariable"
    is_update = event.operation in ("assign", "update") and event.exception == "AssertionError"
    return "VS403" if outside and is_update and not event.message else ""
