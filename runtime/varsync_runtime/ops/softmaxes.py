"""Softmax and cross entropies of rows, in the steps of TensorFlow's CPU kernels."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.extend import defvjp, primitive

from varsync_runtime.ops import approximations
from varsync_runtime.ops.summation import plain_total


def _shifted(x: np.ndarray) -> np.ndarray:
    shifted: np.ndarray = x - np.max(x, axis=-1, keepdims=True)
    return shifted


def _totals(shifted: np.ndarray) -> np.ndarray:
    """The sums of the exponentials of each row."""
    rows = shifted.reshape(-1, shifted.shape[-1])
    found = plain_total(approximations.exp_of_rows(rows), (1,))
    return np.asarray(found).reshape(shifted.shape[:-1])


def plain_softmax(x: np.ndarray) -> Any:
    """The softmax of the last axis. Of float32 oneDNN makes it in TensorFlow, otherwise than here."""
    e = approximations.exp(_shifted(x))
    return e * (1 / plain_total(e, (x.ndim - 1,), True))


def plain_log_softmax(x: np.ndarray) -> Any:
    """The logarithm of the softmax."""
    shifted = _shifted(x)
    return shifted - approximations.log(_totals(shifted))[..., None]


def plain_probabilities(x: np.ndarray) -> Any:
    """The softmax as the gradients of the cross entropies have it."""
    shifted = _shifted(x)
    return approximations.exp(shifted) / _totals(shifted)[..., None]


def plain_cross_entropy(logits: np.ndarray, labels: np.ndarray) -> Any:
    """The cross entropy of each row of probabilities and of logits."""
    shifted = _shifted(logits)
    logs = approximations.log(_totals(shifted))[..., None]
    return plain_total(labels * (logs - shifted), (logits.ndim - 1,))


def plain_sparse_cross_entropy(logits: np.ndarray, labels: np.ndarray) -> Any:
    """The same for the numbers of the right classes."""
    shifted = _shifted(logits)
    chosen = shifted[np.arange(len(labels)), labels]
    return approximations.log_one_by_one(_totals(shifted)) - chosen


probabilities = primitive(plain_probabilities)
log_softmax_of = primitive(plain_log_softmax)
defvjp(
    probabilities,
    lambda out, x: lambda g: (g - anp.sum(g * out, axis=-1, keepdims=True)) * out,
)
defvjp(
    log_softmax_of,
    lambda out, x: lambda g: g - anp.sum(g, axis=-1, keepdims=True) * anp.exp(out),
)
