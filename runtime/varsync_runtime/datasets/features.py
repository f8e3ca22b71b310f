"""What tensorflow_datasets says of the parts of an example: `info.features["label"].num_classes`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from varsync_runtime.datasets.tensorflow import tensorflow
from varsync_runtime.tensors.errors import NotModelled


class Feature:
    """A part of an example, of the kind that `about` names."""

    def __init__(self, about: dict[str, Any]) -> None:
        self._about = about
        self.shape = tuple(about["shape"])
        self.dtype = tensorflow().as_dtype(about["dtype"])

    @property
    def tf_dtype(self) -> Any:
        """The dtype of the tensors."""
        return self.dtype

    @property
    def np_dtype(self) -> Any:
        """The dtype of NumPy's arrays."""
        return self.dtype.as_numpy_dtype

    @property
    def num_classes(self) -> int:
        """How many labels there are."""
        return len(self.names)

    @property
    def names(self) -> list[str]:
        """The labels, in the order of their numbers."""
        if "names" not in self._about:
            raise AttributeError(f"'{self._about['kind']}' object has no attribute 'names'")
        return list(self._about["names"])

    def int2str(self, int_value: int) -> str:
        """The name of a label."""
        return self.names[int_value]

    def str2int(self, str_value: str) -> int:
        """The number of a label."""
        return self.names.index(str_value)

    def get_tensor_info(self) -> Any:
        """Shape and dtype."""
        return tensorflow().TensorSpec(self.shape, self.dtype)

    def __repr__(self) -> str:
        return str(self._about["repr"])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotModelled(f"tfds.features.{self._about['kind']}.{name}")


class FeaturesDict:
    """tensorflow_datasets/core/features/features_dict.py, `FeaturesDict`."""

    def __init__(self, about: dict[str, Any]) -> None:
        self._features = {
            key: FeaturesDict(one) if "features" in one else Feature(one)
            for key, one in about["features"].items()
        }
        self._shown = {key: one.get("shown") for key, one in about["features"].items()}

    def keys(self) -> Any:
        """The names of the parts."""
        return self._features.keys()

    def items(self) -> Any:
        """The parts with their names."""
        return self._features.items()

    def values(self) -> Any:
        """The parts."""
        return self._features.values()

    def __getitem__(self, key: str) -> Any:
        return self._features[key]

    def __contains__(self, key: object) -> bool:
        return key in self._features

    def __len__(self) -> int:
        return len(self._features)

    def __iter__(self) -> Iterator[str]:
        return iter(self._features)

    @property
    def shape(self) -> dict[str, Any]:
        """The shapes of the parts."""
        return {key: one.shape for key, one in self.items()}

    @property
    def dtype(self) -> dict[str, Any]:
        """The dtypes of the parts."""
        return {key: one.dtype for key, one in self.items()}

    def __repr__(self) -> str:
        lines = ["FeaturesDict({"]
        for key, one in sorted(self.items()):
            shown = f"'{key}': {self._shown[key] or repr(one)},"
            lines += [f"    {line}" for line in shown.split("\n")]
        return "\n".join([*lines, "})"])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotModelled(f"tfds.features.FeaturesDict.{name}")
