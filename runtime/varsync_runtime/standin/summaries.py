"""`tf.summary`: nothing is written, everything is counted; the default step is kept."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from varsync_runtime.standin.ignored import ignored
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.exports import export, provide


class _Default:
    """What `tf.summary` takes where nothing is given."""

    writer: SummaryWriter | None = None
    step: Any = None
    record: Any = None


@export("tf.summary.SummaryWriter")
class SummaryWriter:
    """tensorflow/python/ops/summary_ops_v2.py, `SummaryWriter`; it has no file."""

    __module__ = "tensorflow.python.ops.summary_ops_v2"

    @contextlib.contextmanager
    def as_default(self, step: Any = None) -> Iterator[SummaryWriter]:
        """The default writer of a context, and its default step."""
        before = _Default.writer, _Default.step
        _Default.writer = self
        if step is not None:
            _Default.step = step
        try:
            yield self
        finally:
            _Default.writer = before[0]
            if step is not None:
                _Default.step = before[1]

    def set_as_default(self, step: Any = None) -> None:
        """The default writer from now on."""
        _Default.writer = self
        if step is not None:
            _Default.step = step

    def init(self) -> None:
        """There is nothing to be made."""

    def flush(self) -> None:
        """There is nothing to be written."""

    def close(self) -> None:
        """There is nothing to be closed."""


@export("tf.summary.create_file_writer")
def create_file_writer(
    logdir: Any,
    max_queue: Any = None,
    flush_millis: Any = None,
    filename_suffix: Any = None,
    name: Any = None,
    experimental_trackable: bool = False,
    experimental_mesh: Any = None,
) -> SummaryWriter:
    """A writer without a file."""
    if logdir is None:
        raise ValueError("Argument `logdir` cannot be None")
    ignored("tf.summary.create_file_writer")
    return SummaryWriter()


@export("tf.summary.create_noop_writer")
def create_noop_writer() -> SummaryWriter:
    """A writer without a file."""
    return SummaryWriter()


def _writes(symbol: str) -> Any:
    def summary(*args: Any, step: Any = None, **kwargs: Any) -> Any:
        ignored(symbol)
        # the third argument of all of them, whatever the first two are called
        step = args[2] if len(args) > 2 else step
        if _Default.writer is None:
            return convert(False)
        if step is None and _Default.step is None and _records():
            raise ValueError(
                "No step set. Please specify one either through the `step` argument or through "
                "tf.summary.experimental.set_step()"
            )
        return convert(_records())

    summary.__name__ = summary.__qualname__ = symbol.rpartition(".")[2]
    return summary


WRITES = ("scalar", "histogram", "image", "text", "audio", "write")
TRACES = ("trace_on", "trace_off", "trace_export", "graph", "experimental.write_raw_pb")
for _name in WRITES:
    provide(f"tf.summary.{_name}", _writes(f"tf.summary.{_name}"))


def _records() -> bool:
    condition = _Default.record
    if callable(condition):
        condition = condition()
    return condition is None or bool(convert(condition)._array)


@export("tf.summary.should_record_summaries")
def should_record_summaries() -> Any:
    """Whether there is a writer, and `record_if` allows it."""
    return convert(_Default.writer is not None and _records())


@export("tf.summary.record_if")
@contextlib.contextmanager
def record_if(condition: Any) -> Iterator[None]:
    """Summaries are counted in this context if the condition holds."""
    before, _Default.record = _Default.record, condition
    try:
        yield
    finally:
        _Default.record = before


@export("tf.summary.experimental.get_step")
def get_step() -> Any:
    """The default step."""
    return _Default.step


@export("tf.summary.experimental.set_step")
def set_step(step: Any) -> None:
    """Sets the default step."""
    _Default.step = step


@export("tf.summary.flush")
def flush(writer: Any = None, name: Any = None) -> None:
    """There is nothing to be written."""


def _traces(symbol: str) -> Any:
    def trace(*args: Any, **kwargs: Any) -> None:
        ignored(symbol)

    trace.__name__ = trace.__qualname__ = symbol.rpartition(".")[2]
    return trace


for _name in TRACES:
    provide(f"tf.summary.{_name}", _traces(f"tf.summary.{_name}"))


@export("tf.summary.experimental.summary_scope")
@contextlib.contextmanager
def summary_scope(
    name: str, default_name: str = "summary", values: Any = None
) -> Iterator[tuple[str, str]]:
    """The tag and the scope of a summary."""
    ignored("tf.summary.experimental.summary_scope")
    scope = name or default_name
    yield scope, f"{scope}/"


class _PluginData:
    """Which plugin of TensorBoard shows a summary."""

    plugin_name = ""
    content = b""


@export("tf.compat.v1.SummaryMetadata")
class SummaryMetadata:
    """tensorflow/core/framework/summary.proto: what goes with a summary."""

    __module__ = "tensorflow.core.framework.summary_pb2"

    def __init__(self) -> None:
        self.plugin_data = _PluginData()
        self.display_name = self.summary_description = ""
