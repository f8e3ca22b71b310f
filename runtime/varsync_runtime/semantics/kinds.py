"""The words of the table: what a strategy, a mode, an operation and a value may be."""

from __future__ import annotations

import enum


class Word(enum.Enum):
    """One of a few words; hashed as an object, since the table is asked often."""

    __hash__ = object.__hash__


class StrategyKind(Word):
    """A kind of `tf.distribute` strategy; DEFAULT is a program without one."""

    DEFAULT = "default"
    ONE_DEVICE = "one_device"
    MIRRORED = "mirrored"
    MULTI_WORKER_MIRRORED = "multi_worker_mirrored"
    CENTRAL_STORAGE = "central_storage"
    PARAMETER_SERVER = "parameter_server"
    TPU = "tpu"


def may_replicate(kind: StrategyKind | None) -> bool:
    """Whether a strategy of a kind can have several replicas; None is one that is not known."""
    return kind not in (StrategyKind.DEFAULT, StrategyKind.ONE_DEVICE)


class Synchronization(Word):
    """`tf.VariableSynchronization`; the values are TensorFlow's numbers."""

    AUTO = 0
    NONE = 1
    ON_WRITE = 2
    ON_READ = 3


class Aggregation(Word):
    """`tf.VariableAggregation`; the values are TensorFlow's numbers."""

    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3


class DTypeKind(Word):
    """What the table needs to know of a dtype."""

    FLOATING = "floating"
    INTEGER = "integer"
    BOOL = "bool"
    COMPLEX = "complex"
    STRING = "string"


class Context(Word):
    """Where an operation on a variable stands.

    REPLICA is inside `strategy.run`. CROSS_REPLICA is host code in the scope, and the function
    given to `merge_call`; OUTSIDE_SCOPE is host code outside any scope, which does nearly the same.
    UPDATE is the function given to `strategy.extended.update` on the host or in a `merge_call`,
    UPDATE_FROM_REPLICA if that is called in replica context.
    """

    REPLICA = "replica"
    CROSS_REPLICA = "cross_replica"
    OUTSIDE_SCOPE = "outside_scope"
    UPDATE = "update"
    UPDATE_FROM_REPLICA = "update_from_replica"


class Execution(Word):
    """How replica code is run: as Python, or traced by a `tf.function`."""

    EAGER = "eager"
    FUNCTION = "function"


class ControlFlow(Word):
    """What stands around an update in replica code.

    REPLICAS_DIFFER: some replicas leave it out (an `if` on the replica's id or data, an early
    return, another number of rounds). TENSOR_CONDITION: `tf.cond`, or an `if`, `while` or `for` on
    a tensor that AutoGraph turns into graph control flow. NESTED_FUNCTION: a `tf.function` called
    by the replica function. FUNCTION_IN_BRANCH: a `tf.function` around `strategy.run`, called by an
    outer one in a branch on a tensor. DIFFERENT_ORDER: the replicas do the same updates in another
    order; the replicas' k-th updates meet then, and replica 0's says which variable is written.
    DIFFERENT_CALLS: some replicas call `all_reduce` where the others update.
    """

    STRAIGHT = "straight"
    PYTHON_LOOP = "python_loop"
    REPLICAS_DIFFER = "replicas_differ"
    TENSOR_CONDITION = "tensor_condition"
    NESTED_FUNCTION = "nested_function"
    FUNCTION_IN_BRANCH = "function_in_branch"
    DIFFERENT_ORDER = "different_order"
    DIFFERENT_CALLS = "different_calls"


class Call(Word):
    """A call in which the replicas meet, or the workers.

    ALL_REDUCE, ALL_GATHER and MERGE_CALL are methods of `tf.distribute.ReplicaContext`; REDUCE and
    GATHER are methods of the strategy, for the host.
    """

    ALL_REDUCE = "all_reduce"
    ALL_GATHER = "all_gather"
    MERGE_CALL = "merge_call"
    REDUCE = "reduce"
    GATHER = "gather"


class ValueKind(Word):
    """What is given to an update.

    TENSOR is a tensor: in replica context one made in the replica or an argument of the replica
    function, in cross-replica context any. NUMBER is a Python number other than zero that all
    replicas share, such as a literal; ZERO the literal 0 or 0.0; REPLICA_NUMBER a Python number
    made in each replica (`float(x)`). NUMPY is a NumPy scalar or array made in the replica,
    SHARED_NUMPY one made outside. CAPTURED is a tensor made outside the replica function and
    PLAIN_VARIABLE a variable made outside the scope. PER_REPLICA is what `strategy.run` returned.
    ALL_REDUCED is the result of an all-reduce. ITSELF is the variable that is updated. LIST is a
    Python list of one number for a variable without dimensions, so it also stands for a wrong
    shape; OTHER_DTYPE is a tensor of another dtype than the variable's.
    """

    TENSOR = "tensor"
    NUMBER = "number"
    ZERO = "zero"
    REPLICA_NUMBER = "replica_number"
    NUMPY = "numpy"
    SHARED_NUMPY = "shared_numpy"
    CAPTURED = "captured"
    PLAIN_VARIABLE = "plain_variable"
    PER_REPLICA = "per_replica"
    ALL_REDUCED = "all_reduced"
    ITSELF = "itself"
    LIST = "list"
    OTHER_DTYPE = "other_dtype"


class Operation(Word):
    """An operation that writes to a variable, by its method's name where it has one.

    SLICE_ASSIGN is `v[i].assign(x)`; RAW_ASSIGN and RAW_ASSIGN_ADD are raw operations that write
    through `v.handle`. AUGMENTED_ASSIGNMENT is `v += x`, CLOSURE_AUGMENTED_ASSIGNMENT the same
    where `v` is a name of an enclosing function. DEEPCOPY is `copy.deepcopy(v)`.
    """

    ASSIGN = "assign"
    ASSIGN_ADD = "assign_add"
    ASSIGN_SUB = "assign_sub"
    SCATTER_ADD = "scatter_add"
    SCATTER_SUB = "scatter_sub"
    SCATTER_MUL = "scatter_mul"
    SCATTER_DIV = "scatter_div"
    SCATTER_MIN = "scatter_min"
    SCATTER_MAX = "scatter_max"
    SCATTER_UPDATE = "scatter_update"
    SCATTER_ND_ADD = "scatter_nd_add"
    SCATTER_ND_SUB = "scatter_nd_sub"
    SCATTER_ND_UPDATE = "scatter_nd_update"
    SCATTER_ND_MIN = "scatter_nd_min"
    SCATTER_ND_MAX = "scatter_nd_max"
    BATCH_SCATTER_UPDATE = "batch_scatter_update"
    COUNT_UP_TO = "count_up_to"
    SLICE_ASSIGN = "slice_assign"
    RAW_ASSIGN = "raw_assign"
    RAW_ASSIGN_ADD = "raw_assign_add"
    AUGMENTED_ASSIGNMENT = "augmented_assignment"
    CLOSURE_AUGMENTED_ASSIGNMENT = "closure_augmented_assignment"
    DEEPCOPY = "deepcopy"


class ReadForm(Word):
    """How a variable is read.

    VALUE stands for the forms that agree: `read_value()`, `value()`, `numpy()`, `tf.identity`,
    operators and conversion to a tensor. FLOAT is `float(v)`. ARRAY is `numpy.asarray(v)`.
    REDUCE_SUM and
    REDUCE_MEAN are `strategy.reduce` of the variable itself, REDUCE_OF_READS is
    `strategy.reduce(SUM)` of what the replicas read from it. ALL_REDUCE is
    `ReplicaContext.all_reduce(SUM)` of the variable. LOCAL_RESULTS is
    `strategy.experimental_local_results`; ON_DEVICE is a read on the host under `tf.device` of
    another replica. SYNC_ON_READ_CONTEXT is a read in replica context inside
    `variable_sync_on_read_context()`. SPARSE_READ and GATHER_ND are the methods; HANDLE is a raw
    operation that reads `v.handle`.
    """

    VALUE = "value"
    FLOAT = "float"
    ARRAY = "array"
    REDUCE_SUM = "reduce_sum"
    REDUCE_MEAN = "reduce_mean"
    REDUCE_OF_READS = "reduce_of_reads"
    ALL_REDUCE = "all_reduce"
    LOCAL_RESULTS = "local_results"
    ON_DEVICE = "on_device"
    SYNC_ON_READ_CONTEXT = "sync_on_read_context"
    SPARSE_READ = "sparse_read"
    GATHER_ND = "gather_nd"
    HANDLE = "handle"


class VariableClass(Word):
    """The class that TensorFlow gives a variable; it decides everything that follows.

    UNLIFTED is a plain variable that a `tf.function` made while it was traced, LOADED a plain one
    that came out of a SavedModel.
    A TPUStrategy's variables are TPU_MIRRORED and TPU_SYNC_ON_READ here, although TensorFlow spells
    both TPUDistributedVariable, with a policy, unless SPMD partitioning is switched on.
    """

    PLAIN = "ResourceVariable"
    UNLIFTED = "UnliftedInitializerVariable"
    LOADED = "UninitializedVariable"
    MIRRORED = "MirroredVariable"
    SYNC_ON_READ = "SyncOnReadVariable"
    AGGREGATING = "AggregatingVariable"
    CACHING = "CachingVariable"
    TPU_MIRRORED = "TPUMirroredVariable"
    TPU_SYNC_ON_READ = "TPUSyncOnReadVariable"


class Api(Word):
    """What makes a variable: `tf.Variable` (`tf.compat.v1.Variable` checks alike), or Keras 3."""

    TF_VARIABLE = "tf.Variable"
    V1_GET_VARIABLE = "tf.compat.v1.get_variable"
    KERAS_VARIABLE = "keras.Variable"
    LAYER_ADD_WEIGHT = "keras.layers.Layer.add_weight"
    METRIC_ADD_WEIGHT = "keras.metrics.Metric.add_weight"
    METRIC_ADD_VARIABLE = "keras.metrics.Metric.add_variable"


class Parameter(Word):
    """Where an argument is given.

    UNKNOWN_KEYWORD is any keyword that the function does not name. SECOND, THIRD and FOURTH are
    places in `tf.Variable(...)`, counted from the initial value. SETTER is an attribute of a
    variable that is assigned later (`v.aggregation = ...`).
    """

    SYNCHRONIZATION = "synchronization"
    AGGREGATION = "aggregation"
    SECOND = "trainable"
    THIRD = "validate_shape"
    FOURTH = "caching_device"
    UNKNOWN_KEYWORD = "unknown keyword"
    SETTER = "setter"


class Argument(Word):
    """What is given for a parameter.

    MEMBER is a member of TensorFlow's enum for it, of v1 or v2; OTHER_MEMBER one of the other of
    the two enums. NUMBER is the integer of a member. KERAS_STRING is a string that Keras 3 knows
    (`"sum"`, `"on_read"`); STRING any other.
    """

    MEMBER = "member"
    OTHER_MEMBER = "other member"
    NUMBER = "number"
    OTHER_NUMBER = "other number"
    KERAS_STRING = "string of Keras"
    STRING = "string"
    NONE = "None"
    REDUCE_OP = "tf.distribute.ReduceOp"
    CLASS = "the enum itself"


class Taken(Word):
    """What becomes of an argument that raises nothing.

    MEMBER: it stands for the member that it names. DEFAULT: the same as nothing given.
    NO_SYNCHRONIZATION: the member NONE. IGNORED: it is dropped, or taken for something else.
    """

    MEMBER = "member"
    DEFAULT = "default"
    NO_SYNCHRONIZATION = "NONE"
    IGNORED = "ignored"


class Use(Word):
    """What is done with a variable of one strategy where another strategy is current."""

    WRITE_IN_RUN = "write in run"
    READ_IN_RUN = "read in run"
    WRITE_IN_SCOPE = "write in scope"
    READ_IN_SCOPE = "read in scope"
    SCOPE_IN_SCOPE = "scope in scope"


class PerWorkerUse(Word):
    """What is done with a `tf.Variable(..., per_worker_variable=True)` of a parameter server."""

    MODES = "its synchronization or aggregation is asked"
    WRITE_IN_CLOSURE = "write in a closure"
    READ_ALL = "read_all()"
    READ_ON_COORDINATOR = "read on the coordinator"
    WRITE_ON_COORDINATOR = "write on the coordinator"


class Making(Word):
    """How a function that a strategy runs makes a variable.

    ONCE: behind a guard (`if self.v is None`). ONCE_BESIDE_COLLECTIVE: the same in a function that
    has a collective op. ONCE_UNDER_XLA: the same with `jit_compile=True`. EACH_CALL: at every call.
    ARGUMENTS_DIFFER: with other values or modes in some replicas; NAMES_DIFFER: with other names.
    FIRST_REPLICA_ONLY: replica 0 alone makes it.
    """

    ONCE = "once"
    ONCE_BESIDE_COLLECTIVE = "once, beside a collective op"
    ONCE_UNDER_XLA = "once, compiled with XLA"
    EACH_CALL = "each call"
    ARGUMENTS_DIFFER = "arguments differ"
    NAMES_DIFFER = "names differ"
    FIRST_REPLICA_ONLY = "first replica only"


class Made(Word):
    """What comes of it: one variable for all replicas, with replica 0's arguments, that stays, or
    that is made anew by every call."""

    ONE = "one variable, as replica 0 makes it"
    ONE_EACH_CALL = "a new variable at every call"


class KerasState(Word):
    """A variable that Keras 3 makes for itself.

    OPTIMIZER_COUNTER is `iterations` and a learning rate; OPTIMIZER_SLOT a moment, an accumulated
    gradient or an average of a weight; SEED the state of a `SeedGenerator`, so of Dropout.
    """

    METRIC = "metric"
    OPTIMIZER_COUNTER = "optimizer counter"
    OPTIMIZER_SLOT = "optimizer slot"
    WEIGHT = "weight of a layer"
    LAYER_STATISTICS = "moving statistics of BatchNormalization"
    SEED = "seed"


class LossReduction(Word):
    """`reduction` of a Keras 3 loss; MEAN is `"sum_over_batch_size"`, the default."""

    MEAN = "sum_over_batch_size"
    SUM = "sum"
    NONE = "none"


class Signature(Word):
    """How a function of a SavedModel is exported: as a concrete function that was traced before, or
    traced by the export itself (`input_signature`, or a method of the module)."""

    CONCRETE = "concrete function"
    TRACED = "traced by the export"


class Access(Word):
    """What an exported function does with a variable; WRITE is `assign_add`."""

    READ = "read"
    WRITE = "write"
