"""TensorFlow's random numbers: the same numbers as TensorFlow's kernels for the CPU draw.

`philox` is the generator; `words`, `libm`, `distributions` and `rejection` make numbers of its bits;
`seeds` and `kernels` say which generator an op has and where it stands, `graphs` in a `tf.function`;
`stateful`, `stateless`, `generators`, `initializers` and `dropout` are the public functions.
`surroundings` is what the parts above set.
"""
