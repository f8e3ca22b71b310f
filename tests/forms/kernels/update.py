"""Kernels of the rules about updates: VS2xx."""

from __future__ import annotations

from tests.forms.model import MARK, Kernel, Side
from tests.forms.spelled import LIBRARY_HOOKS, MEAN, ON_READ, ONLY_FIRST, SUM

_ADD = "VAR.assign_add(tf.reduce_sum(X))"
_COUNT = "VAR.assign_add(tf.cast(tf.size(X), tf.float32))"
_CONTEXT = "context = tf.distribute.get_replica_context()"
_GRADIENT = """
with tf.GradientTape() as tape:
    loss = tf.nn.compute_average_loss(tf.square(VAR - X), global_batch_size=8)
gradient = tape.gradient(loss, VAR)
""".strip()
_FIRST = f"{_CONTEXT}\nif context.replica_id_in_sync_group == 0:\n"
_OTHER = f"OTHER = tf.Variable(0.0, trainable=False, aggregation={SUM})"
_SCATTER = "VAR.scatter_update(tf.IndexedSlices(tf.reshape(tf.reduce_sum(X), [1]), [0]))"


# Where TensorFlow compiles the replica function, a condition is refused as such
_COMPILED = {
    **dict.fromkeys(
        (
            "replica_functions/tf-function",
            "replica_functions/tf-function-with-options",
            "replica_functions/tf-function-called",
            "replica_functions/loop-in-tf-function",
        ),
        "in compiled code TensorFlow refuses the condition itself: VS205",
    ),
    **dict.fromkeys(
        ("library/layer-add-weight", "library/layer-of-keras-2", "library/layer-of-insides"),
        "Keras 2 compiles a layer's call: VS205",
    ),
}
_LAYERS_ALONE = "a layer's statistics are those of its call; elsewhere it is VS201"


# Where it is no name of the function's own that is bound again: nothing raises
_REBOUND = (
    "variables/attribute-of-self",
    "variables/attribute-of-module",
    "variables/dataclass-field",
    "variables/list",
    "variables/list-iterated",
    "variables/list-zipped",
    "variables/dict",
    "variables/dict-items",
    "variables/list-comprehension",
    "variables/dict-comprehension",
    "variables/nested-containers",
    "variables/helper-of-list",
    "variables/module-of-other-file",
    "variables/given-to-run",
    "variables/list-given-to-run",
    "variables/class-attribute",
    "variables/default-factory",
    "variables/default-dict",
    "variables/mapped-helper",
    "variables/generator",
    "variables/setattr-in-loop",
    "variables/unknown-key",
    "variables/variables-of-module",
    "strategies/attribute",
    "replica_functions/method",
    "replica_functions/callable-object",
    "replica_functions/partial",
    "replica_functions/partial-with-keyword",
    "replica_functions/of-other-file",
    "replica_functions/bound-by-name",
    "replica_functions/step-of-a-class",
    "replica_functions/fit",
    "replica_functions/fit-of-train-step",
    "replica_functions/fit-with-metric",
    "depth/variable-passed",
    "depth/objects",
    "depth/other-file",
    "depth/package",
    "depth/base-class-of-other-file",
    "library/trainer",
    *LIBRARY_HOOKS,
)


def _marked(line: str) -> str:
    return f"{line}  {MARK}"


KERNELS = (
    Kernel(
        "VS201",
        "warning",
        wrong=Side(_marked(_ADD)),
        right=Side(_ADD, aggregation=SUM),
        portable=True,
    ),
    Kernel(
        "VS202",
        "warning",
        wrong=Side(_marked("VAR.assign_add(tf.constant(1.0))"), aggregation=SUM),
        right=Side("VAR.assign_add(tf.constant(1.0))", aggregation=ONLY_FIRST),
        portable=True,
    ),
    Kernel(
        "VS202",
        "error",
        wrong=Side(_marked("VAR.assign_add(1.0)"), aggregation=SUM),
        right=Side("VAR.assign_add(1.0)", aggregation=ONLY_FIRST),
        variant="number",
        portable=True,
    ),
    Kernel(
        "VS203",
        "warning",
        wrong=Side(_marked("VAR.assign(VAR + tf.reduce_sum(X))"), aggregation=SUM),
        right=Side(_ADD, aggregation=SUM),
        portable=True,
    ),
    Kernel(
        "VS204",
        "warning",
        wrong=Side(_marked(_ADD), aggregation=ONLY_FIRST),
        right=Side(_ADD, aggregation=SUM),
        portable=True,
    ),
    Kernel(
        "VS205",
        "error",
        wrong=Side(f"if tf.reduce_sum(X) > 0.0:\n    {_marked(_ADD)}", aggregation=SUM),
        right=Side("VAR.assign_add(tf.maximum(tf.reduce_sum(X), 0.0))", aggregation=SUM),
        traced=True,
        portable=True,
    ),
    Kernel(
        "VS206",
        "error",
        wrong=Side(_marked(_SCATTER), initial="[0.0, 0.0]", aggregation=SUM),
        right=Side(_SCATTER.replace("update", "add"), initial="[0.0, 0.0]", aggregation=SUM),
        anywhere=True,
        portable=True,
    ),
    Kernel(
        "VS207",
        "error",
        wrong=Side(
            _ADD, synchronization=ON_READ, aggregation=SUM, host=_marked("VAR.assign_add(1.0)")
        ),
        right=Side(_ADD, synchronization=ON_READ, aggregation=SUM, host="VAR.assign(VAR + 1.0)"),
        in_replica=False,
        portable=True,
    ),
    Kernel(
        "VS208",
        "error",
        wrong=Side(_marked("VAR += tf.reduce_sum(X)"), aggregation=SUM),
        right=Side(_ADD, aggregation=SUM),
        softer=dict.fromkeys(_REBOUND, "warning"),
        not_applicable={
            **dict.fromkeys(
                (
                    "variables/lazy-attribute",
                    "variables/setattr",
                    "variables/dict-filled",
                    "variables/cached-helper",
                ),
                "Python does not assign to a call",
            ),
        },
        portable=True,
    ),
    Kernel(
        "VS209",
        "warning",
        wrong=Side(
            "return tf.reduce_sum(X)", aggregation=SUM, each_step=_marked("VAR.assign(RESULT)")
        ),
        right=Side(
            "return tf.reduce_sum(X)",
            aggregation=SUM,
            each_step='VAR.assign(STRATEGY.reduce("SUM", RESULT, axis=None))',
        ),
    ),
    Kernel(
        "VS210",
        "warning",
        wrong=Side(
            f'{_CONTEXT}\namount = context.all_reduce("SUM", tf.reduce_sum(X))\n'
            + _marked("VAR.assign_add(amount)"),
            aggregation=SUM,
        ),
        right=Side(_ADD, aggregation=SUM),
        portable=True,
    ),
    Kernel(
        "VS211",
        "error",
        wrong=Side(_marked('tf.distribute.get_strategy().reduce("SUM", X, axis=None)')),
        right=Side('tf.distribute.get_replica_context().all_reduce("SUM", X)'),
        not_applicable={
            "strategies/one-device": "raises under any strategy",
            **dict.fromkeys(
                ("library/module", "library/sonnet-module"),
                "the host may call it, where it is right",
            ),
        },
        portable=True,
    ),
    Kernel(
        "VS212",
        "warning",
        wrong=Side(f"{_GRADIENT}\n" + _marked("VAR.assign_sub(0.1 * gradient)"), rest=""),
        right=Side(
            f'{_GRADIENT}\n{_CONTEXT}\ngradient = context.all_reduce("SUM", gradient)\n'
            "VAR.assign_sub(0.1 * gradient)",
            rest="",
        ),
        portable=True,
    ),
    Kernel(
        "VS213",
        "warning",
        wrong=Side(_marked("VAR.assign(0.9 * VAR + 0.1 * tf.reduce_mean(X))")),
        right=Side("VAR.assign(0.9 * VAR + 0.1 * tf.reduce_mean(X))", aggregation=MEAN),
        not_applicable={
            **dict.fromkeys(
                ("imports", "modes", "variables", "strategies", "replica_functions", "depth"),
                _LAYERS_ALONE,
            ),
            "library/model-train-step": _LAYERS_ALONE,
            "library/metric": _LAYERS_ALONE,
            "library/trainer": _LAYERS_ALONE,
            "library/function": _LAYERS_ALONE,
            "library/annotated-function": _LAYERS_ALONE,
            "library/function-of-current-strategy": _LAYERS_ALONE,
        },
        portable=True,
    ),
    Kernel(
        "VS214",
        "error",
        wrong=Side(f"{_FIRST}    {_marked(_ADD)}", aggregation=SUM),
        right=Side(
            f"{_CONTEXT}\nis_first = context.replica_id_in_sync_group == 0\n"
            "VAR.assign_add(tf.where(is_first, tf.reduce_sum(X), 0.0))",
            aggregation=SUM,
        ),
        not_applicable=_COMPILED,
        portable=True,
    ),
    Kernel(
        "VS215",
        "warning",
        wrong=Side(
            _marked("VAR[0].assign(tf.reduce_sum(X))"), initial="[0.0, 0.0]", aggregation=SUM
        ),
        right=Side(
            "VAR.assign_add(tf.one_hot(0, 2) * tf.reduce_sum(X))",
            initial="[0.0, 0.0]",
            aggregation=SUM,
        ),
        anywhere=True,
        portable=True,
    ),
    Kernel(
        "VS216",
        "warning",
        wrong=Side(_marked(_COUNT), aggregation=MEAN),
        right=Side(_COUNT, aggregation=SUM),
        portable=True,
    ),
    Kernel(
        "VS217",
        "warning",
        wrong=Side(
            f"if tf.reduce_sum(X) > 100.0:\n"
            f"    OTHER.assign_add(tf.reduce_sum(X))\n"
            f"    {_ADD}\n"
            "else:\n"
            f"    {_marked(_ADD)}\n"
            "    OTHER.assign_add(tf.reduce_sum(X))",
            aggregation=SUM,
            setup=_OTHER,
        ),
        right=Side(f"{_ADD}\nOTHER.assign_add(tf.reduce_sum(X))", aggregation=SUM, setup=_OTHER),
        not_applicable=_COMPILED,
        portable=True,
    ),
)
