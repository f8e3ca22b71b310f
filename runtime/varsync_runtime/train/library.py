"""Everything that `train` exports."""

from varsync_runtime.train import averages, checkpoint, gfile, manager, module, states, trackable

__all__ = ["averages", "checkpoint", "gfile", "manager", "module", "states", "trackable"]
