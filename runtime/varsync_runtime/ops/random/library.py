"""Exports the public names of this package, by importing it."""

from __future__ import annotations

from varsync_runtime.ops import neural
from varsync_runtime.ops.random import generators, names, seeds, stateful, stateless

PARTS = (generators, seeds, stateful, stateless)

names.publish()
neural.Sampling.uniform = stateful.sampled
