"""`tf.train.Example` and what it is made of."""

from __future__ import annotations

from varsync_runtime.ops.protos.messages import Field, Message
from varsync_runtime.tensors.exports import export

_EXAMPLE = "tensorflow.core.example.example_pb2"
_FEATURE = "tensorflow.core.example.feature_pb2"


@export("tf.train.BytesList")
class BytesList(Message):
    __module__ = _FEATURE
    FULL_NAME = "tensorflow.BytesList"
    FIELDS = (Field(1, "value", "bytes", repeated=True),)


@export("tf.train.FloatList")
class FloatList(Message):
    __module__ = _FEATURE
    FULL_NAME = "tensorflow.FloatList"
    FIELDS = (Field(1, "value", "float", repeated=True),)


@export("tf.train.Int64List")
class Int64List(Message):
    __module__ = _FEATURE
    FULL_NAME = "tensorflow.Int64List"
    FIELDS = (Field(1, "value", "int64", repeated=True),)


@export("tf.train.Feature")
class Feature(Message):
    __module__ = _FEATURE
    FULL_NAME = "tensorflow.Feature"
    FIELDS = (
        Field(1, "bytes_list", BytesList, oneof="kind"),
        Field(2, "float_list", FloatList, oneof="kind"),
        Field(3, "int64_list", Int64List, oneof="kind"),
    )


@export("tf.train.Features")
class Features(Message):
    __module__ = _FEATURE
    FULL_NAME = "tensorflow.Features"
    FIELDS = (Field(1, "feature", Feature, key="string"),)


@export("tf.train.FeatureList")
class FeatureList(Message):
    __module__ = _FEATURE
    FULL_NAME = "tensorflow.FeatureList"
    FIELDS = (Field(1, "feature", Feature, repeated=True),)


@export("tf.train.FeatureLists")
class FeatureLists(Message):
    __module__ = _FEATURE
    FULL_NAME = "tensorflow.FeatureLists"
    FIELDS = (Field(1, "feature_list", FeatureList, key="string"),)


@export("tf.train.Example")
class Example(Message):
    __module__ = _EXAMPLE
    FULL_NAME = "tensorflow.Example"
    FIELDS = (Field(1, "features", Features),)


@export("tf.train.SequenceExample")
class SequenceExample(Message):
    __module__ = _EXAMPLE
    FULL_NAME = "tensorflow.SequenceExample"
    FIELDS = (Field(1, "context", Features), Field(2, "feature_lists", FeatureLists))
