"""Everything that is exported, by importing all parts."""

import varsync_runtime.data.library as data
import varsync_runtime.distribute.library as distribute
import varsync_runtime.function.library as function
import varsync_runtime.ops.library as ops
import varsync_runtime.train.library as train
from varsync_runtime.standin import abseil, devices, ignored, private, summaries, versions
from varsync_runtime.standin.surfaces import complete

PARTS = (
    ops,
    train,
    function,
    distribute,
    data,
    abseil,
    devices,
    ignored,
    private,
    summaries,
    versions,
)

complete()
