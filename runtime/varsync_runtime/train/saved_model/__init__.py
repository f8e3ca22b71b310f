"""`tf.saved_model`: a root with its variables and functions, saved and loaded again."""

from varsync_runtime.train.saved_model import files, loading, options, saving

__all__ = ["files", "loading", "options", "saving"]
