"""Everything that `train` exports."""

from varsync_runtime.train import checkpoint, gfile, manager, module, states, trackable

__all__ = ["checkpoint", "gfile", "manager", "module", "states", "trackable"]
