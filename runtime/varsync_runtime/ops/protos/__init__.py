"""Protocol buffers: their bytes, and the messages of TensorFlow's that scripts make."""
