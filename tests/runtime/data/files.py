"""Files of records, of lines and of examples: written, read and parsed. Run in an empty folder."""

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

Records, Lines = tf.data.TFRecordDataset, tf.data.TextLineDataset


def say(*values: Any) -> None:
    print(*values)


def attempt(function: Any) -> None:
    try:
        print(function())
    except Exception as error:
        print(type(error).__name__, str(error).split(" object at ")[0])


def rows(dataset: Any) -> list[Any]:
    return list(dataset.as_numpy_iterator())


# writing
with tf.io.TFRecordWriter("plain") as writer:
    for record in (b"hello", "text", b"", bytes(range(256)) * 9):
        writer.write(record)
for form in ("GZIP", "ZLIB"):
    with tf.io.TFRecordWriter(form, tf.io.TFRecordOptions(form)) as packed:
        packed.write(b"hello")
        packed.flush()
        packed.write(b"again")
say(Path("plain").read_bytes()[:40], len(Path("plain").read_bytes()))
say(tf.io.TFRecordOptions("GZIP").compression_type)
attempt(lambda: writer.write(b"late"))
attempt(lambda: tf.io.TFRecordWriter("plain2").write(5))
attempt(lambda: tf.io.TFRecordWriter("nowhere/plain"))
attempt(lambda: tf.io.TFRecordWriter("plain2", options="WHAT"))
attempt(lambda: tf.io.TFRecordOptions("what"))

# records
say(Records("plain"), Records(["plain"]).element_spec, Records("plain").cardinality().numpy())
say([len(one) for one in rows(Records(Path("plain")))])
say(rows(Records(["plain", "GZIP"]).take(1)), rows(Records("GZIP", compression_type="GZIP")))
say(rows(Records("ZLIB", "ZLIB").repeat(2)))
two = tf.data.Dataset.from_tensor_slices(["plain", "plain"])
for reads in (None, 1, 2):
    say([len(one) for one in rows(Records(two, num_parallel_reads=reads))])
say(rows(two.interleave(Records, cycle_length=2).map(tf.strings.length)))
attempt(lambda: Records(5))
attempt(lambda: rows(Records("nothing")))
attempt(lambda: rows(Records("GZIP")))
data = bytearray(Path("plain").read_bytes())
for at, to in ((2, None), (14, None), (None, 3), (None, 20), (None, 28)):
    damaged = bytearray(data)
    if at is not None:
        damaged[at] ^= 1
    Path("damaged").write_bytes(damaged[:to])
    attempt(lambda: rows(Records("damaged")))

# lines and records of one length
Path("lines").write_bytes(b"one\ntwo\r\n\nlast")
say(Lines("lines"), rows(Lines("lines")), rows(Lines(["lines", "lines"]).skip(3)))
say(rows(tf.data.Dataset.list_files("l*s").flat_map(lambda name: Lines(name).skip(1))))
attempt(lambda: rows(Lines("nothing")))
Fixed = tf.data.FixedLengthRecordDataset
say(Fixed("lines", 7), rows(Fixed("lines", 7)), rows(Fixed("lines", 5, 1, 3)))
attempt(lambda: rows(Fixed("lines", 4)))

# examples
List, Feature = tf.train, tf.train.Feature


def example(number: int) -> bytes:
    features = {
        "image": Feature(bytes_list=List.BytesList(value=[bytes([number]) * 4])),
        "label": Feature(int64_list=List.Int64List(value=[number])),
        "weights": Feature(float_list=List.FloatList(value=np.arange(number) / 2)),
    }
    message = tf.train.Example(features=tf.train.Features(feature=features))
    return message.SerializeToString()  # type: ignore[no-any-return]


with tf.io.TFRecordWriter("examples") as writer:
    for number in range(3):
        writer.write(example(number))

FEATURES = {
    "image": tf.io.FixedLenFeature([], tf.string),
    "label": tf.io.FixedLenFeature([], tf.int64),
    "weights": tf.io.VarLenFeature(tf.float32),
    "again": tf.io.FixedLenFeature([2], tf.float32, [7.0, 8.0]),
}


def parsed(record: Any) -> Any:
    found = tf.io.parse_single_example(record, FEATURES)
    image = tf.reshape(tf.io.decode_raw(found["image"], tf.uint8), [2, 2])
    return tf.cast(image, tf.float32), found["label"], tf.sparse.to_dense(found["weights"])


made = Records("examples").map(parsed)
say(made.element_spec)
say(rows(made))
say(made.padded_batch(2).element_spec, [one[2] for one in rows(made.padded_batch(2))])
sparse = Records("examples").map(lambda one: tf.io.parse_single_example(one, FEATURES))
say(dict(sorted(sparse.element_spec.items())))
for one in sparse.batch(2):
    say(one["weights"].dense_shape.numpy(), tf.sparse.to_dense(one["weights"]).numpy())
several = Records("examples").batch(2).map(lambda one: tf.io.parse_example(one, FEATURES))
say(dict(sorted(several.element_spec.items())))
say([one["label"].tolist() for one in rows(several.map(lambda one: {"label": one["label"]}))])

# strings, tables, sparse and ragged elements
words = tf.data.Dataset.from_tensor_slices(["a,b,c,d,e,7", "x,y,z,u,v,8"])
parts = words.map(lambda one: tf.strings.split(one, ","))
say(parts.element_spec, rows(parts.map(lambda one: one[5])), parts.map(lambda one: one[5]))
say(rows(parts.map(lambda one: tf.strings.to_number(one[-1]))))
keys = tf.lookup.KeyValueTensorInitializer(["a", "x"], [1, 2])
table = tf.lookup.StaticHashTable(keys, -1)
say(rows(parts.map(lambda one: table.lookup(one[:2]))))
ragged = words.batch(2).map(lambda one: tf.strings.split(one, ","))
say(ragged.element_spec, [one.to_list() for one in ragged])
say(ragged.map(lambda one: one.to_tensor()))
place = tf.SparseTensor([[0, 1]], [5], [2, 2])
places = tf.data.Dataset.from_tensors(place)
say(places.element_spec, rows(places.map(tf.sparse.to_dense)), places.map(tf.sparse.to_dense))


say(tf.function(lambda given: (tf.sparse.to_dense(given) * 2, given))(place))
say(tf.function(lambda one: tf.strings.to_number(tf.strings.split(one, ",")[5]))("a,b,c,d,e,7"))
strategy = tf.distribute.MirroredStrategy(["CPU:0"])
say(strategy.run(lambda one: tf.sparse.to_dense(one), args=(place,)))
batches = strategy.experimental_distribute_dataset(places.repeat(4).batch(2))
say(strategy.run(lambda one: tf.reduce_sum(tf.sparse.to_dense(one)), args=(next(iter(batches)),)))

# what only the values decide
say(Records("examples").map(lambda one: tf.io.decode_raw(one, tf.uint8)).element_spec)
say(Records("plain").map(lambda one: tf.io.parse_tensor(one, tf.uint8)).element_spec)
tensors = tf.data.Dataset.range(2).map(lambda one: tf.io.serialize_tensor(tf.fill([2, 2], one)))
back = tensors.map(lambda one: tf.io.parse_tensor(one, tf.int64))
say(back.element_spec, back.map(lambda one: tf.ensure_shape(one, [2, 2])).element_spec)
say(back.map(lambda one: tf.reshape(one, [4])).element_spec, rows(back))
full = Lines("lines").filter(lambda one: tf.strings.length(one) > 0)
table = full.map(lambda one: tf.io.decode_csv(one, [["none"]]))
say(table.element_spec, rows(table))
