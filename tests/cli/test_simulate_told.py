"""What a run tells of: what was done in it, and not what TensorFlow would only have built."""

from __future__ import annotations

from pathlib import Path

import pytest
import varsync

SCRIPT = """
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    total = tf.Variable(
        1.0,
        name="total",
        trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )


class Holder(tf.__internal__.tracking.Trackable):
    # saves and restores a variable as Keras's variables do
    def _serialize_to_tensors(self):
        return total._serialize_to_tensors()

    def _restore_from_tensors(self, restored_tensors):
        return total._restore_from_tensors(restored_tensors)


def built():
    with tf.__internal__.FuncGraph("shapes").as_default():
        return total.read_value().shape


@tf.function
def rejected():
    total.read_value()
    raise ValueError("while it is traced")


@tf.function
def partly():
    try:
        rejected()
    except ValueError:
        return total.read_value()


built()
try:
    rejected()
except ValueError:
    partly()
checkpoint = tf.train.Checkpoint(held=Holder())
checkpoint.write("first")
checkpoint.write("second")
"""


@pytest.mark.slow
def test_what_is_built_and_never_run_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    run = varsync.simulate("train.py", replicas=2, folder=tmp_path)
    document = run.document
    rows = [(row["cause"], row["location"]["row"], row["times"]) for row in document["ledger"]]
    assert rows == [("save", 18, 2), ("read", 40, 1)]
    saved = [(one["action"], Path(one["path"]).name) for one in document["checkpoints"]]
    assert saved == [("save", "first"), ("save", "second")]


REJECTED = """
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    one = tf.Variable(1.0, name="one", aggregation=tf.VariableAggregation.SUM)
    other = tf.Variable(1.0, name="other", aggregation=tf.VariableAggregation.MEAN)
    own = tf.Variable(1.0, name="own")
    part = tf.Variable(1.0, name="part", synchronization=tf.VariableSynchronization.ON_READ)


@tf.function
def step():
    replica = tf.cast(tf.distribute.get_replica_context().replica_id_in_sync_group, tf.float32)
    own.assign(replica)
    if replica < 5.0:
        one.assign_add(replica)  # TensorFlow traces this branch first
    else:
        other.assign_add(replica)


try:
    strategy.run(step)
except RuntimeError:
    print("rejected")
try:
    tf.train.Checkpoint(own=own, part=part).write("parts")
except ValueError:
    print("not saved")
"""


@pytest.mark.slow
def test_of_what_is_rejected_one_rejection_is_told_and_no_write_or_save(tmp_path: Path) -> None:
    (tmp_path / "rejected.py").write_text(REJECTED)
    result = varsync.simulate(tmp_path / "rejected.py", replicas=2)
    assert result.output.splitlines() == ["rejected", "not saved"]
    observations = result.document["observations"]
    seen = [(one["code"], one["location"]["row"]) for one in observations]
    assert seen == [("VS205", 17), ("VS102", 27)]
    assert result.document["checkpoints"] == []
