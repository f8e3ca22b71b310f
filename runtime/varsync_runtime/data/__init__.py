"""`tf.data`: datasets, their iterators, and datasets that are distributed over replicas."""
