"""TensorFlow's and Keras's names as programs write them, and the one name each is known by here.

`canonical("tensorflow.compat.v1.Variable")` is `tf.Variable`; so is TensorFlow's own
`tensorflow.python.ops.variables.Variable`. Keras is `keras.…` whether it comes as `tf.keras`, `keras`,
`tf_keras`
or from their insides.
"""

from __future__ import annotations

from functools import cache

from varsync_runtime.semantics.kinds import StrategyKind

from varsync_rules.target import UNKNOWN, Target

STRATEGIES: dict[str, StrategyKind] = {
    "tf.distribute.MirroredStrategy": StrategyKind.MIRRORED,
    "tf.distribute.MultiWorkerMirroredStrategy": StrategyKind.MULTI_WORKER_MIRRORED,
    "tf.distribute.OneDeviceStrategy": StrategyKind.ONE_DEVICE,
    "tf.distribute.CentralStorageStrategy": StrategyKind.CENTRAL_STORAGE,
    "tf.distribute.ParameterServerStrategy": StrategyKind.PARAMETER_SERVER,
    "tf.distribute.TPUStrategy": StrategyKind.TPU,
}

_STRATEGY_CLASSES = {
    "MirroredStrategy": "tf.distribute.MirroredStrategy",
    "MirroredStrategyV1": "tf.distribute.MirroredStrategy",
    "MultiWorkerMirroredStrategy": "tf.distribute.MultiWorkerMirroredStrategy",
    "CollectiveAllReduceStrategy": "tf.distribute.MultiWorkerMirroredStrategy",
    "CollectiveAllReduceStrategyV1": "tf.distribute.MultiWorkerMirroredStrategy",
    "_CollectiveAllReduceStrategyExperimental": "tf.distribute.MultiWorkerMirroredStrategy",
    "OneDeviceStrategy": "tf.distribute.OneDeviceStrategy",
    "OneDeviceStrategyV1": "tf.distribute.OneDeviceStrategy",
    "CentralStorageStrategy": "tf.distribute.CentralStorageStrategy",
    "CentralStorageStrategyV1": "tf.distribute.CentralStorageStrategy",
    "ParameterServerStrategy": "tf.distribute.ParameterServerStrategy",
    "ParameterServerStrategyV1": "tf.distribute.ParameterServerStrategy",
    "ParameterServerStrategyV2": "tf.distribute.ParameterServerStrategy",
    "TPUStrategy": "tf.distribute.TPUStrategy",
    "TPUStrategyV1": "tf.distribute.TPUStrategy",
    "TPUStrategyV2": "tf.distribute.TPUStrategy",
}

# TensorFlow's own modules define and use these without the public path.
_INSIDES = {
    **_STRATEGY_CLASSES,
    "Variable": "tf.Variable",
    "VariableV1": "tf.Variable",
    "get_variable": "tf.get_variable",
    "VariableSynchronization": "tf.VariableSynchronization",
    "VariableAggregation": "tf.VariableAggregation",
    "VariableAggregationV2": "tf.VariableAggregation",
    "ReduceOp": "tf.distribute.ReduceOp",
    "get_replica_context": "tf.distribute.get_replica_context",
    "in_cross_replica_context": "tf.distribute.in_cross_replica_context",
    "get_strategy": "tf.distribute.get_strategy",
    "has_strategy": "tf.distribute.has_strategy",
    "get_cross_replica_context": "tf.distribute.get_strategy",
    "get_distribution_strategy": "tf.distribute.get_strategy",
    "GradientTape": "tf.GradientTape",
    "cond": "tf.cond",
    "while_loop": "tf.while_loop",
    "init_scope": "tf.init_scope",
    "ClusterCoordinator": "tf.distribute.ClusterCoordinator",
    "Strategy": "tf.distribute.Strategy",
    "StrategyBase": "tf.distribute.Strategy",
    "StrategyV1": "tf.distribute.Strategy",
}
# TensorFlow's modules of operations, and where their functions are found from outside.
_OPERATION_MODULES = {
    "array_ops": "tf",
    "constant_op": "tf",
    "math_ops": "tf",
    "nn_ops": "tf.nn",
    "random_ops": "tf.random",
    "state_ops": "tf",
}
_INSIDE_MODULES = {
    "tensorflow.python.eager.def_function.function": "tf.function",
    "tensorflow.python.eager.polymorphic_function.polymorphic_function.function": "tf.function",
    "tensorflow.python.eager.backprop.GradientTape": "tf.GradientTape",
    "tensorflow.python.module.module.Module": "tf.Module",
    "tensorflow.python.checkpoint.checkpoint.Checkpoint": "tf.train.Checkpoint",
    "tensorflow.python.training.tracking.util.Checkpoint": "tf.train.Checkpoint",
    "tensorflow.python.trackable.autotrackable.AutoTrackable": "tf.Module",
}

# What is a base class of users' classes, by the last part of the dotted name.
_KERAS_BASES = {
    "Layer": "keras.Layer",
    "BaseRandomLayer": "keras.Layer",
    "Model": "keras.Model",
    "Functional": "keras.Model",
    "Sequential": "keras.Sequential",
    "Metric": "keras.Metric",
    "Reduce": "keras.Metric",
    "Mean": "keras.metrics.Mean",
    "MeanMetricWrapper": "keras.metrics.MeanMetricWrapper",
    "Optimizer": "keras.Optimizer",
    "BaseOptimizer": "keras.Optimizer",
    "OptimizerV2": "keras.Optimizer",
    "_BaseOptimizer": "keras.Optimizer",
    "TFOptimizer": "keras.Optimizer",
    "KerasVariable": "keras.Variable",
    "Variable": "keras.Variable",
}
_KERAS_GROUPS = ("layers", "metrics", "optimizers", "losses", "models", "callbacks", "applications")

_PREFIXES = (
    ("tensorflow.compat.v1.", "tf."),
    ("tensorflow.compat.v2.", "tf."),
    ("tensorflow_core.", "tf."),
    ("tensorflow.", "tf."),
)
_KERAS_PREFIXES = (
    "tf.keras.",
    "tf.python.keras.",
    "tf_keras.src.",
    "tf_keras.",
    "keras.src.",
    "keras.api.",
    "keras._tf_keras.keras.",
    "keras.",
)

_RENAMED = {
    "tf.distribute.experimental.MultiWorkerMirroredStrategy": "tf.distribute.MultiWorkerMirroredStrategy",
    "tf.distribute.experimental.CentralStorageStrategy": "tf.distribute.CentralStorageStrategy",
    "tf.distribute.experimental.ParameterServerStrategy": "tf.distribute.ParameterServerStrategy",
    "tf.distribute.experimental.TPUStrategy": "tf.distribute.TPUStrategy",
    "tf.contrib.distribute.MirroredStrategy": "tf.distribute.MirroredStrategy",
    "tf.distribute.experimental.coordinator.ClusterCoordinator": "tf.distribute.ClusterCoordinator",
    "tf.distribute.coordinator.ClusterCoordinator": "tf.distribute.ClusterCoordinator",
    "tf.experimental.dtensor.DVariable": "tf.experimental.dtensor.DVariable",
    "tf.VariableV1": "tf.Variable",
    "tf.resource_variables.Variable": "tf.Variable",
    "tf.function_experimental": "tf.function",
    "keras.engine.base_layer.Layer": "keras.Layer",
    "keras.layers.Layer": "keras.Layer",
    "keras.models.Model": "keras.Model",
    "keras.models.Sequential": "keras.Sequential",
    "keras.metrics.Metric": "keras.Metric",
    "keras.optimizers.Optimizer": "keras.Optimizer",
    "keras.optimizers.legacy.Optimizer": "keras.Optimizer",
    "keras.optimizers.experimental.Optimizer": "keras.Optimizer",
    "tf.train.Optimizer": "tf.train.Optimizer",
    "sonnet.Module": "tf.Module",
    "sonnet.v2.Module": "tf.Module",
    "sonnet.src.base.Module": "tf.Module",
    "keras.backend.variable": "keras.backend.variable",
}

# These are defined once more inside a linted copy of TensorFlow or Keras; the library's meaning holds.
CORE = frozenset(
    {
        "tf.Variable",
        "tf.get_variable",
        "tf.VariableSynchronization",
        "tf.VariableAggregation",
        "tf.Module",
        "tf.GradientTape",
        "tf.function",
        "tf.cond",
        "tf.while_loop",
        "tf.distribute.Strategy",
        "tf.distribute.ReduceOp",
        "tf.distribute.get_replica_context",
        "tf.distribute.in_cross_replica_context",
        "tf.distribute.get_strategy",
        "tf.distribute.has_strategy",
        "tf.distribute.ClusterCoordinator",
        "tf.train.Checkpoint",
        "keras.Layer",
        "keras.Model",
        "keras.Sequential",
        "keras.Metric",
        "keras.Optimizer",
        "keras.Variable",
        *STRATEGIES,
    }
)


# Where a linted copy of Keras keeps its operations: they mean what they mean from outside.
_OPERATIONS = (
    "keras.src.ops",
    "keras.src.backend",
    "keras.src.tree",
    "keras.src.random",
    "tf_keras.src.backend",
)


@cache
def is_operations(module: str) -> bool:
    """Whether a module of the program is a library's own module of operations."""
    return any(module == name or module.startswith(name + ".") for name in _OPERATIONS)


@cache
def canonical(dotted: str) -> str:
    """The one name of a symbol, given any full dotted name a program can reach it by."""
    if dotted in _INSIDE_MODULES:
        return _INSIDE_MODULES[dotted]
    name = dotted
    for prefix, short in _PREFIXES:
        if name.startswith(prefix):
            name = short + name[len(prefix) :]
            break
    else:
        if name in (
            "tensorflow",
            "tensorflow.compat.v1",
            "tensorflow.compat.v2",
            "tensorflow_core",
        ):
            return "tf"
    while name.startswith(("tf.compat.v1.", "tf.compat.v2.")):
        name = "tf." + name[len("tf.compat.v1.") :]
    if name in ("tf.compat.v1", "tf.compat.v2"):
        return "tf"
    for prefix in _KERAS_PREFIXES:
        if name.startswith(prefix):
            return _keras(name[len(prefix) :], inside=".src." in prefix or "python" in prefix)
    if name in ("tf.keras", "tf_keras", "keras.src", "keras.api", "tf.python.keras"):
        return "keras"
    if name.startswith(("tf.python.", "tf_estimator.python.")):
        last = name.rsplit(".", 1)[-1]
        if ".distribute." not in name and last in ("Strategy", "function"):
            return name
        if last in _INSIDES:
            return _INSIDES[last]
        owner = name.rsplit(".", 2)[-2]
        if owner in _OPERATION_MODULES:
            return f"{_OPERATION_MODULES[owner]}.{last}"
        # VariableAggregation.SUM, Variable.assign: of a class that is known
        return f"{_INSIDES[owner]}.{last}" if owner[:1].isupper() and owner in _INSIDES else name
    name = _RENAMED.get(name, name)
    if name.startswith("tf.distribute."):
        return _STRATEGY_CLASSES.get(name.rsplit(".", 1)[-1], name)
    if name.startswith("sonnet.") and name.endswith(".Module"):
        return "tf.Module"
    return name


def _keras(rest: str, inside: bool) -> str:
    """The canonical name of a Keras symbol without its `keras.` part."""
    parts = rest.split(".")
    last = parts[-1]
    if last in ("compat.v1", "compat.v2"):
        return "keras"
    if not inside:
        return _RENAMED.get(f"keras.{rest}", f"keras.{rest}")
    if last in _KERAS_BASES and (
        last not in ("Variable", "Mean") or "backend" in parts or "metrics" in parts
    ):
        return _KERAS_BASES[last]
    group = next((part for part in parts if part in _KERAS_GROUPS), None)
    if group and last[:1].isupper():
        return f"keras.{group}.{last}"
    return f"keras.{rest}"


@cache
def family(name: str) -> str:
    """The canonical base class that a library's class belongs to, or "".

    `keras.layers.Dense` is a `keras.Layer`, `keras.optimizers.Adam` a `keras.Optimizer`.
    """
    if name in ("keras.Layer", "keras.Model", "keras.Metric", "keras.Optimizer", "tf.Module"):
        return name
    if name == "keras.Sequential" or name.startswith("keras.applications."):
        return "keras.Model"
    last = name.rsplit(".", 1)[-1]
    if not last[:1].isupper():
        return ""
    for group, base in (
        ("keras.layers.", "keras.Layer"),
        ("keras.metrics.", "keras.Metric"),
        ("keras.optimizers.", "keras.Optimizer"),
        ("keras.losses.", "keras.Loss"),
        ("keras.models.", "keras.Model"),
    ):
        if name.startswith(group):
            return base
    if name.startswith("tf.train.") and last.endswith("Optimizer"):
        return "tf.train.Optimizer"
    if name.startswith("sonnet."):
        return (
            "sonnet.Optimizer"
            if ".optimizers." in name or last in SONNET_OPTIMIZERS
            else "tf.Module"
        )
    if name.startswith(("tensorflow_addons.", "tfa.")):
        for part, base in (
            (".layers.", "keras.Layer"),
            (".metrics.", "keras.Metric"),
            (".optimizers.", "keras.Optimizer"),
        ):
            if part in name:
                return base
    return ""


SONNET_OPTIMIZERS = frozenset({"SGD", "Momentum", "Adam", "RMSProp"})


def keras_generation(spelled: str, target: Target = UNKNOWN) -> int | None:
    """Which Keras a full dotted name means: 2, 3, or None where it depends on the installation."""
    if spelled.startswith(("tf_keras", "tensorflow.python.keras", "tensorflow.compat.v1")):
        return 2
    if spelled.startswith("keras."):
        return target.keras_generation or 3
    return target.tf_keras_generation if spelled.startswith("tensorflow.") else None


# The tag of the gradient of a variable that no tape watches, which is None
UNWATCHED = "unwatched"

# What an operation does to where its result comes from: canonical last part → tag.
TAGS = {
    "reduce_mean": "mean",
    "mean": "mean",
    "average": "mean",
    "moments": "mean",
    "reduce_variance": "mean",
    "reduce_std": "mean",
    "reduce_sum": "sum",
    "sum": "sum",
    "add_n": "sum",
    "accumulate_n": "sum",
    "cumsum": "sum",
    "bincount": "sum",
    "count_nonzero": "count",
    "size": "count",
    "shape": "count",
    "confusion_matrix": "sum",
    "reduce_max": "max",
    "maximum": "max",
    "reduce_min": "max",
    "minimum": "max",
    "max": "max",
    "min": "max",
    "global_norm": "norm",
    "norm": "norm",
    "argmax": "index",
    "argmin": "index",
    "divide": "div",
    "truediv": "div",
    "div": "div",
    "div_no_nan": "div",
    "divide_no_nan": "div",
    "compute_average_loss": "scaled",
    "scale_regularization_loss": "scaled",
}

# Library functions whose result is the same whenever and wherever they are called.
CREATES = frozenset(
    {
        "constant",
        "zeros",
        "ones",
        "fill",
        "range",
        "eye",
        "linspace",
        "arange",
        "array",
        "full",
        "convert_to_tensor",
        "ones_like",
        "zeros_like",
        "asarray",
        "one_hot",
        "diag",
    }
)

# Operations after which a value is what it was, in another form
KEEPING = frozenset(
    {
        *("cast", "saturate_cast", "identity", "stop_gradient", "reshape", "squeeze"),
        *("convert_to_tensor", "expand_dims", "constant"),
    }
)

DTYPES = frozenset(
    {
        *("bfloat16", "float16", "half", "float32", "float64", "double"),
        *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("bool", "complex64", "complex128", "string"),
    }
)
INTEGERS = frozenset({"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"})
NOT_FLOATING = INTEGERS | {"bool", "complex64", "complex128", "string"}


def constant_dtype(value: object) -> str | None:
    """The dtype of a Python constant as TensorFlow converts it."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int32"
    if isinstance(value, float):
        return "float32"
    if isinstance(value, complex):
        return "complex128"
    return "string" if isinstance(value, str) else None
