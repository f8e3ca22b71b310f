"""`tf.experimental.numpy`: NumPy's names for ops of TensorFlow, as NumPy promotes dtypes."""
