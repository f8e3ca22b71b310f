"""Variables: one class a class of TensorFlow's, and the modules that carry out what the table says."""
