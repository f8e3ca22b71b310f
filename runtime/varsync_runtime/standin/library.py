"""Everything that is exported, by importing all parts."""

import varsync_runtime.data.library as data
import varsync_runtime.function.library as function
import varsync_runtime.ops.library as ops
from varsync_runtime.standin import devices, ignored, summaries, versions

PARTS = (ops, function, data, devices, ignored, summaries, versions)
