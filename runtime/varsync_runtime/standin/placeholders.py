"""What stands for a symbol of TensorFlow that is not modelled: it fails when it is used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from varsync_runtime.events import Site
from varsync_runtime.standin import keras
from varsync_runtime.tensors import errors


class NotModelled(errors.NotModelled):
    """The script used a symbol of TensorFlow that `varsync simulate` does not model."""

    def __init__(self, symbol: str, site: Site | None = None) -> None:
        super().__init__(f"{symbol}{why(symbol)}", site)
        self.symbol = symbol

    def __reduce__(self) -> tuple[Any, ...]:
        return NotModelled, (self.symbol, self.site)


KERAS = ("keras", "losses", "metrics", "optimizers", "initializers")


def is_keras(symbol: str) -> bool:
    """Whether a symbol belongs to Keras, which TensorFlow re-exports."""
    parts = symbol.removeprefix("tf.compat.v1.").removeprefix("tf.compat.v2.").split(".")
    return (parts[1] if parts[0] == "tf" and len(parts) > 1 else parts[0]) in KERAS


def why(symbol: str) -> str:
    """What to do about a symbol of another package; empty for others."""
    if symbol.startswith("tfds."):
        return " without tensorflow_datasets: pip install tensorflow-datasets"
    if not is_keras(symbol):
        return ""
    if keras.installed():
        return ", which Keras 3 does not have"
    return " without Keras: pip install 'varsync[keras]'"


class Placeholder:
    """A named symbol. To read an attribute gives the placeholder of that; to use it raises.

    `isinstance(x, placeholder)` is False: nothing of the simulation is an instance of it.
    """

    def __init__(self, symbol: str) -> None:
        self.__dict__["_varsync_symbol"] = symbol

    def __repr__(self) -> str:
        return f"<{self._varsync_symbol}, not modelled by varsync>"

    def __getattr__(self, name: str) -> Any:
        # Python's own protocols ask for such names; they must find nothing
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Placeholder(f"{self._varsync_symbol}.{name}")

    def __instancecheck__(self, instance: object) -> bool:
        return False

    def __subclasscheck__(self, subclass: type) -> bool:
        return False

    def __or__(self, other: object) -> Any:
        """`tf.Tensor | tf.RaggedTensor` in an annotation."""
        return Any

    __ror__ = __or__


def fail(symbol: str) -> NoReturn:
    """Raises for a use of the symbol at the user's line."""
    raise NotModelled(symbol)


def _failing(method: str) -> Callable[..., NoReturn]:
    def use(self: Placeholder, *args: object, **kwargs: object) -> NoReturn:
        fail(self._varsync_symbol)

    use.__name__ = method
    return use


# Whatever Python may do with an object
USES = (
    "call getitem setitem delitem setattr delattr iter next len contains bool int float index",
    "complex enter exit await aiter mro_entries lt le gt ge neg pos abs invert round array",
    "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor",
    "radd rsub rmul rmatmul rtruediv rfloordiv rmod rdivmod rpow rlshift rrshift rand rxor",
)
for _use in " ".join(USES).split():
    setattr(Placeholder, f"__{_use}__", _failing(f"__{_use}__"))
