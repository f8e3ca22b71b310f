"""`tf.compat.v1.ConfigProto`: what scripts set for a session. Nothing of it has an effect here."""

from __future__ import annotations

from varsync_runtime.ops.protos.messages import Field, Message
from varsync_runtime.tensors.exports import export

_CONFIG = "tensorflow.core.protobuf.config_pb2"


@export("tf.compat.v1.GPUOptions")
class GPUOptions(Message):
    __module__ = _CONFIG
    FULL_NAME = "tensorflow.GPUOptions"
    LACKING = ("experimental",)
    FIELDS = (
        Field(1, "per_process_gpu_memory_fraction", "double"),
        Field(2, "allocator_type", "string"),
        Field(3, "deferred_deletion_bytes", "int64"),
        Field(4, "allow_growth", "bool"),
        Field(5, "visible_device_list", "string"),
        Field(6, "polling_active_delay_usecs", "int32"),
        Field(7, "polling_inactive_delay_msecs", "int32"),
        Field(8, "force_gpu_compatible", "bool"),
    )


@export("tf.compat.v1.OptimizerOptions")
class OptimizerOptions(Message):
    __module__ = _CONFIG
    FULL_NAME = "tensorflow.OptimizerOptions"
    FIELDS = (
        Field(1, "do_common_subexpression_elimination", "bool"),
        Field(2, "do_constant_folding", "bool"),
        Field(3, "opt_level", ((0, "L1"), (-1, "L0"))),
        Field(4, "do_function_inlining", "bool"),
        Field(5, "global_jit_level", ((0, "DEFAULT"), (-1, "OFF"), (1, "ON_1"), (2, "ON_2"))),
        Field(6, "max_folded_constant_in_bytes", "int64"),
        Field(7, "cpu_global_jit", "bool"),
    )


@export("tf.compat.v1.GraphOptions")
class GraphOptions(Message):
    __module__ = _CONFIG
    FULL_NAME = "tensorflow.GraphOptions"
    LACKING = ("rewrite_options",)
    FIELDS = (
        Field(2, "enable_recv_scheduling", "bool"),
        Field(3, "optimizer_options", OptimizerOptions),
        Field(4, "build_cost_model", "int64"),
        Field(5, "infer_shapes", "bool"),
        Field(6, "place_pruned_graph", "bool"),
        Field(7, "enable_bfloat16_sendrecv", "bool"),
        Field(8, "timeline_step", "int32"),
        Field(9, "build_cost_model_after", "int64"),
    )


@export("tf.compat.v1.ConfigProto")
class ConfigProto(Message):
    __module__ = _CONFIG
    FULL_NAME = "tensorflow.ConfigProto"
    LACKING = ("cluster_def", "experimental", "rpc_options", "session_inter_op_thread_pool")
    FIELDS = (
        Field(1, "device_count", "int32", key="string"),
        Field(2, "intra_op_parallelism_threads", "int32"),
        Field(3, "placement_period", "int32"),
        Field(4, "device_filters", "string", repeated=True),
        Field(5, "inter_op_parallelism_threads", "int32"),
        Field(6, "gpu_options", GPUOptions),
        Field(7, "allow_soft_placement", "bool"),
        Field(8, "log_device_placement", "bool"),
        Field(9, "use_per_session_threads", "bool"),
        Field(10, "graph_options", GraphOptions),
        Field(11, "operation_timeout_in_ms", "int64"),
        Field(15, "isolate_session_state", "bool"),
        Field(17, "share_cluster_devices_in_session", "bool"),
        Field(18, "pluggable_device_options", GPUOptions),
    )
