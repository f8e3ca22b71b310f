"""A script with a strategy: what is saved of each class of variable, and what comes back.

Recorded on TensorFlow with 1, 2 and 3 logical devices.
"""

# ruff: noqa: B023, PTH208
# mypy: ignore-errors

import os

import tensorflow as tf

if os.environ.get("VARSYNC_DEVICES"):
    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0],
        [tf.config.LogicalDeviceConfiguration()] * int(os.environ["VARSYNC_DEVICES"]),
    )
    devices = [f"/cpu:{i}" for i in range(int(os.environ["VARSYNC_DEVICES"]))]
    strategy = tf.distribute.MirroredStrategy(devices)
else:
    strategy = tf.distribute.MirroredStrategy()
Sync, Agg = tf.VariableSynchronization, tf.VariableAggregation


def build():
    with strategy.scope():
        return {
            "mirrored_sum": tf.Variable(1.0, aggregation=Agg.SUM),
            "mirrored": tf.Variable(1.0),
            "read_sum": tf.Variable(0, synchronization=Sync.ON_READ, aggregation=Agg.SUM),
            "read_mean": tf.Variable(0.0, synchronization=Sync.ON_READ, aggregation=Agg.MEAN),
            "read_first": tf.Variable(
                0.0, synchronization=Sync.ON_READ, aggregation=Agg.ONLY_FIRST_REPLICA
            ),
        }


def copies(variable):
    return [copy.numpy().item() for copy in strategy.experimental_local_results(variable)]


def show(label, variables):
    print(label, {name: copies(one) for name, one in variables.items()})


model, plain = build(), tf.Variable(3.0)


@tf.function
def train():
    def step():
        rank = tf.distribute.get_replica_context().replica_id_in_sync_group
        x = 10.0 * (tf.cast(rank, tf.float32) + 1.0)
        for name in ("mirrored_sum", "mirrored", "read_mean", "read_first"):
            model[name].assign(x)
        model["read_sum"].assign_add(tf.cast(x, tf.int32) + 1)

    strategy.run(step)


train()
point = tf.train.Checkpoint(plain=plain, **model)
manager = tf.train.CheckpointManager(point, "saved", 2)
print([manager.save() for _ in range(3)], sorted(os.listdir("saved")))
for key, shape in tf.train.list_variables("saved"):
    if not key.startswith("_"):
        print(key, shape, tf.train.load_variable("saved", key).item())

again = build()
status = tf.train.Checkpoint(plain=tf.Variable(0.0), **again).restore(manager.latest_checkpoint)
status.assert_consumed()
show("restored", again)

with strategy.scope():
    print(point.save("saved/in_scope"))
alone = {name: tf.Variable(tf.zeros_like(one.read_value())) for name, one in model.items()}
tf.train.Checkpoint(plain=tf.Variable(0.0), **alone).restore("saved/in_scope-4").assert_consumed()
print("alone", {name: one.numpy().item() for name, one in alone.items()})
tf.train.Checkpoint(**alone).write("saved/alone")
back = build()
tf.train.Checkpoint(**back).read("saved/alone").assert_consumed()
show("back", back)

later = tf.train.Checkpoint()
status = later.restore(manager.latest_checkpoint).expect_partial()
with strategy.scope():
    later.read_sum = tf.Variable(5, synchronization=Sync.ON_READ, aggregation=Agg.SUM)
    later.mirrored = tf.Variable(5.0)
show("later", {"read_sum": later.read_sum, "mirrored": later.mirrored})

with strategy.scope():
    none = tf.Variable(0.0, synchronization=Sync.ON_READ, aggregation=Agg.NONE)
try:
    tf.train.Checkpoint(none=none).write("saved/none")
except ValueError as error:
    print("none:", error)

averaged = [one for name, one in model.items() if name != "read_sum"]
for place in ("scope", "run"):
    train()
    average = tf.train.ExponentialMovingAverage(0.75)
    for _ in range(2):
        if place == "scope":
            with strategy.scope():
                average.apply(averaged)
        else:

            def step():
                average.apply(averaged)
                return 0

            strategy.run(step)
        print(place, [copies(average.average(one)) for one in averaged])
        for one in averaged[1:]:
            for rank, copy in enumerate(one.values):
                copy.assign(100.0 * (rank + 1))

with tf.io.gfile.GFile("notes.txt", "w") as file:
    file.write("once\n")
with tf.io.gfile.GFile("notes.txt", "a") as file:
    file.write("more\n")
print(tf.io.gfile.GFile("notes.txt").readlines(), tf.io.gfile.glob("n*"))
tf.io.gfile.makedirs("a/b/c")
tf.io.gfile.rmtree("a")
print(tf.io.gfile.exists("a"))
