"""Everything that is exported, by importing all modules that do."""

from __future__ import annotations

from varsync_runtime.ops.random import dropout, generators, initializers, seeds, stateful, stateless

PARTS = (dropout, generators, initializers, seeds, stateful, stateless)
