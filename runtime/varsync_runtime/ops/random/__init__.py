"""TensorFlow's random numbers: the same numbers as TensorFlow's kernels for the CPU draw.

`philox` is the generator; `words` and `distributions` make numbers of its bits; `seeds` and `kernels`
say which generator an op has and where it stands; `stateful`, `stateless` and `generators` are
the public functions.
"""
