"""Kernels of the rules about cost: VS6xx."""

from __future__ import annotations

from tests.forms.model import MARK, Kernel, Side
from tests.forms.spelled import ON_READ, ONLY_FIRST, SUM

KERNELS = (
    Kernel(
        "VS602",
        "note",
        wrong=Side(
            synchronization=ON_READ, aggregation=SUM, each_step=f"print(VAR.numpy())  {MARK}"
        ),
        right=Side(synchronization=ON_READ, aggregation=SUM, host="print(VAR.numpy())"),
        in_replica=False,
        portable=True,
    ),
    Kernel(
        "VS601",
        "note",
        wrong=Side(
            f"VAR.assign_add(tf.reduce_sum(X))  {MARK}", aggregation=SUM, host="print(VAR.numpy())"
        ),
        right=Side(synchronization=ON_READ, aggregation=SUM, host="print(VAR.numpy())"),
        portable=True,
    ),
    Kernel(
        "VS603",
        "note",
        wrong=Side(
            f"VAR.assign(0.5 * VAR + 0.5 * OTHER)  {MARK}",
            initial="tf.zeros([3])",
            aggregation=ONLY_FIRST,
            setup="OTHER = tf.Variable(tf.ones([3]))",
        ),
        right=Side(
            "VAR.assign(0.5 * VAR + 0.5 * OTHER)",
            initial="tf.zeros([3])",
            setup="OTHER = tf.Variable(tf.ones([3]))",
        ),
        portable=True,
        not_seen={
            "library/layer-with-default-modes": "callers may give ON_READ, whose copies differ",
        },
    ),
)
