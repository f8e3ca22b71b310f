"""Imports every family, which exports its public names and sets the operators of tensors."""

from __future__ import annotations

from varsync_runtime.ops import (
    arithmetic,
    assertions,
    clipping,
    compat,
    compositions,
    control,
    convolution,
    creation,
    decoding,
    embeddings,
    functions,
    initializers,
    layout,
    linalg,
    lookup,
    mutable_tables,
    neural,
    operators,
    order,
    parsing,
    pieces,
    ragged,
    reductions,
    segments,
    selection,
    sparse,
    strings,
    text,
    updates,
)
from varsync_runtime.ops.images import library as images
from varsync_runtime.ops.numpy_names import library as numpy_names
from varsync_runtime.ops.protos import library as protos
from varsync_runtime.ops.random import library as random
from varsync_runtime.tensors import custom, gradient_tape, nest, spec

FAMILIES = (
    arithmetic, assertions, clipping, compat, compositions, control, convolution, creation, decoding,
    embeddings, functions, images, initializers, layout, linalg, lookup, mutable_tables, neural,
    numpy_names, operators, order, parsing, pieces, protos, ragged, random, reductions, segments,
    selection, sparse, strings, text, updates,
)  # fmt: skip
CORE = (custom, gradient_tape, nest, spec)
