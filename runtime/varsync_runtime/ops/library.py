"""Imports every family, which exports its public names and sets the operators of tensors."""

from __future__ import annotations

from varsync_runtime.ops import (
    arithmetic,
    assertions,
    clipping,
    compositions,
    control,
    convolution,
    creation,
    functions,
    initializers,
    layout,
    linalg,
    neural,
    operators,
    order,
    pieces,
    reductions,
    segments,
    selection,
    text,
)
from varsync_runtime.ops.images import library as images
from varsync_runtime.ops.random import library as random
from varsync_runtime.tensors import custom, gradient_tape, nest, spec

FAMILIES = (
    arithmetic, assertions, clipping, compositions, control, convolution, creation, functions,
    images, initializers, layout, linalg, neural, operators, order, pieces, random, reductions, segments,
    selection, text,
)  # fmt: skip
CORE = (custom, gradient_tape, nest, spec)
