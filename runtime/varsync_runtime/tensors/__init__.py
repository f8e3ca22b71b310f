"""Tensors as TensorFlow shows them, on NumPy: dtypes, shapes, the dispatcher, the tape.

The parts to build on: `tensor.Tensor` and `tensor.make`, `convert.convert`, `dispatch.Op` and
`dispatch.call`, `tape.record`, `variables.read` for what implements `protocols.VariableLike`,
`exports.export`, and `state.state` and `state.hooks`, which the other parts set.
"""
