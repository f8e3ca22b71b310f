"""Everything that `function` exports."""

from varsync_runtime.function import (
    autograph,
    branching,
    concrete,
    elementwise,
    polymorphic,
    python_ops,
    scopes,
    scratch,
    tensor_array,
)

__all__ = [
    "autograph",
    "branching",
    "concrete",
    "elementwise",
    "polymorphic",
    "python_ops",
    "scopes",
    "scratch",
    "tensor_array",
]
