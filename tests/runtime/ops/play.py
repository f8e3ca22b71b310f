"""Plays one case on whatever `tf` is: real TensorFlow or the stand-in."""

from __future__ import annotations

import re
import struct
import zlib
from typing import Any

import numpy as np

from tests.runtime.ops.table import Case

# what differs from run to run, or tells TensorFlow's build
_ADDRESS = re.compile(r"0x[0-9a-f]+")
_NODE_DEF = re.compile(r"\n\t; NodeDef:.*", re.DOTALL)
_WHERE = re.compile(r"\{\{function_node [^}]*\}\} ")
_OP = re.compile(r" ?\[Op:[^\]]*\].*$", re.DOTALL)


class Inputs:
    """Makes the inputs of one case; the same for the same expression."""

    def __init__(self, tf: Any, expression: str) -> None:
        self.tf = tf
        self.random = np.random.default_rng(zlib.crc32(expression.encode()))
        self.made: list[Any] = []

    def _keep(self, array: Any, dtype: Any) -> Any:
        tensor = self.tf.constant(np.asarray(array).astype(dtype))
        self.made.append(tensor)
        return tensor

    def f(self, *shape: int) -> Any:
        return self._keep(self.random.normal(size=shape), np.float32)

    def p(self, *shape: int) -> Any:
        return self._keep(self.random.uniform(0.2, 2.0, size=shape), np.float32)

    def u(self, *shape: int) -> Any:
        return self._keep(self.random.uniform(-0.9, 0.9, size=shape), np.float32)

    def i(self, *shape: int) -> Any:
        return self._keep(self.random.integers(-4, 5, size=shape), np.int32)

    def b(self, *shape: int) -> Any:
        return self._keep(self.random.integers(0, 2, size=shape), np.bool_)

    def d(self, *shape: int) -> Any:
        return self._keep(self.random.normal(size=shape), np.float64)

    def h(self, *shape: int) -> Any:
        return self._keep(self.random.normal(size=shape), np.float16)

    def z(self, *shape: int) -> Any:
        array = self.random.normal(size=shape) + 1j * self.random.normal(size=shape)
        return self._keep(array, np.complex64)

    def e(self, **features: Any) -> bytes:
        """The bytes of a `tf.train.Example` with lists of bytes, floats or integers."""
        train = self.tf.train
        made = {}
        for name, values in features.items():
            if values and isinstance(values[0], bytes):
                made[name] = train.Feature(bytes_list=train.BytesList(value=values))
            elif values and isinstance(values[0], float):
                made[name] = train.Feature(float_list=train.FloatList(value=values))
            else:
                made[name] = train.Feature(int64_list=train.Int64List(value=values))
        example = train.Example(features=train.Features(feature=made))
        return example.SerializeToString()  # type: ignore[no-any-return]

    def g(self, size: tuple[int, int], kind: tuple[int, int], rows: Any, **chunks: Any) -> bytes:
        """The bytes of a PNG file: width and height, depth and colour type, filtered rows."""
        parts = {"IHDR": struct.pack(">IIBBBBB", *size, *kind, 0, 0, int(chunks.pop("twice", 0)))}
        parts |= {name: bytes(data) for name, data in chunks.items()}
        parts |= {"IDAT": zlib.compress(bytes(rows)), "IEND": b""}
        found = b"\x89PNG\r\n\x1a\n"
        for name, data in parts.items():
            body = name.encode() + data
            found += struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
        return found

    def names(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in "fpuibdhzeg"}
        tf = self.tf
        tnp = tf.experimental.numpy
        return own | {"tf": tf, "np": np, "tnp": tnp, "c": tf.constant, "x": self}


def play(tf: Any, case: Case) -> dict[str, Any]:
    """The outputs, gradients, or the exception of a case, as plain data."""
    inputs = Inputs(tf, case.expression)
    try:
        if not case.gradient:
            return {"out": described(tf, eval(case.expression, inputs.names()))}
        return _with_gradients(tf, case, inputs)
    except Exception as error:
        return {"error": type(error).__name__, "words": words(str(error))}


def _with_gradients(tf: Any, case: Case, inputs: Inputs) -> dict[str, Any]:
    with tf.GradientTape(persistent=True) as second:
        with tf.GradientTape(persistent=True) as tape:
            plain = inputs._keep

            def watched(array: Any, dtype: Any) -> Any:
                tensor = plain(array, dtype)
                if tensor.dtype.is_floating or tensor.dtype.is_complex:
                    tape.watch(tensor)
                    second.watch(tensor)
                return tensor

            inputs._keep = watched  # type: ignore[method-assign]
            result = eval(case.expression, inputs.names())
            loss = _weighted(tf, result)
        sources = [one for one in inputs.made if one.dtype.is_floating or one.dtype.is_complex]
        gradients = tape.gradient(loss, sources)
        dense = [one for one in gradients if one is not None and not hasattr(one, "indices")]
        twice = _weighted(tf, dense) if dense else None
    found = {"out": described(tf, result), "gradients": [described(tf, one) for one in gradients]}
    if twice is not None and not any(one.dtype.is_complex for one in inputs.made):
        found["second"] = [described(tf, one) for one in _second(second, twice, sources)]
    return found


def _second(tape: Any, twice: Any, sources: list[Any]) -> list[Any]:
    try:
        return list(tape.gradient(twice, sources))
    except (LookupError, NotImplementedError):
        return []


def _weighted(tf: Any, result: Any) -> Any:
    """One number of all the float outputs, each element with a weight of its own."""
    total = None
    for one in tf.nest.flatten(result):
        if not (one.dtype.is_floating or one.dtype.is_complex):
            continue
        count = int(np.prod(one.shape))
        weights = np.cos(np.arange(count) + 1).reshape(one.shape)
        part = tf.reduce_sum(one * tf.cast(tf.constant(weights), one.dtype))
        part = tf.math.real(part) if part.dtype.is_complex else part
        total = part if total is None else total + tf.cast(part, total.dtype)
    return total


def described(tf: Any, value: Any) -> Any:
    """A result as plain data: class, dtype, shape and values."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, bytes):
        return {"bytes": value.decode("latin-1")}
    if type(value).__name__ == "IndexedSlices":
        parts = (value.values, value.indices, value.dense_shape)
        return {"slices": [described(tf, one) for one in parts]}
    if hasattr(value, "values") and hasattr(value, "dense_shape"):
        parts = (value.indices, value.values, value.dense_shape)
        return {"sparse": [described(tf, one) for one in parts]}
    if hasattr(value, "row_splits"):
        return {"ragged": [described(tf, one) for one in (value.values, value.row_splits)]}
    if isinstance(value, dict):
        return {"dict": {str(key): described(tf, one) for key, one in value.items()}}
    if isinstance(value, (list, tuple)) and type(value).__name__ != "TensorShape":
        return {"kind": type(value).__name__, "items": [described(tf, one) for one in value]}
    if hasattr(value, "dtype") and hasattr(value, "numpy"):
        return tensor(value)
    if isinstance(value, (np.ndarray, np.generic)):
        return {"numpy": repr(value), "dtype": str(value.dtype)}
    return {"repr": _ADDRESS.sub("0x", repr(value))}


def tensor(value: Any) -> dict[str, Any]:
    """A tensor as plain data; floats with enough digits to be the same again."""
    array = np.asarray(value.numpy())
    flat = array.reshape(-1)
    if array.dtype.kind == "c":
        values: list[Any] = [f"{one.real:.9g},{one.imag:.9g}" for one in flat]
    elif array.dtype.kind == "f":
        digits = ".17g" if array.dtype == np.float64 else ".9g"
        values = [float(format(float(one), digits)) for one in flat]
    elif array.dtype.kind in "OS":
        values = [bytes(one).decode("latin-1") for one in flat]
    else:
        values = flat.tolist()
    return {"dtype": value.dtype.name, "shape": list(array.shape), "values": values}


def words(message: str) -> str:
    """A message without what differs by build and by run."""
    message = _WHERE.sub("", _NODE_DEF.sub("", _OP.sub("", message)))
    return _ADDRESS.sub("0x", message)[:300]
