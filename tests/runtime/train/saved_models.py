"""A script that saves modules with variables of a strategy and functions, and loads them again.

Recorded on TensorFlow with 1, 2 and 3 logical devices.
"""

# ruff: noqa: PTH208
# mypy: ignore-errors

import os
import re
import tempfile

import tensorflow as tf

tf.get_logger().setLevel("ERROR")
if os.environ.get("VARSYNC_DEVICES"):
    count = int(os.environ["VARSYNC_DEVICES"])
    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0],
        [tf.config.LogicalDeviceConfiguration()] * count,
    )
    strategy = tf.distribute.MirroredStrategy([f"/cpu:{i}" for i in range(count)])
else:
    strategy = tf.distribute.MirroredStrategy()
Sync, Agg = tf.VariableSynchronization, tf.VariableAggregation
F32 = tf.float32
folders = tempfile.TemporaryDirectory()


def plain(value):
    if isinstance(value, tf.Variable):
        copies = [one.numpy().tolist() for one in strategy.experimental_local_results(value)]
        return type(value).__name__, value.name, copies
    parts = strategy.experimental_local_results(value)
    shown = [tf.nest.map_structure(lambda x: x.numpy().tolist(), one) for one in parts]
    # the order of a restored dictionary is not determined
    shown = [dict(sorted(one.items())) if isinstance(one, dict) else one for one in shown]
    return shown[0] if len(shown) == 1 else shown


def attempt(label, action):
    try:
        outcome = action()
    except Exception as error:
        text = re.sub(r"0x[0-9a-f]+|(?<=_)\d+|/tmp/[\w/]+|<ResourceHandle.*", "#", str(error))
        outcome = f"{type(error).__name__}: {' '.join(text.split())[:200]}"
    print(label, "|", outcome)


class Model(tf.Module):
    def __init__(self):
        super().__init__(name="model")
        self.w = tf.Variable([1.0, 2.0], name="w")
        self.total = tf.Variable(
            0.0, synchronization=Sync.ON_READ, aggregation=Agg.SUM, name="total"
        )
        self.mean = tf.Variable(
            0.0, synchronization=Sync.ON_READ, aggregation=Agg.MEAN, trainable=False
        )
        self.listed = [tf.Variable(1), 5, "x"]
        self.named = {"a": tf.Variable(3), "b": [tf.Variable(4.0)]}
        self.both = (tf.Variable(1), 5)
        self.part = tf.Module()
        self.part.v = tf.Variable(9.0)
        self.same = self.part.v
        self.number = 7

    @tf.function(input_signature=[tf.TensorSpec([None], F32)])
    def __call__(self, x):
        print("tracing __call__")
        return x * self.w

    @tf.function
    def add(self, x, twice=False):
        print("tracing add")
        return {"sum": x + self.total, "list": [2 * x if twice else x]}

    @tf.function
    def step(self, x):
        self.w.assign_add(x)
        return self.w + 0.0

    @tf.function
    def never(self, x):
        return x


def save(model, **options):
    folder = tempfile.mkdtemp(dir=folders.name)
    tf.saved_model.save(model, folder, **options)
    return folder


def saved(**options):
    return lambda: tf.saved_model.load(save(model, **options)) and "saved"


with strategy.scope():
    model = Model()
for variable in (model.w, model.total, model.mean):
    for at, copy in enumerate(strategy.experimental_local_results(variable)):
        copy.assign(tf.ones_like(copy) * (10.0 * at + 1.0))
model.add(1.0)
model.add(tf.constant([1.0, 2.0]), twice=True)
model.step(tf.constant([0.5, 0.5]))
folder = save(model)
print(sorted(os.listdir(folder)), sorted(os.listdir(f"{folder}/variables")))
print(tf.saved_model.contains_saved_model(folder), tf.saved_model.contains_saved_model("nowhere"))
print([key for key, _ in tf.train.list_variables(f"{folder}/variables/variables")][1:])


def used(loaded):
    for name in ("w", "total", "mean", "same"):
        print(name, plain(getattr(loaded, name)), getattr(loaded, name).trainable)
    print(type(loaded).__name__, loaded.same is loaded.part.v, sorted(loaded.signatures))
    print(type(loaded.listed).__name__, len(loaded.listed), type(loaded.named).__name__)
    print(plain(loaded.named["b"][0]), len(loaded.both), hasattr(loaded, "number"))
    attempt("call", lambda: plain(loaded([1.0, 1.0])))
    attempt("call, wrong shape", lambda: loaded(tf.constant(1.0)))
    attempt("add", lambda: plain(loaded.add(1.0)))
    attempt("add twice", lambda: plain(loaded.add(tf.constant([1.0, 2.0]), twice=True)))
    attempt("add of another shape", lambda: loaded.add(tf.constant([1.0])))
    attempt("step", lambda: plain(loaded.step(tf.constant([1.0, 1.0]))))
    attempt("never", lambda: loaded.never(1.0))
    print("afterwards", plain(loaded.w), plain(model.w))


used(tf.saved_model.load(folder))
with strategy.scope():
    loaded = tf.saved_model.load(folder)
used(loaded)
ones = tf.constant([1.0, 1.0])
loaded = tf.saved_model.load(folder, tags="serve")
with tf.GradientTape() as tape:
    y = tf.reduce_sum(loaded(tf.constant([2.0, 3.0])))
print("gradient", plain(tape.gradient(y, loaded.w)), len(tape.watched_variables()))
again = save(loaded)
print("again", plain(tf.saved_model.load(again)([1.0, 1.0])))

# Signatures
loaded = tf.saved_model.load(save(model, signatures={"one": model.__call__}))
one = loaded.signatures["one"]
print(list(loaded.signatures), one.structured_input_signature, one.structured_outputs)
attempt("by name", lambda: plain(one(x=ones)))
attempt("by position", lambda: plain(one(ones)))
attempt("another name", lambda: one(y=1.0))
print(type(loaded.signatures).__name__, "two" in loaded.signatures)
small = tf.Module()
small.v = tf.Variable(2.0)
small.f = tf.function(
    lambda x, y: (x * small.v, y),
    input_signature=[tf.TensorSpec([], F32), tf.TensorSpec([2], F32, name="other")],
)
loaded = tf.saved_model.load(save(small))
print(plain(loaded.signatures["serving_default"](x=tf.constant(2.0), other=ones)))
small.g = tf.function(lambda: {"v": small.v, "w": small.v + 1.0}, input_signature=[])
loaded = tf.saved_model.load(save(small))
print(list(loaded.signatures), plain(loaded.g()))
traced = tf.function(lambda x: x + small.v).get_concrete_function(tf.TensorSpec([], F32))
loaded = tf.saved_model.load(save(small, signatures=traced))
print(plain(loaded.signatures["serving_default"](x=tf.constant(1.0))))
small.trace = traced
print(plain(tf.saved_model.load(save(small)).trace(tf.constant(3.0))))

# What is refused
foreign = tf.Variable(1.0)
Policy = tf.saved_model.experimental.VariablePolicy
keep = tf.saved_model.SaveOptions(experimental_variable_policy=Policy.SAVE_VARIABLE_DEVICES)
attempt("policy", lambda: plain(tf.saved_model.load(save(model, options=keep)).total))
attempt("bad policy", lambda: tf.saved_model.SaveOptions(experimental_variable_policy="bad"))
attempt("no signature", lambda: save(small, signatures=5))
attempt("no trackable", lambda: save({"a": 1}))
attempt("nowhere", lambda: tf.saved_model.load("nowhere"))
attempt("other tags", lambda: tf.saved_model.load(folder, tags=["train"]))
attempt("in a function", tf.function(lambda: save(small), autograph=False))
small.h = tf.function(lambda: foreign + 1.0, input_signature=[])
for options in ({}, {"signatures": small.h}):
    try:
        save(small, **options)
    except (AssertionError, KeyError) as error:
        print(type(error).__name__, str(error)[1:30])
with strategy.scope():
    try:
        print(plain(tf.saved_model.load(folder)([1.0, 1.0])))
    except tf.errors.InvalidArgumentError as error:
        print("Trying to access a placeholder" in str(error))
