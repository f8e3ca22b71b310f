"""Everything of this part that is exported, by importing all its modules."""

from varsync_runtime.distribute import (
    contexts,
    coordinator,
    creators,
    cross_device_ops,
    datasets,
    drawing,
    enums,
    interim,
    options,
    partitioners,
    raw,
    resolvers,
)
from varsync_runtime.distribute.strategies import (
    central,
    default,
    mirrored,
    multi_worker,
    one_device,
    parameter_server,
    tpu,
)
from varsync_runtime.distribute.variables import base, v1

MODULES = (
    base, central, contexts, coordinator, creators, cross_device_ops, datasets, default, drawing,
    enums, interim, mirrored, multi_worker, one_device, options, parameter_server, partitioners,
    raw, resolvers, tpu, v1,
)  # fmt: skip
