"""Records what the installed tensorflow_datasets says of datasets and of splits.

python -m tests.runtime.datasets.record      (needs TensorFlow and tensorflow_datasets; no network)

How many examples a split has is not in the package, which asks its server: those numbers are the
ones of its public catalog. Splits of which nobody may know the labels have -1 in their place.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from varsync_runtime.datasets import catalog

SPLITS: dict[str, dict[str, int]] = {
    "ag_news_subset": {"test": 7600, "train": 120000},
    "beans": {"test": 128, "train": 1034, "validation": 133},
    "cats_vs_dogs": {"train": 23262},
    "celeb_a": {"test": 19962, "train": 162770, "validation": 19867},
    "cifar10": {"test": 10000, "train": 50000},
    "cifar100": {"test": 10000, "train": 50000},
    "emnist/balanced": {"test": 18800, "train": 112800},
    "emnist/byclass": {"test": 116323, "train": 697932},
    "emnist/digits": {"test": 40000, "train": 240000},
    "emnist/letters": {"test": 14800, "train": 88800},
    "emnist/mnist": {"test": 10000, "train": 60000},
    "eurosat/rgb": {"train": 27000},
    "fashion_mnist": {"test": 10000, "train": 60000},
    "food101": {"train": 75750, "validation": 25250},
    "glue/sst2": {"test": 1821, "train": 67349, "validation": 872},
    "horses_or_humans": {"test": 256, "train": 1027},
    "imagenet2012": {"test": 100000, "train": 1281167, "validation": 50000},
    "imagenet_resized/16x16": {"train": 1281167, "validation": 50000},
    "imagenet_resized/32x32": {"train": 1281167, "validation": 50000},
    "imagenet_resized/64x64": {"train": 1281167, "validation": 50000},
    "imagenet_resized/8x8": {"train": 1281167, "validation": 50000},
    "imagenette/full-size-v2": {"train": 9469, "validation": 3925},
    "imdb_reviews/plain_text": {"test": 25000, "train": 25000, "unsupervised": 50000},
    "iris": {"train": 150},
    "kmnist": {"test": 10000, "train": 60000},
    "mnist": {"test": 10000, "train": 60000},
    "oxford_flowers102": {"test": 6149, "train": 1020, "validation": 1020},
    "oxford_iiit_pet": {"test": 3669, "train": 3680},
    "patch_camelyon": {"test": 32768, "train": 262144, "validation": 32768},
    "rock_paper_scissors": {"test": 372, "train": 2520},
    "stl10": {"test": 8000, "train": 5000, "unlabelled": 100000},
    "svhn_cropped": {"extra": 531131, "test": 26032, "train": 73257},
    "tf_flowers": {"train": 3670},
    "titanic": {"train": 1309},
    "yelp_polarity_reviews": {"test": 38000, "train": 560000},
}
UNLABELLED = {
    "glue/sst2": ["test"],
    "imagenet2012": ["test"],
    "imdb_reviews/plain_text": ["unsupervised"],
    "stl10": ["unlabelled"],
}
# What pictures hold that are no photographs
VALUES = {("oxford_iiit_pet", "segmentation_mask"): (1, 3)}
SIZES = {"train": 1027, "test": 256, "validation": 7}
SPECS = (
    "train", "all", "train+test", "train[:80%]", "train[80%:]", "train[10%:20%]", "train[-5%:]",
    "train[:-5%]", "train[:99.5%]", "train[100:]", "train[:100]", "train[-100:]", "train[:-100]",
    "train[10:20]", "train[500:100]", "train[:5000]", "test[:50%]+train[:10]", "train [:10]",
    "validation[33%:66%]", "validation[:1%]", " train + test ", "nothing", "train[", "train[5]",
    "train[5%]", "train[:200%]", "train[:]", "all[:10]", "train[1_000:]", "train[:10%]+",
)  # fmt: skip
MODULES = ("core", "decode", "features")
CASES = Path(__file__).with_name("recorded-splits.json")
FEATURES = Path(__file__).with_name("recorded-features.json")


def main() -> None:
    import tensorflow_datasets as tfds

    datasets = {name: dataset(tfds.builder(name), name) for name in SPLITS}
    names = {"": tfds.__all__, **{one: getattr(tfds, one).__all__ for one in MODULES}}
    catalog.FILE.write_text(_by_line(tfds.__version__, names, datasets), encoding="utf-8")
    shown = {name: str(tfds.builder(name).info.features) for name in SPLITS}
    FEATURES.write_text(json.dumps(shown, indent=1) + "\n", encoding="utf-8")
    cases: dict[str, Any] = {spec: split(spec) for spec in SPECS}
    cases["even"] = [split(one) for one in tfds.even_splits("train[1:]+test", 3)]
    cases["dropping"] = [split(one) for one in tfds.even_splits("train", 4, drop_remainder=True)]
    CASES.write_text(json.dumps(cases, indent=1) + "\n", encoding="utf-8")


def _by_line(version: str, names: dict[str, list[str]], datasets: dict[str, Any]) -> str:
    lines = ",\n".join(
        f"{json.dumps(name)}: {json.dumps(about, ensure_ascii=False)}"
        for name, about in datasets.items()
    )
    head = f'"version": "{version}",\n"names": {json.dumps(names)},'
    return f'{{{head}\n"datasets": {{\n{lines}\n}}}}\n'


def dataset(builder: Any, name: str) -> dict[str, Any]:
    """What the package says of a dataset, and its splits."""
    info = builder.info
    config = info.config_name or ""
    features = feature(info.features)
    for (its_name, key), values in VALUES.items():
        if its_name == name:
            features["features"][key]["values"] = values
    return {
        "version": str(builder.version),
        # whether it is the one that is meant where no configuration is named
        "default": not config
        or type(builder)(data_dir=builder.data_dir_root).info.config_name == config,
        "description": info.description,
        "homepage": info.homepage,
        "citation": info.citation,
        "supervised_keys": info.supervised_keys,
        "features": features,
        "splits": SPLITS[name],
        "unlabelled": UNLABELLED.get(name, []),
    }


def feature(one: Any) -> dict[str, Any]:
    """A feature's kind, shape and dtype, and what its parts or classes are."""
    from tensorflow_datasets.core.features import tensor_feature

    about: dict[str, Any] = {"kind": type(one).__name__}
    if hasattr(one, "items"):
        return {**about, "features": {key: feature(value) for key, value in one.items()}}
    about |= {"shape": one.shape, "dtype": one.tf_dtype.name}
    about["repr"] = repr(one)
    shown = str(tensor_feature.get_inner_feature_repr(one))
    if shown != about["repr"]:
        about["shown"] = shown  # within others
    if hasattr(one, "num_classes"):
        about["names"] = one.names
    return about


def split(spec: Any) -> Any:
    """What a split means: parts of splits, or the exception."""
    from tensorflow_datasets.core import splits

    infos = [splits.SplitInfo(name, [size], 0) for name, size in SIZES.items()]
    try:
        parts = splits._make_absolute_instructions(infos, spec)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return [
        [one.splitname, one.from_ or 0, SIZES[one.splitname] if one.to is None else one.to]
        for one in parts
    ]


if __name__ == "__main__":
    main()
