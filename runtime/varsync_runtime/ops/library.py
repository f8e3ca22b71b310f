"""Imports every family, which exports its public names and sets the operators of tensors."""

from __future__ import annotations

from varsync_runtime.ops import arithmetic, layout, linalg, operators, selection
from varsync_runtime.tensors import custom, gradient_tape, nest, spec

FAMILIES = (arithmetic, layout, linalg, operators, selection)
CORE = (custom, gradient_tape, nest, spec)
