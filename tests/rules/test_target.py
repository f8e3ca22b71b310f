"""What a project runs on decides what is reported: versions of Keras and TensorFlow, strategies."""

from __future__ import annotations

from pathlib import Path

import pytest
from varsync_rules import lint
from varsync_rules.findings import Finding
from varsync_rules.pages import load
from varsync_rules.registry import rules
from varsync_rules.source import Source
from varsync_rules.target import ANY, NO_STRATEGY, UNKNOWN, Target, Versions, named_in, under

KERAS_2 = Target(keras=Versions(None, (3, 0)))
KERAS_3 = Target(keras=Versions((3, 0), (4, 0)))
OLD_TENSORFLOW = Target(tensorflow=Versions((2, 12), (2, 16)))
NEW_TENSORFLOW = Target(tensorflow=Versions((2, 16), None))
MIRRORED = Target(strategies=frozenset(("MirroredStrategy",)))
ONE_DEVICE = Target(strategies=frozenset(("OneDeviceStrategy",)))
NONE_AT_ALL = Target(strategies=frozenset((NO_STRATEGY,)))
CODES = frozenset(rule.code for rule in rules())

BATCH_NORMALIZATION = """\
import tensorflow as tf
with tf.distribute.MirroredStrategy().scope():
    layer = tf.keras.layers.BatchNormalization()
"""
ADD_WEIGHT = """\
import tensorflow as tf
class Layer(tf.keras.layers.Layer):
    def build(self, shape):
        self.mean = self.add_weight(shape=(), trainable=False, aggregation="mean")
"""
ON_READ_TRAINABLE = """\
import tensorflow as tf
class Layer(tf.keras.layers.Layer):
    def build(self, shape):
        self.w = self.add_weight(
            shape=(), trainable=True, synchronization=tf.VariableSynchronization.ON_READ,
            aggregation=tf.VariableAggregation.SUM,
        )
"""
LOSS = """\
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy()
loss = tf.keras.losses.MeanSquaredError()
def step(x):
    return loss(x, x)
strategy.run(step, args=(tf.zeros([2]),))
"""
ACCUMULATES = """\
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    w = tf.Variable(1.0)
    optimizer = tf.keras.optimizers.Adam(gradient_accumulation_steps=2)
@tf.function
def train():
    def step():
        with tf.GradientTape() as tape:
            loss = w * 2.0
        optimizer.apply_gradients([(tape.gradient(loss, w), w)])
    strategy.run(step)
optimizer.build([w])
train()
"""
LIBRARY = """\
import tensorflow as tf
class Layer(tf.keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.total = tf.Variable(0.0, trainable=False)
    def call(self, inputs):
        self.total.assign_add(tf.reduce_sum(inputs))
        return inputs
"""
PARAMETER = """\
import tensorflow as tf
def train(strategy, batches):
    with strategy.scope():
        total = tf.Variable(0.0)
    def step(x):
        total.assign_add(tf.reduce_sum(x))
    for x in strategy.experimental_distribute_dataset(batches):
        strategy.run(step, args=(x,))
"""


def findings(text: str, target: Target = UNKNOWN, *others: str) -> list[Finding]:
    """What is found in a file with a target, which others have as well."""
    sources = [
        Source(f"{name}.py", Path(f"/nowhere/{name}.py"), held.encode())
        for name, held in zip("abc", (text, *others), strict=False)
    ]
    named = [name for source in sources for name in named_in(source.data)]
    targets = {str(source.absolute): under(target, named) for source in sources}
    checked = lint.check(sources, codes=CODES, targets=targets).findings
    return [
        finding
        for finding in checked
        if finding.span.path == "a.py" and finding.code not in ("VS901", "VS902")
    ]


def codes(text: str, target: Target = UNKNOWN, *others: str) -> list[str]:
    return [finding.code for finding in findings(text, target, *others)]


class TestKeras:
    @pytest.mark.parametrize(
        ("target", "tf_keras", "standalone"),
        [
            (UNKNOWN, None, None),
            (KERAS_2, 2, 2),
            (KERAS_3, 3, 3),
            # it brings Keras 2
            (OLD_TENSORFLOW, 2, 2),
            (NEW_TENSORFLOW, 3, None),
            # tf.keras of TensorFlow 2.15 is Keras 2, though Keras 3 be asked for
            (Target(OLD_TENSORFLOW.tensorflow, KERAS_3.keras), 2, 3),
            # tf-keras, by TF_USE_LEGACY_KERAS
            (Target(NEW_TENSORFLOW.tensorflow, KERAS_2.keras), 2, 2),
            (Target(Versions((2, 12), None)), None, None),
        ],
    )
    def test_which_it_is(
        self, target: Target, tf_keras: int | None, standalone: int | None
    ) -> None:
        assert target.tf_keras_generation == tf_keras
        assert target.keras_generation == standalone

    @pytest.mark.parametrize(
        ("program", "unknown", "two", "three"),
        [
            (BATCH_NORMALIZATION, ["VS213"], [], ["VS213"]),
            (ADD_WEIGHT, [], ["VS105"], []),
            (ON_READ_TRAINABLE, ["VS105"], ["VS103"], ["VS105"]),
            (LOSS, [], ["VS506"], []),
            (ACCUMULATES, ["VS205"], [], ["VS205"]),
        ],
    )
    def test_what_holds_under_one_alone(
        self, program: str, unknown: list[str], two: list[str], three: list[str]
    ) -> None:
        assert codes(program) == unknown
        for target in (KERAS_2, OLD_TENSORFLOW):
            assert codes(program, target) == two
        for target in (KERAS_3, NEW_TENSORFLOW):
            assert codes(program, target) == three

    def test_a_name_that_says_which_is_believed(self) -> None:
        written = BATCH_NORMALIZATION.replace("tf.keras", "tf_keras").replace(
            "import tensorflow as tf", "import tensorflow as tf, tf_keras"
        )
        assert codes(written, KERAS_3) == []
        standalone = BATCH_NORMALIZATION.replace("tf.keras", "keras").replace(
            "import tensorflow as tf", "import tensorflow as tf, keras"
        )
        assert codes(standalone, KERAS_3) == ["VS213"]
        assert codes(standalone, KERAS_2) == codes(standalone, OLD_TENSORFLOW) == []

    def test_slots_made_in_a_compiled_step_are_keras_3s(self) -> None:
        program = load(rules().find("VS408").page).programs[0].text
        assert "VS408" in codes(program, KERAS_3)
        assert "VS408" not in codes(program, KERAS_2)


class TestStrategies:
    def test_a_library_is_told_which_strategy(self) -> None:
        (finding,) = findings(LIBRARY)
        assert (finding.code, "under a strategy with more than one replica" in finding.message) == (
            "VS201",
            True,
        )
        (finding,) = findings(LIBRARY, MIRRORED)
        assert (finding.code, "under MirroredStrategy" in finding.message) == ("VS201", True)
        two = Target(strategies=frozenset(("MirroredStrategy", "OneDeviceStrategy")))
        assert "under MirroredStrategy" in findings(LIBRARY, two)[0].message
        three = Target(strategies=frozenset(("MirroredStrategy", "TPUStrategy")))
        assert "with more than one replica" in findings(LIBRARY, three)[0].message

    @pytest.mark.parametrize("program", [LIBRARY, PARAMETER])
    @pytest.mark.parametrize("target", [ONE_DEVICE, NONE_AT_ALL])
    def test_one_replica_has_no_copies(self, program: str, target: Target) -> None:
        assert codes(program) == ["VS201"]
        assert codes(program, target) == []

    def test_a_strategy_of_a_parameter_is_one_of_them(self) -> None:
        assert "under MirroredStrategy" in findings(PARAMETER, MIRRORED)[0].message

    def test_a_strategy_that_the_program_shows_counts_whatever_is_said(self) -> None:
        program = PARAMETER + "train(tf.distribute.MirroredStrategy(), [])\n"
        assert codes(program, ONE_DEVICE) == ["VS201"]

    def test_those_that_the_program_names(self) -> None:
        used = Target(used=True)
        assert "with more than one replica" in findings(LIBRARY, used)[0].message
        one = "import tensorflow as tf\nstrategy = tf.distribute.OneDeviceStrategy('/cpu:0')\n"
        mirrored = "import tensorflow as tf\nstrategy = tf.distribute.MirroredStrategy()\n"
        assert codes(LIBRARY, used, one) == []
        assert "under MirroredStrategy" in findings(LIBRARY, used, one, mirrored)[0].message
        assert codes(LIBRARY, UNKNOWN, one) == ["VS201"]

    def test_each_file_has_its_projects(self) -> None:
        sources = [
            Source(f"{name}.py", Path(f"/nowhere/{name}.py"), LIBRARY.encode()) for name in "ab"
        ]
        outcome = lint.check(sources, codes=CODES, targets={"/nowhere/b.py": ONE_DEVICE})
        assert [finding.span.path for finding in outcome.findings] == ["a.py"]

    @pytest.mark.slow
    @pytest.mark.parametrize("target", [ONE_DEVICE, NONE_AT_ALL])
    def test_no_page_tells_of_several_replicas_where_there_is_one(self, target: Target) -> None:
        """Of all programs of the pages that show no strategy."""
        seen = 0
        for rule in rules():
            if rule.module is None:
                continue
            for program in load(rule.page).programs:
                if "Strategy(" in program.text:
                    continue
                seen += 1
                for finding in findings(program.text, target):
                    assert "more than one replica" not in finding.message, finding
        assert seen > 50


def test_versions_as_text() -> None:
    assert [str(one) for one in (ANY, Versions((2, 16)), Versions((2, 1), (2, 10)))] == [
        "any",
        ">=2.16",
        ">=2.1,<2.10",
    ]
