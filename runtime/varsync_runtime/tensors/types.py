"""The empty classes by which TensorFlow knows kinds of objects."""

from __future__ import annotations

from varsync_runtime.tensors.exports import export


@export("tf.__internal__.types.Tensor")
class TensorLike:
    """The empty class that tensors and variables have in common."""

    __slots__ = ()
    __module__ = "tensorflow.python.types.core"


class NativeObject:
    """The empty class of what ops take besides tensors and variables."""

    __slots__ = ()
    __module__ = "tensorflow.python.types.internal"


@export("tf.__internal__.CompositeTensor")
class CompositeTensor:
    """The empty class of what is made of tensors and passes through functions as one value."""

    __slots__ = ()
    __module__ = "tensorflow.python.framework.composite_tensor"
