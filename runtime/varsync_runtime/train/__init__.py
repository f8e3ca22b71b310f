"""`tf.Module`, checkpoints, moving averages and `tf.io.gfile`."""
