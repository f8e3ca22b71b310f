"""Constants, dtypes and what is NumPy's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from varsync_runtime.ops.numpy_names.promotion import named
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.exports import provide

OTHERS = {
    "e": np.e,
    "inf": np.inf,
    "newaxis": None,
    "pi": np.pi,
    "complex_": np.complex128,
    "float_": np.float64,
    "iinfo": np.iinfo,
    "inexact": np.inexact,
    "issubdtype": np.issubdtype,
    "object_": np.object_,
    "string_": np.bytes_,
    "unicode_": np.str_,
}
DTYPES = (
    "bool_ complex128 complex64 float16 float32 float64 int16 int32 int64 int8 int_",
    "uint16 uint32 uint64 uint8",
)

for _name, _value in OTHERS.items():
    provide(f"tf.experimental.numpy.{_name}", _value)
for _name in " ".join(DTYPES).split():
    provide(f"tf.experimental.numpy.{_name}", getattr(np, _name))


@named("finfo")
def finfo(dtype: Any) -> Any:
    """What NumPy says of floats of a dtype."""
    return np.finfo(as_dtype(dtype).as_numpy_dtype)
