"""Kernels of the rules about scopes, checkpoints and lifetime: VS4xx."""

from __future__ import annotations

from tests.forms.model import MARK, Kernel, Side
from tests.forms.spelled import MEAN, ON_READ, ONLY_FIRST, SUM

_CHECKPOINT = "checkpoint = tf.train.Checkpoint(total=VAR)\n"
_SAVE = 'path = checkpoint.save("/tmp/model")'
_NO_SCOPE = 'tf.name_scope("state")'
_AVERAGE = "VAR.assign(tf.reduce_mean(X))"
_OPTIMIZER = "OTHER = tf.keras.optimizers.Adam(0.1)"
_APPLIED = """
with tf.GradientTape() as tape:
    loss = tf.nn.compute_average_loss(VAR * X, global_batch_size=4)
OTHER.apply_gradients([(tape.gradient(loss, VAR), VAR)])
""".strip()
_EXPORT = """
module = tf.Module()
module.total = VAR
@tf.function{options}
def share(value):
    return value / VAR
signature = {signature}
tf.saved_model.save(module, "/tmp/model", signatures=signature){mark}
""".strip()


KERNELS = (
    Kernel(
        "VS401",
        "warning",
        wrong=Side(scope=_NO_SCOPE, aggregation=MEAN, created_here=True, replica=_AVERAGE),
        right=Side(aggregation=MEAN, replica=_AVERAGE),
        not_applicable=dict.fromkeys(
            ("modes/one-branch-right", "modes/unknown-parameter", "modes/from-a-file"),
            "without a scope the modes play no part",
        ),
    ),
    Kernel(
        "VS403",
        "error",
        wrong=Side(f"{_APPLIED}  {MARK}", initial="1.0", rest="", outside=_OPTIMIZER),
        right=Side(_APPLIED, initial="1.0", rest="", setup=f"{_OPTIMIZER}\nOTHER.build([VAR])"),
        not_applicable={
            "imports/compat-v1-as": "Keras 2's optimizers make their slots under the strategy",
            "strategies/set-strategy": "nothing is outside the strategy then",
        },
    ),
    Kernel(
        "VS404",
        "error",
        wrong=Side(
            aggregation=SUM,
            each_step=f"again = tf.distribute.MirroredStrategy()  {MARK}\n"
            "again.run(lambda: VAR.assign_add(tf.random.normal([])))",
        ),
        right=Side(
            aggregation=SUM, each_step="STRATEGY.run(lambda: VAR.assign_add(tf.random.normal([])))"
        ),
        in_replica=False,
        not_applicable={"modes": "the modes play no part"},
    ),
    Kernel(
        "VS405",
        "warning",
        wrong=Side(
            "VAR.assign_add(tf.size(X))",
            initial="0",
            synchronization=ON_READ,
            aggregation=SUM,
            host=f"{_CHECKPOINT}{_SAVE}\ncheckpoint.restore(path)  {MARK}",
        ),
        right=Side(
            "VAR.assign_add(tf.cast(tf.size(X), tf.float32))",
            synchronization=ON_READ,
            aggregation=SUM,
            host=f"{_CHECKPOINT}{_SAVE}\ncheckpoint.restore(path)",
        ),
        in_replica=False,
        portable=True,
    ),
    Kernel(
        "VS406",
        "warning",
        wrong=Side(
            "VAR.assign(0.5 * VAR + tf.reduce_sum(X))",
            synchronization=ON_READ,
            aggregation=ONLY_FIRST,
            host=f"{_CHECKPOINT}{_SAVE}  {MARK}",
        ),
        right=Side(
            "VAR.assign(0.5 * VAR + tf.reduce_mean(X))",
            aggregation=MEAN,
            host=f"{_CHECKPOINT}{_SAVE}",
        ),
        portable=True,
    ),
    Kernel(
        "VS402",
        "error",
        wrong=Side(
            f"fresh = tf.Variable(0.0, aggregation={SUM})  {MARK}\n"
            "fresh.assign_add(tf.reduce_sum(X))"
        ),
        right=Side(aggregation=SUM),
        traced=True,
        not_applicable={
            **dict.fromkeys(
                ("imports/compat-v1-as", "imports/compat-attribute", "imports/compat-from"),
                "a graph of TensorFlow 1 runs the function once",
            ),
            **dict.fromkeys(
                ("depth/python-flag", "depth/recursive"), "a test may be there to make it once"
            ),
            "modes": "the modes play no part",
            "strategies/one-device": "raises under any strategy",
        },
        portable=True,
    ),
    Kernel(
        "VS407",
        "error",
        wrong=Side(
            synchronization=ON_READ,
            aggregation=SUM,
            host=_EXPORT.format(
                options="",
                signature="share.get_concrete_function(tf.TensorSpec([], tf.float32))",
                mark=f"  {MARK}",
            ),
        ),
        right=Side(
            synchronization=ON_READ,
            aggregation=SUM,
            host=_EXPORT.format(
                options="(input_signature=[tf.TensorSpec([], tf.float32)])",
                signature="share",
                mark="",
            ),
        ),
        in_replica=False,
    ),
    Kernel(
        "VS408",
        "error",
        wrong=Side(f"{_APPLIED}  {MARK}", initial="1.0", rest="", setup=_OPTIMIZER),
        right=Side(_APPLIED, initial="1.0", rest="", setup=f"{_OPTIMIZER}\nOTHER.build([VAR])"),
        traced=True,
        not_applicable={
            "imports/compat-v1-as": "Keras 2's optimizers make their slots under the strategy",
            **dict.fromkeys(
                ("variables/unknown-registry", "variables/unknown-wrapper"),
                "the optimizer makes its slots for whatever weight it is given",
            ),
        },
    ),
)
