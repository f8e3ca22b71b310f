"""`tf.distribute` and `tf.Variable` on replica processes, executing the table of semantics."""
