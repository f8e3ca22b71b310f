"""The installed TensorFlow as an engine: the script runs on it, and what it does is told.

Logical CPU devices stand for the GPUs. Nothing of TensorFlow is replaced: functions of its
distribution package are wrapped, each by one that calls it and tells. What TensorFlow compiles gets
ops that tell when it runs. `preparing` is the way in.
"""

INSTALL = "pip install 'varsync[tensorflow]'"
