"""The engines: what a run on TensorFlow tells is what the simulation tells."""
