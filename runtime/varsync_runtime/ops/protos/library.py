"""Every message that is exported, by importing all modules that have some."""

from __future__ import annotations

from varsync_runtime.ops.protos import config, examples, tensors

PARTS = (config, examples, tensors)
