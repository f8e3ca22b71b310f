"""Everything that `tf.image` exports, by importing all modules that do."""

from __future__ import annotations

from varsync_runtime.ops.images import colors, files, geometry, projecting, randomly, resizing

PARTS = (colors, files, geometry, projecting, randomly, resizing)
