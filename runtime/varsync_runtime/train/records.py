"""`tf.io.TFRecordWriter`: files of records."""

from __future__ import annotations

import zlib
from typing import Any

from varsync_runtime.ops.framing import KINDS, framed
from varsync_runtime.tensors.errors import FailedPreconditionError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.oserrors import translated
from varsync_runtime.train.gfile import path_of

_MODULE = "tensorflow.python.lib.io.tf_record"


def _known(compression_type: Any) -> str:
    form = compression_type or ""
    if form not in KINDS:
        raise ValueError(f'Not a valid compression_type: "{compression_type}"')
    return str(form)


@export("tf.io.TFRecordOptions")
class TFRecordOptions:
    """How a file of records is compressed."""

    __module__ = _MODULE

    def __init__(
        self,
        compression_type: Any = None,
        flush_mode: int | None = None,
        input_buffer_size: int | None = None,
        output_buffer_size: int | None = None,
        window_bits: int | None = None,
        compression_level: int | None = None,
        compression_method: int | None = None,
        mem_level: int | None = None,
        compression_strategy: int | None = None,
    ) -> None:
        _known(compression_type)
        self.compression_type = compression_type
        self.flush_mode = flush_mode
        self.input_buffer_size = input_buffer_size
        self.output_buffer_size = output_buffer_size
        self.window_bits = window_bits
        self.compression_level = compression_level
        self.compression_method = compression_method
        self.mem_level = mem_level
        self.compression_strategy = compression_strategy


@export("tf.io.TFRecordWriter")
class TFRecordWriter:
    """Writes records, one after the other; also a context."""

    __module__ = _MODULE

    def __init__(self, path: Any, options: Any = None) -> None:
        settings = options if isinstance(options, TFRecordOptions) else TFRecordOptions(options)
        kind = KINDS[_known(settings.compression_type)]
        level = -1 if settings.compression_level is None else settings.compression_level
        self._packer = None if kind is None else zlib.compressobj(level, wbits=kind)
        with translated(path):
            self._file: Any = open(path_of(path), "wb")  # noqa: SIM115, PTH123 - meets

    def write(self, record: Any) -> None:
        """One record: bytes, or text in UTF-8."""
        if not isinstance(record, (bytes, str)):
            raise TypeError(
                "write(): incompatible function arguments. The following argument types are "
                "supported:\n    1. (self: tensorflow.python.lib.io._pywrap_record_io.RecordWriter"
                f", record: str) -> None\n\nInvoked with: {self!r}, {record!r}"
            )
        if self._file is None:
            raise FailedPreconditionError(None, None, "Writer is closed.")
        data = framed(record.encode() if isinstance(record, str) else record)
        self._file.write(data if self._packer is None else self._packer.compress(data))

    def flush(self) -> None:
        """What was written is in the file."""
        if self._file is not None:
            if self._packer is not None:
                self._file.write(self._packer.flush(zlib.Z_SYNC_FLUSH))
            self._file.flush()

    def close(self) -> None:
        """The end of the file."""
        if self._file is not None:
            if self._packer is not None:
                self._file.write(self._packer.flush())
            self._file.close()
            self._file = None

    def __enter__(self) -> TFRecordWriter:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
